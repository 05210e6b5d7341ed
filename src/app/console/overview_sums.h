/* The numbers of the console's overview (overview.h), and how daily counts and decision counts are added to
 * them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "domain/daily_count.h"
#include "domain/id.h"
#include "domain/tenant.h"
#include "port/store.h"

#define OVERVIEW_DAYS 30
/* Tenants that are listed, the first ones by name. The sums include all of them. */
#define OVERVIEW_TENANTS_MAX 100

enum overview_period { OVERVIEW_TODAY, OVERVIEW_WEEK, OVERVIEW_MONTH, OVERVIEW_PERIODS };

/* Returns the number of days of the period, today included. */
int64_t overview_period_days(enum overview_period period);

struct overview_counts {
	int64_t counts[DAY_COUNTS];
	int64_t reasons[REASON_COUNT]; /* of declines */
	int64_t times[DECISION_TIMES];
	bool has_median;
	duration median; /* from the creation of a session to its decision; see DECISION_TIMES for its
			    precision */
};

struct overview_tenant {
	struct tenant_id id;
	char name[TENANT_NAME_SIZE];
	int64_t people[PEOPLE_COUNTS];
	int64_t prepared, approved, declined; /* in the last OVERVIEW_DAYS days */
	int64_t quota_limit;		      /* of the current month; NO_QUOTA: no limit */
	int64_t quota_used;
};

struct overview {
	int64_t today;	  /* days since 1970, UTC */
	size_t n_visible; /* tenants that the caller may see */
	size_t n_tenants; /* tenants in `tenants` */
	struct overview_tenant *tenants;
	int64_t people[PEOPLE_COUNTS]; /* now; those in review wait for a decision */
	struct overview_counts periods[OVERVIEW_PERIODS];
	/* The days of OVERVIEW_MONTH, oldest first; the last one is today. */
	int64_t days[OVERVIEW_DAYS][DAY_COUNTS];
	/* What this instance knows. */
	bool mail_is_down;     /* e-mails could not be handed to the mail server for some time */
	bool provider_is_down; /* the provider gets only one call in 5 s */
	duration oldest_mail;  /* age of the oldest e-mail that was not sent yet */
};

/* Adds the counts of one tenant to the sums and to its row. */
enum err overview_sums_of_tenant(
	struct tx *tx, struct overview *out, struct overview_tenant *tenant) must_use;
/* Adds the counts of all tenants of the installation to the sums, and to the rows of those that are listed.
 * A query reads rows of many tenants and days. */
enum err overview_sums_of_all(struct tx *tx, struct overview *out) must_use;
