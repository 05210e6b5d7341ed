/* What the provider found in a session, read from the decision that is stored with it: the result and the
 * warnings of each feature, and where and with which device the session was used. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/person/person.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/reason.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

#define SESSION_WARNINGS_MAX 64
#define SESSION_PLACES_MAX 16
#define SESSION_RESULTS_MAX 32

struct session_warning {
	struct str feature, risk; /* in the provider's words */
	bool is_information;	  /* it influenced neither a decline nor a review */
};

/* Where a session was used. A text is empty if the provider did not report it. */
struct session_place {
	struct str country, city, device;
	bool is_vpn, is_data_center;
};

/* The result of a check, in the provider's words. `status` is empty if the check was requested and has not
 * run. */
struct session_result {
	struct str feature, status;
};

struct session_findings {
	struct session_result *results;
	size_t n_results;
	struct session_warning *warnings;
	size_t n_warnings;
	struct session_place *places;
	size_t n_places;
};

/* Reads the findings of a session, into the arena of the transaction. `user` is the user that the session
 * belongs to. There are none without a decision, and after an erasure. */
enum err session_findings_load(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct session_findings *out) must_use;
/* Returns the reasons of the warnings, those for information left out. Unlike session_reasons(), an approved
 * session has them too. */
struct reasons session_findings_reasons(const struct session_findings *findings);
/* Reads the text that decision_write of app/session/decision.h wrote. */
enum err session_findings_read(struct arena *a, struct str stored, struct session_findings *out) must_use;
