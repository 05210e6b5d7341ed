#include "app/webhook/dispatch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/webhook/attempt.h"
#include "app/webhook/backlog.h"
#include "app/webhook/delivery_lease.h"
#include "app/webhook/delivery_log.h"
#include "app/webhook/delivery_mark.h"
#include "app/webhook/endpoint_pass.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/lease.h"

/* Memory of one transaction: rows with their excerpts, requests or results. */
#define DISPATCH_MEMORY ((size_t)4 * 1024 * 1024)
/* Results that one poll returns. */
#define RESULTS_MAX MARK_BATCH
/* Results that come so shortly after each other are marked together. */
#define GATHER_TIME milliseconds(2)

struct dispatch {
	const struct world *world;
	struct webhook_sender *sender;
	struct arena arena;
	bool no_leasing;
	bool check_now;
	int64_t checked_at; /* ticks of the begin of the last pass */
	struct endpoint_pass pass;
	struct leased_deliveries leased;
	struct delivery_log log;
	struct attempt attempts[WEBHOOK_TRANSFERS_MAX];
};

size_t dispatch_in_flight(const struct dispatch *d)
{
	size_t n = 0;

	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX; i++)
		n += d->attempts[i].is_used ? 1 : 0;
	return n;
}

static size_t endpoint_attempts(void *arg, const struct endpoint_id *id)
{
	const struct dispatch *const d = arg;
	size_t n = 0;

	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX; i++)
		if (d->attempts[i].is_used && strcmp(d->attempts[i].effect.endpoint_id.text, id->text) == 0)
			n++;
	return n;
}

static struct attempt *free_attempt(struct dispatch *d)
{
	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX; i++)
		if (!d->attempts[i].is_used)
			return &d->attempts[i];
	return NULL;
}

/* Finds at most `max` attempts that have ended, or that have not. */
static size_t find_attempts(struct dispatch *d, bool has_ended, struct attempt **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX && n < max; i++)
		if (d->attempts[i].is_used && d->attempts[i].has_ended == has_ended)
			out[n++] = &d->attempts[i];
	return n;
}

/* Without random bytes the jitter is 0, which is the shortest delay. */
static void end_attempt(struct dispatch *d, struct attempt *attempt)
{
	attempt->has_ended = true;
	if (world_random(d->world, &attempt->jitter, sizeof(attempt->jitter)) != OK)
		attempt->jitter = 0;
}

static enum err renew_leases(struct dispatch *d)
{
	const int64_t ticks = world_ticks(d->world);
	struct attempt *attempts[WEBHOOK_TRANSFERS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX; i++)
		if (d->attempts[i].is_used && ticks - d->attempts[i].renewed_at >= LEASE_RENEW_INTERVAL.ms)
			attempts[n++] = &d->attempts[i];
	TRY(delivery_renew(d->world, &d->arena, attempts, n));
	for (size_t i = 0; i < n; i++)
		attempts[i]->renewed_at = ticks;
	arena_reset(&d->arena);
	return OK;
}

static enum err finish_marks(
	struct dispatch *d, struct attempt *const *attempts, size_t n, const struct marks *marks)
{
	for (size_t i = 0; i < n; i++) {
		metric_add(METRIC_WEBHOOK_ATTEMPTS, marks->outcomes[i], 0, 1);
		if (marks->outcomes[i] == MARK_RETRY || marks->outcomes[i] == MARK_FAILED)
			delivery_log_failure(&d->log, d->world, attempts[i]);
		attempts[i]->is_used = false;
	}
	/* Each mark may permit another attempt for its endpoint. */
	d->check_now = d->check_now || n > 0;
	for (size_t i = 0; i < marks->n_disabled; i++)
		delivery_log_disabled(&marks->disabled[i]);
	for (size_t i = 0; i < marks->n_disabled; i++)
		TRY(backlog_clear(d->world, &d->arena, &marks->disabled[i].id));
	return OK;
}

static enum err mark_ended(struct dispatch *d)
{
	struct attempt *attempts[MARK_BATCH];
	struct marks marks;
	size_t n;

