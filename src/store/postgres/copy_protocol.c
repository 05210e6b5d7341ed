#include "store/postgres/copy_protocol.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <libpq-fe.h>

#include "store/copy/row_codec.h"

/* The header of the binary format. It consists of the signature (11 bytes), the flags (4 bytes) and the
 * length of the header extension (4 bytes). */
static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
#define HEADER_BYTES (sizeof(header) - 1)
#define SIGNATURE_BYTES 11
/* The end of the binary format: the number -1 where the next row would have its number of fields. */
static const char trailer[] = "\377\377";
#define TRAILER ((struct str){ trailer, 2 })

static PGconn *libpq(struct postgres *p)
{
	return postgres_libpq_connection(p);
}

/* Checks the status of a result and frees it. The caller must receive further results, if there are any. */
static enum err check_result(
	struct postgres *p, PGresult *result, ExecStatusType expected, struct postgres_failure *failure)
{
	const bool ok = PQresultStatus(result) == expected;

	if (!ok)
		postgres_failure_from_result(p, result, failure);
	PQclear(result);
	return ok ? OK : ERR_STORAGE;
}

/* The connection counts as lost. */
static enum err fail_connection(struct postgres *p, struct postgres_failure *failure)
{
	postgres_failure_from_result(p, NULL, failure);
	return ERR_STORAGE;
}

/* Receives the final result of a COPY whose rows were all sent or received. */
static enum err finish_copy(struct postgres *p, struct postgres_failure *failure)
{
	PGresult *result = PQgetResult(libpq(p));
	const enum err e = check_result(p, result, PGRES_COMMAND_OK, failure);

	while ((result = PQgetResult(libpq(p))) != NULL)
		PQclear(result);
	return e;
}

static enum err start_copy(
	struct postgres *p, const char *text, ExecStatusType expected, struct postgres_failure *failure)
{
	*failure = (struct postgres_failure){ .lost = false };
	return check_result(p, PQexec(libpq(p), text), expected, failure);
}

enum err pg_copy_out_begin(
	struct pg_copy *b, struct postgres *p, const char *text, struct postgres_failure *failure)
{
	assert(b->p == NULL);
	TRY(start_copy(p, text, PGRES_COPY_OUT, failure));
	*b = (struct pg_copy){ .p = p };
	return OK;
}

/* Receives the next message from libpq. Returns ERR_NOT_FOUND if the COPY has ended. */
static enum err fetch_message(struct pg_copy *b, struct postgres_failure *failure)
{
	struct postgres *const p = b->p;
	int n;

	PQfreemem(b->message);
	b->message = NULL;
	b->rest = STR("");
	n = PQgetCopyData(libpq(p), &b->message, 0);
	if (n > 0) {
		b->rest = (struct str){ b->message, (size_t)n };
		return OK;
	}
	b->p = NULL;
	if (n < -1)
		return fail_connection(p, failure);
	TRY(finish_copy(p, failure));
	return ERR_NOT_FOUND;
}

/* Skips the header, which may have an extension. Returns false if the header is malformed. */
static bool skip_header(struct pg_copy *b)
{
	size_t extension = 0;

	if (b->rest.n < HEADER_BYTES || memcmp(b->rest.p, header, SIGNATURE_BYTES) != 0)
		return false;
	for (size_t i = HEADER_BYTES - 4; i < HEADER_BYTES; i++)
		extension = extension << 8 | (unsigned char)b->rest.p[i];
	if (extension > b->rest.n - HEADER_BYTES)
		return false;
	b->rest = str_from(b->rest, HEADER_BYTES + extension);
	b->header_skipped = true;
	return true;
}

/* Receives messages until `rest` begins with a row. Returns ERR_NOT_FOUND if the COPY has ended. */
static enum err ensure_row(struct pg_copy *b, struct postgres_failure *failure)
{
	while (b->rest.n == 0 || str_eq(b->rest, TRAILER)) {
		TRY(fetch_message(b, failure));
		if (!b->header_skipped && !skip_header(b))
			return fail_connection(b->p, failure);
	}
	return OK;
}

enum err pg_copy_out_next(struct pg_copy *b, struct str *encoded, struct postgres_failure *failure)
{
	size_t size = 0;

	*failure = (struct postgres_failure){ .lost = false };
	if (b->p == NULL)
		return ERR_NOT_FOUND;
	TRY(ensure_row(b, failure));
	if (!row_encoded_size(b->rest, &size))
		return fail_connection(b->p, failure);
	*encoded = (struct str){ b->rest.p, size };
	b->rest = (struct str){ b->rest.p + size, b->rest.n - size };
	return OK;
}

void pg_copy_out_end(struct pg_copy *b)
{
	struct postgres_failure failure;

	while (b->p != NULL)
		(void)!fetch_message(b, &failure);
	PQfreemem(b->message);
	*b = (struct pg_copy){ .p = NULL };
}

static enum err send_bytes(struct postgres *p, struct str bytes, struct postgres_failure *failure)
{
	assert(bytes.n <= INT_MAX);
	return PQputCopyData(libpq(p), bytes.p, (int)bytes.n) == 1 ? OK : fail_connection(p, failure);
}

enum err pg_copy_in_begin(struct postgres *p, const char *text, struct postgres_failure *failure)
{
	TRY(start_copy(p, text, PGRES_COPY_IN, failure));
	return send_bytes(p, (struct str){ header, HEADER_BYTES }, failure);
}

enum err pg_copy_in_put(struct postgres *p, struct str encoded, struct postgres_failure *failure)
{
	return send_bytes(p, encoded, failure);
}

enum err pg_copy_in_end(struct postgres *p, struct postgres_failure *failure)
{
	TRY(send_bytes(p, TRAILER, failure));
	if (PQputCopyEnd(libpq(p), NULL) != 1)
		return fail_connection(p, failure);
	return finish_copy(p, failure);
}

void pg_copy_in_abort(struct postgres *p)
{
	struct postgres_failure failure;

	if (PQputCopyEnd(libpq(p), "cancelled") == 1)
		(void)!finish_copy(p, &failure);
}
