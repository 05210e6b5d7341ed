/* Letters by SMTP (libcurl): TLS with a checked certificate wherever the server is not on loopback (or, where
 * allowed, private), at most 30 s for one letter. Threads at the same time; at most SMTP_CONNECTIONS
 * connections, kept for reuse. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "port/mailer.h"

#define SMTP_CONNECTIONS 8

/* Texts are copied. */
struct smtp_conf {
	struct str url;		  /* KYCD_SMTP_URL: smtp://[user:pass@]host[:port] or smtps://… */
	struct str from;	  /* "addr" or "Name <addr>" */
	struct str reply_to;	  /* the same; empty: none */
	bool allow_plain_private; /* KYCD_ALLOW_WEAK */
	struct str ca_file;	  /* certificates to believe instead of the system's; TLS is then demanded
				     everywhere */
};

/* ERR_INPUT: the URL, `from` or `reply_to` is not of its form. */
enum err smtp_mailer_open(const struct smtp_conf *conf, struct mailer **out) must_use;
