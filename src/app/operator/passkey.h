/* Registration of passkeys and sign-in with them (WebAuthn). A browser first asks for a challenge, which
 * works once and for PASSKEY_CHALLENGE_LIFE. Every function opens its own transactions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

enum passkey_verdict {
	PASSKEY_ACCEPTED,
	PASSKEY_NO_LINK,      /* the one-time link is unknown, used, replaced or expired */
	PASSKEY_NO_CHALLENGE, /* the challenge is unknown, used or expired */
	PASSKEY_REFUSED,      /* the browser's answer is malformed or wrong */
	PASSKEY_UNKNOWN,      /* no operator has this passkey, or another operator than the caller */
	PASSKEY_KNOWN,	      /* the passkey is registered already */
	PASSKEY_TOO_MANY,     /* the operator has PASSKEYS_MAX passkeys */
	PASSKEY_CLONED,	      /* the counter of the authenticator went back */
	PASSKEY_DISABLED,     /* the operator is disabled */
	PASSKEY_LAST,	      /* the only passkey of an operator is not removed */
};

/* Where the console is served: what the browser's answers must name. */
struct passkey_site {
	struct str origin; /* "https://console.example.com" */
	struct str rp_id;  /* "console.example.com" */
};

/* What a browser needs to register a passkey. */
struct passkey_registration {
	struct str challenge;	/* base64url */
	struct str user_handle; /* base64url, for the operator */
	struct str email;
	struct str *known; /* base64url, ids of the passkeys that the operator has */
	size_t n_known;
};

/* A browser's answer. All members are base64url, as they were sent. */
struct passkey_answer {
	struct str challenge; /* the one that was given to the browser */
	struct str credential_id;
	struct str client_data;
	struct str attestation_object;		  /* of a registration */
	struct str authenticator_data, signature; /* of a sign-in */
};

/* A form with a browser's answer. */
struct passkey_form {
	const struct passkey_site *site;
	const struct passkey_answer *answer;
	struct str link_token; /* only of a registration */
	struct str request_id;
};

/* Finds the operator of a one-time link without changing anything. */
enum err passkey_link_check(const struct world *world, struct arena *a, struct str token, struct str *email,
	enum passkey_verdict *verdict) must_use;
/* Makes the challenge for a registration at a one-time link. */
enum err passkey_register_begin(const struct world *world, struct arena *a, struct str token,
	struct passkey_registration *out, enum passkey_verdict *verdict) must_use;
/* Registers a passkey, uses up the link, and starts a console session. */
enum err passkey_register(const struct world *world, struct arena *a, const struct passkey_form *form,
	struct str *session_token, enum passkey_verdict *verdict) must_use;

/* Makes a challenge for a sign-in. Anyone can ask for one, so its number is limited by the caller. */
enum err passkey_sign_in_begin(const struct world *world, struct arena *a, struct str *challenge) must_use;
/* Signs in and starts a console session. */
enum err passkey_sign_in(const struct world *world, struct arena *a, const struct passkey_form *form,
	struct str *session_token, enum passkey_verdict *verdict) must_use;

/* Makes a challenge for a step-up of the caller. */
enum err passkey_step_up_begin(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str *challenge, struct str **known,
	size_t *n_known) must_use;
/* Stores that the caller used the passkey again. */
enum err passkey_step_up(const struct world *world, struct arena *a, const struct passkey_site *site,
	const struct console_caller *caller, const struct passkey_answer *answer,
	enum passkey_verdict *verdict) must_use;
/* The same without a passkey, for development mode. */
enum err passkey_step_up_in_dev(
	const struct world *world, struct arena *a, const struct console_caller *caller) must_use;
