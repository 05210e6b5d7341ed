#include "provider/didit_verdict.h"

#include <string.h>

#include "base/buf.h"
#include "provider/provider_ref.h"

/* Memory limit in bytes for one call, of which didit_client limits the response to 8 MiB. */
#define CALL_MEMORY_MAX ((size_t)9 * 1024 * 1024)

static enum err write_body(const struct verdict_params *params, struct arena *own, struct str *out)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, own);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "new_status", str_of(session_status_provider_name(params->status)));
	if (params->comment.n > 0)
		json_field_text(&w, "comment", params->comment);
	json_end_object(&w);
	return buf_done(&text, out);
}

static enum err send(struct didit_client *client, const struct didit_version *version,
	const struct verdict_params *params, struct arena *own, struct provider_failure *failure)
{
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;
	struct didit_request request = { .call = CALL_DECIDE,
		.method = "PATCH",
		.path = arena_printf(own, "%s%.*s/update-status/", version->path, STR_ARG(params->ref)),
		.deadline = didit_client_ticks(client) + params->limit.ms };

	if (request.path.p == NULL || write_body(params, own, &request.body) != OK)
		return ERR_INTERNAL;
	const enum err e = didit_client_call(client, &request, own, &answer, failure);
	if (request.status == 404)
		failure->cause = PROVIDER_UNKNOWN_SESSION;
	return e;
}

enum err didit_send_verdict(struct didit_client *client, const struct didit_version *version,
	const struct verdict_params *params, struct provider_failure *failure)
{
	struct provider_ref ref;
	struct arena own;

	*failure = (struct provider_failure){ .cause = PROVIDER_UNKNOWN_SESSION,
		.reason = PROVIDER_REASON_NO_SESSION_ID };
	if (!provider_ref_read(params->ref, &ref)) /* a malformed id cannot be an id of the provider */
		return ERR_UPSTREAM;
	*failure = (struct provider_failure){ .cause = PROVIDER_OK };
	arena_init(&own, CALL_MEMORY_MAX);
	const enum err e = send(client, version, params, &own, failure);
	call_result_count(CALL_DECIDE, failure);
	arena_finish(&own);
	return e;
}
