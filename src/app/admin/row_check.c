#include "app/admin/row_check.h"

#include "app/core/table_walk.h"

struct checked_table {
	struct row_check *check;
	enum record_kind of;
};

/* Reports outside of the transaction, which may run more than once. */
static void report_page(void *arg, const struct table_page *page)
{
	const struct checked_table *const table = arg;
	struct row_check *const check = table->check;
	char name[ROW_NAME_SIZE];

	check->rows += (int64_t)page->n;
	for (size_t i = 0; i < page->n; i++) {
		if (page->states[i] == ROW_AUTHENTIC)
			continue;
		check->findings++;
		row_name_write(table->of, table_page_row(page, i), name);
		check->on_finding(check->arg, records[table->of].table, name, page->states[i]);
	}
}

enum err row_check_run(struct row_check *check)
{
	check->rows = check->findings = 0;
	for (int of = 0; of < RECORD_COUNT; of++) {
		struct checked_table table = { check, (enum record_kind)of };
		const struct table_walk walk = {
			.of = table.of, .kind = TX_READ, .after_tx = report_page, .arg = &table
		};

		if (record_has_mac(&records[of]))
			TRY(table_walk_run(check->store, &walk));
	}
	return OK;
}
