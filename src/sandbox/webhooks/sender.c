#include "sandbox/webhooks/sender.h"

#include <stdlib.h>

#include "base/log.h"
#include "net/https_client.h"

struct webhook_sender {
	struct clock *clock;
	struct https_client *client;
};

enum err webhook_sender_open(struct clock *clock, bool allow_private, struct webhook_sender **out)
{
	const struct https_conf conf = { .calls_max = 1, .allow_private = allow_private };
	struct webhook_sender *const sender = calloc(1, sizeof(*sender));

	if (!sender)
		return ERR_INTERNAL;

	const enum err e = https_open(&conf, &sender->client);

	if (e != OK) {
		free(sender);
		return e;
	}
	sender->clock = clock;
	*out = sender;
	return OK;
}

void webhook_sender_close(struct webhook_sender *sender)
{
	if (!sender)
		return;
	https_close(sender->client);
	free(sender);
}

static int webhook_post(struct webhook_sender *sender, const struct webhook_event *event, struct arena *a)
{
	const int64_t unix_seconds = sender->clock->ops->now(sender->clock).ms / 1000;
	struct https_header headers[3 + EVENT_SIGNATURES_MAX] = {
		{ STR("Content-Type"), STR("application/json") },
		{ STR("User-Agent"), STR("DiditWebhook/2.0 +https://didit.me") },
		{ STR("X-Timestamp"), arena_printf(a, "%lld", (long long)unix_seconds) },
	};
	struct https_request request = {
		.method = "POST",
		.url = event->url,
		.headers = headers,
		.n_headers = 3,
		.body = event->body,
		.limit = seconds(5),
		.connect_limit = seconds(3),
		.reply_max = 65536,
	};
	struct https_reply reply;
	enum https_error error = HTTPS_OK;

	for (size_t i = 0; i < event->n_signatures; i++)
		headers[request.n_headers++] = (struct https_header){ str_of(event->signatures[i].header),
			event->signatures[i].value };
	if (https_call(sender->client, &request, a, &reply, &error) == OK)
		return reply.status;
	log_event(LOG_INFO, "sandbox_webhook_unanswered", LOG_NUMBER("error", (int64_t)error));
	return 0;
}

int webhook_sender_send(struct webhook_sender *sender, const struct webhook_event *event)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);

	const int status = webhook_post(sender, event, &a);

	arena_finish(&a);
	return status;
}
