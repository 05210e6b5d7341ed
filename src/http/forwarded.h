/* Determines the client of a request that a proxy forwarded. Reads X-Forwarded-For from its right end, as far
 * as the elements were added by trusted proxies (a setting). Elements further left could be forged by the
 * client and are ignored. Elements may have any node form of RFC 7239 (text/ip_node). Thread-safe. */
#pragma once

#include "base/attr.h"
#include "http/message.h"
#include "text/ip.h"

/* Maximum number of elements that are examined, in all X-Forwarded-For headers of a request together. Longer
 * chains of proxies are not realistic. */
#define FORWARDED_MAX 32

enum forwarded_verdict {
	FORWARDED_CLIENT,    /* `client` was found */
	FORWARDED_NO_CLIENT, /* all elements are trusted proxies, or there are none: `client` is the leftmost
			      */
	FORWARDED_MALFORMED, /* the next element is no address, see `element`: `client` is the peer */
	FORWARDED_TOO_LONG,  /* more than FORWARDED_MAX elements: `client` is the peer */
};

struct forwarded {
	enum forwarded_verdict verdict;
	struct ip client;
	struct str element; /* for FORWARDED_MALFORMED */
};

/* `peer` is the address of the socket's other end. If it is not a trusted proxy, it is the client and the
 * headers are ignored. Otherwise the client is the first address from the right that is not a trusted proxy;
 * all X-Forwarded-For headers count as one list, whose empty elements are ignored (RFC 9110 5.6.1). */
struct forwarded forwarded_client(
	const struct request *r, const struct ip_nets *trusted, const struct ip *peer);
