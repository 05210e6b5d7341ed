/* What is allowed, but should be looked at: settings that are weak, and such that are set but of no use. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "main/config/validate.h"

#define CONFIG_WARNING_SIZE 256

struct config_warning {
	const char *name;		    /* "PUBLIC_URL" */
	char sentence[CONFIG_WARNING_SIZE]; /* follows the name */
};

#define CONFIG_WARNINGS_MAX 24

/* Those that apply; returns how many. */
size_t config_warnings_find(
	const struct config *config, struct raw_config *raw, struct config_warning out[CONFIG_WARNINGS_MAX]);
/* One sentence a line; returns how many. */
size_t config_warnings_print(const struct config *config, struct raw_config *raw, FILE *out);
