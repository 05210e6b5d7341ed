/* The listening socket, and who comes in through it. Addresses are literals, IPv4 or IPv6; no names are
 * looked up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "text/ip.h"

struct newcomer {
	int fd;
	struct ip ip;
};

enum knock {
	KNOCK_NONE,  /* nobody waits */
	KNOCK_IN,    /* `out` has one */
	KNOCK_GONE,  /* one has left again; look once more */
	KNOCK_SHORT, /* the system has no descriptors or memory left */
};

/* Bound and listening, not blocking. ERR_CONFLICT: the address is taken; ERR_INPUT: it is none, or none of
 * this machine. */
enum err listener_open(struct str host, struct str port, int *fd, int *bound_port) must_use;
/* The next who waits; its socket blocks. `error` is the system's number on KNOCK_SHORT. */
enum knock listener_accept(int fd, struct newcomer *out, int *error) must_use;
