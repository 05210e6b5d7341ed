#include "store/sqlite/row.h"

#include <assert.h>
#include <string.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

/* Binds one value. SQLITE_STATIC means that SQLite does not copy it; the row stays unchanged until the
 * statement is reset. */
static int bind_column(sqlite3_stmt *stmt, int i, const struct column *c, const void *row)
{
	if (column_is_number(c))
		return sqlite3_bind_int64(stmt, i, column_number(c, row));
	const struct str bytes = column_bytes(c, row);
	if (c->kind == COLUMN_ID) {
		assert(bytes.n < c->size);
		return sqlite3_bind_text(stmt, i, bytes.p, (int)bytes.n, SQLITE_STATIC);
	}
	/* An empty value needs a pointer, because SQLite would store NULL for a NULL pointer. */
	return sqlite3_bind_blob64(stmt, i, bytes.n > 0 ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

/* SQLite copies the MAC. */
static int bind_mac(sqlite3_stmt *stmt, int i, const struct statement *statement, const void *row)
{
	unsigned char mac[ROW_MAC_SIZE];
	const size_t n = row_mac_write(statement->row_key, statement->of, row, mac);

	return sqlite3_bind_blob(stmt, i, n > 0 ? (const void *)mac : "", (int)n, SQLITE_TRANSIENT);
}

int sqlite_row_bind(sqlite3_stmt *stmt, const struct statement *statement, const struct sql_call *call)
{
	const size_t skip = call->skip < INT64_MAX ? call->skip : INT64_MAX;
	const size_t limit = call->limit + call->extra;
	int code = SQLITE_OK, i = 1;

	for (size_t n = 0; n < statement->n_in && code == SQLITE_OK; n++)
		code = statement->in[n].kind == COLUMN_MAC
			       ? bind_mac(stmt, i++, statement, call->parameters)
			       : bind_column(stmt, i++, &statement->in[n], call->parameters);
	if (statement->paged && code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, i++, (sqlite3_int64)limit);
	if (statement->paged && code == SQLITE_OK)
		code = sqlite3_bind_int64(stmt, i, (sqlite3_int64)skip);
	return code;
}

static enum err read_number_column(sqlite3_stmt *stmt, int i, const struct column *c, char *member)
{
	const int64_t number = sqlite3_column_int64(stmt, i);
	const int enum_value = (int)number;

	switch (c->kind) {
	case COLUMN_ENUM:
		if (enum_value != number)
			return ERR_STORAGE;
		memcpy(member, &enum_value, sizeof(enum_value));
		return OK;
	case COLUMN_FLAG:
		if (number != 0 && number != 1)
			return ERR_STORAGE;
		*(bool *)member = number == 1;
		return OK;
	case COLUMN_INT:
	case COLUMN_MOMENT:
	case COLUMN_ID:
	case COLUMN_DIGEST:
	case COLUMN_BYTES:
	case COLUMN_MAC:
		break;
	}
	memcpy(member, &number, sizeof(number));
	return OK;
}

/* Reads one value. Returns ERR_STORAGE if it does not fit its column. kycd never writes such a value, so the
 * file is damaged or was changed by another program. */
static enum err read_column(sqlite3_stmt *stmt, int i, const struct column *c, struct arena *arena, void *row)
{
	char *const member = (char *)row + c->offset;
	struct str bytes;

	if (c->kind != COLUMN_ID && c->kind != COLUMN_DIGEST && c->kind != COLUMN_BYTES)
		return read_number_column(stmt, i, c, member);
	bytes.p = sqlite3_column_blob(stmt, i);
	bytes.n = (size_t)sqlite3_column_bytes(stmt, i);
	if (c->kind == COLUMN_BYTES) {
		bytes = arena_copy(arena, bytes);
		memcpy(member, &bytes, sizeof(bytes));
		return bytes.p != NULL ? OK : ERR_INTERNAL;
	}
	if (c->kind == COLUMN_DIGEST) {
		static_assert(sizeof(struct digest) == 32, "digests are bytes and nothing else");
		if (bytes.n != c->size)
			return ERR_STORAGE;
		memcpy(member, bytes.p, c->size);
		return OK;
	}
	memset(member, 0, c->size);
	return str_copy_to(bytes, member, c->size) ? OK : ERR_STORAGE;
}

enum err sqlite_row_read(sqlite3_stmt *stmt, const struct statement *statement, struct arena *arena,
	void *row, struct stored_row *stored)
{
	*stored = (struct stored_row){ .misfit = false };
	for (size_t i = 0; i < statement->n_out; i++) {
		const struct column *const c = &statement->out[i];
		enum err e = OK;

		if (c->kind == COLUMN_MAC) {
			stored->mac.p = sqlite3_column_blob(stmt, (int)i);
			stored->mac.n = (size_t)sqlite3_column_bytes(stmt, (int)i);
		} else {
			e = read_column(stmt, (int)i, c, arena, row);
		}
		stored->misfit |= e == ERR_STORAGE;
		if (e != OK && e != ERR_STORAGE)
			return e;
	}
	return OK;
}
