/* A number that only grows and that all instances share. Whoever assigns numbers loads the row in the same
 * transaction, which makes other transactions that need it wait. Pure. */
#pragma once

#include <stdint.h>

/* The name of the counter from which events get their positions (domain/event.h). */
#define COUNTER_EVENTS "events"
/* Counts the operators that were added; its row makes these transactions run one after the other. */
#define COUNTER_OPERATORS "operators"

struct counter {
	char name[17];
	int64_t value; /* the last number that was assigned */
};
