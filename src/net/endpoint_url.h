/* Checks the URL of a webhook endpoint before it is stored, and splits it for the sender, so that both read
 * the URL in the same way. Does not resolve names. Does not know the listeners of this program, which may not
 * be called either (port/webhook_sender.h). Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "text/ip.h"

#define ENDPOINT_URL_MAX 512 /* bytes */

/* The faults of a URL, each with its word for the API and a sentence for the developer who sent it. */
/* clang-format off */
#define ENDPOINT_URL_FAULTS(FAULT)                                                                                       \
	FAULT(NONE,        "none",                 "the URL is accepted")                                               \
	FAULT(TOO_LONG,    "too_long",             "the URL is longer than 512 bytes")                                  \
	FAULT(CHARACTER,   "character",            "the URL has a space, a control character, a backslash or a character outside ASCII; percent-encode it, and write the host in its ASCII form (xn--)") \
	FAULT(SCHEME,      "scheme",               "the URL does not begin with https://")                              \
	FAULT(USER_INFO,   "user_info",            "the URL has a user or a password; the receiver verifies the signature instead") \
	FAULT(FRAGMENT,    "fragment",             "the URL has a # and a fragment, which is never sent to a server")   \
	FAULT(HOST_EMPTY,  "host_empty",           "the URL has no host")                                               \
	FAULT(HOST,        "host",                 "the host is neither a name nor an IP address")                      \
	FAULT(HOST_NUMBER, "host_number",          "the host is a number or an IPv4 address in an unusual form; write four decimal numbers without leading zeros") \
	FAULT(ZONE,        "zone",                 "the IPv6 address has a zone (%), which has no meaning on another host") \
	FAULT(PORT,        "port",                 "the port is not a number from 1 to 65535")                          \
	FAULT(PLAINTEXT,   "plaintext_not_allowed", "http is accepted only to networks that the operator of kycd has listed") \
	FAULT(ADDRESS,     "address_not_allowed",  "kycd may not call this address: it is not globally reachable and the operator of kycd has not listed its network, or it is an address of kycd itself")

enum endpoint_url_fault {
#define FAULT(name, word, explanation) ENDPOINT_URL_##name,
	ENDPOINT_URL_FAULTS(FAULT)
#undef FAULT
	ENDPOINT_URL_FAULT_COUNT
};
/* clang-format on */

struct str endpoint_url_fault_name(enum endpoint_url_fault fault);
struct str endpoint_url_fault_explanation(enum endpoint_url_fault fault);

/* The parts are slices of the URL. */
struct endpoint_url {
	bool is_plain;	 /* http */
	struct str host; /* an IPv6 address is without brackets */
	int port;	 /* also if the URL does not name it */
	bool is_literal; /* the host is the address `ip` */
	struct ip ip;
};

/* Splits the URL. ENDPOINT_URL_NONE: `out` is set. Does not judge whether the address or http is allowed. */
enum endpoint_url_fault endpoint_url_parse(struct str url, struct endpoint_url *out) must_use;

struct endpoint_url_rules {
	const struct ip_nets *listed; /* networks that may be reached though they are not global */
	bool allow_plain;	      /* http is allowed to listed networks */
};

/* Checks a URL that is to be stored: parses it and judges a literal address. A name with http passes if http
 * is allowed at all, because only its addresses at each delivery tell whether it is in a listed network. */
enum endpoint_url_fault endpoint_url_check(struct str url, const struct endpoint_url_rules *rules) must_use;
