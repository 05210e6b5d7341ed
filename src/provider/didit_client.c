#include "provider/didit_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/https_client.h"
#include "port/world.h"
#include "provider/call_result.h"
#include "provider/response_keys.h"
#include "provider/token_source.h"
#include "text/json_lenient.h"

#define CONNECT_LIMIT_S 3
/* Largest response in bytes. Decisions with many watchlist matches have several MiB. */
#define REPLY_MAX ((size_t)8 * 1024 * 1024)

struct didit_client {
	char *base_url, *api_key; /* `api_key` is NULL if bearer tokens are used */
	struct token_source *tokens;
	struct https_client *https;
	struct clock *clock;
	_Atomic int64_t retry_after_ms; /* of the latest 429 response */
};

int64_t didit_client_ticks(const struct didit_client *client)
{
	return client->clock->ops->ticks(client->clock);
}

duration didit_client_retry_after(struct didit_client *client)
{
	return milliseconds(client->retry_after_ms);
}

static enum err send_once(struct didit_client *client, const struct didit_request *x,
	const struct https_header *authentication, struct arena *own, struct https_reply *reply,
	struct provider_failure *failure)
{
	const struct https_header headers[] = {
		*authentication,
		{ STR("Accept"), STR("application/json") },
		{ STR("Content-Type"), STR("application/json") },
	};
	const struct https_request request = { .method = x->method,
		.url = arena_printf(own, "%s%.*s", client->base_url, STR_ARG(x->path)),
		.headers = headers,
		.n_headers = array_len(headers) - (x->body.p == NULL ? 1 : 0),
		.body = x->body,
		.limit = milliseconds(x->deadline - didit_client_ticks(client)),
		.connect_limit = seconds(CONNECT_LIMIT_S),
		.reply_max = REPLY_MAX,
		.keep = response_keys,
		.n_keep = response_keys_count };
	enum https_error error = HTTPS_TIMEOUT;
	enum err e = ERR_UPSTREAM; /* the result if the deadline has already passed */

	failure->call = call_result_name(x->call);
	if (request.url.p == NULL) {
		/* out of memory is not a failure of the provider */
		provider_failure_set(failure, PROVIDER_OK, PROVIDER_REASON_NONE);
		return ERR_INTERNAL;
	}
	if (request.limit.ms > 0)
		e = https_call(client->https, &request, own, reply, &error);
	if (call_result_of(e, error, reply, failure) == PROVIDER_LIMIT)
		client->retry_after_ms = call_result_retry_after(reply).ms;
	return e;
}

static enum err get_bearer_token(
	struct didit_client *client, int64_t deadline, struct token *token, struct provider_failure *failure)
{
	const enum err e = token_get(client->tokens, deadline, token, failure);

	if (e != OK && failure->cause == PROVIDER_LIMIT)
		client->retry_after_ms = token_retry_after(client->tokens).ms;
	return e;
}

static enum err send_with_token(struct didit_client *client, const struct didit_request *x, struct arena *own,
	struct https_reply *reply, struct provider_failure *failure)
{
	struct token token cleanup_with(token_wipe) = { .serial = 0 };
	char bearer[TOKEN_SIZE + 8];
	enum err e;

	for (int tries = 0; tries < 2; tries++) {
		TRY(get_bearer_token(client, x->deadline, &token, failure));
		const int n = snprintf(bearer, sizeof(bearer), "Bearer %s", token.text);
		const struct https_header authentication = { STR("Authorization"), { bearer, (size_t)n } };

		e = send_once(client, x, &authentication, own, reply, failure);
		explicit_bzero(bearer, sizeof(bearer));
		if (e != OK || reply->status != 401)
			break;
		token_refused(client->tokens, &token);
	}
	return e;
}

static enum err send_request(struct didit_client *client, struct didit_request *x, struct arena *own,
	struct https_reply *reply, struct provider_failure *failure)
{
	const struct https_header authentication = { STR("x-api-key"),
		client->api_key ? str_of(client->api_key) : STR("") };
	const enum err e = client->api_key ? send_once(client, x, &authentication, own, reply, failure)
					   : send_with_token(client, x, own, reply, failure);

	x->status = e == OK ? reply->status : 0;
	if (failure->cause == PROVIDER_OK)
		return e;
	return e == ERR_BUSY || e == ERR_INTERNAL ? e : ERR_UPSTREAM;
}

/* Returns why the body of a 2xx response is not a JSON object. */
static enum provider_reason reason_of_body(struct str body)
{
	return str_starts(str_trim(body), STR("<")) ? PROVIDER_REASON_HTML : PROVIDER_REASON_NOT_JSON;
}

enum err didit_client_call(struct didit_client *client, struct didit_request *x, struct arena *own,
	const struct json_value **answer, struct provider_failure *failure)
{
	struct https_reply reply = { .status = 0 };
	enum err e = send_request(client, x, own, &reply, failure);

	if (e == OK && (json_parse_lenient(reply.body, true, answer) != OK ||
			       json_kind_of(*answer) != JSON_KIND_OBJECT)) {
		provider_failure_set(failure, PROVIDER_INVALID_RESPONSE, reason_of_body(reply.body));
		failure->status = reply.status;
		e = ERR_UPSTREAM;
	}
	return e;
}

/* Returns true if `key` is printable ASCII without spaces. */
static bool is_header_value(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] >= 127)
			return false;
	return true;
}

static bool didit_client_init(struct didit_client *client, const struct didit_client_conf *conf)
{
	struct str base = conf->base_url;

	if (str_ends(base, STR("/")))
		base.n--;
	client->base_url = strndup(base.p, base.n);
	if (conf->api_key.n > 0)
		client->api_key = strndup(conf->api_key.p, conf->api_key.n);
	client->tokens = conf->tokens;
	client->https = conf->https;
	client->clock = conf->clock;
	return client->base_url && (client->api_key || conf->api_key.n == 0);
}

enum err didit_client_open(const struct didit_client_conf *conf, struct didit_client **out)
{
	struct didit_client *client;

	if (!is_header_value(conf->api_key))
		return ERR_INPUT;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return ERR_INTERNAL;
	if (!didit_client_init(client, conf)) {
		didit_client_close(client);
		return ERR_INTERNAL;
	}
	*out = client;
	return OK;
}

void didit_client_close(struct didit_client *client)
{
	if (client == NULL)
		return;
	if (client->api_key)
		explicit_bzero(client->api_key, strlen(client->api_key));
	free(client->api_key);
	free(client->base_url);
	free(client);
}
