/* Whether letters can be handed over at all: what became of the last ones says it, and while none goes, the
 * mail server is asked by itself. Safe from any thread. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "port/mailer.h"
#include "port/world.h"

/* What became of a letter that was just tried. */
void mail_health_record(const struct world *world, enum delivery_result result, const char *why);
/* None could be handed over for `mail_hopeless` though some were tried: a promise to send would be empty.
 * Holds until one goes or the mail server answers again. Where it answers and letters are stuck all the same,
 * one call in ten seconds is told `false`: its letter is to find out. (interface.md 3) */
bool mail_is_down(const struct world *world);
/* While letters are stuck: asks the mail server every ten seconds (or each first retry delay, when that is
 * shorter) whether it would take one. May take as long as a letter. */
void mail_health_probe(const struct world *world, struct arena *a);
/* True once after each time without hope: the letters that wait can go at once (outbox_make_due). */
bool mail_take_recovered(const struct world *world);
/* Nothing came of it: it is true once more. */
void mail_set_recovered(const struct world *world);
/* What an operator can do about a letter that is stuck, in one sentence; "" for a `why` that nobody can help.
 */
const char *mail_advice(const char *why);
