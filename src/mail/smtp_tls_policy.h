/* Chooses the TLS requirements for a mail server from its configured host name. TLS with a verified
 * certificate is required everywhere except on loopback and, if weak settings are allowed, at private
 * addresses. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

enum smtp_tls_policy {
	SMTP_TLS_IMPLICIT,	/* smtps:// */
	SMTP_STARTTLS_REQUIRED, /* e-mail is sent only after STARTTLS has succeeded */
	/* Used for a host name if weak settings are allowed. Starts like SMTP_STARTTLS_REQUIRED; if TLS
	 * fails, there is one retry with SMTP_STARTTLS_OPPORTUNISTIC. */
	SMTP_STARTTLS_OR_PRIVATE,
	/* Used for a private address if weak settings are allowed. TLS is used if the server offers it, but
	 * the certificate is not verified. */
	SMTP_STARTTLS_OPPORTUNISTIC,
	SMTP_PLAINTEXT /* loopback */
};

struct smtp_server {
	struct str host;
	bool smtps;
	bool allow_private; /* KYCD_ALLOW_WEAK */
	bool own_ca;	    /* CA certificates were configured, so TLS is always required */
};

enum smtp_tls_policy smtp_tls_policy_for(const struct smtp_server *server);
/* Returns whether the policy allows an unencrypted or unverified connection. With such a policy the mailer
 * connects only to loopback and private addresses, whatever addresses the host name resolves to. */
bool smtp_tls_policy_is_weak(enum smtp_tls_policy policy);
