/* Checks of passkeys (WebAuthn Level 2 and 3): the answer of a browser to navigator.credentials.create(), a
 * registration, and to navigator.credentials.get(), an assertion. libfido2 checks keys and signatures.
 * Both checks require that the person was present and that the authenticator verified them (by PIN, finger or
 * face). No attestation is verified: which product an authenticator is does not matter here.
 *
 * The caller has made the challenge, stores it, and lets it be used once and only for some minutes. It also
 * looks up the credential by its id, and stores the new sign count.
 *
 * The functions return ERR_INTERNAL if the system or the arena has no memory. Everything that is wrong with
 * the browser's answer is a verdict. Thread-safe; crypto_start() must have been called. A check takes about
 * half a millisecond, so callers make it outside of store transactions. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/cose_key.h"
#include "crypto/webauthn_verdict.h"

/* Longer inputs are malformed (bytes). */
#define WEBAUTHN_CLIENT_DATA_MAX ((size_t)4096)
#define WEBAUTHN_ATTESTATION_MAX ((size_t)16 * 1024)
/* Of an assertion. Without extensions, which the page does not request, it has 37 bytes. libfido2 1.12 cannot
 * check an EdDSA signature of more. */
#define WEBAUTHN_AUTHENTICATOR_DATA_MAX ((size_t)992)
#define WEBAUTHN_SIGNATURE_MAX ((size_t)1024)
/* Longest id of a credential (WebAuthn Level 3, 5.1; bytes). */
#define WEBAUTHN_ID_MAX 1023

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
 * caller stores in the credential. ERR_STORAGE: the stored public key is not a key. */
enum err webauthn_check_assertion(struct arena *a, const struct webauthn_expectation *expected,
	const struct webauthn_credential *credential, const struct webauthn_assertion *assertion,
	uint32_t *new_sign_count, enum webauthn_verdict *verdict) must_use;
