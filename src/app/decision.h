/* What the provider says about a session, by event or by reading: one way in for both. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/event.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* An event, checked and read by the provider's room. */
enum notice_verdict {
	NOTICE_TAKEN,	      /* journaled, whatever it changed */
	NOTICE_REPEATED,      /* it was journaled before */
	NOTICE_UNKNOWN_YOUNG, /* no such session, and our own create may still be on its way: let it come
				 again */
	NOTICE_UNKNOWN_OLD,   /* no such session */
	NOTICE_DOUBTFUL, /* not journaled: the provider must be asked (app_read_session), then it comes again
			  */
};

enum err app_take_notice(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct notice *notice, bool asked, enum notice_verdict *out) must_use;

/* Reads one session's decision now and takes it over. Waits: never inside a transaction. ERR_MISSING: no such
 * session with us; ERR_UPSTREAM, ERR_BUSY: the provider did not tell, with `*cause`. */
enum err app_read_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct read_order *order, enum provider_cause *cause) must_use;

/* Names the labels of the events' metric. Once, at the start. */
void decision_label(void);

/* The sealed form of what we keep: `ip_info` as a JSON array, a newline, the warnings as a JSON array. */
enum err decision_write(const struct decision *decision, struct arena *a, struct str *out) must_use;
struct str decision_ip_info(struct str kept);