	while ((n = find_attempts(d, true, attempts, MARK_BATCH)) > 0) {
		arena_reset(&d->arena);
		TRY(delivery_mark(d->world, &d->arena, attempts, n, &marks));
		arena_reset(&d->arena);
		TRY(finish_marks(d, attempts, n, &marks));
	}
	arena_reset(&d->arena);
	return OK;
}

/* Builds the requests of rows that were leased. */
struct load_job {
	const struct world *world;
	const struct effect *rows;
	size_t n;
	enum err *failures;
	struct delivery_request *requests;
};

static bool is_row_failure(enum err e)
{
	return e == ERR_NOT_FOUND || e == ERR_INPUT || e == ERR_INTEGRITY;
}

static enum err load_requests(struct tx *tx, void *arg)
{
	struct load_job *const job = arg;

	for (size_t i = 0; i < job->n; i++) {
		job->failures[i] = delivery_request_load(job->world, tx, &job->rows[i], &job->requests[i]);
		if (!is_row_failure(job->failures[i]))
			TRY(job->failures[i]);
	}
	return OK;
}

/* A delivery that cannot be read is dropped, because another attempt could not read it either. */
static void drop_attempt(struct dispatch *d, struct attempt *attempt, enum err e)
{
	if (e == ERR_INPUT)
		log_event(LOG_ERROR, "webhook_decrypt_failed", LOG_WORD("delivery", attempt->effect.id.text),
			LOG_WORD("err", err_name(e)));
	attempt->is_dropped = true;
	end_attempt(d, attempt);
}

static void start_attempt(
	struct dispatch *d, const struct effect *row, const struct delivery_request *request, enum err e)
{
	struct attempt *const attempt = free_attempt(d);

	assert(attempt); /* no more rows are leased than there is room for */
	memset(attempt, 0, sizeof(*attempt));
	attempt->is_used = true;
	attempt->effect = *row;
	attempt->renewed_at = world_ticks(d->world);
	if (e != OK) {
		drop_attempt(d, attempt, e);
		return;
	}
	memcpy(attempt->host, request->host, sizeof(attempt->host));
	const struct webhook_transfer transfer = delivery_transfer(request, attempt);
	if (d->sender->ops->start(d->sender, &transfer) != OK) {
		attempt->error = WEBHOOK_ERROR_INTERNAL;
		end_attempt(d, attempt);
	}
}

/* Rows whose requests are loaded in one transaction. */
#define LOAD_BATCH 32

static enum err start_batch(struct dispatch *d, const struct effect *rows, size_t n)
{
	enum err failures[LOAD_BATCH];
	struct load_job job = { .world = d->world, .rows = rows, .n = n, .failures = failures };

	arena_reset(&d->arena);
	job.requests = arena_array(&d->arena, struct delivery_request, n);
	if (!job.requests)
		return ERR_INTERNAL;
	TRY(store_transact(d->world->store, TX_READ, &d->arena, load_requests, &job));
	for (size_t i = 0; i < n; i++)
		start_attempt(d, &rows[i], &job.requests[i], failures[i]);
	return OK;
}

/* Rows that were leased but not started, because of a failure, are tried again when their leases expire. */
static enum err start_leased(struct dispatch *d)
{
	enum err e = OK;

	for (size_t i = 0; i < d->leased.n && e == OK; i += LOAD_BATCH) {
		const size_t left = d->leased.n - i;

		e = start_batch(d, &d->leased.rows[i], left < LOAD_BATCH ? left : LOAD_BATCH);
	}
	arena_reset(&d->arena);
	return e;
}

static void finish_pass(struct dispatch *d)
{
	const moment oldest = d->pass.oldest;
	const int64_t age_ms = moment_is_unset(oldest) ? 0 : moment_diff(oldest, world_now(d->world)).ms;

	metric_set(METRIC_WEBHOOK_OLDEST, age_ms > 0 ? age_ms / 1000 : 0);
}

static enum err step_pass(struct dispatch *d, size_t room)
{
	const struct pass_conf conf = { d->world, endpoint_attempts, d, room };
	struct pass_step step;

	arena_reset(&d->arena);
	TRY(endpoint_pass_step(&d->pass, &conf, &d->arena, &step));
	if (!d->pass.is_running)
		finish_pass(d);
	arena_reset(&d->arena);
	TRY(delivery_lease(d->world, &d->arena, step.candidates, step.n, room, &d->leased));
	return start_leased(d);
}

