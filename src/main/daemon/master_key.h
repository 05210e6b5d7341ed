/* Reads the master key from KYCD_SECRET_KEY. With --dev it is read from a file that is created at the first
 * start. */
#pragma once

#include <stdbool.h>

#include "crypto/digest.h"
#include "main/config/config.h"

/* Path of the file with the development master key. */
#define MASTER_KEY_DEV_FILE "var/dev.secret"

/* Reads the master key. On failure prints one line on stderr and returns false. The caller wipes the key. */
bool master_key_read(const struct config *config, struct secret_key *out);
/* Prints a new random master key in base64 on stdout. The key is not stored. */
bool master_key_print(bool json);
