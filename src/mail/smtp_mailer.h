/* A mailer that sends e-mails to an SMTP server with libcurl. It requires TLS with a verified certificate
 * unless the server is on loopback or, with `allow_plain_private`, in a private network (see
 * smtp_tls_policy.h). One send takes at most 30 s. Thread-safe; at most SMTP_CONNECTIONS connections, which
 * are reused. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "port/mailer.h"

#define SMTP_CONNECTIONS 8

/* smtp_mailer_open() copies the strings. */
struct smtp_conf {
	struct str url;	     /* KYCD_SMTP_URL: smtp://[user[;AUTH=…]:pass@]host[:port] or smtps://… */
	struct str from;     /* "addr" or "Name <addr>" */
	struct str reply_to; /* same format as `from`; if empty, e-mails have no Reply-To header */
	bool allow_plain_private; /* KYCD_ALLOW_WEAK */
	/* File with CA certificates that replace the system's; if set, TLS is required even on loopback. */
	struct str ca_file;
};

/* Opens the mailer without connecting. Returns ERR_INPUT when the URL, `from` or `reply_to` is malformed, or
 * the URL names a login mechanism that the program does not support (see smtp_login.h). */
enum err smtp_mailer_open(const struct smtp_conf *conf, struct mailer **out) must_use;
