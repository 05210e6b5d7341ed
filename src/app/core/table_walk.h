/* Goes through all rows of a table in the order of their key, one page per transaction, so that no
 * transaction is long. Rows that are added meanwhile may be left out. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "port/store.h"

/* Rows of one page; fewer if they do not fit into its memory. */
#define TABLE_PAGE_ROWS 500

/* Rows of a table; their values are valid until the next page. */
struct table_page {
	enum record_kind of;
	const char *rows; /* array of the record's struct */
	const enum row_state *states;
	size_t n;
};

static inline const void *table_page_row(const struct table_page *page, size_t i)
{
	return page->rows + i * records[page->of].size;
}

struct table_walk {
	enum record_kind of;
	enum tx_kind kind;
	/* Called in the transaction that has read the page; it may run more than once for a page. NULL: not.
	 */
	enum err (*in_tx)(struct tx *tx, void *arg, const struct table_page *page);
	/* Called once after the transaction of the page. NULL: not. */
	void (*after_tx)(void *arg, const struct table_page *page);
	void *arg;
};

/* ERR_STORAGE: the key of a row does not fit its column, so that the rows after it cannot be read. */
enum err table_walk_run(struct store *store, const struct table_walk *walk) must_use;
