/* Loads the settings (interface.md 2) from three sources: built-in defaults, then kycd.conf, then the
 * environment; a later source overrides an earlier one. settings.def is the table of settings. An invalid
 * setting is refused with one sentence that contains its environment name and the values that are valid. All
 * invalid settings are reported at once. All texts live in the arena that the caller passes. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/refusals.h"
#include "main/config/validate.h"
#include "main/config/values.h"

struct config_source {
	const char *file; /* path from --config; NULL: kycd.conf in the current folder, if it exists */
	bool dev;
	bool create; /* of --create: create a missing database, also if it existed before */
	enum config_need need;
	char *const *environment; /* "NAME=value" entries; ends with NULL */
};

/* Reads and validates all settings. If any is refused, returns ERR_INPUT, and `*refusals` has the reasons.
 * `*raw` and all texts live in the arena. */
enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct raw_config **raw, struct refusals *refusals) must_use;
/* Prints every setting, its value and its origin, as lines or as a JSON array. Secrets are masked. */
void config_show(const struct raw_config *raw, FILE *out, bool json);
