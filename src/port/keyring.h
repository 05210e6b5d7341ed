/* The stored form of one random key of the database (crypto/keys.h), wrapped by the master key. */
#pragma once

#include "base/moment.h"
#include "base/str.h"

struct keyring {
	char name[17];
	struct str wrapped_key;
	char master_key_id[9]; /* identifies the master key that wrapped this key */
	moment created_at;
};
