/* Prints an API key without its secret part. */
#pragma once

#include <stdbool.h>

#include "domain/tenant.h"

/* Prints the key as one line of text, or as a JSON object without a line break. */
void key_print(const struct api_key *key, const char *tenant, bool json);
