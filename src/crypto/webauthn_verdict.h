/* The results of checking a passkey's registration or assertion, with a name for each. */
#pragma once

#include "base/str.h"

/* The result of a check: accepted, or the first thing that is wrong. */
enum webauthn_verdict {
	WEBAUTHN_ACCEPTED,
	WEBAUTHN_MALFORMED,	    /* an input is too long, or is not what its specification says */
	WEBAUTHN_WRONG_TYPE,	    /* an assertion instead of a registration, or the reverse */
	WEBAUTHN_WRONG_CHALLENGE,   /* the answer to another challenge */
	WEBAUTHN_WRONG_ORIGIN,	    /* made on a page of another origin, or in a frame of one */
	WEBAUTHN_WRONG_RP_ID,	    /* made for another host name */
	WEBAUTHN_USER_NOT_PRESENT,  /* nobody touched the authenticator */
	WEBAUTHN_USER_NOT_VERIFIED, /* neither PIN nor finger nor face was checked */
	WEBAUTHN_UNKNOWN_ALGORITHM, /* none of enum webauthn_algorithm */
	WEBAUTHN_WRONG_SIGNATURE,   /* made with another key, or of other bytes */
	WEBAUTHN_COUNTER_WENT_BACK, /* the sign count did not grow: the authenticator may have been copied */
	WEBAUTHN_VERDICT_COUNT
};

/* Returns a word for logs and for the audit log, e.g. "wrong_origin". */
struct str webauthn_verdict_name(enum webauthn_verdict verdict);
