/* Checks of passkeys (WebAuthn Level 2 and 3): the answer of a browser to navigator.credentials.create(), a
 * registration, and to navigator.credentials.get(), an assertion. libfido2 reads keys and checks signatures.
 * Both checks require that the person was present and that the authenticator verified them (by PIN, finger or
 * face). No attestation is verified: which product an authenticator is does not matter here.
 *
 * The caller has made the challenge, stores it, and lets it be used once and only for some minutes. It also
 * looks up the credential by its id, and stores the new sign count.
 *
 * The functions return ERR_INTERNAL if the system or the arena has no memory. Everything that is wrong with
 * the browser's answer is a verdict. Thread-safe; crypto_start() must have been called. A check takes up to
 * half a millisecond, so it is made outside of store transactions. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

/* Longer inputs are malformed (bytes). */
#define WEBAUTHN_CLIENT_DATA_MAX ((size_t)4096)
#define WEBAUTHN_ATTESTATION_MAX ((size_t)16 * 1024)
#define WEBAUTHN_AUTHENTICATOR_DATA_MAX ((size_t)4096)
#define WEBAUTHN_SIGNATURE_MAX ((size_t)1024)
/* Longest id of a credential (WebAuthn Level 3, 5.1), and longest public key in the stored form (bytes). */
#define WEBAUTHN_ID_MAX 1023
#define WEBAUTHN_PUBLIC_KEY_MAX 259

/* Signature algorithms by their COSE numbers; the first is the most common. They belong into the member
 * `pubKeyCredParams` of the options of create(), in this order. */
enum webauthn_algorithm {
	WEBAUTHN_ES256 = -7,   /* ECDSA on P-256 with SHA-256 */
	WEBAUTHN_EDDSA = -8,   /* Ed25519 */
	WEBAUTHN_RS256 = -257, /* RSA with 2,048 bits, PKCS #1 1.5, SHA-256 */
};

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

/* What the browser's answer must contain. */
struct webauthn_expectation {
	struct str challenge; /* the bytes that the page gave to the browser; not empty */
	struct str origin;    /* e.g. "https://console.example.com" or "http://localhost:8080" */
	struct str rp_id;     /* a host name, e.g. "console.example.com" or "localhost" */
};

/* What is stored about a passkey. */
struct webauthn_credential {
	struct str id; /* bytes, 1 to WEBAUTHN_ID_MAX; unique for each authenticator's passkey */
	int algorithm; /* enum webauthn_algorithm */
	/* Bytes. ES256: x and y, 32 bytes each. EdDSA: 32 bytes. RS256: the modulus, 256 bytes, and the
	 * exponent, 3 bytes; all numbers are big endian. */
	struct str public_key;
	uint32_t sign_count; /* 0: the authenticator does not count its signatures */
};

/* Checks a registration. `client_data_json` and `attestation_object` are the decoded bytes of the browser's
 * answer. On WEBAUTHN_ACCEPTED `*out` is set; its id and its public key are in the arena. */
enum err webauthn_check_registration(struct arena *a, const struct webauthn_expectation *expected,
	struct str client_data_json, struct str attestation_object, struct webauthn_credential *out,
	enum webauthn_verdict *verdict) must_use;

/* The browser's answer to get(), as decoded bytes. The id and the user handle, which it also contains, say
 * which stored credential it is about. */
struct webauthn_assertion {
	struct str client_data_json, authenticator_data, signature;
};

/* Checks an assertion with a stored credential. On WEBAUTHN_ACCEPTED `*new_sign_count` is the value that the
 * caller stores in the credential. */
enum err webauthn_check_assertion(struct arena *a, const struct webauthn_expectation *expected,
	const struct webauthn_credential *credential, const struct webauthn_assertion *assertion,
	uint32_t *new_sign_count, enum webauthn_verdict *verdict) must_use;
