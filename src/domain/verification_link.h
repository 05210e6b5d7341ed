/* Verification links: one link of a tenant leads one person through the whole check on kycd's own pages
 * (spec/pages-and-console.md 1 and 5). Whoever opens the link proves an address; the first proof decides
 * which person the link belongs to. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/next_action.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "domain/verification.h"

#define VERIFICATION_LINK_LIFE days(7) /* unless the tenant asks for another */
#define VERIFICATION_LINK_LIFE_MIN_SECONDS 60
#define VERIFICATION_LINK_LIFE_MAX_SECONDS 2592000 /* 30 days */
#define VERIFICATION_LINK_LIFE_MIN seconds(VERIFICATION_LINK_LIFE_MIN_SECONDS)
#define VERIFICATION_LINK_LIFE_MAX seconds(VERIFICATION_LINK_LIFE_MAX_SECONDS)
/* A link is kept for this long after it expires, so that its page says that it has expired, and its tenant
 * can read its state. */
#define VERIFICATION_LINK_RETENTION days(30)
#define VERIFICATION_RESULT_LIFE minutes(10)
/* Result tokens of one link that can be outstanding. A further one replaces the oldest. */
#define VERIFICATION_RESULTS_MAX 8

/* Tokens of links and results: 256 random bits in base64url without padding, and the final NUL. */
#define VERIFICATION_TOKEN_BYTES 32
#define VERIFICATION_TOKEN_SIZE 44

/* The proof that was begun last on any device: the page of this step is shown until the first proof. */
enum verification_link_attempt {
	VERIFICATION_ATTEMPT_NONE,
	VERIFICATION_ATTEMPT_CODE,	/* a code was sent to the link's address */
	VERIFICATION_ATTEMPT_SIGNATURE, /* a challenge was issued for the link's address */
};

struct verification_link {
	struct verification_link_id id;
	struct tenant_id tenant_id;
	struct digest token_digest;   /* keyed hash of the token; the token itself is stored nowhere */
	char language[LANGUAGE_SIZE]; /* as the tenant requested it; empty: none */
	struct str sealed_return_url; /* empty: none */
	struct str sealed_reference;  /* the tenant's own id of the person, until the proof; empty: none */
	/* The address of the link until the proof: the tenant's suggestion, then the one that a code was sent
	 * to or a challenge was issued for. The kind is 0 if there is none. */
	enum address_kind address_kind;
	struct str sealed_address;
	struct digest address_index; /* its blind index; zeros: none */
	enum verification_link_attempt attempt;
	struct str sealed_challenge; /* the text of VERIFICATION_ATTEMPT_SIGNATURE; otherwise empty */
	moment challenge_expires_at;
	moment created_at, expires_at;
	moment started_at; /* the person went on from the first page; 0: not yet */
	/* The consent: which text, and the language of the page. Zeros and empty: the tenant asks for none.
	 */
	struct digest consent_digest;
	char consent_language[LANGUAGE_SIZE];
	struct user_id user_id; /* the user who proved an address; empty before the proof */
	moment verified_at;
	struct session_id session_id; /* the last session that the link's page handed over to; empty: none */
	moment completed_at;	      /* 0: not completed */
	moment revoked_at;	      /* 0: not revoked */
	moment updated_at;
};

enum verification_link_state {
	VERIFICATION_LINK_OPEN,
	VERIFICATION_LINK_COMPLETED,
	VERIFICATION_LINK_EXPIRED,
	VERIFICATION_LINK_REVOKED,
	VERIFICATION_LINK_STATES
};

/* Returns the state at a moment of world_expiry_now(). A revoked link stays revoked, a completed one stays
 * completed after it expires. It expires at exactly expires_at, and also if the clock was set back. */
enum verification_link_state verification_link_state_at(const struct verification_link *link, moment now);
/* Returns the word of the API, for example "open"; NULL when `i` is past the end. */
const char *verification_link_state_name(size_t i);

/* Returns whether a link whose person proved an address is completed: the person is approved, or has a
 * session with a final status and may not have another one. */
bool verification_link_is_complete(bool has_session, enum create_verdict verdict);

static inline bool verification_link_is_verified(const struct verification_link *link)
{
	return link->user_id.text[0] != '\0';
}

/* Steps of the pages (spec/pages-and-console.md 1). */
enum verification_step {
	VERIFICATION_STEP_WELCOME,
	VERIFICATION_STEP_ADDRESS, /* also shows the wallet as another way */
	VERIFICATION_STEP_CODE,
	VERIFICATION_STEP_WALLET,
	VERIFICATION_STEP_CHECK, /* the person starts or continues a session at the provider */
	VERIFICATION_STEP_RESULT,
	VERIFICATION_STEPS
};
/* Returns the step of an open link. `has_session` and `status` (of the current session) are used only after
 * the proof: a person without a session, or with one that is open and not in review, continues the check. */
enum verification_step verification_link_step(
	const struct verification_link *link, bool has_session, enum session_status status);

/* Returns `life` if it is within the bounds; false otherwise. */
bool verification_link_life_is_valid(duration life);

/* A random token that the return to the tenant's page carries. The tenant's back-end redeems it once and
 * learns which link the browser belongs to. */
struct verification_result {
	struct digest token_digest;
	struct verification_link_id link_id;
	moment created_at, expires_at;
};
bool verification_result_is_open(const struct verification_result *result, moment now);
