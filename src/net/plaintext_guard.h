/* Checks the address of each socket that libcurl opens. Rejects unencrypted connections except to loopback
 * and, if allowed, to private addresses. The check is made when the socket is opened, because only then it is
 * known which address a name resolved to. */
#pragma once

#include <stdbool.h>

struct plaintext_guard {
	bool plain; /* the transfer is not encrypted, or encryption is optional */
	bool allow_private;
	bool refused; /* set when an address was rejected */
};

/* Installs the guard for all sockets of the CURL handle. `guard` must stay valid until the transfer has
 * ended. Returns false if libcurl fails to set the options. */
bool plaintext_guard_install(void *curl, struct plaintext_guard *guard);
