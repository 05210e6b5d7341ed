/* The listening socket, and who comes in through it. Addresses are literals, IPv4 or IPv6; no names are
 * looked up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/ip.h"

struct accepted_conn {
	int fd;
	struct ip ip;
};

enum accept_result {
	ACCEPT_NONE,	     /* nobody waits */
	ACCEPT_OK,	     /* `out` has one */
	ACCEPT_ABORTED,	     /* one has left again; look once more */
	ACCEPT_NO_RESOURCES, /* the system has no descriptors or memory left */
};

/* Bound and listening, not blocking. ERR_CONFLICT: the address is taken; ERR_INPUT: it is none, or none of
 * this machine. */
enum err listener_open(struct str host, struct str port, int *fd, int *bound_port) must_use;
/* The next who waits; its socket blocks. `error` is the system's number on ACCEPT_NO_RESOURCES. */
enum accept_result listener_accept(int fd, struct accepted_conn *out, int *error) must_use;
