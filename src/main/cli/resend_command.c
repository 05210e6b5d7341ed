#include <stdio.h>
#include <string.h>

#include "app/webhook/resend.h"
#include "main/cli/command.h"
#include "main/cli/endpoint_access.h"

struct resend_run {
	struct runtime *runtime;
	bool has_event, has_endpoint;
	struct event_id event_id;
	struct endpoint_id endpoint_id;
	moment since;
	struct webhook_refusal refusal; /* of the last endpoint */
	size_t endpoints;		/* to which events could be sent */
	int64_t queued;
};

/* Queues everything for one endpoint; a call has a limit, so it is repeated. */
static enum err resend_to(struct resend_run *run, const struct endpoint_id *id)
{
	const struct webhook_client client = operator_webhook_client();
	const struct world *const world = &run->runtime->world;
	struct resend_filter filter = { .since = run->since };
	struct resend_result result = { .has_more = true };

	while (result.has_more) {
		if (run->has_event)
			TRY(webhook_resend_event(
				world, &run->runtime->arena, &client, id, &run->event_id, &result));
		else
			TRY(webhook_resend_since(world, &client, id, &filter, &result));
		run->refusal = result.refusal;
		run->queued += result.queued;
		filter.since = result.next_since;
	}
	run->endpoints += run->refusal.verdict == WEBHOOK_DONE ? 1 : 0;
	return OK;
}

static enum err visit(void *arg, const struct webhook_endpoint_view *endpoint, const char *tenant_name)
{
	struct resend_run *const run = arg;

	(void)tenant_name;
	if (!webhook_endpoint_is_enabled(&endpoint->row))
		return OK;
	return resend_to(run, &endpoint->row.id);
}

static enum exit_code print_resent(struct resend_run *run, const struct args *args)
{
	if (run->endpoints == 0 && run->refusal.verdict != WEBHOOK_DONE)
		return endpoint_refused(&run->refusal);
	if (args_has(args, "--json"))
		printf("{\"queued\":%lld}\n", (long long)run->queued);
	else
		printf("%lld deliveries are queued.\n", (long long)run->queued);
	return EXIT_DONE;
}

static bool read_what(const struct args *args, struct resend_run *run)
{
	const struct str since = args_text(args, "--since"), endpoint = args_text(args, "--endpoint");

	run->has_event = args->n_words > 0;
	run->has_endpoint = endpoint.p != NULL;
	if (run->has_event == (since.p != NULL)) {
		fprintf(stderr, "kycd: event resend needs the ID of an event, or --since TIME\n");
		return false;
	}
	if (run->has_event && !shown_id_read(EVENT_ID_PREFIX, str_of(args->words[0]), run->event_id.text)) {
		fprintf(stderr, "kycd: the id of an event begins with evt_\n");
		return false;
	}
	if (since.p && !moment_parse(since, &run->since)) {
		fprintf(stderr, "kycd: --since must be a time such as 2026-01-05T10:05:00Z\n");
		return false;
	}
	return !endpoint.p || endpoint_id_read(endpoint, &run->endpoint_id);
}

enum exit_code run_event_resend(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	struct resend_run run = { .runtime = &runtime };
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_what(args, &run))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = run.has_endpoint
					   ? resend_to(&run, &run.endpoint_id)
					   : endpoint_each(&runtime, (struct str){ NULL, 0 }, visit, &run);

		code = e == OK ? print_resent(&run, args) : command_failed("the events cannot be queued", e);
	}
	compose_down(&runtime);
	return code;
}
