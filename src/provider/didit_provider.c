#include "provider/didit_provider.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/address.h"
#include "net/https_client.h"
#include "port/world.h"
#include "provider/decision_v1.h"
#include "provider/event_v1.h"
#include "provider/hook_secrets.h"
#include "provider/outcome.h"
#include "provider/session_url.h"
#include "provider/token.h"
#include "text/json.h"

#define CALLS_MAX 64
#define CONNECT_LIMIT_S 3
#define REPLY_MAX ((size_t)1024 * 1024)
/* Of one exchange with the provider: more than a caller's own arena may hold. */
#define MEMORY_MAX ((size_t)3 * 1024 * 1024)

struct didit_provider {
	struct provider base;
	struct clock *clock;
	struct https_client *https;
	struct token_source *tokens;
	char *base_url;
	struct hook_secrets *secrets;
	struct str host_list[DIDIT_HOSTS_MAX];
	struct session_hosts hosts;
	span limit;
};

/* A question, and the answer to it. */
struct exchange {
	const char *method;
	struct str url, body;
	int64_t deadline; /* ticks */
	struct https_reply reply;
};

static const struct provider_ops didit_ops;

static struct didit_provider *mine(struct provider *provider)
{
	assert(provider->ops == &didit_ops);
	return container_of(provider, struct didit_provider, base);
}

static int64_t ticks(const struct didit_provider *p)
{
	return p->clock->ops->ticks(p->clock);
}

static const char *didit_version(struct provider *provider)
{
	(void)provider;
	return "v1";
}

static enum err ask(
	const struct didit_provider *p, struct exchange *x, const struct token *token, struct arena *a)
{
	char bearer[TOKEN_SIZE + 8];
	const int n = snprintf(bearer, sizeof(bearer), "Bearer %s", token->text);
	const struct https_header headers[] = {
		{ STR("Authorization"), { bearer, (size_t)n } },
		{ STR("Accept"), STR("application/json") },
		{ STR("Content-Type"), STR("application/json") },
	};
	const struct https_request request = { .method = x->method,
		.url = x->url,
		.headers = headers,
		.n_headers = array_len(headers) - (x->body.p == NULL ? 1 : 0),
		.body = x->body,
		.limit = milliseconds(x->deadline - ticks(p)),
		.connect_limit = seconds(CONNECT_LIMIT_S),
		.reply_max = REPLY_MAX };
	enum https_trouble trouble;
	enum err e = ERR_UPSTREAM; /* no time left */

	if (request.limit.ms > 0)
		e = https_call(p->https, &request, a, &x->reply, &trouble);
	explicit_bzero(bearer, sizeof(bearer));
	return e;
}

/* Asks once, or once more with a fresh token when the first one is refused. */
static enum err ask_with_token(
	const struct didit_provider *p, struct exchange *x, struct arena *a, enum provider_cause *cause)
{
	struct token token cleanup(token_wipe) = { .serial = 0 };
	enum err e;

	for (int tries = 0; tries < 2; tries++) {
		TRY(token_get(p->tokens, x->deadline, &token, cause));
		e = ask(p, x, &token, a);
		*cause = outcome_of(e, &x->reply);
		if (e != OK || x->reply.status != 401)
			break;
		token_refused(p->tokens, &token);
	}
	if (*cause == PROVIDER_FINE)
		return OK;
	return e == ERR_BUSY ? ERR_BUSY : ERR_UPSTREAM;
}

static enum err write_order(struct arena *a, const struct order *order, struct str *out)
{
	struct js_writer w;
	struct buf text;

	buf_init(&text, a);
	js_begin(&w, &text);
	js_object(&w);
	js_field_text(&w, "callback", order->callback);
	js_field_text(&w, "vendor_data", order->vendor_data);
	if (order->features.n > 0)
		js_field_text(&w, "features", order->features);
	js_object_end(&w);
	return buf_done(&text, out);
}

/* The seed of the reference shows no status, and one that we do not know is no reason to lose a session that
 * was made: what is new is not started. */
