/* The random keys of one database, unwrapped, as kycd holds them in memory while it runs. They are created
 * once per database and stored there, wrapped by the master key (app/core/keyring). The owner of the struct
 * wipes it. */
#pragma once

#include "crypto/digest.h"

struct keys {
	struct secret_key person; /* wraps the data key of each person */
	struct secret_key index;  /* blind index of addresses */
	struct secret_key code;	  /* keyed hash of one-time codes */
	struct secret_key access; /* keyed hash of API keys */
	struct secret_key row;	  /* MACs of stored rows (store/sql/row_mac) */
};
