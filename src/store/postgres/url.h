/* The URL of a PostgreSQL database, in libpq's format: postgresql://user:password@host/database. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Checks that libpq accepts the text as a URL with its parameters, and that a special character in the
 * password cannot make libpq take a part of the password for the host. Returns NULL, or the form that the URL
 * must have, to follow "must be "; static or in `arena`. It contains at most the name of a parameter. */
const char *postgres_url_fault(struct str url, struct arena *arena);
/* Where a connection goes and how it is protected: what the URL says, else libpq's environment variables. */
struct postgres_target {
	struct str hosts;   /* names, addresses or folders of sockets, separated by commas; empty: a local
			       socket */
	struct str sslmode; /* "prefer" if nothing is said */
	bool by_service;    /* a file of services may name another host */
};

/* `url` must be valid. The texts are in `arena`. False: out of memory. */
bool postgres_url_target(struct str url, struct arena *arena, struct postgres_target *out) must_use;
/* Returns the URL without its password, for messages, allocated in `arena`. */
struct str postgres_url_shown(struct str url, struct arena *arena);
