/* The settings before they are converted: for each one the text that was given and its origin. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum origin { ORIGIN_DEFAULT, ORIGIN_DEV, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

#define SETTINGS_MAX 64

struct raw_value {
	struct str text;
	enum origin origin;
	bool is_file;	 /* the value was read from the file that NAME_FILE names */
	struct str path; /* of that file; only if is_file */
};

struct raw_config {
	struct raw_value values[SETTINGS_MAX];
	/* Variables that the container platform has set (main/config/injected): their number, and the first
	 * name. */
	size_t n_injected;
	struct str first_injected;
};

/* The value of a setting, by its name without "KYCD_". Aborts if there is no such setting. */
struct raw_value *config_value(struct raw_config *raw, const char *name);
/* Whether the setting is set by the operator or by development mode, possibly to an empty text. */
bool config_is_set(struct raw_config *raw, const char *name);
/* An http URL of the listen address. For a wildcard address (0.0.0.0, ::) it has the loopback address. `p` is
 * NULL if `listen` is not HOST:PORT. */
struct str config_own_url(struct arena *a, struct str listen);
