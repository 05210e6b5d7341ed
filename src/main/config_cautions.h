/* What is allowed, but should be looked at: settings that are weak, and such that are set but of no use. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "main/config_rules.h"

#define CAUTION_SIZE 256

struct caution {
	const char *name;	     /* "PUBLIC_URL" */
	char sentence[CAUTION_SIZE]; /* follows the name */
};

#define CAUTIONS_MAX 24

/* Those that apply; returns how many. */
size_t config_cautions(
	const struct config *config, struct loaded_config *loaded, struct caution out[CAUTIONS_MAX]);
/* One sentence a line; returns how many. */
size_t config_warnings(const struct config *config, struct loaded_config *loaded, FILE *out);
