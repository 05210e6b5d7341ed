/* The first page of a verification link: the person goes on, and consents if the tenant asks for it. */
#pragma once

#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/id.h"
#include "port/world.h"

struct verification_start_params {
	struct verification_visit visit;
	struct str language; /* of the page */
	bool has_consented;  /* the box was ticked */
	/* The digest of the consent text that the page showed, so that a consent is never recorded for a text
	 * that was changed meanwhile; zeros: the page showed none. */
	struct digest consent_digest;
};

enum verification_start_verdict {
	VERIFICATION_STARTED,	       /* also if it was started before, on any device */
	VERIFICATION_START_NO_CONSENT, /* the box was not ticked, or the text has changed */
	VERIFICATION_START_CLOSED,     /* the link is not open: the page says why */
};

/* Stores the time, the language and the consent. */
enum err verification_link_start(const struct world *world, struct arena *a,
	const struct verification_start_params *params, enum verification_start_verdict *out) must_use;
