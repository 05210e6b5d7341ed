#include "store/postgres/driver.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/buf.h"

#define OLDEST_VERSION 150000
#define CONNECTION_REFUSED "the server cannot be reached or refuses the connection"

struct postgres {
	PGconn *conn;
	PGresult *last; /* result of the last statement */
	PGresult *kept[POSTGRES_KEPT_MAX];
	size_t n_sent;		  /* statements sent since the last sync, numbered from 1 */
	size_t kept_from, n_kept; /* the first statement whose result is kept, and how many */
	size_t number_from;	  /* the statement whose number is kept; 0: none */
	size_t pending_syncs;	  /* syncs sent whose results have not been received */
	bool lost, timed_out, in_pipeline;
	int64_t number, server_epoch;
};

struct postgres_shared {
	PGresult *result;
	atomic_size_t readers;
};

/* libpq does not print passwords, but a malformed URL can make it take a part of a password for the host name
 * and print that. */
static bool message_has_secret(PGconn *conn, const char *message)
{
	PQconninfoOption *const options = PQconninfo(conn);
	bool found = options == NULL;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		const bool secret = o->dispchar != NULL && o->dispchar[0] == '*';

		if (secret && o->val != NULL && o->val[0] != '\0' && strstr(message, o->val) != NULL)
			found = true;
	}
	PQconninfoFree(options);
	return found;
}

/* The first line of libpq's message: the others repeat it for each address of the host. */
static struct str connect_error(PGconn *conn, struct arena *arena)
{
	struct str text = str_trim(str_of(PQerrorMessage(conn))), line = STR("");

	if (text.n == 0 || message_has_secret(conn, PQerrorMessage(conn)))
		return STR(CONNECTION_REFUSED);
	(void)str_cut(&text, '\n', &line);
	line = arena_copy(arena, str_trim(line));
	return line.p != NULL ? line : STR(CONNECTION_REFUSED);
}

/* Parameters in the URL override those before it in the list, but not the encoding, which comes after it. */
static PGconn *connect_url(const char *url)
{
	static const char *const names[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"fallback_application_name", "dbname", "client_encoding", NULL };
	const char *const values[] = { "5", "10000", "30", "kycd", url, "UTF8", NULL };

	return PQconnectdbParams(names, values, 1);
}

/* libpq prints notices of the server on stderr if there is no receiver. */
static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static enum err check_connection(struct postgres *p, struct arena *arena, struct str *why)
{
	const char *const encoding = PQparameterStatus(p->conn, "server_encoding");

	if (PQstatus(p->conn) != CONNECTION_OK) {
		*why = connect_error(p->conn, arena);
		return ERR_BUSY;
	}
	(void)PQsetNoticeReceiver(p->conn, ignore_notice, NULL);
	if (PQserverVersion(p->conn) < OLDEST_VERSION) {
		*why = STR("the server is older than PostgreSQL 15: upgrade it");
		return ERR_CONFLICT;
	}
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
		*why = STR("its encoding is not UTF8: create the database with `createdb --encoding=UTF8 "
			   "--template=template0`");
		return ERR_CONFLICT;
	}
	return OK;
}

enum err postgres_connect(const char *url, struct arena *arena, struct postgres **out, struct str *why)
{
	struct postgres *const p = calloc(1, sizeof(*p));
	enum err e;

	*why = STR("out of memory");
	if (p == NULL)
		return ERR_INTERNAL;
	p->conn = connect_url(url);
	e = p->conn != NULL ? check_connection(p, arena, why) : ERR_INTERNAL;
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

static enum err exec_outside_pipeline(
	struct postgres *p, const char *text, PGresult **out, struct postgres_failure *failure)
{
	PGresult *const result = PQexec(p->conn, text);
	const ExecStatusType status = PQresultStatus(result);

	assert(!p->in_pipeline);
	*failure = (struct postgres_failure){ .lost = false };
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

/* Enters pipeline mode at the first call; the connection stays in it. False: the connection is lost. */
static bool ensure_pipeline(struct postgres *p)
{
	if (!p->in_pipeline) {
		p->in_pipeline = true;
		p->lost = p->lost || PQenterPipelineMode(p->conn) != 1;
	}
	return !p->lost;
}

/* `success` is what libpq returned for a statement: 1, unless it failed. */
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

/* The timeout restarts whenever data arrives. NULL: no more results of this statement, or connection lost. */
static PGresult *wait_for_result(struct postgres *p)
{
	struct pollfd fd = { .fd = PQsocket(p->conn), .events = POLLIN };

	while (!p->lost && PQisBusy(p->conn)) {
		p->timed_out = poll(&fd, 1, (int)POSTGRES_READ_TIMEOUT.ms) == 0;
		p->lost = p->timed_out || PQconsumeInput(p->conn) != 1;
	}
	return p->lost ? NULL : PQgetResult(p->conn);
}

/* Stores the result of statement `i`; 0: it is not needed. */
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