static enum provider_cause judge_made(
	const struct didit_provider *p, const struct js *answer, struct arena *a, struct made *made)
{
	const struct str url = js_text(js_get(answer, "url"));
	const struct str status = js_text(js_get(answer, "status"));

	if (js_kind(answer) != JS_OBJECT)
		return PROVIDER_UNREACHABLE;
	if (!status_read(status, &made->status))
		made->status = STATUS_NOT_STARTED;
	if (!provider_ref_read(js_text(js_get(answer, "session_id")), &made->ref) ||
		!session_url_is_allowed(a, url, &p->hosts))
		return PROVIDER_REFUSED;
	made->url = url;
	return PROVIDER_FINE;
}

static enum err create_in(const struct didit_provider *p, const struct order *order, struct arena *own,
	struct made *made, enum provider_cause *cause)
{
	const struct js *answer cleanup(js_cleanup) = NULL;
	struct exchange x = { .method = "POST", .deadline = ticks(p) + p->limit.ms };

	x.url = arena_printf(own, "%s/v1/session/", p->base_url);
	*cause = PROVIDER_REFUSED;
	if (x.url.p == NULL || write_order(own, order, &x.body) != OK)
		return ERR_INTERNAL;
	TRY(ask_with_token(p, &x, own, cause));
	*cause = PROVIDER_UNREACHABLE;
	if (js_open(x.reply.body, true, &answer) == OK)
		*cause = judge_made(p, answer, own, made);
	made->url = arena_copy(own, made->url); /* the document goes now */
	return *cause == PROVIDER_FINE && made->url.p != NULL ? OK : ERR_UPSTREAM;
}

static enum err didit_create(struct provider *provider, const struct order *order, struct arena *a,
	struct made *made, enum provider_cause *cause)
{
	struct made fresh = { .url = STR("") };
	struct arena own;
	enum err e;

	arena_init(&own, MEMORY_MAX);
	e = create_in(mine(provider), order, &own, &fresh, cause);
	outcome_count(CALL_CREATE, *cause);
	if (e == OK) {
		fresh.url = arena_copy(a, fresh.url);
		if (fresh.url.p != NULL)
			*made = fresh;
		else
			e = ERR_INTERNAL;
	}
	arena_finish(&own);
	return e;
}

/* `a` is the caller's: only what is kept of the decision goes there. */
static enum provider_cause judge_reading(
	const struct js *answer, const struct provider_ref *ref, struct arena *a, struct reading *reading)
{
	const struct str id = js_text(js_get(answer, "session_id"));

	if (js_kind(answer) != JS_OBJECT)
		return PROVIDER_UNREACHABLE;
	if (!str_eq(id, str_of(ref->text)) ||
		!status_read(js_text(js_get(answer, "status")), &reading->status))
		return PROVIDER_REFUSED;
	if (decision_v1_read(answer, a, &reading->decision) != OK)
		return PROVIDER_REFUSED;
	reading->ref = *ref;
	reading->has_decision = true;
	return PROVIDER_FINE;
}

static enum err read_in(const struct didit_provider *p, struct exchange *x, struct arena *own,
	const struct js **answer, enum provider_cause *cause)
{
	enum err e;

	e = ask_with_token(p, x, own, cause);
	if (e == ERR_UPSTREAM && x->reply.status == 404)
		*cause = PROVIDER_UNKNOWN_SESSION;
	TRY(e);
	if (js_open(x->reply.body, true, answer) == OK)
		return OK;
	*cause = PROVIDER_UNREACHABLE;
	return ERR_UPSTREAM;
}

static enum err didit_read(struct provider *provider, const struct read_order *order, struct arena *a,
	struct reading *reading, enum provider_cause *cause)
{
	const struct didit_provider *p = mine(provider);
	const struct js *answer cleanup(js_cleanup) = NULL;
	struct exchange x = { .method = "GET", .deadline = ticks(p) + order->limit.ms };
	struct reading fresh = { .has_decision = false };
	struct provider_ref wanted;
	struct arena own;
	enum err e;

	*cause = PROVIDER_UNKNOWN_SESSION;
	if (!provider_ref_read(order->ref, &wanted)) /* never given to us by a provider */
		return ERR_UPSTREAM;
	arena_init(&own, MEMORY_MAX);
	x.url = arena_printf(&own, "%s/v1/session/%s/decision/", p->base_url, wanted.text);
	*cause = PROVIDER_REFUSED;
	e = x.url.p != NULL ? read_in(p, &x, &own, &answer, cause) : ERR_INTERNAL;
	if (e == OK) {
		*cause = judge_reading(answer, &wanted, a, &fresh);
		e = *cause == PROVIDER_FINE ? OK : ERR_UPSTREAM;
	}
	outcome_count(CALL_READ, *cause);
	arena_finish(&own);
	if (e == OK)
		*reading = fresh;
	return e;
}

