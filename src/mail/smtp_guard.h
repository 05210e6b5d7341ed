/* How a mail server must be talked to, from how the settings name it: TLS with a checked certificate
 * everywhere but on loopback or, where weak settings are allowed, at private addresses. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum smtp_guard {
	SMTP_TLS_FROM_START, /* smtps:// */
	SMTP_TLS_DEMANDED,   /* STARTTLS or nothing */
	SMTP_TLS_OR_PRIVATE, /* a name, weak allowed: demanded, and when that fails as the next one */
	SMTP_TLS_IF_OFFERED, /* private address, weak allowed: certificate not checked */
	SMTP_PLAIN	     /* loopback */
};

struct smtp_place {
	struct str host;
	bool smtps;
	bool allow_private; /* KYCD_ALLOW_WEAK */
	bool own_ca;	    /* certificates to believe were given: TLS everywhere */
};

enum smtp_guard smtp_guard_for(const struct smtp_place *place);
/* In these no address but loopback or private may be called, whatever a name resolves to. */
bool smtp_guard_is_weak(enum smtp_guard guard);
