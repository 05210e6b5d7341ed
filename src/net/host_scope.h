/* Classifies hosts to decide whether unencrypted traffic to them is allowed: loopback (127.0.0.0/8, ::1, the
 * name localhost), private (RFC 1918, RFC 4193), public, or another name, whose scope depends on the
 * addresses it resolves to. IPv6 hosts may be in brackets; an IPv4-mapped IPv6 address counts as its IPv4
 * address. Does not resolve names. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct sockaddr;

enum host_scope { HOST_SCOPE_LOOPBACK, HOST_SCOPE_PRIVATE, HOST_SCOPE_PUBLIC, HOST_SCOPE_NAME };

enum host_scope host_scope_of(struct str host);
/* Returns the scope of a socket address, which is never HOST_SCOPE_NAME. Addresses that are neither IPv4 nor
 * IPv6 count as public. */
enum host_scope host_scope_of_sockaddr(const struct sockaddr *address);

/* Returns whether unencrypted traffic to the host may be started. It is always allowed to loopback; to
 * private addresses and to names only if `allow_private` is true. For a name, the caller must also check each
 * address it resolves to with sockaddr_allows_plaintext. */
bool host_allows_plaintext(struct str host, bool allow_private);
/* Returns whether unencrypted traffic to the address is allowed. It always is to loopback; to private
 * addresses only if `allow_private` is true. */
bool sockaddr_allows_plaintext(const struct sockaddr *address, bool allow_private);
