#include "store/sql/row_mac.h"

#include "base/attr.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "base/metrics.h"
#include "port/row_name.h"

static void add_number(struct long_digest *d, int64_t number)
{
	char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)((uint64_t)number >> (56 - 8 * i));
	long_digest_add(d, (struct str){ bytes, sizeof(bytes) });
}

static void add_column(struct long_digest *d, const struct column *c, const void *row)
{
	if (column_is_number(c))
		add_number(d, column_number(c, row));
	else
		long_digest_add(d, column_bytes(c, row));
}

size_t row_mac_write(
	const struct row_key *key, enum record_kind of, const void *row, unsigned char out[ROW_MAC_SIZE])
{
	const struct record *const r = &records[of];
	struct long_digest d;

	if (key == NULL || !key->is_set)
		return 0;
	long_mac_begin(&d, &key->key);
	long_digest_add(&d, str_of(r->table));
	for (size_t i = 0; i < r->n - 1; i++) /* without the MAC, the last column */
		add_column(&d, &r->columns[i], row);
	out[0] = ROW_MAC_GENERATION;
	long_mac_end(&d, out + 1);
	return ROW_MAC_SIZE;
}

static enum row_state state_of(const struct statement *s, const void *row, const struct stored_row *stored)
{
	unsigned char expected[ROW_MAC_SIZE];

	if (stored->mac.n == 0)
		return ROW_WITHOUT_MAC;
	if (stored->misfit || stored->mac.n != ROW_MAC_SIZE)
		return ROW_FORGED;
	(void)row_mac_write(s->row_key, s->of, row, expected);
	return equal_constant_time(expected, (const unsigned char *)stored->mac.p, ROW_MAC_SIZE)
		       ? ROW_AUTHENTIC
		       : ROW_FORGED;
}

void row_mac_label(void)
{
	for (size_t i = 0; i < RECORD_COUNT; i++)
		if (record_has_mac(&records[i]))
			metric_label(METRIC_ROWS_FORGED, 0, i, records[i].table);
}

/* At most one line a minute for each table: `db check` lists all rows. */
static void report(const struct statement *s, const void *row)
{
	static struct log_limit limits[RECORD_COUNT];
	char name[ROW_NAME_SIZE];
	int times = 1;

	metric_add(METRIC_ROWS_FORGED, s->of, 0, 1);
	if (s->row_key->micros != NULL)
		times = log_limit_count(&limits[s->of], s->row_key->micros() / 1000);
	row_name_write(s->of, row, name);
	if (times > 0)
		log_event(LOG_ERROR, "row_forged", LOG_WORD("table", records[s->of].table),
			LOG_TEXT("row", name), LOG_NUMBER("times", times));
}

enum err row_mac_judge(const struct sql_call *call, const struct statement *statement, const void *row,
	const struct stored_row *stored, size_t n, bool *kept)
{
	const bool has_key = statement->row_key != NULL && statement->row_key->is_set;
	const enum row_state state = has_key ? state_of(statement, row, stored) : ROW_AUTHENTIC;

	if (!has_key && stored->misfit)
		return ERR_STORAGE;
	*kept = state == ROW_AUTHENTIC || call->states != NULL;
	if (call->states != NULL)
		call->states[n] = state;
	if (*kept)
		return OK;
	report(statement, row);
	if (call->stepped_over == NULL)
		return ERR_INTEGRITY;
	(*call->stepped_over)++;
	return OK;
}
