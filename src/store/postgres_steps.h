/* The steps of one transaction on a lane (store/postgres_lane, whose header says what is held when): what
 * travels with what, and what was seen. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/postgres_batch.h"
#include "store/postgres_driver.h"
#include "store/postgres_foresight.h"
#include "store/sql_driver.h"
#include "store/sql_sight.h"
#include "store/statements.h"

enum control { BEGIN_READ, BEGIN_WRITE, NUMBER, MARK, KEEP, BACK, COMMIT, ROLLBACK, CLOCK, CONTROLS };

/* Milliseconds, as it is now, not as it was when the transaction began. */
#define POSTGRES_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

struct control_text {
	const char *name, *text;
};
extern const struct control_text lane_controls[CONTROLS];

enum way { WAY_PLAIN, WAY_HELD, WAY_STRICT, WAYS };

#define NAME_SIZE 16
#define WELCOME_NAME "w"

struct lane {
	struct sql base;
	struct postgres *line;
	struct batch *batch; /* with those beside it; NULL: none */
	const char *url;
	const struct statements *all;
	struct sights sights;
	struct foresight foresight;
	struct postgres_shared *shared; /* where the foresight is; NULL: on the line */
	enum err failed;		/* of the transaction: OK until something has failed */
	enum fate fate;
	bool open, writing; /* the transaction, and on the server too */
	bool awaits;	    /* changes were sent, and not heard of */
	bool changes;	    /* something was to be changed */
	bool over;	    /* all that it was expected to do was one statement, and it ended with that */
	/* Of the next run of the same work: */
	bool holds_all; /* every row that is read */
	bool careful;	/* waits for each change */
	bool stays;	/* open, whatever it is expected to read */
};

/* The steps of courses are numbered behind the statements. */
static inline size_t lane_number(enum load_plan_kind plan, size_t step)
{
	return STATEMENT_COUNT + (size_t)plan * LOAD_PLAN_STEPS + step;
}
/* NULL: the statement is not run in that way. */
const char *lane_text(const struct statement *s, enum way way);
/* How the connection names it. */
void lane_name(size_t which, enum way way, char out[NAME_SIZE]);
void lane_joined_name(enum load_plan_kind plan, char out[NAME_SIZE]);

/* Nothing is foreseen any more. */
void lane_forget(struct lane *l);
/* What is known of the failure stays with the transaction: a work may answer something else by then. */
enum err lane_fail(struct lane *l, enum err e, enum fate fate);
/* Sends, waits and judges; what failed is noted. */
enum err lane_round_trip(struct lane *l, bool committing, struct postgres_answer *answer,
	struct postgres_failure *failure) must_use;
enum err lane_finish_round(struct lane *l) must_use;
void lane_control(struct lane *l, enum control which);
/* Steps: `run`, `expect`, `welcome` and `clock` of store/sql_driver.h. */
enum err lane_step(struct lane *l, const struct sql_call *call, size_t *rows) must_use;
enum err lane_expect(struct lane *l, enum load_plan_kind plan, const void *probe) must_use;
enum err lane_welcome(struct lane *l, const void *const rows[NEW_USER_ROWS]) must_use;
enum err lane_clock(struct lane *l, moment *now) must_use;