static enum err no_find(struct provider *provider, const struct search *search, struct arena *a,
	struct made *made, enum provider_cause *cause)
{
	(void)provider;
	(void)search;
	(void)a;
	(void)made;
	*cause = PROVIDER_FINE;
	assert(!"v1 has no list of sessions");
	return ERR_INTERNAL;
}

static bool cannot_find(struct provider *provider)
{
	(void)provider;
	return false;
}

static span didit_pause(struct provider *provider)
{
	(void)provider;
	return seconds(1);
}

static enum event_verdict didit_take(struct provider *provider, const struct event_parts *parts, moment now,
	struct arena *a, struct notice *notice)
{
	const struct didit_provider *p = mine(provider);

	if (!hook_secrets_vouch(p->secrets, parts, now))
		return EVENT_BAD_SIGNATURE;
	return event_v1_read(parts->body, a, notice);
}

static void didit_close(struct provider *provider)
{
	struct didit_provider *p;

	if (provider == NULL)
		return;
	p = mine(provider);
	token_close(p->tokens);
	https_close(p->https);
	hook_secrets_close(p->secrets);
	for (size_t i = 0; i < DIDIT_HOSTS_MAX; i++)
		free((char *)(uintptr_t)p->host_list[i].p);
	free(p->base_url);
	free(p);
}

static const struct provider_ops didit_ops = {
	.version = didit_version,
	.create = didit_create,
	.read = didit_read,
	.find = no_find,
	.can_find = cannot_find,
	.pause = didit_pause,
	.take = didit_take,
	.close = didit_close,
};

static enum err copy_texts(const struct str *from, size_t n, size_t max, struct str *to)
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

static bool may_be_called(struct str url, bool allow_private)
{
	struct str scheme, host, port;
	struct arena a;
	bool may;

	arena_init(&a, MEMORY_MAX);
	may = url_parts(&a, url, &scheme, &host, &port) &&
	      (str_eq(scheme, STR("https")) || host_bears_plain(host, allow_private));
	arena_finish(&a);
	return may;
}

static enum err fill(struct didit_provider *p, const struct didit_conf *conf)
{
	const struct https_conf https = { .calls_max = CALLS_MAX, .allow_private = conf->allow_private };
	struct token_conf tokens = { .auth_url = without_slash(conf->auth_url),
		.client_id = conf->client_id,
		.client_secret = conf->client_secret,
		.clock = conf->clock };

	if (!may_be_called(conf->base_url, conf->allow_private) ||
		!may_be_called(conf->auth_url, conf->allow_private) || conf->limit.ms <= 0)
		return ERR_INPUT;
	TRY(hook_secrets_open(conf->secrets, conf->n_secrets, &p->secrets));
	TRY(copy_texts(conf->session_hosts, conf->n_session_hosts, DIDIT_HOSTS_MAX, p->host_list));
	p->hosts = (struct session_hosts){ p->host_list, conf->n_session_hosts,
		conf->allow_private || conf->sandbox };
	p->limit = conf->limit;
	p->clock = conf->clock;
	if (asprintf(&p->base_url, "%.*s", STR_ARG(without_slash(conf->base_url))) < 0) {
		p->base_url = NULL;
		return ERR_INTERNAL;
	}
	TRY(https_open(&https, &p->https));
	tokens.https = p->https;
	return token_open(&tokens, &p->tokens);
}

enum err didit_provider_open(const struct didit_conf *conf, struct provider **out)
{
	struct didit_provider *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		return ERR_INTERNAL;
	p->base.ops = &didit_ops;
	outcome_labels();
	e = fill(p, conf);
	if (e != OK) {
		didit_close(&p->base);
		return e;
	}
	*out = &p->base;
	return OK;
}

enum err didit_provider_trust(struct provider *provider, const struct str *secrets, size_t n)
{
	return hook_secrets_replace(mine(provider)->secrets, secrets, n);
}
