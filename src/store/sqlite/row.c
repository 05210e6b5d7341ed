#include "store/sqlite/row.h"

#include <assert.h>
#include <string.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

static int64_t number_of(const struct column *c, const void *at)
{
	int64_t number = 0;
	int word;

	switch (c->kind) {
	case COLUMN_ENUM:
		assert(c->size == sizeof(word));
		memcpy(&word, at, sizeof(word));
		return word;
	case COLUMN_FLAG:
		return *(const bool *)at;
	case COLUMN_INT:
	case COLUMN_MOMENT:
	case COLUMN_ID:
	case COLUMN_DIGEST:
	case COLUMN_BYTES:
		break;
	}
	static_assert(sizeof(moment) == sizeof(number), "a moment is one number");
	memcpy(&number, at, sizeof(number));
	return number;
}

/* Nothing is copied: what is bound lives until the statement is done. */
static int bind_one(sqlite3_stmt *stmt, int i, const struct column *c, const void *row)
{
	const char *const at = (const char *)row + c->offset;
	struct str bytes;

	switch (c->kind) {
	case COLUMN_ID:
		bytes = (struct str){ at, strnlen(at, c->size) };
		assert(bytes.n < c->size);
		return sqlite3_bind_text(stmt, i, bytes.p, (int)bytes.n, SQLITE_STATIC);
	case COLUMN_DIGEST:
		return sqlite3_bind_blob(stmt, i, at, (int)c->size, SQLITE_STATIC);
	case COLUMN_BYTES:
		memcpy(&bytes, at, sizeof(bytes));
		/* A NULL pointer would be NULL, not the empty value. */
		return sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? bytes.p : "", bytes.n, SQLITE_STATIC);
	case COLUMN_INT:
	case COLUMN_ENUM:
	case COLUMN_FLAG:
	case COLUMN_MOMENT:
		break;
	}
	return sqlite3_bind_int64(stmt, i, number_of(c, at));
}

int sqlite_row_bind(sqlite3_stmt *stmt, const struct statement *what, const struct sql_call *call)
{
	const size_t skip = call->skip < INT64_MAX ? call->skip : INT64_MAX;
	int code = SQLITE_OK, i = 1;

	for (size_t n = 0; n < what->n_in && code == SQLITE_OK; n++)
		code = bind_one(stmt, i++, &what->in[n], call->from);
	if (what->paged && code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, i++, (sqlite3_int64)call->limit);
	if (what->paged && code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, i, (sqlite3_int64)skip);
	return code;
}

static enum err read_number(sqlite3_stmt *stmt, int i, const struct column *c, char *at)
{
	const int64_t number = sqlite3_column_int64(stmt, i);
	const int word = (int)number;

	switch (c->kind) {
	case COLUMN_ENUM:
		if (word != number)
			return ERR_STORAGE;
		memcpy(at, &word, sizeof(word));
		return OK;
	case COLUMN_FLAG:
		if (number != 0 && number != 1)
			return ERR_STORAGE;
		*(bool *)at = number == 1;
		return OK;
	case COLUMN_INT:
	case COLUMN_MOMENT:
	case COLUMN_ID:
	case COLUMN_DIGEST:
	case COLUMN_BYTES:
		break;
	}
	memcpy(at, &number, sizeof(number));
	return OK;
}

/* What does not fit its column was not written by us: the file is damaged or was tampered with. */
static enum err read_one(sqlite3_stmt *stmt, int i, const struct column *c, struct arena *arena, void *row)
{
	char *const at = (char *)row + c->offset;
	struct str bytes;

	if (c->kind != COLUMN_ID && c->kind != COLUMN_DIGEST && c->kind != COLUMN_BYTES)
		return read_number(stmt, i, c, at);
	bytes.p = sqlite3_column_blob(stmt, i);
	bytes.n = (size_t)sqlite3_column_bytes(stmt, i);
	if (c->kind == COLUMN_BYTES) {
		bytes = arena_copy(arena, bytes);
		memcpy(at, &bytes, sizeof(bytes));
		return bytes.p != NULL ? OK : ERR_INTERNAL;
	}
	if (c->kind == COLUMN_DIGEST) {
		static_assert(sizeof(struct digest) == 32, "digests are bytes and nothing else");
		if (bytes.n != c->size)
			return ERR_STORAGE;
		memcpy(at, bytes.p, c->size);
		return OK;
	}
	memset(at, 0, c->size);
	return str_copy_to(bytes, at, c->size) ? OK : ERR_STORAGE;
}

enum err sqlite_row_read(sqlite3_stmt *stmt, const struct statement *what, struct arena *arena, void *row)
{
	for (size_t i = 0; i < what->n_out; i++)
		TRY(read_one(stmt, (int)i, &what->out[i], arena, row));
	return OK;
}
