/* The settings as they came: each one's text, and where it is from. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum origin { ORIGIN_DEFAULT, ORIGIN_DEV, ORIGIN_FILE, ORIGIN_ENVIRONMENT };

#define SETTINGS_MAX 64

struct raw_value {
	struct str text;
	enum origin origin;
	bool is_file;	 /* by NAME_FILE */
	struct str path; /* then: of that file */
};

struct raw_config {
	struct raw_value values[SETTINGS_MAX];
};

struct raw_value *config_value(struct raw_config *raw, const char *name);
/* Set by somebody, be it to nothing. */
bool config_is_set(struct raw_config *raw, const char *name);
/* The address that is listened on, as a URL. One that stands for all of this machine's is called by loopback.
 */
struct str config_own_url(struct arena *a, struct str listen);
