#include "provider/token_call.h"

#include <string.h>

#include "net/https_client.h"
#include "provider/call_result.h"
#include "text/json.h"

#define CONNECT_LIMIT_S 3
#define REPLY_MAX ((size_t)64 * 1024)
#define MEMORY_MAX ((size_t)256 * 1024)

static void wipe_slice(struct str s)
{
	if (s.p != NULL)
		explicit_bzero((void *)(uintptr_t)s.p, s.n);
}

/* Returns true if `s` can be sent in an Authorization header and fits into struct token. Accepts more
 * characters than RFC 6750 section 2.1 allows. */
static bool is_usable_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 127)
			return false;
	return s.n > 0 && s.n < TOKEN_SIZE;
}

/* Reads the token from the response into `found`. If there is no usable token, sets found->failure. */
static void parse_token(const struct https_reply *reply, struct token_response *found)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const bool is_object = json_parse(reply->body, true, &document) == OK &&
			       json_kind_of(document) == JSON_KIND_OBJECT;
	const struct str text = json_text(json_get(document, "access_token"));
	int64_t life = 0;

	if (!is_object || !is_usable_token(text) ||
		!str_copy_to(text, found->token.text, sizeof(found->token.text))) {
		found->failure.cause = is_object ? PROVIDER_UNUSABLE : PROVIDER_INVALID_RESPONSE;
		found->failure.reason = PROVIDER_REASON_TOKEN;
		return;
	}
	if (!json_int(json_get(document, "expires_in"), &life) || life < 0)
		life = 0;
	found->life = life < TOKEN_TTL_MAX.ms / 1000 ? seconds(life) : TOKEN_TTL_MAX;
	found->renew = provider_token_renew_delay(found->life);
}

enum err token_fetch(const struct token_call *call, duration limit, struct token_response *found)
{
	const struct https_header headers[] = {
		{ STR("Authorization"), call->authorization },
		{ STR("Content-Type"), STR("application/x-www-form-urlencoded") },
		{ STR("Accept"), STR("application/json") },
	};
	const struct https_request request = { .method = "POST",
		.url = call->url,
		.headers = headers,
		.n_headers = array_len(headers),
		.body = STR("grant_type=client_credentials"),
		.limit = limit,
		.connect_limit = seconds(CONNECT_LIMIT_S),
		.reply_max = REPLY_MAX };
	struct https_reply reply = { .status = 0 };
	enum https_error error = HTTPS_OK;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_MAX);
	e = https_call(call->https, &request, &a, &reply, &error);
	found->failure.call = call_result_name(CALL_TOKEN);
	(void)call_result_of(e, error, &reply, &found->failure);
	found->hold = call_result_retry_after(&reply);
	if (found->failure.cause == PROVIDER_OK)
		parse_token(&reply, found);
	wipe_slice(reply.body);
	arena_finish(&a);
	call_result_count(CALL_TOKEN, &found->failure);
	if (found->failure.cause == PROVIDER_OK)
		return OK;
	return e == ERR_BUSY || e == ERR_INTERNAL ? e : ERR_UPSTREAM;
}
