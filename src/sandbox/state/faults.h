/* Troubles on demand (interface.md 4): how many of the next events and calls go wrong, and how. An event or a
 * call takes at most one, in the order of the list. No lock of its own. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum fault {
	FAULT_NONE,
	FAULT_LATE,	    /* event: 5 s later */
	FAULT_TWICE,	    /* event: sent two times */
	FAULT_OUT_OF_ORDER, /* event: after the one that follows it, or 5 s later when none does */
	FAULT_DROP,	    /* event: never sent */
	FAULT_REFUSE,	    /* event: with a wrong signature */
	FAULT_ERROR,	    /* call: 500 */
	FAULT_SLOW,	    /* call: answered after 30 s */
	FAULTS
};

#define FAULT_TIMES_MAX 1000

struct faults {
	int64_t left[FAULTS]; /* all zero: no trouble */
};

/* Adds to what is still to come, up to FAULT_TIMES_MAX of a kind. ERR_INPUT: unknown word, or `times` outside
 * 1 to FAULT_TIMES_MAX. */
enum err faults_add(struct faults *faults, struct str what, int64_t times) must_use;
enum fault faults_for_event(struct faults *faults);
enum fault faults_for_call(struct faults *faults);
