/* The URL of a PostgreSQL database, in libpq's format: postgresql://user:password@host/database. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* Returns NULL if the URL is valid, otherwise the form that it must have, as text to follow "must be ";
 * static or in `arena`. libpq must accept the URL and its parameters, and a special character in the password
 * must not make libpq use a part of the password as the host name. Of the URL, the text contains at most the
 * name of a parameter. */
const char *postgres_url_fault(struct str url, struct arena *arena);
/* Where a connection goes and how it is protected. What the URL does not contain comes from libpq's
 * environment variables. */
struct postgres_target {
	/* Host names, addresses or socket folders, separated by commas; empty: a local socket. */
	struct str hosts;
	struct str sslmode; /* "prefer" if nothing is said */
	bool by_service;    /* libpq's service file is used, which may name another host */
};

/* Returns the target of a connection. `url` must be valid. The strings are in `arena`. Returns false if
 * memory runs out. */
bool postgres_url_target(struct str url, struct arena *arena, struct postgres_target *out) must_use;
/* Returns the URL without its password for messages, allocated in `arena`. */
struct str postgres_url_shown(struct str url, struct arena *arena);
