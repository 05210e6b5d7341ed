/* Where a host lies, as far as plain (unencrypted) traffic may go there: loopback (127.0.0.0/8, ::1, the name
 * localhost), private (RFC 1918, RFC 4193), public, or a name of which only its addresses can tell. IPv6
 * hosts may stand in brackets; mapped IPv4 addresses count as what they map. No look-ups in here. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct sockaddr;

enum host_scope { HOST_SCOPE_LOOPBACK, HOST_SCOPE_PRIVATE, HOST_SCOPE_PUBLIC, HOST_SCOPE_NAME };

enum host_scope host_scope_of(struct str host);
/* Of a socket's address: never HOST_SCOPE_NAME. What is neither IPv4 nor IPv6 is public. */
enum host_scope host_scope_of_sockaddr(const struct sockaddr *address);

/* May plain traffic be started to this host? A name may when private places are allowed: what it resolves to
 * must then be asked with sockaddr_allows_plaintext. */
bool host_allows_plaintext(struct str host, bool allow_private);
bool sockaddr_allows_plaintext(const struct sockaddr *address, bool allow_private);
