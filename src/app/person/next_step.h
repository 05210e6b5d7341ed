/* What a tenant is told about how a person goes on: the reasons of a session and the next action
 * (domain/reason.h, domain/next_action.h). Both are derived on each call; the reasons come from the stored
 * decision and the review of the session. */
#pragma once

#include <stdbool.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "domain/next_action.h"
#include "domain/reason.h"
#include "port/store.h"
#include "port/world.h"

struct next_step_source {
	bool is_verified;	/* the address by which the person was found is verified to the tenant */
	enum address_kind kind; /* of that address */
	/* The person's users if is_verified; may be empty for a person without sessions. Nothing else about
	 * the person may be loaded if the address is not verified. */
	struct linked_users linked;
	/* The session whose reasons are wanted, one of the person's; NULL: the current session. */
	const struct session *session;
};

struct next_step {
	struct reasons reasons;
	enum next_action action;
};

enum err next_step_load(const struct world *world, struct tx *tx, const struct next_step_source *source,
	struct next_step *out) must_use;
/* Loads the reasons of a session: those of the provider's warnings, and the one with which a reviewer
 * declined it. `user` is the user that the session belongs to. */
enum err session_reasons_load(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct reasons *out) must_use;
/* Returns the reasons of the warnings in a stored decision, the text that decision_write of
 * app/session/decision.h wrote. */
struct reasons stored_decision_reasons(struct str stored);
