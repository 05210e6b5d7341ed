/* All SQL statements of the store, generated once at start from the tables of port/record.c. The same text
 * runs on SQLite and PostgreSQL: parameters are $1 to $n in the order of their first use, kycd generates the
 * ids, and ON CONFLICT handles keys that exist already. The statements are not changed after
 * statements_open, so that all threads may read them. */
#pragma once

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/sql/row_mac.h"
#include "store/sql/statement.h"

struct statements {
	struct statement list[STATEMENT_COUNT];
	/* For PostgreSQL: inserts one row of each kind in new_user_record_kinds, or none if the first row
	 * exists already. Its parameters are all columns of the first row, then those of the second, and so
	 * on. */
	const char *insert_new_user;
	struct row_key row_key; /* set once, before other threads use the statements */
	struct arena texts;	/* memory of all texts */
};

/* Sets the key of the rows' MACs. Must be called before other threads use the statements. */
static inline void statements_set_row_key(struct statements *s, const unsigned char key[32])
{
	memcpy(s->row_key.key.bytes, key, sizeof(s->row_key.key.bytes));
	s->row_key.is_set = true;
}

enum err statements_open(struct statements **out) must_use;
/* Accepts NULL. */
void statements_close(struct statements *s);
