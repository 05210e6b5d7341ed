/* The login mechanisms of SMTP (RFC 4954) that kycd can use, as sets. A set is a number with one bit for each
 * mechanism. The default is PLAIN and LOGIN: they work with every way in which a server stores passwords, and
 * kycd sends the password only over TLS or on loopback. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

typedef unsigned int smtp_logins;

#define SMTP_LOGINS_NONE 0U
/* Size of the text that smtp_logins_write writes, with the final NUL. */
#define SMTP_LOGINS_SIZE 128

/* PLAIN and LOGIN. */
smtp_logins smtp_logins_default(void);
/* The mechanisms that exist only in a libcurl with the GNU SASL library: SCRAM-SHA-1 and SCRAM-SHA-256. */
smtp_logins smtp_logins_of_gsasl(void);
/* The mechanism whose password is an OAuth access token: XOAUTH2. */
smtp_logins smtp_logins_of_tokens(void);
/* Parses the options in a URL such as smtp://user;AUTH=CRAM-MD5:password@host: one or more `AUTH=NAME`,
 * separated by `;`. Returns false for anything else and for unknown names. */
bool smtp_logins_read(struct str options, smtp_logins *out) must_use;
/* The inverse, for CURLOPT_LOGIN_OPTIONS. */
void smtp_logins_write(smtp_logins logins, char out[SMTP_LOGINS_SIZE]);
/* The mechanisms in a list separated by spaces, as a server offers it. Unknown names are left out. */
smtp_logins smtp_logins_named(struct str names);
