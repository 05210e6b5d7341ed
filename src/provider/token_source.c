#include "provider/token_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "port/shared_state.h"
#include "text/encode.h"

#define TOKEN_PATH "/auth/v2/token/"
/* Delay until the next try after an early renewal has failed. The old token is used meanwhile. */
#define RENEW_RETRY_MS ((int64_t)10 * 1000)
/* A Retry-After that is longer than this is reduced to this. */
#define RETRY_AFTER_MAX minutes(10)
/* Interval at which an instance checks whether another instance has stored a new token. */
#define POLL_INTERVAL milliseconds(100)
/* Another instance may take over a fetch this long after the deadline of the fetch. */
#define FETCH_GRACE_MS ((int64_t)1000)
/* First serial of tokens that are not stored in the shared state. The serials of shared tokens begin at 1. */
#define LOCAL_SERIAL (UINT64_C(1) << 62)
#define MEMORY_MAX ((size_t)256 * 1024)

struct token_source {
	struct https_client *https;
	struct clock *clock;
	struct shared_state *shared_state;
	char *url, *authorization;
	char *account; /* URL and authorization: the key of the token in the shared state */
	struct lock lock;
	struct cond fetched; /* broadcast when `fetching` becomes false */
	struct cond paused;  /* never signalled; waiting for it is used to sleep */
	bool fetching;	     /* a thread is fetching a token */
	uint64_t rounds;     /* number of fetches that have ended, successfully or not */
	uint64_t fetches;    /* number of tokens that were given a local serial */
	uint64_t refused;    /* serial of the latest token that the provider rejected */
	enum err last_error;
	struct provider_failure last_failure;
	struct token token; /* has an empty text if there is no token */
	int64_t renew_at, expires_at;
	int64_t quiet_until; /* ticks when the latest Retry-After period ends */
};

