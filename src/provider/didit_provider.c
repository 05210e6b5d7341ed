#include "provider/didit_provider.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "provider/call_result.h"
#include "provider/didit_client.h"
#include "provider/didit_decision.h"
#include "provider/didit_event.h"
#include "provider/didit_find.h"
#include "provider/didit_verdict.h"
#include "provider/didit_version.h"
#include "provider/provider_ref.h"
#include "provider/session_response.h"
#include "provider/session_url.h"
#include "provider/token_source.h"
#include "provider/webhook_secrets.h"
#include "text/json.h"

#define CALLS_MAX 64
/* Memory limit in bytes for one call; a usual response takes a few KiB. Each call has its own arena, because
 * the caller's may be smaller. */
#define CALL_MEMORY_MAX ((size_t)9 * 1024 * 1024)

struct didit_provider {
	struct provider base;
	const struct didit_version *version;
	struct https_client *https;
	struct token_source *tokens; /* NULL if an API key is used */
	struct didit_client *client;
	struct provider_webhook_secrets *secrets;
	struct str host_list[DIDIT_HOSTS_MAX];
	struct session_hosts hosts;
	duration limit;
};

static const struct provider_ops didit_ops;

static struct didit_provider *didit_from_base(struct provider *provider)
{
	assert(provider->ops == &didit_ops);
	return container_of(provider, struct didit_provider, base);
}

static int64_t deadline_after(const struct didit_provider *p, duration limit)
{
	return didit_client_ticks(p->client) + limit.ms;
}

static const char *didit_version(struct provider *provider)
{
	return didit_from_base(provider)->version->name;
}

static enum err write_session_request(
	const struct didit_provider *p, const struct session_params *params, struct arena *a, struct str *out)
{
	struct json_writer w;
	struct buf text;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	didit_write_params(p->version, params, &w);
	return buf_done(&text, out);
}

/* Sets the failure for a complete 2xx response that cannot be used, and returns ERR_UPSTREAM. */
static enum err respond_unusable(
	struct provider_failure *failure, enum provider_cause cause, enum provider_reason reason)
{
	failure->cause = cause;
	failure->reason = reason;
	return ERR_UPSTREAM;
}

/* Copies the session and its URL for the caller. If `reason` is not PROVIDER_REASON_NONE, fails with
 * PROVIDER_UNUSABLE instead. */
static enum err return_session(enum provider_reason reason, const struct provider_session *fresh,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	if (reason != PROVIDER_REASON_NONE)
		return respond_unusable(failure, PROVIDER_UNUSABLE, reason);
	const struct str url = arena_copy(a, fresh->url);
	if (url.p == NULL)
		return ERR_INTERNAL;
	*created = *fresh;
	created->url = url;
	return OK;
}

struct creation {
	const struct session_params *params;
	struct arena *a; /* the caller's arena */
	struct provider_session *created;
};

static enum err create_session(const struct didit_provider *p, const struct creation *creation,
	struct arena *own, struct provider_failure *failure)
{
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;
	struct didit_request request = {
		.call = CALL_CREATE, .method = "POST", .path = str_of(p->version->path)
	};
	struct provider_session fresh = { .url = STR("") };

	request.deadline = deadline_after(p, p->limit);
	if (write_session_request(p, creation->params, own, &request.body) != OK)
		return ERR_INTERNAL;
	TRY(didit_client_call(p->client, &request, own, &answer, failure));
	const struct session_response expected = { p->version, &p->hosts, creation->params->vendor_data,
		"url" };
	const enum provider_reason reason = session_response_read(&expected, answer, own, &fresh);
	return return_session(reason, &fresh, creation->a, creation->created, failure);
}

static enum err didit_create(struct provider *provider, const struct session_params *params, struct arena *a,
	struct provider_session *created, struct provider_failure *failure)
{
	const struct creation creation = { params, a, created };
	struct arena own;
	enum err e;

	arena_init(&own, CALL_MEMORY_MAX);
	*failure = (struct provider_failure){ .cause = PROVIDER_OK };
	e = create_session(didit_from_base(provider), &creation, &own, failure);
	if (e == OK && created->unknown_status[0] != '\0')
		failure->reason = PROVIDER_REASON_UNKNOWN_STATUS;
	call_result_count(CALL_CREATE, failure);
	arena_finish(&own);
	return e;
}

/* Requests the decision of a session. The response also contains the session's status. The caller sets `call`
 * and `deadline` of the request. */
static enum err get_decision(const struct didit_provider *p, struct didit_request request,
	const struct provider_ref *ref, struct arena *own, const struct json_value **answer,
	struct provider_failure *failure)
{
	struct provider_ref returned = { "" };
	enum err e;

