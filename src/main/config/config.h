/* Settings (interface.md 2): default → kycd.conf → environment, by one table. What is wrong is refused with a
 * sentence that names the setting by its environment name and says what is right. Texts live in the program's
 * arena. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/validate.h"
#include "main/config/values.h"

struct config_source {
	const char *file; /* --config; NULL: kycd.conf where there is one */
	bool dev;
	enum config_need need;
	char *const *environment; /* "NAME=value", ends with NULL */
};

/* ERR_INPUT with `*why`, a whole line, else OK. Both results live in the arena. */
enum err config_load(const struct config_source *source, struct arena *a, struct config *out,
	struct raw_config **raw, struct str *why) must_use;
/* Every setting, its value and where it came from; secrets masked. */
void config_show(const struct raw_config *raw, FILE *out, bool json);
