/* Whose request it is that a proxy hands on: X-Forwarded-For, read from its right end, as far as proxies that
 * the operator named have written it. What stands left of that is anybody's claim. */
#pragma once

#include "base/attr.h"
#include "http/message.h"
#include "text/ip.h"

/* So many elements are looked at, and so many headers of that name: more proxies stand in no row. */
#define FORWARDED_MAX 32

/* `peer` is the socket's other end. Not a trusted one: the client is itself, whatever the headers say. Else
 * the first from the right that is not trusted, of all such headers as one list; where an element is no
 * address, or the list or the bound ends, the trusted one that was reached last. */
struct ip forwarded_client(const struct request *r, const struct ip_nets *trusted, const struct ip *peer);