	request.method = "GET";
	request.path = arena_printf(own, "%s%s/decision/", p->version->path, ref->text);
	if (request.path.p == NULL)
		return ERR_INTERNAL;
	e = didit_client_call(p->client, &request, own, answer, failure);
	if (request.status == 404)
		failure->cause = PROVIDER_UNKNOWN_SESSION;
	TRY(e);
	if (provider_ref_read(json_text(json_get(*answer, "session_id")), &returned) &&
		strcmp(returned.text, ref->text) == 0)
		return OK;
	return respond_unusable(failure, PROVIDER_UNUSABLE, PROVIDER_REASON_OTHER_SESSION);
}

/* Reads status and decision. `a` is the caller's arena, to which only the parts of the decision that kycd
 * uses are copied. */
static enum err read_snapshot(const struct json_value *answer, const struct provider_ref *ref,
	struct arena *a, struct session_snapshot *snapshot, struct provider_failure *failure)
{
	const struct str status = json_text(json_get(answer, "status"));

	snapshot->ref = *ref;
	snapshot->has_decision = true;
	if (!session_status_parse(status, &snapshot->status)) {
		(void)provider_word_copy(status, failure->text, PROVIDER_WORD_SIZE);
		return respond_unusable(failure, PROVIDER_UNKNOWN_STATUS, PROVIDER_REASON_UNKNOWN_STATUS);
	}
	if (decision_read(answer, a, &snapshot->decision) == OK)
		return OK;
	return respond_unusable(failure, PROVIDER_UNUSABLE, PROVIDER_REASON_TOO_LARGE);
}

static enum err didit_poll(struct provider *provider, const struct poll_params *params, struct arena *a,
	struct session_snapshot *snapshot, struct provider_failure *failure)
{
	const struct didit_provider *p = didit_from_base(provider);
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;
	struct session_snapshot fresh = { .has_decision = false };
	struct provider_ref ref;
	struct arena own;
	enum err e;

	*failure = (struct provider_failure){ .cause = PROVIDER_UNKNOWN_SESSION,
		.reason = PROVIDER_REASON_NO_SESSION_ID };
	if (!provider_ref_read(params->ref, &ref)) /* a malformed id cannot be an id of the provider */
		return ERR_UPSTREAM;
	arena_init(&own, CALL_MEMORY_MAX);
	*failure = (struct provider_failure){ .cause = PROVIDER_OK };
	e = get_decision(p,
		(struct didit_request){ .call = CALL_READ, .deadline = deadline_after(p, params->limit) },
		&ref, &own, &answer, failure);
	if (e == OK)
		e = read_snapshot(answer, &ref, a, &fresh, failure);
	call_result_count(CALL_READ, failure);
	arena_finish(&own);
	if (e == OK)
		*snapshot = fresh;
	return e;
}

/* Finds the session in Didit's list and then requests the session itself, because the list contains no URLs.
 * Returns ERR_NOT_FOUND if the session has been decided meanwhile. */
static enum err find_session(const struct didit_provider *p, const struct session_search *search,
	struct arena *own, struct arena *a, struct provider_session *created,
	struct provider_failure *failure)
{
	const struct json_value *answer cleanup_with(json_cleanup) = NULL;
	const int64_t deadline = deadline_after(p, search->limit);
	struct provider_session fresh = { .url = STR("") };
	struct provider_ref ref;

	TRY(didit_find_newest(p->client, search, deadline, &ref, failure));
	TRY(get_decision(p, (struct didit_request){ .call = CALL_FIND, .deadline = deadline }, &ref, own,
		&answer, failure));
	const struct session_response expected = { p->version, &p->hosts, search->vendor_data,
		"session_url" };
	const enum provider_reason reason = session_response_read(&expected, answer, own, &fresh);
	if (reason == PROVIDER_REASON_NONE && !session_status_is_open(fresh.status))
		return ERR_NOT_FOUND;
	return return_session(reason, &fresh, a, created, failure);
}

static enum err didit_find(struct provider *provider, const struct session_search *search, struct arena *a,
	struct provider_session *created, struct provider_failure *failure)
{
	const struct didit_provider *p = didit_from_base(provider);
	struct arena own;
	enum err e;

	assert(p->version->has_list);
	arena_init(&own, CALL_MEMORY_MAX);
	*failure = (struct provider_failure){ .cause = PROVIDER_OK };
	e = find_session(p, search, &own, a, created, failure);
	call_result_count(CALL_FIND, failure);
	arena_finish(&own);
	return e;
}

static enum err didit_decide(
	struct provider *provider, const struct verdict_params *params, struct provider_failure *failure)
{
	const struct didit_provider *const p = didit_from_base(provider);

	return didit_send_verdict(p->client, p->version, params, failure);
}

static bool didit_can_find(struct provider *provider)
{
	return didit_from_base(provider)->version->has_list;
}

