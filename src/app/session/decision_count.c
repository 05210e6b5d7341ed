#include "app/session/decision_count.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

const struct decision_status decision_statuses[DECISION_STATUSES] = {
	{ STATUS_APPROVED, "approved" },
	{ STATUS_DECLINED, "declined" },
	{ STATUS_IN_REVIEW, "in_review" },
	{ STATUS_RESUBMITTED, "resubmitted" },
	{ STATUS_EXPIRED, "expired" },
	{ STATUS_ABANDONED, "abandoned" },
	{ STATUS_KYC_EXPIRED, "kyc_expired" },
};

/* A row is written once, by the thread that took its place, and can be read when `is_used` is set. If two
 * threads add the same tenant at the same time, it has two rows, whose counts are added. */
struct tenant_row {
	atomic_bool is_used;
	struct tenant_id tenant_id;
	_Atomic int64_t counts[STATUS_COUNT];
};

static struct tenant_row rows[DECISION_TENANTS_MAX];
static atomic_size_t n_rows; /* may be larger than the number of rows */

static size_t rows_taken(void)
{
	const size_t n = atomic_load(&n_rows);

	return n < DECISION_TENANTS_MAX ? n : DECISION_TENANTS_MAX;
}

static bool is_row_of(const struct tenant_row *row, const struct tenant_id *tenant)
{
	return atomic_load(&row->is_used) && str_eq(str_of(row->tenant_id.text), str_of(tenant->text));
}

/* NULL: the table is full. */
static struct tenant_row *find_or_add_row(const struct tenant_id *tenant)
{
	const size_t n = rows_taken();

	for (size_t i = 0; i < n; i++)
		if (is_row_of(&rows[i], tenant))
			return &rows[i];
	if (n == DECISION_TENANTS_MAX)
		return NULL;
	const size_t at = atomic_fetch_add(&n_rows, 1);
	if (at >= DECISION_TENANTS_MAX)
		return NULL;
	rows[at].tenant_id = *tenant;
	atomic_store(&rows[at].is_used, true);
	return &rows[at];
}

static bool is_decision(enum session_status status)
{
	for (size_t i = 0; i < DECISION_STATUSES; i++)
		if (decision_statuses[i].status == status)
			return true;
	return false;
}

void decision_count(const struct tenant_id *tenant, enum session_status status)
{
	struct tenant_row *const row = is_decision(status) ? find_or_add_row(tenant) : NULL;

	if (row != NULL)
		atomic_fetch_add(&row->counts[status], 1);
}

int64_t decision_count_read(const struct tenant_id *tenant, enum session_status status)
{
	int64_t n = 0;

	for (size_t i = 0; i < rows_taken(); i++)
		if (is_row_of(&rows[i], tenant))
			n += atomic_load(&rows[i].counts[status]);
	return n;
}

void decision_count_reset(void)
{
	for (size_t i = 0; i < DECISION_TENANTS_MAX; i++) {
		atomic_store(&rows[i].is_used, false);
		for (size_t s = 0; s < STATUS_COUNT; s++)
			atomic_store(&rows[i].counts[s], 0);
	}
	atomic_store(&n_rows, 0);
}
