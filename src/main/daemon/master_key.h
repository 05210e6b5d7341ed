/* The master key: from the settings, or in --dev from a file that is made once. */
#pragma once

#include <stdbool.h>

#include "crypto/digest.h"
#include "main/config/config.h"

/* Where --dev keeps the one that it made. */
#define MASTER_KEY_DEV_FILE "var/dev.secret"

/* False: stderr has been told why. The caller wipes the key. */
bool master_key_read(const struct config *config, struct secret_key *out);
/* A new one as base64, on stdout. */
bool master_key_print(bool json);
