/* Opens a listening socket and accepts connections from it. Addresses are IPv4 or IPv6 literals; names are
 * not resolved. Thread-safe. */
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
	ACCEPT_NONE,	     /* no connection is waiting */
	ACCEPT_OK,	     /* `out` is a new connection */
	ACCEPT_ABORTED,	     /* a connection was closed before it was accepted; try again */
	ACCEPT_NO_RESOURCES, /* the system has no file descriptors or memory left */
};

/* Opens a non-blocking listening socket. ERR_CONFLICT: the address is in use. ERR_INPUT: `host` and `port`
 * are not a valid address of this machine. */
enum err listener_open(struct str host, struct str port, int *fd, int *bound_port) must_use;
/* Accepts the next waiting connection, whose socket is blocking. On ACCEPT_NO_RESOURCES, `error` is set to
 * the value of errno. */
enum accept_result listener_accept(int fd, struct accepted_conn *out, int *error) must_use;
