/* How a mail server must be talked to, from how the settings name it: TLS with a checked certificate
 * everywhere but on loopback or, where weak settings are allowed, at private addresses. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum smtp_tls_policy {
	SMTP_TLS_IMPLICIT,	     /* smtps:// */
	SMTP_STARTTLS_REQUIRED,	     /* STARTTLS or nothing */
	SMTP_STARTTLS_OR_PRIVATE,    /* a name, weak allowed: demanded, and when that fails as the next one */
	SMTP_STARTTLS_OPPORTUNISTIC, /* private address, weak allowed: certificate not checked */
	SMTP_PLAINTEXT		     /* loopback */
};

struct smtp_server {
	struct str host;
	bool smtps;
	bool allow_private; /* KYCD_ALLOW_WEAK */
	bool own_ca;	    /* certificates to believe were given: TLS everywhere */
};

enum smtp_tls_policy smtp_tls_policy_for(const struct smtp_server *place);
/* In these no address but loopback or private may be called, whatever a name resolves to. */
bool smtp_tls_policy_is_weak(enum smtp_tls_policy policy);
