#include "provider/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "net/https_client.h"
#include "provider/outcome.h"
#include "text/encode.h"
#include "text/json.h"

#define TOKEN_PATH "/auth/v2/token/"
#define RENEW_BEFORE_MS ((int64_t)5 * 60 * 1000) /* didit-api.md 2.1 */
#define LIFE_MAX_S ((int64_t)24 * 60 * 60)
/* After an early renewal that failed the old token serves on for this long before the next try. */
#define RENEW_AGAIN_MS ((int64_t)10 * 1000)
/* Who wants to hear nothing for longer is asked again all the same. */
#define QUIET_MAX minutes(10)
#define CONNECT_LIMIT_S 3
#define REPLY_MAX ((size_t)64 * 1024)
#define MEMORY_MAX ((size_t)256 * 1024)

struct token_source {
	struct https_client *https;
	struct clock *clock;
	char *url, *authorization;
	struct lock lock;
	struct signal fetched; /* woken when `fetching` ends */
	bool fetching;
	uint64_t rounds; /* fetches ended, whatever their outcome */
	enum err last_error;
	enum provider_cause last_cause;
	struct token token; /* text empty: none */
	int64_t renew_at, expires_at;
	int64_t quiet_until; /* the provider wants to hear nothing before */
};

void token_wipe(struct token *token)
{
	explicit_bzero(token, sizeof(*token));
}

static void wipe_free(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void wipe_slice(struct str s)
{
	if (s.p != NULL)
		explicit_bzero((void *)(uintptr_t)s.p, s.n);
}

/* "Basic " and base64 of "id:secret" (RFC 7617). */
static enum err make_authorization(const struct token_conf *conf, char **out)
{
	struct arena a;
	struct str pair, coded = { NULL, 0 };
	enum err e = ERR_INTERNAL;

	arena_init(&a, MEMORY_MAX);
	pair = arena_printf(&a, "%.*s:%.*s", STR_ARG(conf->client_id), STR_ARG(conf->client_secret));
	if (pair.p != NULL)
		e = base64_write(&a, (const unsigned char *)pair.p, pair.n, &coded);
	if (e == OK && asprintf(out, "Basic %.*s", STR_ARG(coded)) < 0) {
		*out = NULL;
		e = ERR_INTERNAL;
	}
	wipe_slice(pair);
	wipe_slice(coded);
	arena_finish(&a);
	return e;
}

enum err token_open(const struct token_conf *conf, struct token_source **out)
{
	struct token_source *source;

	if (conf->auth_url.n == 0 || conf->client_id.n == 0 || conf->client_secret.n == 0 ||
		str_has(conf->client_id, ':'))
		return ERR_INPUT;
	source = calloc(1, sizeof(*source));
	if (source == NULL)
		return ERR_INTERNAL;
	source->https = conf->https;
	source->clock = conf->clock;
	lock_init(&source->lock);
	signal_init(&source->fetched);
	if (asprintf(&source->url, "%.*s" TOKEN_PATH, STR_ARG(conf->auth_url)) < 0)
		source->url = NULL;
	if (source->url == NULL || make_authorization(conf, &source->authorization) != OK) {
		token_close(source);
		return ERR_INTERNAL;
	}
	*out = source;
	return OK;
}

void token_close(struct token_source *source)
{
	if (source == NULL)
		return;
	signal_finish(&source->fetched);
	lock_finish(&source->lock);
	wipe_free(source->authorization);
	free(source->url);
	token_wipe(&source->token);
	free(source);
}

static int64_t ticks(const struct token_source *source)
{
	return source->clock->ops->ticks(source->clock);
}

/* What may stand in an Authorization header (RFC 6750 section 2.1, read generously). */
static bool is_bearer(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 127)
			return false;
	return s.n > 0 && s.n < TOKEN_SIZE;
}

/* `*life_s` is 0 when the answer does not say: such a token serves whom it was fetched for, and is not kept.
 */
static enum provider_cause read_answer(struct str body, struct token *token, int64_t *life_s)
{
	const struct js *document cleanup(js_cleanup) = NULL;
	int64_t life = 0;

	if (js_open(body, true, &document) != OK || js_kind(document) != JS_OBJECT)
		return PROVIDER_GARBLED;
	if (!is_bearer(js_text(js_get(document, "access_token"))))
		return PROVIDER_UNUSABLE;
	if (!js_int(js_get(document, "expires_in"), &life) || life < 0)
		life = 0;
	if (!str_copy_to(js_text(js_get(document, "access_token")), token->text, sizeof(token->text)))
		return PROVIDER_UNUSABLE;
	*life_s = life < LIFE_MAX_S ? life : LIFE_MAX_S;
	return PROVIDER_FINE;
}

/* What came of one question. */
struct found {
	struct token token;
	int64_t life_s;
	span hold; /* for how long it wants to hear nothing */
	enum provider_cause cause;
};

static enum err ask(struct token_source *source, span limit, struct found *found)
{
	const struct https_header headers[] = {
		{ STR("Authorization"), str_of(source->authorization) },
		{ STR("Content-Type"), STR("application/x-www-form-urlencoded") },
		{ STR("Accept"), STR("application/json") },
	};
	const struct https_request request = { .method = "POST",
		.url = str_of(source->url),
		.headers = headers,
		.n_headers = array_len(headers),
		.body = STR("grant_type=client_credentials"),
		.limit = limit,
		.connect_limit = seconds(CONNECT_LIMIT_S),
		.reply_max = REPLY_MAX };
	struct https_reply reply = { .status = 0 };
	enum https_trouble trouble = HTTPS_FINE;
	struct arena a;
	enum err e;

