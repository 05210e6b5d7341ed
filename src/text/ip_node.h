/* Parses IP addresses in the forms in which proxies and servers write them into headers: the node forms of
 * RFC 7239, section 6. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "text/ip.h"

/* Parses "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]" and "[2001:db8::1]:4711". The text may
 * have spaces around it, quotes, an obfuscated port ("_x") or a zone ("fe80::1%eth0"). Port and zone are
 * ignored. Returns false for "unknown" and obfuscated names ("_x"), which are no addresses. */
bool ip_node_read(struct str text, struct ip *out) must_use;

#define IP_NODE_SHAPE_SIZE 48 /* with the final NUL */

/* Writes the shape of `text` for logs, which must not contain addresses: each digit becomes 9, each letter
 * becomes "a", other printable ASCII characters stay, everything else becomes "?". Long texts are
 * truncated. */
void ip_node_shape(struct str text, char out[IP_NODE_SHAPE_SIZE]);
