#include "app/core/row_macs.h"

#include "app/core/table_walk.h"
#include "base/log.h"

struct mac_job {
	int64_t written, page; /* rows of all pages before, and of this page */
};

static enum err write_macs(struct tx *tx, void *arg, const struct table_page *page)
{
	struct mac_job *const job = arg;

	job->page = 0;
	for (size_t i = 0; i < page->n; i++) {
		if (page->states[i] != ROW_WITHOUT_MAC)
			continue;
		TRY(store_save_row(tx, page->of, table_page_row(page, i)));
		job->page++;
	}
	return OK;
}

static void count_page(void *arg, const struct table_page *page)
{
	struct mac_job *const job = arg;

	(void)page;
	job->written += job->page;
}

enum err row_macs_write(struct store *store)
{
	for (int of = 0; of < RECORD_COUNT; of++) {
		struct mac_job job = { 0 };
		const struct table_walk walk = { .of = (enum record_kind)of,
			.kind = TX_WRITE,
			.in_tx = write_macs,
			.after_tx = count_page,
			.arg = &job };

		if (!record_has_mac(&records[of]))
			continue;
		TRY(table_walk_run(store, &walk));
		if (job.written > 0)
			log_event(LOG_INFO, "row_macs_written", LOG_WORD("table", records[of].table),
				LOG_NUMBER("rows", job.written));
	}
	return OK;
}
