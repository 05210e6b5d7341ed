/* The reasons why settings are refused. They are collected, so that the operator sees all of them at once; of
 * one setting only the first is kept, because the others usually follow from it. Texts live in the arena. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"

#define REFUSALS_MAX 32

struct refusals {
	struct arena *arena;
	struct config_refusal {
		const char *name; /* of the setting, without KYCD_; NULL: it concerns no single setting */
		struct str text;  /* a line for the operator, which begins with the setting's name */
	} rows[REFUSALS_MAX];
	size_t n; /* further refusals are dropped */
};

void refusals_init(struct refusals *refusals, struct arena *arena);
/* Adds "KYCD_NAME sentence", unless the setting has been refused already. `name` is kept. */
void refusals_add(struct refusals *refusals, const char *name, const char *sentence);
/* The same with the whole line. `name` NULL: it concerns no single setting. If the arena could not make the
 * line
 * (`p` is NULL), that is the refusal. */
void refusals_add_line(struct refusals *refusals, const char *name, struct str line);
/* Whether the setting has been refused. */
bool refusals_have(const struct refusals *refusals, const char *name);
/* Prints each refusal as a line that begins with "kycd: ". */
void refusals_print(const struct refusals *refusals, FILE *out);
