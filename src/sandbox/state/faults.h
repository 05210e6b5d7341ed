/* Fault injection on demand (interface.md 4): how many of the next events and API calls fail, and in which
 * way. Each event or call gets at most one fault. If several faults remain, the first in the order of the
 * enum is used. Not thread-safe: the caller locks. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum fault {
	FAULT_NONE,
	FAULT_LATE,	     /* event: sent 5 s late */
	FAULT_TWICE,	     /* event: sent twice */
	FAULT_OUT_OF_ORDER,  /* event: sent after the next event, or after 5 s if there is no other */
	FAULT_DROP,	     /* event: never sent */
	FAULT_BAD_SIGNATURE, /* event: sent with a wrong signature */
	FAULT_ERROR,	     /* API call: answered with 500 */
	FAULT_SLOW,	     /* API call: answered after 30 s */
	FAULTS
};

#define FAULT_TIMES_MAX 1000

struct faults {
	int64_t left[FAULTS]; /* number of faults of each kind that are still to be injected */
};

/* Adds `times` to the remaining number of this fault, up to FAULT_TIMES_MAX. `what` is the fault's name, such
 * as "out_of_order". Returns ERR_INPUT if the name is unknown or `times` is not in the range 1 to
 * FAULT_TIMES_MAX. */
enum err faults_add(struct faults *faults, struct str what, int64_t times) must_use;
/* Returns the fault for the next event, and subtracts it from the remaining number. */
enum fault faults_for_event(struct faults *faults);
/* Returns the fault for the next API call, and subtracts it from the remaining number. */
enum fault faults_for_call(struct faults *faults);
