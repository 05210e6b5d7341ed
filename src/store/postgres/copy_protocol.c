#include "store/postgres/copy_protocol.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <libpq-fe.h>

#include "store/copy/row_codec.h"

/* The signature, no flags, nothing more in the head. */
static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
#define HEAD_BYTES (sizeof(head) - 1)
#define FLAGS_AT 11
/* Where the number of fields would be: there are no more. */
static const char tail[] = "\377\377";
#define TAIL ((struct str){ tail, 2 })

static PGconn *line(struct postgres *p)
{
	return postgres_libpq_connection(p);
}

/* Takes the result; there may be others behind it. */
static enum err judge(
	struct postgres *p, PGresult *result, ExecStatusType wanted, struct postgres_failure *failure)
{
	const bool fine = PQresultStatus(result) == wanted;

	if (!fine)
		postgres_failure_of(p, result, failure);
	PQclear(result);
	return fine ? OK : ERR_STORAGE;
}

static enum err fail(struct postgres *p, struct postgres_failure *failure)
{
	postgres_failure_of(p, NULL, failure);
	return ERR_STORAGE;
}

/* What a COPY ends with: its result, and nothing behind it. */
static enum err finish(struct postgres *p, struct postgres_failure *failure)
{
	PGresult *result = PQgetResult(line(p));
	const enum err e = judge(p, result, PGRES_COMMAND_OK, failure);

	while ((result = PQgetResult(line(p))) != NULL)
		PQclear(result);
	return e;
}

static enum err start(
	struct postgres *p, const char *text, ExecStatusType wanted, struct postgres_failure *failure)
{
	*failure = (struct postgres_failure){ .lost = false };
	return judge(p, PQexec(line(p), text), wanted, failure);
}

enum err pg_copy_out_begin(
	struct pg_copy *b, struct postgres *p, const char *text, struct postgres_failure *failure)
{
	assert(b->p == NULL);
	TRY(start(p, text, PGRES_COPY_OUT, failure));
	*b = (struct pg_copy){ .p = p };
	return OK;
}

/* ERR_NOT_FOUND: there is none any more. */
static enum err fetch(struct pg_copy *b, struct postgres_failure *failure)
{
	struct postgres *const p = b->p;
	int n;

	PQfreemem(b->message);
	b->message = NULL;
	b->rest = STR("");
	n = PQgetCopyData(line(p), &b->message, 0);
	if (n > 0) {
		b->rest = (struct str){ b->message, (size_t)n };
		return OK;
	}
	b->p = NULL;
	if (n < -1)
		return fail(p, failure);
	TRY(finish(p, failure));
	return ERR_NOT_FOUND;
}

/* A head may be longer than ours. */
static bool skip_head(struct pg_copy *b)
{
	size_t more = 0;

	if (b->rest.n < HEAD_BYTES || memcmp(b->rest.p, head, FLAGS_AT) != 0)
		return false;
	for (size_t i = HEAD_BYTES - 4; i < HEAD_BYTES; i++)
		more = more << 8 | (unsigned char)b->rest.p[i];
	if (more > b->rest.n - HEAD_BYTES)
		return false;
	b->rest = str_from(b->rest, HEAD_BYTES + more);
	b->headed = true;
	return true;
}

static enum err next_message(struct pg_copy *b, struct postgres_failure *failure)
{
	while (b->rest.n == 0 || str_eq(b->rest, TAIL)) {
		TRY(fetch(b, failure));
		if (!b->headed && !skip_head(b))
			return fail(b->p, failure);
	}
	return OK;
}

enum err pg_copy_out_next(struct pg_copy *b, struct str *encoded, struct postgres_failure *failure)
{
	size_t size = 0;

	*failure = (struct postgres_failure){ .lost = false };
	if (b->p == NULL)
		return ERR_NOT_FOUND;
	TRY(next_message(b, failure));
	if (!row_encoded_size(b->rest, &size))
		return fail(b->p, failure);
	*encoded = (struct str){ b->rest.p, size };
	b->rest = (struct str){ b->rest.p + size, b->rest.n - size };
	return OK;
}

void pg_copy_out_end(struct pg_copy *b)
{
	struct postgres_failure failure;

	while (b->p != NULL)
		(void)!fetch(b, &failure);
	PQfreemem(b->message);
	*b = (struct pg_copy){ .p = NULL };
}

static enum err send(struct postgres *p, struct str bytes, struct postgres_failure *failure)
{
	assert(bytes.n <= INT_MAX);
	return PQputCopyData(line(p), bytes.p, (int)bytes.n) == 1 ? OK : fail(p, failure);
}

enum err pg_copy_in_begin(struct postgres *p, const char *text, struct postgres_failure *failure)
{
	TRY(start(p, text, PGRES_COPY_IN, failure));
	return send(p, (struct str){ head, HEAD_BYTES }, failure);
}

enum err pg_copy_in_put(struct postgres *p, struct str encoded, struct postgres_failure *failure)
{
	return send(p, encoded, failure);
}

enum err pg_copy_in_end(struct postgres *p, struct postgres_failure *failure)
{
	TRY(send(p, TAIL, failure));
	if (PQputCopyEnd(line(p), NULL) != 1)
		return fail(p, failure);
	return finish(p, failure);
}

void pg_copy_in_abort(struct postgres *p)
{
	struct postgres_failure failure;

	if (PQputCopyEnd(line(p), "given up") == 1)
		(void)!finish(p, &failure);
}
