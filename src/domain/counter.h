/* A number that only grows and that all instances share. Whoever assigns numbers loads the row in the same
 * transaction, which makes other transactions that need it wait. Pure. */
#pragma once

#include <stdint.h>

/* The name of the counter from which events get their positions (domain/event.h). */
#define COUNTER_EVENTS "events"

struct counter {
	char name[17];
	int64_t value; /* the last number that was assigned */
};
