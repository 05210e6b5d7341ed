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

struct postgres {
	PGconn *conn;
	PGresult *last; /* what the last answer points into */
	PGresult *kept[POSTGRES_KEPT_MAX];
	size_t kept_from, n_kept; /* which of the round, from 1 on; n_kept 0: none */
	size_t n;		  /* sent in this round */
	size_t owed;		  /* ends of rounds whose answers nobody waits for */
	bool lost, silent, in_rounds;
	size_t number_of; /* which of the round is kept as a number, from 1 on; 0: none */
	int64_t number;
	int64_t life; /* of the server */
};

struct postgres_shared {
	PGresult *result;
	atomic_size_t readers;
};

/* libpq shows neither password nor passphrase by itself, but a host name may have been misread. */
static bool tells_a_secret(PGconn *conn, const char *message)
{
	PQconninfoOption *const options = PQconninfo(conn);
	bool tells = options == NULL;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		const bool secret = o->dispchar != NULL && o->dispchar[0] == '*';

		if (secret && o->val != NULL && o->val[0] != '\0' && strstr(message, o->val) != NULL)
			tells = true;
	}
	PQconninfoFree(options);
	return tells;
}

/* One line, without what is repeated for each address. */
static struct str reason(PGconn *conn, struct arena *arena)
{
	struct str text = str_trim(str_of(PQerrorMessage(conn))), line = STR("");

	if (text.n == 0 || tells_a_secret(conn, PQerrorMessage(conn)))
		return STR("it cannot be reached, or refuses us");
	(void)str_cut(&text, '\n', &line);
	line = arena_copy(arena, str_trim(line));
	return line.p != NULL ? line : STR("it cannot be reached, or refuses us");
}

/* What the URL says comes later and wins, but for the encoding. */
static PGconn *connect_by(const char *url)
{
	static const char *const names[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"fallback_application_name", "dbname", "client_encoding", NULL };
	const char *const values[] = { "5", "10000", "30", "kycd", url, "UTF8", NULL };

	return PQconnectdbParams(names, values, 1);
}

/* The server warns and notes on stderr, if it is let. */
static void hear_nothing(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static enum err judge(struct postgres *p, struct arena *arena, struct str *why)
{
	const char *const encoding = PQparameterStatus(p->conn, "server_encoding");

	if (PQstatus(p->conn) != CONNECTION_OK) {
		*why = reason(p->conn, arena);
		return ERR_BUSY;
	}
	(void)PQsetNoticeReceiver(p->conn, hear_nothing, NULL);
	if (PQserverVersion(p->conn) < OLDEST_VERSION) {
		*why = STR("it is older than PostgreSQL 15, which is needed");
		return ERR_CONFLICT;
	}
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
		*why = STR("its encoding is not UTF8: create it with `createdb --encoding=UTF8 "
			   "--template=template0`");
		return ERR_CONFLICT;
	}
	return OK;
}

enum err postgres_connect(const char *url, struct arena *arena, struct postgres **out, struct str *why)
{
	struct postgres *const p = calloc(1, sizeof(*p));
	enum err e;

	*why = STR("no memory");
	if (p == NULL)
		return ERR_INTERNAL;
	p->conn = connect_by(url);
	e = p->conn != NULL ? judge(p, arena, why) : ERR_INTERNAL;
	if (e != OK) {
		postgres_disconnect(p);
		return e;
	}
	*out = p;
	return OK;
}

static void drop_kept(struct postgres *p)
{
	for (size_t i = 0; i < POSTGRES_KEPT_MAX; i++) {
		PQclear(p->kept[i]);
		p->kept[i] = NULL;
	}
}

void postgres_disconnect(struct postgres *p)
{
	drop_kept(p);
	PQclear(p->last);
	PQfinish(p->conn);
	free(p);
}

void *postgres_libpq_connection(struct postgres *p)
{
	return p->conn;
}

void postgres_failure_of(struct postgres *p, const void *result, struct postgres_failure *failure)
{
	const char *const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *const constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);

	(void)snprintf(failure->sqlstate, sizeof(failure->sqlstate), "%s", state != NULL ? state : "");
	(void)snprintf(
		failure->constraint, sizeof(failure->constraint), "%s", constraint != NULL ? constraint : "");
	p->lost = p->lost || state == NULL || PQstatus(p->conn) != CONNECTION_OK;
	failure->lost = p->lost;
}

static enum err run_alone(
	struct postgres *p, const char *text, PGresult **out, struct postgres_failure *failure)
{
	PGresult *const result = PQexec(p->conn, text);
	const ExecStatusType status = PQresultStatus(result);

	assert(!p->in_rounds);
	*failure = (struct postgres_failure){ .lost = false };
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		*out = result;
		return OK;
	}
	postgres_failure_of(p, result, failure);
	PQclear(result);
	return ERR_STORAGE;
}

enum err postgres_script(struct postgres *p, const char *text, struct postgres_failure *failure)
{
	PGresult *result;

	TRY(run_alone(p, text, &result, failure));
	PQclear(result);
	return OK;
}

enum err postgres_ask(struct postgres *p, const char *text, int64_t *number, struct postgres_failure *failure)
{
	PGresult *result;
	bool there;

	TRY(run_alone(p, text, &result, failure));
	there = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
	if (there)
		*number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return there ? OK : ERR_NOT_FOUND;
}

/* From here on nothing but rounds. */
static bool ready(struct postgres *p)
{
	if (!p->in_rounds) {
		p->in_rounds = true;
		p->lost = p->lost || PQenterPipelineMode(p->conn) != 1;
	}
	return !p->lost;
}