static const struct provider_failure token_unreachable = {
	.cause = PROVIDER_UNREACHABLE, .reason = PROVIDER_REASON_TIMEOUT, .call = "token"
};
static const struct provider_failure token_limited = {
	.cause = PROVIDER_LIMIT, .reason = PROVIDER_REASON_RATE_LIMIT, .call = "token"
};
/* the API rejected a token that was new */
static const struct provider_failure token_rejected = {
	.cause = PROVIDER_REFUSED, .reason = PROVIDER_REASON_CREDENTIALS, .call = "token", .status = 401
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

/* Writes the value of the Authorization header: "Basic " and the base64 of "id:secret" (RFC 7617). */
static enum err format_authorization(const struct token_conf *conf, char **out)
{
	struct arena a;
	struct str pair, encoded = { NULL, 0 };
	enum err e = ERR_INTERNAL;

	arena_init(&a, MEMORY_MAX);
	pair = arena_printf(&a, "%.*s:%.*s", STR_ARG(conf->client_id), STR_ARG(conf->client_secret));
	if (pair.p != NULL)
		e = base64_write(&a, (const unsigned char *)pair.p, pair.n, &encoded);
	if (e == OK && asprintf(out, "Basic %.*s", STR_ARG(encoded)) < 0) {
		*out = NULL;
		e = ERR_INTERNAL;
	}
	wipe_slice(pair);
	wipe_slice(encoded);
	arena_finish(&a);
	return e;
}

static enum err format_account(struct token_source *source)
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
	if (source->url == NULL || format_authorization(conf, &source->authorization) != OK ||
		format_account(source) != OK) {
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

static enum err request_token(const struct token_source *source, duration limit, struct token_response *found)
{
	const struct token_call call = { source->https, str_of(source->url), str_of(source->authorization) };

	return token_fetch(&call, limit, found);
}

/* The caller holds the lock. `from` is a time before the request was sent. */
static void store_token_locally(struct token_source *source, const struct token_response *found, int64_t from)
{
	memcpy(source->token.text, found->token.text, sizeof(found->token.text));
	source->token.serial = found->token.serial ? found->token.serial : LOCAL_SERIAL + ++source->fetches;
	/* The provider counts the lifetime from a later time than `from`, so the token expires no earlier
	 * than this. */
	source->expires_at = from + found->life.ms;
	source->renew_at = from + found->renew.ms;
}

static bool is_valid(const struct token_source *source, int64_t now, int64_t until)
{
	return source->token.text[0] != '\0' && now < until;
}

/* Fetches a token for all instances and stores it in the shared state. If the response has no lifetime, the
 * token is not stored. */
static enum err fetch_and_share(struct token_source *source, int64_t deadline, struct token_response *found)
{
	struct shared_state *const shared_state = source->shared_state;
	struct shared_token shared = { .serial = 0 };
	const enum err e = request_token(source, milliseconds(deadline - ticks(source)), found);

	if (e != OK || found->life.ms == 0) {
		shared_state->ops->release_token(shared_state, str_of(source->account));
		return e;
	}
	memcpy(shared.text, found->token.text, sizeof(shared.text));
	shared.ttl = found->life;
	if (shared_state->ops->store_token(shared_state, str_of(source->account), &shared) == OK)
		found->token.serial = (uint64_t)shared.serial;
	explicit_bzero(&shared, sizeof(shared));
	return OK;
}

static void use_shared_token(struct shared_token *shared, struct token_response *found)
{
	memcpy(found->token.text, shared->text, sizeof(shared->text));
	found->token.serial = (uint64_t)shared->serial;
	found->life = shared->ttl;
	/* A `renew` of 0 means that another instance is already fetching the next token: check again soon. */
	found->renew = shared->renew.ms > 0 ? shared->renew : milliseconds(RENEW_RETRY_MS);
	found->failure.cause = PROVIDER_OK;
	explicit_bzero(shared, sizeof(*shared));
}

static void sleep_for(struct token_source *source, duration limit)
{
	lock_acquire(&source->lock);
	(void)cond_wait_for(&source->paused, &source->lock, limit);
	lock_release(&source->lock);
}

/* Returns the shared token, or fetches one if this instance should. Waits while another instance fetches. If
 * the shared state cannot be read, this instance fetches a token for itself, because an additional token does
 * no harm. The caller does not hold the lock. */
static enum err fetch_shared(
	struct token_source *source, uint64_t refused, int64_t deadline, struct token_response *found)
{
	struct shared_token shared = { .serial = 0 };
	enum token_action action;

	for (;;) {
		const int64_t left = deadline - ticks(source);
		const struct token_request request = { str_of(source->account),
			refused < LOCAL_SERIAL ? (int64_t)refused : 0, milliseconds(left + FETCH_GRACE_MS) };

		if (left <= 0)
			return ERR_BUSY;
		if (source->shared_state->ops->get_token(source->shared_state, &request, &shared, &action) !=
			OK)
			return request_token(source, milliseconds(left), found);
		if (action == TOKEN_FETCH)
			return fetch_and_share(source, deadline, found);
		if (action == TOKEN_USABLE) {
			use_shared_token(&shared, found);
			return OK;
		}
		sleep_for(source, POLL_INTERVAL);
	}
}

/* Fetches a token and stores the result. The caller holds the lock, which is released while the request
 * runs. */
static void refresh(struct token_source *source, int64_t now, int64_t deadline)
{
	const uint64_t refused = source->refused;
	struct token_response found = { .failure = token_unreachable };
	enum err e;

	source->fetching = true;
	lock_release(&source->lock);
	e = source->shared_state ? fetch_shared(source, refused, deadline, &found)
				 : request_token(source, milliseconds(deadline - now), &found);
	lock_acquire(&source->lock);
	source->fetching = false;
	source->rounds++;
	if (e == OK)
		store_token_locally(source, &found, now);
	else if (is_valid(source, ticks(source), source->expires_at))
		source->renew_at = ticks(source) + RENEW_RETRY_MS;
	if (found.failure.cause == PROVIDER_LIMIT)
		source->quiet_until =
			ticks(source) +
			(duration_is_shorter(found.hold, RETRY_AFTER_MAX) ? found.hold : RETRY_AFTER_MAX).ms;
	source->last_error = e;
	source->last_failure = found.failure;
	token_wipe(&found.token);
	cond_broadcast(&source->fetched);
}

/* Waits until the fetch in progress has ended. Returns false if the deadline passed first. The caller holds
 * the lock. */
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

/* Returns the result of the latest fetch. If that failed, returns the old token as long as it is valid. The
 * caller holds the lock. */
static enum err return_token(
	struct token_source *source, struct token *token, struct provider_failure *failure)
{
	if (source->last_error != OK && !is_valid(source, ticks(source), source->expires_at)) {
		*failure = source->last_failure;
		return source->last_error;
	}
	/* The provider has already rejected the new token when another thread used it. */
	if (source->token.text[0] == '\0') {
		*failure = token_rejected;
		return ERR_UPSTREAM;
	}
	*token = source->token;
	return OK;
}

/* Waits for the fetch of another thread. The caller holds the lock. A failure of that fetch is returned as
 * ERR_BUSY, so that only the fetching thread reports it as a failure of the provider. */
static enum err wait_for_fetch(
	struct token_source *source, int64_t deadline, struct token *token, struct provider_failure *failure)
{
	if (!wait_for_round(source, deadline) && !is_valid(source, ticks(source), source->expires_at))
		return ERR_BUSY;
	return return_token(source, token, failure) == OK ? OK : ERR_BUSY;
}

/* The caller holds the lock. */
static enum err get_locked(
	struct token_source *source, int64_t deadline, struct token *token, struct provider_failure *failure)
{
	const int64_t now = ticks(source);
	const bool quiet = now < source->quiet_until;

	*failure = quiet ? token_limited : token_unreachable;
	if (is_valid(source, now, quiet ? source->expires_at : source->renew_at)) {
		*token = source->token;
		return OK;
	}
	if (quiet)
		return ERR_BUSY;
	if (now >= deadline)
		return ERR_UPSTREAM;
	if (source->fetching)
		return wait_for_fetch(source, deadline, token, failure);
	refresh(source, now, deadline);
	return return_token(source, token, failure);
}

enum err token_get(
	struct token_source *source, int64_t deadline, struct token *token, struct provider_failure *failure)
{
	enum err e;

	lock_acquire(&source->lock);
	e = get_locked(source, deadline, token, failure);
	lock_release(&source->lock);
	if (e == OK)
		*failure = (struct provider_failure){ .cause = PROVIDER_OK };
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
