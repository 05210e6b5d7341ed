#include "store/postgres/driver.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/buf.h"
#include "store/postgres/libpq_connect.h"

struct postgres {
	PGconn *conn;
	PGresult *last; /* result of the last statement */
	PGresult *kept[POSTGRES_KEPT_MAX];
	/* Number of statements sent since the last sync; they are numbered from 1. */
	size_t n_sent;
	/* Number of the first statement whose result is kept, and how many results are kept. */
	size_t kept_from, n_kept;
	size_t number_from;   /* number of the statement whose result is the kept number; 0: none */
	size_t pending_syncs; /* syncs sent whose results have not been received */
	bool lost, timed_out, in_pipeline;
	duration script_limit;
	int64_t number, server_epoch;
};

struct postgres_shared {
	PGresult *result;
	atomic_size_t readers;
};

enum err postgres_connect(const char *url, struct arena *arena, struct postgres **out, struct str *why)
{
	struct postgres *const p = calloc(1, sizeof(*p));
	enum err e;

	*why = STR("out of memory");
	if (p == NULL)
		return ERR_INTERNAL;
	p->script_limit = POSTGRES_SCRIPT_LIMIT;
	e = libpq_connect(url, arena, &p->conn, why);
	if (e != OK) {
		postgres_disconnect(p);
		return e;
	}
	*out = p;
	return OK;
}

static void clear_kept_results(struct postgres *p)
{
	for (size_t i = 0; i < POSTGRES_KEPT_MAX; i++) {
		PQclear(p->kept[i]);
		p->kept[i] = NULL;
	}
}

void postgres_disconnect(struct postgres *p)
{
	clear_kept_results(p);
	PQclear(p->last);
	PQfinish(p->conn);
	free(p);
}

/* Ends the server process of this connection. A user may end only processes of its own role, so the role is
 * reset first. */
void postgres_end_server_process(struct postgres *p)
{
	postgres_flush(p);
	postgres_send_text(p, "SET ROLE NONE");
	postgres_flush(p);
	postgres_send_text(p, "SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())");
	postgres_flush(p);
}

void postgres_set_script_limit(struct postgres *p, duration limit)
{
	p->script_limit = limit;
}

int64_t postgres_announced_process(const struct postgres *p)
{
	return PQbackendPID(p->conn);
}

struct str postgres_last_message(struct postgres *p, struct arena *arena)
{
	return libpq_message(p->conn, arena);
}

void *postgres_libpq_connection(struct postgres *p)
{
	return p->conn;
}

void postgres_failure_from_result(struct postgres *p, const void *result, struct postgres_failure *failure)
{
	const char *const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *const constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	(void)snprintf(failure->sqlstate, sizeof(failure->sqlstate), "%s", state != NULL ? state : "");
	(void)snprintf(
		failure->constraint, sizeof(failure->constraint), "%s", constraint != NULL ? constraint : "");
	p->lost = p->lost || state == NULL || PQstatus(p->conn) != CONNECTION_OK;
	failure->lost = p->lost;
}

/* Sends what libpq has buffered, and waits until the server has sent something. The time limit starts again
 * whenever the socket becomes ready; a negative limit is infinite. */
static void wait_for_server(struct postgres *p, duration limit)
{
	/* 0: everything was sent; 1: some bytes are left; -1: the connection is lost. */
	const int unsent = PQflush(p->conn);
	struct pollfd fd = { .fd = PQsocket(p->conn),
		.events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN) };

	p->timed_out = unsent >= 0 && poll(&fd, 1, (int)limit.ms) == 0;
	p->lost = unsent < 0 || p->timed_out ||
		  ((fd.revents & ~POLLOUT) != 0 && PQconsumeInput(p->conn) != 1);
}

/* Returns the next result. Returns NULL if the statement has no more results or the connection is lost. */
static PGresult *wait_for_result(struct postgres *p)
{
	const duration limit = p->in_pipeline ? POSTGRES_READ_TIMEOUT : p->script_limit;

	while (!p->lost && PQisBusy(p->conn))
		wait_for_server(p, limit);
	return p->lost ? NULL : PQgetResult(p->conn);
}

