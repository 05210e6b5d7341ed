/* Determines the client of a request that a proxy forwarded. Reads X-Forwarded-For from its right end, as far
 * as trusted proxies (a setting) added the elements. Elements further left could be forged by the client and
 * are ignored. Thread-safe. */
#pragma once

#include "base/attr.h"
#include "http/message.h"
#include "text/ip.h"

/* Maximum number of elements that are examined, in all X-Forwarded-For headers of a request together. Longer
 * chains of proxies are not realistic. */
#define FORWARDED_MAX 32

/* `peer` is the address of the socket's other end. If it is not a trusted proxy, it is the client and the
 * headers are ignored. Otherwise the client is the first address from the right that is not a trusted proxy;
 * all X-Forwarded-For headers count as one list. If the search ends without such an address (end of the list,
 * FORWARDED_MAX, malformed element), the last trusted address found is returned. */
struct ip forwarded_client(const struct request *r, const struct ip_nets *trusted, const struct ip *peer);
