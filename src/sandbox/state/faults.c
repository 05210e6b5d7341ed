#include "sandbox/state/faults.h"

static const struct str fault_names[FAULTS] = {
	[FAULT_LATE] = STR_INIT("late"),
	[FAULT_TWICE] = STR_INIT("twice"),
	[FAULT_OUT_OF_ORDER] = STR_INIT("out_of_order"),
	[FAULT_DROP] = STR_INIT("drop"),
	[FAULT_BAD_SIGNATURE] = STR_INIT("refuse"),
	[FAULT_ERROR] = STR_INIT("error"),
	[FAULT_SLOW] = STR_INIT("slow"),
};

enum err faults_add(struct faults *faults, struct str what, int64_t times)
{
	if (times < 1 || times > FAULT_TIMES_MAX)
		return ERR_INPUT;
	for (int i = FAULT_NONE + 1; i < FAULTS; i++) {
		if (!str_eq(what, fault_names[i]))
			continue;
		faults->left[i] += times;
		if (faults->left[i] > FAULT_TIMES_MAX)
			faults->left[i] = FAULT_TIMES_MAX;
		return OK;
	}
	return ERR_INPUT;
}

/* Returns the first fault from `first` to `last` that still has to be injected, and subtracts it from the
 * remaining number. */
static enum fault fault_take_first(struct faults *faults, int first, int last)
{
	for (int i = first; i <= last; i++) {
		if (faults->left[i] == 0)
			continue;
		faults->left[i]--;
		return (enum fault)i;
	}
	return FAULT_NONE;
}

enum fault faults_for_event(struct faults *faults)
{
	return fault_take_first(faults, FAULT_LATE, FAULT_BAD_SIGNATURE);
}

enum fault faults_for_call(struct faults *faults)
{
	return fault_take_first(faults, FAULT_ERROR, FAULT_SLOW);
}