/* Returns the result of the last statement of a script, or of the first one that failed. Returns NULL if the
 * connection is lost. */
static PGresult *run_script(struct postgres *p, const char *text)
{
	PGresult *last = NULL, *next;

	p->lost = p->lost || PQsendQuery(p->conn, text) != 1;
	while (!p->lost && (next = wait_for_result(p)) != NULL) {
		PQclear(last);
		last = next;
	}
	if (p->lost && PQresultStatus(last) != PGRES_FATAL_ERROR) {
		PQclear(last);
		last = NULL;
	}
	return last;
}

static enum err exec_outside_pipeline(
	struct postgres *p, const char *text, PGresult **out, struct postgres_failure *failure)
{
	PGresult *const result = run_script(p, text);
	const ExecStatusType status = PQresultStatus(result);

	assert(!p->in_pipeline);
	*failure = (struct postgres_failure){ .timed_out = p->timed_out };
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		*out = result;
		return OK;
	}
	postgres_failure_from_result(p, result, failure);
	PQclear(result);
	return ERR_STORAGE;
}

enum err postgres_script(struct postgres *p, const char *text, struct postgres_failure *failure)
{
	PGresult *result;

	TRY(exec_outside_pipeline(p, text, &result, failure));
	PQclear(result);
	return OK;
}

enum err postgres_query_number(
	struct postgres *p, const char *text, int64_t *number, struct postgres_failure *failure)
{
	PGresult *result;
	bool found;

	TRY(exec_outside_pipeline(p, text, &result, failure));
	found = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
	if (found)
		*number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return found ? OK : ERR_NOT_FOUND;
}

/* Enters pipeline mode at the first call; the connection stays in that mode. From then on, sending never
 * waits for the server: wait_for_server sends what the socket did not accept. Returns false if the connection
 * is lost. */
static bool ensure_pipeline(struct postgres *p)
{
	if (!p->in_pipeline) {
		p->in_pipeline = true;
		p->lost = p->lost || PQsetnonblocking(p->conn, 1) != 0 || PQenterPipelineMode(p->conn) != 1;
	}
	return !p->lost;
}

/* Counts a statement that was passed to libpq. `success` is libpq's return value, 1 if it accepted the
 * statement. */
static void count_sent(struct postgres *p, int success)
{
	p->n_sent++;
	p->lost = p->lost || success != 1;
}

void postgres_prepare(struct postgres *p, const char *name, const char *text)
{
	if (ensure_pipeline(p))
		count_sent(p, PQsendPrepare(p->conn, name, text, 0, NULL));
}

void postgres_send(struct postgres *p, const char *name, const struct postgres_parameters *parameters)
{
	if (!ensure_pipeline(p))
		return;
	if (parameters == NULL)
		count_sent(p, PQsendQueryPrepared(p->conn, name, 0, NULL, NULL, NULL, 1));
	else
		count_sent(p, PQsendQueryPrepared(p->conn, name, parameters->n, parameters->values,
				      parameters->lengths, parameters->formats, 1));
}

void postgres_send_text(struct postgres *p, const char *text)
{
	if (ensure_pipeline(p))
		count_sent(p, PQsendQueryParams(p->conn, text, 0, NULL, NULL, NULL, NULL, 1));
}

void postgres_keep_number(struct postgres *p)
{
	p->number_from = p->n_sent;
	p->number = 0;
}

int64_t postgres_kept_number(const struct postgres *p)
{
	return p->number;
}

void postgres_keep_server_epoch(struct postgres *p)
{
	p->server_epoch = p->number;
}

int64_t postgres_server_epoch(const struct postgres *p)
{
	return p->server_epoch;
}

void postgres_keep_results(struct postgres *p, size_t n)
{
	assert(n <= POSTGRES_KEPT_MAX && (n <= p->n_sent || p->lost));
	clear_kept_results(p);
	p->n_kept = n;
	p->kept_from = p->n_sent - n + 1;
}

