/* E-mails with a verification link. Having the link proves nothing: the page sends a code. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/enrolment/otp.h"
#include "app/person/person.h"
#include "base/err.h"
#include "domain/verification_link.h"
#include "port/store.h"
#include "port/world.h"

/* The request to send a link. The recipient needs no enrolment; if nobody in the group has the address, it
 * gets a user, which is made before the transaction. */
struct link_mail {
	const struct world *world;
	const struct caller *caller;
	struct identifier to;
	const struct new_user *new_user;
	struct str url, language; /* language may be empty */
	bool mail_down;		  /* mail_is_down(), asked before the transaction */
};
/* Checks the limits of the recipient and of the IP address, and queues the e-mail. If the verdict is not
 * SEND_QUEUED, nothing was changed. */
enum err link_mail_queue(const struct link_mail *mail, struct tx *tx, const struct verification_link *row,
	struct send_result *out) must_use;