static void sent(struct postgres *p, int done)
{
	p->n++;
	p->lost = p->lost || done != 1;
}

void postgres_prepare(struct postgres *p, const char *name, const char *text)
{
	if (ready(p))
		sent(p, PQsendPrepare(p->conn, name, text, 0, NULL));
}

void postgres_send(struct postgres *p, const char *name, const struct postgres_parameters *parameters)
{
	if (!ready(p))
		return;
	if (parameters == NULL)
		sent(p, PQsendQueryPrepared(p->conn, name, 0, NULL, NULL, NULL, 1));
	else
		sent(p, PQsendQueryPrepared(p->conn, name, parameters->n, parameters->values,
				parameters->lengths, parameters->formats, 1));
}

void postgres_send_text(struct postgres *p, const char *text)
{
	if (ready(p))
		sent(p, PQsendQueryParams(p->conn, text, 0, NULL, NULL, NULL, NULL, 1));
}

void postgres_keep_txid(struct postgres *p)
{
	p->number_of = p->n;
	p->number = 0;
}

int64_t postgres_txid(const struct postgres *p)
{
	return p->number;
}

void postgres_keep_server_epoch(struct postgres *p)
{
	p->life = p->number;
}

int64_t postgres_server_epoch(const struct postgres *p)
{
	return p->life;
}

void postgres_keep(struct postgres *p, size_t n)
{
	assert(n <= POSTGRES_KEPT_MAX && (n <= p->n || p->lost));
	drop_kept(p);
	p->n_kept = n;
	p->kept_from = p->n - n + 1;
}

size_t postgres_room(const struct postgres *p)
{
	return p->n < POSTGRES_ROUND_MAX ? POSTGRES_ROUND_MAX - p->n : 0;
}

/* Each time that something comes the patience begins anew. */
static PGresult *next_result(struct postgres *p)
{
	struct pollfd fd = { .fd = PQsocket(p->conn), .events = POLLIN };

	while (!p->lost && PQisBusy(p->conn)) {
		p->silent = poll(&fd, 1, (int)POSTGRES_READ_TIMEOUT.ms) == 0;
		p->lost = p->silent || PQconsumeInput(p->conn) != 1;
	}
	return p->lost ? NULL : PQgetResult(p->conn);
}

static void take_result(struct postgres *p, PGresult *result, size_t i)
{
	if (i > 0 && i == p->number_of && PQntuples(result) == 1)
		p->number = postgres_number_read(
			(struct str){ PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0) });
	if (i >= p->kept_from && i - p->kept_from < p->n_kept) {
		p->kept[i - p->kept_from] = result;
		return;
	}
	PQclear(p->last);
	p->last = result;
}

/* All answers up to the end of one round, which is ours or one that nobody waited for. False: something
 * failed. */
static bool hear_round(struct postgres *p, bool ours, struct postgres_failure *failure)
{
	bool fine = true;
	size_t i = 0;

	while (!p->lost) {
		PGresult *const result = next_result(p);
		const ExecStatusType status = PQresultStatus(result);

		if (result == NULL) { /* as between two answers */
			p->lost = p->lost || PQstatus(p->conn) != CONNECTION_OK;
			continue;
		}
		i++;
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			return fine;
		}
		if (status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED) {
			if (fine)
				postgres_failure_of(p, result, failure);
			fine = false;
		}
		take_result(p, result, ours ? i : 0);
	}
	return false;
}

static void end_round(struct postgres *p)
{
	if (ready(p))
		p->lost = PQpipelineSync(p->conn) != 1;
	p->owed++;
	p->n = 0;
}

static struct postgres_answer answer_in(PGresult *result)
{
	const char *const tag = PQcmdStatus(result);

	return (struct postgres_answer){ .result = result,
		.rows = (size_t)PQntuples(result),
		.changed = (size_t)strtoul(PQcmdTuples(result), NULL, 10),
		.committed = tag != NULL && strcmp(tag, "COMMIT") == 0 };
}

enum err postgres_round(struct postgres *p, struct postgres_answer *answer, struct postgres_failure *failure)
{
	struct postgres_failure unheard;
	bool fine = false;

	*failure = (struct postgres_failure){ .lost = false };
	end_round(p);
	for (; p->owed > 0 && !p->lost; p->owed--)
		fine = hear_round(p, p->owed == 1, p->owed == 1 ? failure : &unheard);
	p->number_of = p->n_kept = 0;
	failure->lost = p->lost;
	failure->timed_out = p->silent;
	if (!fine || p->lost)
		return ERR_STORAGE;
	*answer = answer_in(p->last);
	return OK;
}

void postgres_flush(struct postgres *p)
{
	end_round(p);
	p->number_of = p->n_kept = 0;
}

struct postgres_answer postgres_kept(const struct postgres *p, size_t i)
{
	assert(i < POSTGRES_KEPT_MAX && p->kept[i] != NULL);
	return answer_in(p->kept[i]);
}

struct postgres_shared *postgres_share(struct postgres *p, size_t n)
{
	struct postgres_shared *const shared = malloc(sizeof(*shared));

	if (shared == NULL)
		return NULL;
	shared->result = p->last;
	atomic_init(&shared->readers, n);
	p->last = NULL;
	return shared;
}

void postgres_release(struct postgres_shared *shared)
{
	if (atomic_fetch_sub(&shared->readers, 1) > 1)
		return;
	PQclear(shared->result);
	free(shared);
}

struct str postgres_value(const struct postgres_answer *answer, size_t row, size_t column)
{
	const int at = (int)(answer->first + row);

	return (struct str){ PQgetvalue(answer->result, at, (int)column),
		(size_t)PQgetlength(answer->result, at, (int)column) };
}
