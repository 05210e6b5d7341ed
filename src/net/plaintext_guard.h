/* The door that a transfer's sockets go through. What a name resolved to is known only there, so there the
 * last word on plain (unencrypted) traffic is said: to loopback, and to private places where that is allowed.
 */
#pragma once

#include <stdbool.h>

struct plaintext_guard {
	bool plain; /* the transfer is not encrypted, or may turn out not to be */
	bool allow_private;
	bool refused; /* an address was: set by the door */
};

/* All sockets of this CURL handle go through `door` from now on, which outlives the transfer. */
bool plaintext_guard_install(void *curl, struct plaintext_guard *door);
