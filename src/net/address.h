/* Where a host lies, as far as plain (unencrypted) traffic may go there: loopback (127.0.0.0/8, ::1, the name
 * localhost), private (RFC 1918, RFC 4193), public, or a name of which only its addresses can tell. IPv6
 * hosts may stand in brackets; mapped IPv4 addresses count as what they map. No look-ups in here. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct sockaddr;

enum address_kind { ADDRESS_LOOPBACK, ADDRESS_PRIVATE, ADDRESS_PUBLIC, ADDRESS_NAME };

enum address_kind address_of_host(struct str host);
/* Of a socket's address: never ADDRESS_NAME. What is neither IPv4 nor IPv6 is public. */
enum address_kind address_of_socket(const struct sockaddr *address);

/* May plain traffic be started to this host? A name may when private places are allowed: what it resolves to
 * must then be asked with address_bears_plain. */
bool host_bears_plain(struct str host, bool allow_private);
bool address_bears_plain(const struct sockaddr *address, bool allow_private);
