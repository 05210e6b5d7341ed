/* The settings before they are converted: the text of each setting, and the source that the text comes
 * from. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum origin { ORIGIN_DEFAULT, ORIGIN_DEV, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

#define SETTINGS_MAX 64

struct raw_value {
	struct str text;
	enum origin origin;
	bool is_file;	 /* true: the text was read from the file that NAME_FILE names */
	struct str path; /* path of that file; set only if is_file */
};

struct raw_config {
	struct raw_value values[SETTINGS_MAX];
	/* The variables that the container platform has set (main/config/injected): their number, and the
	 * name of the first. */
	size_t n_injected;
	struct str first_injected;
};

/* Returns the value of a setting. `name` is the setting's name without "KYCD_". Aborts if there is no such
 * setting. */
struct raw_value *config_value(struct raw_config *raw, const char *name);
/* Returns true if the operator or development mode has set the setting, possibly to an empty text. */
bool config_is_set(struct raw_config *raw, const char *name);
/* Returns an http URL with the listen address. A wildcard address (0.0.0.0, ::) is replaced by the loopback
 * address. `p` is NULL if `listen` is not HOST:PORT or the arena is full. */
struct str config_own_url(struct arena *a, struct str listen);
