/* Sends one e-mail with one libcurl handle. Sets the TLS requirements and time limits, and classifies the
 * result. The handle keeps its connection for the next e-mail. A handle must not be used by two threads at
 * the same time. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "mail/smtp_login.h"
#include "mail/smtp_tls_policy.h"
#include "port/mailer.h"

/* The mail server, the credentials and the sender's address. */
struct smtp_config {
	const char *url;	     /* without user and password */
	const char *user, *password; /* user NULL: no authentication */
	const char *sender;	     /* address for MAIL FROM */
	const char *ca_file;	     /* NULL: the system's CA certificates */
	enum smtp_tls_policy policy;
	bool allow_private;
	smtp_logins logins; /* the login mechanisms that may be used; never empty */
	/* The mechanisms that the server refused before it accepted another one. They are tried last in later
	 * deliveries. All deliveries to this server share this set. */
	_Atomic smtp_logins *refused_logins;
};

struct smtp_message {
	struct str bytes;
	/* The recipient. If it is empty, only a probe is made, which ends after MAIL FROM and sends no
	 * e-mail. */
	struct str to;
	/* The plain text of the e-mail; parts of it that a server's reply repeats are removed from the
	 * report. */
	struct str text;
	duration left;
};

/* Sends `message`, or probes the server if the message has no recipient. `curl` is a CURL handle without
 * options; the options set here are reset before the call returns. If the server refuses a login mechanism,
 * the next one is tried on a new connection. */
enum delivery_result smtp_deliver(void *curl, const struct smtp_config *config,
	const struct smtp_message *message, struct arena *a, struct mail_report *report);
/* Sends QUIT, waits at most a second for the reply, and frees the handle. */
void smtp_quit(void *curl);
