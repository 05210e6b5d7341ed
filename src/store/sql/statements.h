/* Every SQL statement of the store, made once from the tables of port/record. One text serves SQLite and
 * PostgreSQL: parameters are $1…$n in the order of their first appearance, ids are made by us, and uniqueness
 * is met with ON CONFLICT. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "store/sql/statement.h"

struct statements {
	struct statement list[STATEMENT_COUNT];
	/* For PostgreSQL. Adds all arrival_rows, or none where the first is there; parameters: the columns of
	 * each, one behind the other. */
	const char *insert_new_user;
	struct arena texts;
};

enum err statements_open(struct statements **out) must_use;
void statements_close(struct statements *s);
