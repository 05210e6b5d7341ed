/* Warnings about settings that are allowed but weak, or that are set but have no effect. They are printed at
 * start, by `kycd config check` and by `kycd doctor`. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "main/config/validate.h"

#define CONFIG_WARNING_SIZE 256

struct config_warning {
	const char *name;		    /* "PUBLIC_URL" */
	char sentence[CONFIG_WARNING_SIZE]; /* follows the environment name */
};

#define CONFIG_WARNINGS_MAX 32

/* Writes the warnings that apply to these settings into `out` and returns their number. */
size_t config_warnings_find(
	const struct config *config, struct raw_config *raw, struct config_warning out[CONFIG_WARNINGS_MAX]);
/* Prints the warnings that apply to these settings, one per line, and returns their number. */
size_t config_warnings_print(const struct config *config, struct raw_config *raw, FILE *out);
