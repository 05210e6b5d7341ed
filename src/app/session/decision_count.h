/* Counts the decisions of the provider by tenant and status, since the start of this process, for the metric
 * kycd_decisions_total. Thread-safe, without locks. */
#pragma once

#include <stdint.h>

#include "domain/id.h"
#include "domain/verification.h"

/* Decisions of at most this many tenants are counted: the first ones that have any. */
#define DECISION_TENANTS_MAX 496

/* The statuses that count as decisions, and their label values. */
enum { DECISION_STATUSES = 7 };
struct decision_status {
	enum session_status status;
	const char *label;
};
extern const struct decision_status decision_statuses[DECISION_STATUSES];

/* Counts a decision that was stored. To be called after the commit, because a transaction may run twice. Does
 * nothing for a status that is no decision. */
void decision_count(const struct tenant_id *tenant, enum session_status status);
/* The number of decisions with this status, one of decision_statuses. */
int64_t decision_count_read(const struct tenant_id *tenant, enum session_status status);
/* For tests: forgets all tenants. */
void decision_count_reset(void);
