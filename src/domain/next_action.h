/* The next step of a person, as the API tells it (spec/events.md 5). Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "domain/session.h"
#include "domain/user.h"
#include "domain/verification.h"

enum next_action {
	NEXT_VERIFY_EMAIL,
	NEXT_VERIFY_WALLET,
	NEXT_START_SESSION,    /* `create` would make a session */
	NEXT_CONTINUE_SESSION, /* the person has an open session to complete */
	NEXT_WAIT,	       /* the session is in review */
	NEXT_CONTACT_SUPPORT,  /* `create` would refuse */
	NEXT_NONE,	       /* the person is approved */
	NEXT_ACTION_COUNT
};

struct next_action_facts {
	bool is_verified;	/* the address by which the person was found is verified to the tenant */
	enum address_kind kind; /* of that address */
	/* The verdict of create_check. The following are used only if is_verified. */
	enum create_verdict create;
	enum session_status status; /* of the current session; STATUS_NOT_STARTED without one */
};

enum next_action next_action_of(const struct next_action_facts *facts);
/* Returns the word of the API, for example "start_session". */
const char *next_action_name(enum next_action action);
/* Returns the name of action number i, or NULL when i is past the end. */
const char *next_action_name_at(size_t i);
