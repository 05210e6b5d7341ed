/* Daily counts: what happened at a tenant on each day (UTC), and how many people the tenant has in each
 * overall status. The overview of the console reads a few of these rows instead of all people. They are kept
 * exact by adding each event to them once, in the transaction that gives the event its position
 * (app/event/counting). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/event.h"
#include "domain/id.h"
#include "domain/overall_status.h"
#include "domain/reason.h"

/* What is counted for each day. */
enum day_count {
	DAY_PREPARED, /* enrolments that were added: addresses that the tenant prepared or that were linked */
	DAY_VERIFIED, /* enrolments whose address was verified for the first time */
	DAY_STARTED,  /* sessions that the provider made */
	DAY_APPROVED, /* people whose overall status became approved, and so on */
	DAY_DECLINED,
	DAY_IN_REVIEW,
	DAY_EXPIRED,
	DAY_COUNTS
};

/* The index of a status in `people`. */
#define PEOPLE_WITH(status) ((status)-OVERALL_PENDING)
#define PEOPLE_COUNTS PEOPLE_WITH(OVERALL_STATUS_COUNT)

struct daily_count {
	struct tenant_id tenant_id;
	int64_t day; /* days since 1 January 1970 (UTC) */
	int64_t counts[DAY_COUNTS];
	/* Enrolments that represent a person, which are all except merged ones, by PEOPLE_WITH(status). Only
	 * the newest row of a tenant has the present numbers. */
	int64_t people[PEOPLE_COUNTS];
	bool closed; /* a later day has a row */
};

/* Decisions of a day in more detail: how often each reason of a decline occurred, and each class of the time
 * from the creation of the session to its decision. All of them are in one column, because the overview reads
 * 30 days of each tenant. */
struct decision_count {
	struct tenant_id tenant_id;
	int64_t day;
	struct str counts; /* decision_counts_write() */
};

/* Classes of times: class 0 is less than a second, class n ends at 2^(n/4) seconds, and the last one has no
 * end (it begins at 48 days). A time that is computed from a class is at most 9 % too short or too long. */
#define DECISION_TIMES 90
/* The decision counts as numbers: first the reasons, then the classes of times. */
#define DECISION_COUNTS (REASON_COUNT + DECISION_TIMES)

int64_t day_of(moment t);
moment day_start(int64_t day);

size_t decision_time_class(duration time);
/* Returns the time that stands for all times of a class: the geometric mean of its limits. */
duration decision_time_of_class(size_t class);
/* Returns the number of a decision count. */
static inline size_t decision_count_of_reason(enum reason reason)
{
	return (size_t)reason;
}
static inline size_t decision_count_of_time(size_t class)
{
	return REASON_COUNT + class;
}
/* Writes the name that is stored: the reason's name, or "time_" and the number of the class. */
#define DECISION_COUNT_NAME_SIZE 33
void decision_count_name(size_t number, char out[DECISION_COUNT_NAME_SIZE]);
/* Returns the number of a name, or DECISION_COUNTS for an unknown one. */
size_t decision_count_number(struct str name);
/* Writes the counts that are not 0, as "underage=3 time_33=30", and returns the length of the text. Counts
 * are at least 0. */
#define DECISION_COUNTS_SIZE (DECISION_COUNTS * (DECISION_COUNT_NAME_SIZE + 20))
size_t decision_counts_write(const int64_t numbers[DECISION_COUNTS], char out[DECISION_COUNTS_SIZE]);
/* Adds the counts of such a text, in any order, to `numbers`. Leaves out unknown names. */
void decision_counts_add(struct str text, int64_t numbers[DECISION_COUNTS]);
/* Returns the median of the times that the classes count; false if they count none. */
bool decision_time_median(const int64_t classes[DECISION_TIMES], duration *out);

/* What an event adds to the counts, apart from its type. */
struct count_facts {
	/* The person moves from one status to the other; 0: was not counted before, or is not any more. */
	enum overall_status before, after;
	struct reasons reasons; /* of a decline */
	size_t time_class;	/* of a decision: decision_time_class() plus 1; 0: none */
};
/* Writes the facts as they are kept in event->uncounted. */
void count_facts_write(const struct count_facts *facts, char out[EVENT_UNCOUNTED_SIZE]);
/* Returns false for the empty text, and for any text that count_facts_write() does not write. */
bool count_facts_read(const char *text, struct count_facts *out);

/* Changes of the counts of one tenant and day. */
struct count_changes {
	struct tenant_id tenant_id;
	int64_t day;
	int64_t counts[DAY_COUNTS];
	int64_t people[PEOPLE_COUNTS];
	int64_t decisions[DECISION_COUNTS];
	bool has_decisions; /* any of `decisions` is not 0 */
};
void count_changes_add(struct count_changes *changes, enum event_type type, const struct count_facts *facts);