static enum err make_attempts(struct dispatch *d)
{
	const int64_t ticks = world_ticks(d->world);

	if (d->check_now || ticks - d->checked_at >= DISPATCH_CHECK_INTERVAL.ms) {
		/* A pass that is running continues, so that all endpoints have their turn; it looks at the
		 * endpoints behind its present position anyway. */
		endpoint_pass_begin(&d->pass);
		d->check_now = false;
		d->checked_at = ticks;
	}
	for (size_t room; d->pass.is_running && (room = WEBHOOK_TRANSFERS_MAX - dispatch_in_flight(d)) > 0;)
		TRY(step_pass(d, room));
	return OK;
}

static void take_result(struct dispatch *d, const struct webhook_transfer_result *result)
{
	struct attempt *const attempt = result->owner;
	struct str excerpt = result->excerpt;

	attempt->http_status = result->http_status;
	attempt->error = result->error;
	attempt->took = result->took;
	attempt->retry_after = result->retry_after;
	if (excerpt.n > WEBHOOK_EXCERPT_MAX)
		excerpt.n = WEBHOOK_EXCERPT_MAX;
	attempt->excerpt_length = excerpt.n;
	if (excerpt.n > 0)
		memcpy(attempt->excerpt, excerpt.p, excerpt.n);
	end_attempt(d, attempt);
}

static size_t poll_results(struct dispatch *d, duration limit)
{
	struct webhook_transfer_result results[RESULTS_MAX];

	arena_reset(&d->arena);
	const size_t n = d->sender->ops->poll(d->sender, limit, &d->arena, results, RESULTS_MAX);
	for (size_t i = 0; i < n; i++)
		take_result(d, &results[i]);
	arena_reset(&d->arena);
	return n;
}

/* Waits for the first results, and takes those that come shortly after them, so that they are marked in the
 * same transaction. */
static void take_results(struct dispatch *d, duration limit)
{
	int64_t began;
	size_t n = poll_results(d, limit);

	began = world_ticks(d->world);
	for (size_t more = n; more > 0 && n < RESULTS_MAX && d->sender->ops->in_flight(d->sender) > 0;
		n += more) {
		const int64_t left = began + GATHER_TIME.ms - world_ticks(d->world);

		more = left > 0 ? poll_results(d, milliseconds(left)) : 0;
	}
}

static bool has_unmarked(struct dispatch *d)
{
	struct attempt *first;

	return find_attempts(d, true, &first, 1) > 0;
}

enum err dispatch_round(struct dispatch *d, duration limit)
{
	enum err e = renew_leases(d);

	if (e == OK)
		e = mark_ended(d);
	if (e == OK && !d->no_leasing)
		e = make_attempts(d);
	arena_reset(&d->arena);
	/* Attempts that could not be started are marked at once. */
	take_results(d, e == OK && has_unmarked(d) ? seconds(0) : limit);
	return e == OK ? mark_ended(d) : e;
}

void dispatch_check(struct dispatch *d)
{
	d->check_now = true;
}

void dispatch_stop_leasing(struct dispatch *d)
{
	d->no_leasing = true;
}

enum err dispatch_open(const struct world *world, struct webhook_sender *sender, struct dispatch **out)
{
	struct dispatch *const d = calloc(1, sizeof(*d));

	if (!d)
		return ERR_INTERNAL;
	delivery_mark_label();
	d->world = world;
	d->sender = sender;
	d->check_now = true;
	arena_init(&d->arena, DISPATCH_MEMORY);
	*out = d;
	return OK;
}

void dispatch_close(struct dispatch *d)
{
	struct attempt *attempts[WEBHOOK_TRANSFERS_MAX];
	size_t n;

	if (!d)
		return;
	d->sender->ops->abort_all(d->sender);
	n = find_attempts(d, false, attempts, WEBHOOK_TRANSFERS_MAX);
	const enum err e = delivery_release(d->world, &d->arena, attempts, n);
	if (e != OK)
		log_event(LOG_ERROR, "webhook_release_failed", LOG_WORD("err", err_name(e)));
	arena_finish(&d->arena);
	free(d);
}
