#include <stdio.h>

#include "api/endpoints/webhook_view.h"
#include "app/webhook/test_delivery.h"
#include "main/cli/command.h"
#include "main/cli/endpoint_access.h"

static enum err print_json(struct arena *a, const struct test_delivery_result *result)
{
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	write_test_delivery(&w, result);
	json_end_object(&w);
	TRY(buf_done(&text, &body));
	printf("%.*s\n", STR_ARG(body));
	return OK;
}

/* Only the JSON has the excerpt of the response, which can have several lines and 4 KiB. */
static void print_text(const struct test_delivery_result *result)
{
	printf("%s", result->delivered ? "delivered" : "not delivered");
	if (result->http_status != 0)
		printf("  status %d", result->http_status);
	if (result->error[0] != '\0')
		printf("  error %s", result->error);
	printf("  %lld ms\n", (long long)result->took.ms);
}

static enum exit_code print_result(
	struct arena *a, const struct args *args, const struct test_delivery_result *result)
{
	if (!args_has(args, "--json")) {
		print_text(result);
	} else {
		const enum err e = print_json(a, result);

		if (e != OK)
			return command_failed("the result cannot be printed", e);
	}
	return result->delivered ? EXIT_DONE : EXIT_FAILED;
}

static enum exit_code test_endpoint(
	struct runtime *runtime, const struct args *args, const struct endpoint_id *id)
{
	const struct webhook_client client = operator_webhook_client();
	const struct webhook_refusal not_found = { .verdict = WEBHOOK_NOT_FOUND };
	struct test_delivery_result result;
	const enum err e = test_delivery_send(
		&runtime->world, &runtime->arena, &client, id, args_text(args, "--type"), &result);

	if (e != OK)
		return command_failed("the sample event cannot be sent", e);
	switch (result.verdict) {
	case TEST_DELIVERY_NO_ENDPOINT:
		return endpoint_refused(&not_found);
	case TEST_DELIVERY_TYPE_UNKNOWN:
		return command_failed("--type is unknown: name one type such as kyc.approved", OK);
	case TEST_DELIVERY_IN_PROGRESS:
		return command_failed("another test of the webhook endpoint is running: try again later", OK);
	case TEST_DELIVERY_DONE:
		break;
	}
	return print_result(&runtime->arena, args, &result);
}

enum exit_code run_endpoint_test(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct endpoint_id id;
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!endpoint_id_read(str_of(args->words[0]), &id))
		return EXIT_USAGE;
	if (command_open(&runtime, source))
		code = test_endpoint(&runtime, args, &id);
	compose_down(&runtime);
	return code;
}
