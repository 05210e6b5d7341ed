/* What the pages of a verification link show. Only reads: opening a link changes nothing, because mail
 * scanners open links too. The view is the same on every device. */
#pragma once

#include <stdbool.h>

#include "app/person/next_step.h"
#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/otp.h"
#include "domain/tenant.h"
#include "domain/verification_link.h"
#include "port/world.h"

/* The code that was sent for the link. */
struct verification_code_view {
	enum otp_verdict state; /* OTP_ACCEPTED: it can be entered; OTP_EXPIRED: also if it was used or
				   replaced by a code without the link; OTP_LOCKED: too many wrong codes */
	moment expires_at;	/* of world_expiry_now(); for the text "valid until" */
	duration resend_wait;	/* until *Send again* is allowed; 0: now */
};

/* The challenge that was issued for the link. */
struct verification_challenge_view {
	struct str wallet, message; /* the full address and the text to sign; empty: no challenge */
	moment expires_at;
	bool is_open; /* a valid signature would be accepted */
};

/* What is known about the person after the proof. */
struct verification_person_view {
	bool has_session;
	/* The session's id of the provider if it is open and was not updated for 10 s, so that the page adds
	 * it to the queue of polls (app/session/poll_queue.h); otherwise empty. */
	struct provider_ref stale_session;
	enum session_status session_status; /* of the current session; STATUS_NOT_STARTED without one */
	const char *kyc_status;		    /* pending, in_review, approved, declined or expired */
	struct next_step next_step;	    /* reasons and next action, as the API tells them */
	bool can_try_again;		    /* POST …/check would make a new session after a final one */
	moment next_try_at; /* if tries are used up: when another try is allowed; 0: not known */
};

struct verification_view {
	bool is_known; /* false: there is no such link, or its tenant is disabled; nothing else is set */
	struct verification_link_id id;
	enum verification_link_state state;
	struct tenant tenant;
	struct str language; /* that the link was made with; empty: none */
	/* For an open or completed link; a completed one is at VERIFICATION_STEP_RESULT. */
	enum verification_step step;
	bool is_verified;
	/* Before the proof: the address of the link, shortened so that it is recognised only by whoever knows
	 * it, such as "j•••@example.com" or "0x19E7…Ff2A". Empty: there is none. */
	enum address_kind address_kind;
	struct str masked_address;
	struct verification_code_view code; /* for VERIFICATION_ATTEMPT_CODE before the proof */
	struct verification_challenge_view
		challenge; /* for VERIFICATION_ATTEMPT_SIGNATURE before the proof */
	enum verification_link_attempt attempt;
	struct verification_person_view person; /* after the proof */
	bool has_return_url;
	struct str return_origin; /* scheme, host and port of the return URL; empty: there is none */
	moment expires_at;
	/* A word that differs whenever the page would differ. The script of a page polls it. */
	char version[17];
};

/* Texts are in the arena. Returns OK with `is_known` false for an unknown token. */
enum err verification_link_view(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct verification_view *out) must_use;