size_t postgres_sends_left(const struct postgres *p)
{
	return p->n_sent < POSTGRES_ROUND_TRIP_MAX ? POSTGRES_ROUND_TRIP_MAX - p->n_sent : 0;
}

/* Stores or frees the result of statement `i`. If `i` is 0, the statement belongs to an earlier round
 * trip. */
static void store_result(struct postgres *p, PGresult *result, size_t i)
{
	if (i > 0 && i == p->number_from && PQntuples(result) == 1)
		p->number = postgres_number_read(
			(struct str){ PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0) });
	if (i >= p->kept_from && i - p->kept_from < p->n_kept) {
		p->kept[i - p->kept_from] = result;
		return;
	}
	PQclear(p->last);
	p->last = result;
}

/* Receives all results up to the next sync. `is_current` is false for statements that were flushed earlier:
 * their results are dropped. Returns false if a statement failed or the connection was lost. */
static bool receive_results(struct postgres *p, bool is_current, struct postgres_failure *failure)
{
	bool succeeded = true;
	size_t i = 0;

	while (!p->lost) {
		PGresult *const result = wait_for_result(p);
		const ExecStatusType status = PQresultStatus(result);

		if (result == NULL) { /* end of the results of one statement */
			p->lost = p->lost || PQstatus(p->conn) != CONNECTION_OK;
			continue;
		}
		i++;
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			return succeeded;
		}
		if (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED) {
			if (succeeded)
				postgres_failure_from_result(p, result, failure);
			succeeded = false;
		}
		store_result(p, result, is_current ? i : 0);
	}
	return false;
}

static void send_sync(struct postgres *p)
{
	if (ensure_pipeline(p))
		p->lost = PQpipelineSync(p->conn) != 1;
	p->pending_syncs++;
	p->n_sent = 0;
}

static struct postgres_result result_from_pg(PGresult *result)
{
	const char *const tag = PQcmdStatus(result);

	return (struct postgres_result){ .pg_result = result,
		.rows = (size_t)PQntuples(result),
		.changed = (size_t)strtoul(PQcmdTuples(result), NULL, 10),
		.committed = tag != NULL && strcmp(tag, "COMMIT") == 0 };
}

enum err postgres_round_trip(
	struct postgres *p, struct postgres_result *result, struct postgres_failure *failure)
{
	struct postgres_failure ignored;
	bool succeeded = false;

	*failure = (struct postgres_failure){ .lost = false };
	send_sync(p);
	for (; p->pending_syncs > 0 && !p->lost; p->pending_syncs--)
		succeeded = receive_results(
			p, p->pending_syncs == 1, p->pending_syncs == 1 ? failure : &ignored);
	p->number_from = p->n_kept = 0;
	failure->lost = p->lost;
	failure->timed_out = p->timed_out;
	if (!succeeded || p->lost)
		return ERR_STORAGE;
	*result = result_from_pg(p->last);
	return OK;
}

void postgres_flush(struct postgres *p)
{
	send_sync(p);
	p->number_from = p->n_kept = 0;
}

struct postgres_result postgres_kept_result(const struct postgres *p, size_t i)
{
	assert(i < POSTGRES_KEPT_MAX && p->kept[i] != NULL);
	return result_from_pg(p->kept[i]);
}

struct postgres_shared *postgres_share_result(struct postgres *p, size_t n)
{
	struct postgres_shared *const shared = malloc(sizeof(*shared));

	if (shared == NULL)
		return NULL;
	shared->result = p->last;
	atomic_init(&shared->readers, n);
	p->last = NULL;
	return shared;
}

void postgres_shared_release(struct postgres_shared *shared)
{
	if (atomic_fetch_sub(&shared->readers, 1) > 1)
		return;
	PQclear(shared->result);
	free(shared);
}

struct str postgres_value(const struct postgres_result *result, size_t row, size_t column)
{
	const int at = (int)(result->first + row);

	return (struct str){ PQgetvalue(result->pg_result, at, (int)column),
		(size_t)PQgetlength(result->pg_result, at, (int)column) };
}