	arena_init(&a, MEMORY_MAX);
	e = https_call(source->https, &request, &a, &reply, &trouble);
	found->cause = outcome_of(e, trouble, &reply);
	found->hold = outcome_hold(&reply);
	if (found->cause == PROVIDER_FINE)
		found->cause = read_answer(reply.body, &found->token, &found->life_s);
	wipe_slice(reply.body);
	arena_finish(&a);
	outcome_count(CALL_TOKEN, found->cause);
	if (found->cause == PROVIDER_FINE)
		return OK;
	return e == ERR_BUSY || e == ERR_INTERNAL ? e : ERR_UPSTREAM;
}

/* With the lock held. */
static void keep(struct token_source *source, const struct token *fresh, int64_t from, int64_t life_s)
{
	const int64_t life = life_s * 1000;
	const int64_t early = RENEW_BEFORE_MS < life / 2 ? RENEW_BEFORE_MS : life / 2;

	memcpy(source->token.text, fresh->text, sizeof(fresh->text));
	source->token.serial++;
	/* Counted from before the question: the provider's count began later. */
	source->expires_at = from + life;
	source->renew_at = source->expires_at - early;
}

static bool serves(const struct token_source *source, int64_t now, int64_t until)
{
	return source->token.text[0] != '\0' && now < until;
}

/* With the lock held, which is given away while we ask. */
static void fetch(struct token_source *source, int64_t now, int64_t deadline)
{
	struct found found = { .cause = PROVIDER_UNREACHABLE };
	enum err e;

	source->fetching = true;
	lock_give(&source->lock);
	e = ask(source, milliseconds(deadline - now), &found);
	lock_take(&source->lock);
	source->fetching = false;
	source->rounds++;
	if (e == OK)
		keep(source, &found.token, now, found.life_s);
	else if (serves(source, ticks(source), source->expires_at))
		source->renew_at = ticks(source) + RENEW_AGAIN_MS;
	if (found.cause == PROVIDER_LIMIT)
		source->quiet_until = ticks(source) +
				      (shorter(found.hold, QUIET_MAX) ? found.hold : QUIET_MAX).ms;
	source->last_error = e;
	source->last_cause = found.cause;
	token_wipe(&found.token);
	signal_all(&source->fetched);
}

/* With the lock held. False: the deadline came first. */
static bool wait_for_round(struct token_source *source, int64_t deadline)
{
	const uint64_t round = source->rounds;
	int64_t now = ticks(source);

	while (source->rounds == round && now < deadline) {
		(void)signal_wait(&source->fetched, &source->lock, milliseconds(deadline - now));
		now = ticks(source);
	}
	return source->rounds != round;
}

/* With the lock held. What the round gave, or the old token as long as it lives. */
static enum err settle(struct token_source *source, struct token *token, enum provider_cause *cause)
{
	if (source->last_error != OK && !serves(source, ticks(source), source->expires_at)) {
		*cause = source->last_cause;
		return source->last_error;
	}
	if (source->token.text[0] == '\0') { /* somebody used it already, and it was refused */
		*cause = PROVIDER_REFUSED;
		return ERR_UPSTREAM;
	}
	*token = source->token;
	return OK;
}

/* With the lock held. Another is fetching: what comes of it is told of the provider once, by that one. */
static enum err join(
	struct token_source *source, int64_t deadline, struct token *token, enum provider_cause *cause)
{
	if (!wait_for_round(source, deadline) && !serves(source, ticks(source), source->expires_at))
		return ERR_BUSY;
	return settle(source, token, cause) == OK ? OK : ERR_BUSY;
}

/* With the lock held. */
static enum err get(
	struct token_source *source, int64_t deadline, struct token *token, enum provider_cause *cause)
{
	const int64_t now = ticks(source);
	const bool quiet = now < source->quiet_until;

	*cause = quiet ? PROVIDER_LIMIT : PROVIDER_UNREACHABLE;
	if (serves(source, now, quiet ? source->expires_at : source->renew_at)) {
		*token = source->token;
		return OK;
	}
	if (quiet)
		return ERR_BUSY;
	if (now >= deadline)
		return ERR_UPSTREAM;
	if (source->fetching)
		return join(source, deadline, token, cause);
	fetch(source, now, deadline);
	return settle(source, token, cause);
}

enum err token_get(
	struct token_source *source, int64_t deadline, struct token *token, enum provider_cause *cause)
{
	enum err e;

	lock_take(&source->lock);
	e = get(source, deadline, token, cause);
	lock_give(&source->lock);
	if (e == OK)
		*cause = PROVIDER_FINE;
	return e;
}

span token_hold(struct token_source *source)
{
	lock_take(&source->lock);
	const int64_t left = source->quiet_until - ticks(source);
	lock_give(&source->lock);
	return milliseconds(left > 0 ? left : 0);
}

void token_refused(struct token_source *source, const struct token *token)
{
	lock_take(&source->lock);
	if (source->token.serial == token->serial)
		explicit_bzero(source->token.text, sizeof(source->token.text));
	lock_give(&source->lock);
}
