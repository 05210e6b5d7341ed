/* The database's own random keys, unwrapped: what kycd holds in memory while it runs. Made once per database,
 * kept there wrapped by the master key (app/core/keyring). Wiped by who owns it. */
#pragma once

#include "crypto/digest.h"

struct keys {
	struct secret_key person; /* wraps the persons' data keys */
	struct secret_key index;  /* blind index of addresses */
	struct secret_key code;	  /* keyed hash of one-time codes */
	struct secret_key access; /* keyed hash of API keys */
};
