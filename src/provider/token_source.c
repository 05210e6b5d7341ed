#include "provider/token_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "port/shared_state.h"
#include "text/encode.h"

#define TOKEN_PATH "/auth/v2/token/"
/* After an early renewal that failed the old token serves on for this long before the next try. */
#define RENEW_AGAIN_MS ((int64_t)10 * 1000)
/* Who wants to hear nothing for longer is asked again all the same. */
#define QUIET_MAX minutes(10)
/* How often one looks whether another instance has fetched, and what it may take beyond its limit. */
#define LOOK_AGAIN milliseconds(100)
#define LATE_BY_MS ((int64_t)1000)
/* Serials of what was fetched past the others: theirs begin at 1. */
#define OWN_SERIAL (UINT64_C(1) << 62)
#define MEMORY_MAX ((size_t)256 * 1024)

struct token_source {
	struct https_client *https;
	struct clock *clock;
	struct shared_state *shared_state;
	char *url, *authorization;
	char *account; /* both */
	struct lock lock;
	struct cond fetched; /* woken when `fetching` ends */
	struct cond paused;  /* nobody wakes who waits here */
	bool fetching;
	uint64_t rounds;  /* fetches ended, whatever their outcome */
	uint64_t fetches; /* of our own */
	uint64_t refused; /* the serial of the last one that the provider did not take */
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

static enum err make_account(struct token_source *source)
{
	if (asprintf(&source->account, "%s %s", source->url, source->authorization) >= 0)
		return OK;
	source->account = NULL;
	return ERR_INTERNAL;
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
	source->shared_state = conf->shared_state;
	lock_init(&source->lock);
	cond_init(&source->fetched);
	cond_init(&source->paused);
	if (asprintf(&source->url, "%.*s" TOKEN_PATH, STR_ARG(conf->auth_url)) < 0)
		source->url = NULL;
	if (source->url == NULL || make_authorization(conf, &source->authorization) != OK ||
		make_account(source) != OK) {
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
	cond_finish(&source->paused);
	cond_finish(&source->fetched);
	lock_finish(&source->lock);
	wipe_free(source->account);
	wipe_free(source->authorization);
	free(source->url);
	token_wipe(&source->token);
	free(source);
}

static int64_t ticks(const struct token_source *source)
{
	return source->clock->ops->ticks(source->clock);
}

static enum err ask(const struct token_source *source, duration limit, struct token_response *found)
{
	const struct token_call call = { source->https, str_of(source->url), str_of(source->authorization) };

	return token_fetch(&call, limit, found);
}

/* With the lock held. */
static void keep(struct token_source *source, const struct token_response *found, int64_t from)
{
	memcpy(source->token.text, found->token.text, sizeof(found->token.text));
	source->token.serial = found->token.serial ? found->token.serial : OWN_SERIAL + ++source->fetches;
	/* Counted from before the question: the provider's count began later. */
	source->expires_at = from + found->life.ms;
	source->renew_at = from + found->renew.ms;
}

static bool serves(const struct token_source *source, int64_t now, int64_t until)
{
	return source->token.text[0] != '\0' && now < until;
}

/* Our turn: what comes is everybody's. A token that does not say how long it lives stays ours. */
static enum err fetch_ours(struct token_source *source, int64_t deadline, struct token_response *found)
{
	struct shared_state *const shared_state = source->shared_state;
	struct shared_token common = { .serial = 0 };
	const enum err e = ask(source, milliseconds(deadline - ticks(source)), found);

	if (e != OK || found->life.ms == 0) {
		shared_state->ops->release_token(shared_state, str_of(source->account));
		return e;
	}
	memcpy(common.text, found->token.text, sizeof(common.text));
	common.life = found->life;
	if (shared_state->ops->store_token(shared_state, str_of(source->account), &common) == OK)
		found->token.serial = (uint64_t)common.serial;
	explicit_bzero(&common, sizeof(common));
	return OK;
}

static void take_theirs(struct shared_token *common, struct token_response *found)
{
	memcpy(found->token.text, common->text, sizeof(common->text));
	found->token.serial = (uint64_t)common->serial;
	found->life = common->life;
	/* Near its end another one is being fetched: it is asked for again a little later. */
	found->renew = common->renew.ms > 0 ? common->renew : milliseconds(RENEW_AGAIN_MS);
	found->cause = PROVIDER_OK;
	explicit_bzero(common, sizeof(*common));
}

static void pause_for(struct token_source *source, duration limit)
{
	lock_acquire(&source->lock);
	(void)cond_wait_for(&source->paused, &source->lock, limit);
	lock_release(&source->lock);
}

/* Without the lock. Where the store does not tell we ask for ourselves: one token more does no harm. */
static enum err fetch_for_all(
	struct token_source *source, uint64_t refused, int64_t deadline, struct token_response *found)
{
	struct shared_token common = { .serial = 0 };
	enum token_action action;

	for (;;) {
		const int64_t left = deadline - ticks(source);
		const struct token_request request = { str_of(source->account),
			refused < OWN_SERIAL ? (int64_t)refused : 0, milliseconds(left + LATE_BY_MS) };

		if (left <= 0)
			return ERR_BUSY;
		if (source->shared_state->ops->get_token(source->shared_state, &request, &common, &action) !=
			OK)
			return ask(source, milliseconds(left), found);
		if (action == TOKEN_FETCH)
			return fetch_ours(source, deadline, found);
		if (action == TOKEN_USABLE) {
			take_theirs(&common, found);
			return OK;
		}
		pause_for(source, LOOK_AGAIN);
	}
}

/* With the lock held, which is given away while we ask. */
static void fetch(struct token_source *source, int64_t now, int64_t deadline)
{
	const uint64_t refused = source->refused;
	struct token_response found = { .cause = PROVIDER_UNREACHABLE };
	enum err e;

	source->fetching = true;
	lock_release(&source->lock);
	e = source->shared_state ? fetch_for_all(source, refused, deadline, &found)
				 : ask(source, milliseconds(deadline - now), &found);
	lock_acquire(&source->lock);
	source->fetching = false;
	source->rounds++;
	if (e == OK)
		keep(source, &found, now);
	else if (serves(source, ticks(source), source->expires_at))
		source->renew_at = ticks(source) + RENEW_AGAIN_MS;
	if (found.cause == PROVIDER_LIMIT)
		source->quiet_until =
			ticks(source) +
			(duration_is_shorter(found.hold, QUIET_MAX) ? found.hold : QUIET_MAX).ms;
	source->last_error = e;
	source->last_cause = found.cause;
	token_wipe(&found.token);
	cond_broadcast(&source->fetched);
}

/* With the lock held. False: the deadline came first. */
static bool wait_for_round(struct token_source *source, int64_t deadline)
{
	const uint64_t round = source->rounds;
	int64_t now = ticks(source);

	while (source->rounds == round && now < deadline) {
		(void)cond_wait_for(&source->fetched, &source->lock, milliseconds(deadline - now));
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

	lock_acquire(&source->lock);
	e = get(source, deadline, token, cause);
	lock_release(&source->lock);
	if (e == OK)
		*cause = PROVIDER_OK;
	return e;
}

duration token_retry_after(struct token_source *source)
{
	lock_acquire(&source->lock);
	const int64_t left = source->quiet_until - ticks(source);
	lock_release(&source->lock);
	return milliseconds(left > 0 ? left : 0);
}

void token_refused(struct token_source *source, const struct token *token)
{
	lock_acquire(&source->lock);
	if (source->token.serial == token->serial)
		explicit_bzero(source->token.text, sizeof(source->token.text));
	source->refused = token->serial;
	lock_release(&source->lock);
}
