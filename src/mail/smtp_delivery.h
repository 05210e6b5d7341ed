/* One letter by one libcurl handle: what is demanded of the connection, how long it may take, and what its
 * end means. The handle keeps its connection for the next letter. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "mail/smtp_tls_policy.h"
#include "port/mailer.h"

/* Where letters go and as whom. */
struct smtp_config {
	const char *url;	     /* without user and password */
	const char *user, *password; /* user NULL: no login */
	const char *sender;	     /* the envelope's */
	const char *ca_file;	     /* NULL: the system's */
	enum smtp_tls_policy policy;
	bool allow_private;
};

struct smtp_message {
	struct str bytes;
	struct str to; /* empty: nothing is sent, the server is only asked whether it takes the sender */
	duration left;
};

/* `curl`: a CURL handle with no options set; is left so. `why`: the words of port/mailer.h, in `a` or fixed.
 */
enum delivery_result smtp_deliver(void *curl, const struct smtp_config *config,
	const struct smtp_message *message, struct arena *a, const char **why);
/* Says good-bye without waiting long for the answer; the handle is gone. */
void smtp_quit(void *curl);
