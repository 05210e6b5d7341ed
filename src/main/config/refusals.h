/* Collects the reasons why settings are refused, so that the operator sees all of them at once. Only the
 * first reason for a setting is kept, because later ones usually follow from it. The texts are allocated in
 * the arena. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"

#define REFUSALS_MAX 32

struct refusals {
	struct arena *arena;
	struct config_refusal {
		/* Name of the setting, without KYCD_; NULL if the reason concerns no single setting. */
		const char *name;
		struct str text; /* a line for the operator that begins with the name of the setting */
	} rows[REFUSALS_MAX];
	size_t n; /* further refusals are dropped */
};

void refusals_init(struct refusals *refusals, struct arena *arena);
/* Adds the line "KYCD_NAME SENTENCE" as a reason, unless the setting has already been refused. `name` must
 * outlive `refusals`. */
void refusals_add(struct refusals *refusals, const char *name, const char *sentence);
/* Adds the reason `line`, unless the setting has already been refused. `name` is NULL if the reason concerns
 * no single setting. If `line.p` is NULL because the arena was full, the reason is "out of memory". */
void refusals_add_line(struct refusals *refusals, const char *name, struct str line);
/* Returns true if the setting has been refused. */
bool refusals_have(const struct refusals *refusals, const char *name);
/* Prints each reason as a line that begins with "kycd: ". */
void refusals_print(const struct refusals *refusals, FILE *out);