static duration didit_pause(struct provider *provider)
{
	return didit_client_retry_after(didit_from_base(provider)->client);
}

static enum provider_event_parse_result didit_parse_event(struct provider *provider,
	const struct provider_webhook *webhook, moment now, struct arena *a, struct provider_event *event)
{
	const struct didit_provider *p = didit_from_base(provider);

	return provider_event_parse(p->version, p->secrets, webhook, now, a, event);
}

static void didit_close(struct provider *provider)
{
	struct didit_provider *p;

	if (provider == NULL)
		return;
	p = didit_from_base(provider);
	didit_client_close(p->client);
	token_close(p->tokens);
	https_close(p->https);
	provider_webhook_secrets_close(p->secrets);
	for (size_t i = 0; i < DIDIT_HOSTS_MAX; i++)
		free((char *)(uintptr_t)p->host_list[i].p);
	free(p);
}

static const struct provider_ops didit_ops = {
	.version = didit_version,
	.create = didit_create,
	.poll = didit_poll,
	.find = didit_find,
	.can_find = didit_can_find,
	.decide = didit_decide,
	.pause = didit_pause,
	.parse_event = didit_parse_event,
	.close = didit_close,
};

static enum err copy_hosts(const struct str *from, size_t n, size_t max, struct str *to)
{
	if (n > max)
		return ERR_INPUT;
	for (size_t i = 0; i < n; i++) {
		char *copy;

		if (from[i].n == 0)
			return ERR_INPUT;
		copy = malloc(from[i].n);
		if (copy == NULL)
			return ERR_INTERNAL;
		memcpy(copy, from[i].p, from[i].n);
		to[i] = (struct str){ copy, from[i].n };
	}
	return OK;
}

static struct str without_slash(struct str url)
{
	return str_ends(url, STR("/")) ? (struct str){ url.p, url.n - 1 } : url;
}

static bool url_is_allowed(struct str url, bool allow_private)
{
	struct str scheme, host, port;
	struct arena a;
	bool allowed;

	arena_init(&a, CALL_MEMORY_MAX);
	allowed = url_parts(&a, url, &scheme, &host, &port) &&
		  (str_eq(scheme, STR("https")) || host_allows_plaintext(host, allow_private));
	arena_finish(&a);
	return allowed;
}

static enum err open_tokens(struct didit_provider *p, const struct didit_conf *conf)
{
	const struct token_conf tokens = { .auth_url = without_slash(conf->auth_url),
		.client_id = conf->client_id,
		.client_secret = conf->client_secret,
		.https = p->https,
		.clock = conf->clock,
		.shared_state = conf->shared_state };

	if (!url_is_allowed(conf->auth_url, conf->allow_private))
		return ERR_INPUT;
	return token_open(&tokens, &p->tokens);
}

static enum err open_client(struct didit_provider *p, const struct didit_conf *conf)
{
	struct didit_client_conf client = { .base_url = without_slash(conf->base_url), .clock = conf->clock };

	if (p->version->by_key && conf->api_key.n == 0)
		return ERR_INPUT;
	if (p->version->by_key)
		client.api_key = conf->api_key;
	else
		TRY(open_tokens(p, conf));
	client.tokens = p->tokens;
	client.https = p->https;
	return didit_client_open(&client, &p->client);
}

static enum err didit_provider_init(struct didit_provider *p, const struct didit_conf *conf)
{
	const struct https_conf https = { .calls_max = CALLS_MAX, .allow_private = conf->allow_private };

	p->version = didit_version_named(conf->version);
	if (p->version == NULL || !url_is_allowed(conf->base_url, conf->allow_private) || conf->limit.ms <= 0)
		return ERR_INPUT;
	TRY(provider_webhook_secrets_open(conf->secrets, conf->n_secrets, &p->secrets));
	TRY(copy_hosts(conf->session_hosts, conf->n_session_hosts, DIDIT_HOSTS_MAX, p->host_list));
	p->hosts = (struct session_hosts){ p->host_list, conf->n_session_hosts,
		conf->allow_private || conf->sandbox };
	p->limit = conf->limit;
	TRY(https_open(&https, &p->https));
	return open_client(p, conf);
}

enum err didit_provider_open(const struct didit_conf *conf, struct provider **out)
{
	struct didit_provider *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_INTERNAL;
	p->base.ops = &didit_ops;
	call_result_labels();
	e = didit_provider_init(p, conf);
	if (e != OK) {
		didit_close(&p->base);
		return e;
	}
	*out = &p->base;
	return OK;
}

enum err didit_provider_set_secrets(struct provider *provider, const struct str *secrets, size_t n)
{
	return provider_webhook_secrets_replace(didit_from_base(provider)->secrets, secrets, n);
}
