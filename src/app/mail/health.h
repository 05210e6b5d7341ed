/* Tracks whether e-mails can be handed to the mail server, by the results of the last attempts. While no
 * attempt succeeds, mail_health_probe tests the mail server without sending anything. All functions are
 * thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/log.h"
#include "port/mailer.h"
#include "port/world.h"

/* Records the result of an attempt to hand an e-mail to the mail server. */
void mail_health_record(
	const struct world *world, enum delivery_result result, const struct mail_report *report);
/* Returns whether no e-mail could be handed over for rules->mail_down_after although some were tried. The API
 * must not promise to send a code then. The state ends when an e-mail is handed over, or when a probe
 * succeeds after one that failed. If probes succeed while e-mails still fail, one call in ten seconds gets
 * false, so that the e-mail of that call tests the delivery (interface.md 3). */
bool mail_is_down(const struct world *world);
/* Returns whether the same state was logged and has not ended yet. It only reads, for pages of operators. */
bool mail_is_reported_down(const struct world *world);
/* While e-mails fail, tests every ten seconds (or every mail_retry, if that is shorter) whether the mail
 * server would accept an e-mail. Does nothing otherwise. May block as long as sending an e-mail. */
void mail_health_probe(const struct world *world, struct arena *a);
/* Returns true once after each recovery of the mail server. The caller then makes the e-mails that wait for
 * their next try due at once (outbox_make_due). */
bool mail_take_recovered(const struct world *world);
/* Makes mail_take_recovered return true again, for a caller that could not make the e-mails due. */
void mail_set_recovered(const struct world *world);
/* Returns, in one sentence, what an operator can do about e-mails that fail like this; "" if nothing
 * can be done. */
const char *mail_advice(const struct mail_report *report);
/* Sets the fields of a log line that contain the reply of the mail server. Fields without a value are left
 * out of the line. */
#define MAIL_REPORT_FIELDS 5
void mail_report_fields(const struct mail_report *report, struct log_field fields[MAIL_REPORT_FIELDS]);
