/* The master key: from KYCD_SECRET_KEY, or with --dev from a file that is created once. */
#pragma once

#include <stdbool.h>

#include "crypto/digest.h"
#include "main/config/config.h"

/* File of the development master key. */
#define MASTER_KEY_DEV_FILE "var/dev.secret"

/* Reads the master key. On failure prints one line on stderr and returns false. The caller wipes the key. */
bool master_key_read(const struct config *config, struct secret_key *out);
/* Prints a new random master key in base64 on stdout; it is not stored. */
bool master_key_print(bool json);
