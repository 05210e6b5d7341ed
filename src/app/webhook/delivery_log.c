#include "app/webhook/delivery_log.h"

#include <string.h>

#include "base/log.h"

static struct log_limit *limit_of(struct delivery_log *log, const struct endpoint_id *id)
{
	for (size_t i = 0; i < LOGGED_ENDPOINTS; i++)
		if (strcmp(log->endpoints[i].id.text, id->text) == 0)
			return &log->endpoints[i].limit;
	const size_t at = log->next++ % LOGGED_ENDPOINTS;

	log->endpoints[at].id = *id;
	log->endpoints[at].limit = (struct log_limit){ 0 };
	return &log->endpoints[at].limit;
}

void delivery_log_failure(struct delivery_log *log, const struct world *world, const struct attempt *attempt)
{
	const int times = log_limit_count(limit_of(log, &attempt->effect.endpoint_id), world_ticks(world));
	const char *const error = webhook_error_name(attempt->error);
	char shown[SHOWN_ID_SIZE];

	if (times == 0)
		return;
	shown_id_write(ENDPOINT_ID_PREFIX, attempt->effect.endpoint_id.text, shown);
	log_event(LOG_WARN, "webhook_failed", LOG_WORD("endpoint", shown), LOG_WORD("host", attempt->host),
		LOG_NUMBER("http_status", attempt->http_status),
		LOG_WORD("error", error[0] != '\0' ? error : "http_status"),
		LOG_NUMBER("tries", attempt->effect.tries), LOG_NUMBER("times", times));
}

void delivery_log_disabled(const struct disabled_endpoint *endpoint)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(ENDPOINT_ID_PREFIX, endpoint->id.text, shown);
	log_event(LOG_ERROR, "webhook_endpoint_disabled", LOG_WORD("endpoint", shown),
		LOG_WORD("host", endpoint->host), LOG_WORD("reason", endpoint->reason),
		LOG_TEXT("effect", "its events are no longer delivered"),
		LOG_TEXT("action",
			"ask the tenant to repair the receiver, then run `kycd endpoint enable` and `kycd event resend`"));
}
