/* The listening socket, and who comes in through it. Addresses are literals, IPv4 or IPv6; no names are
 * looked up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* What connections are counted by: an IPv4 address, or the /64 of an IPv6 address, because that is what one
 * subscriber has. IPv4 in IPv6 (::ffff:0:0/96) is IPv4. */
#define ORIGIN_SIZE 16
#define ADDRESS_TEXT_SIZE 46

struct visitor {
	int fd;
	unsigned char origin[ORIGIN_SIZE];
	char address[ADDRESS_TEXT_SIZE]; /* without port */
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
enum knock listener_accept(int fd, struct visitor *out, int *error) must_use;
