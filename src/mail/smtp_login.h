/* The login mechanisms of SMTP (RFC 4954) that kycd can use, as sets. A set is a number with one bit for each
 * mechanism. The default set is PLAIN and LOGIN: they work with every form in which a server stores
 * passwords, and kycd sends the password only over TLS or on loopback. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

typedef unsigned int smtp_logins;

#define SMTP_LOGINS_NONE 0U
/* Size in bytes of the buffer that smtp_logins_write needs, including the final NUL. */
#define SMTP_LOGINS_SIZE 128

/* PLAIN and LOGIN. */
smtp_logins smtp_logins_default(void);
/* Returns SCRAM-SHA-1 and SCRAM-SHA-256, which exist only in a libcurl with the GNU SASL library. */
smtp_logins smtp_logins_of_gsasl(void);
/* Returns XOAUTH2, the mechanism whose password is an OAuth access token. */
smtp_logins smtp_logins_of_tokens(void);
/* Parses the options in a URL such as smtp://user;AUTH=CRAM-MD5:password@host: one or more `AUTH=NAME`,
 * separated by `;`. Returns false for other options and for unknown names. */
bool smtp_logins_read(struct str options, smtp_logins *out) must_use;
/* The inverse, for CURLOPT_LOGIN_OPTIONS. */
void smtp_logins_write(smtp_logins logins, char out[SMTP_LOGINS_SIZE]);
/* Returns the mechanisms in a list separated by spaces, as a server offers it. Unknown names are ignored. */
smtp_logins smtp_logins_named(struct str names);
