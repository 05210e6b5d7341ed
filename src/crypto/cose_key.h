/* Reads the public key of a passkey (COSE_Key, RFC 9052 section 7, as WebAuthn Level 3, 6.5.1.1 restricts
 * it). It does not check that the numbers are a valid key; crypto/webauthn does. Thread-safe. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "crypto/webauthn_verdict.h"

/* Signature algorithms by their COSE numbers; the first is the most common. They belong into the member
 * `pubKeyCredParams` of the options of create(), in this order. */
enum webauthn_algorithm {
	WEBAUTHN_ES256 = -7,   /* ECDSA on P-256 with SHA-256 */
	WEBAUTHN_EDDSA = -8,   /* Ed25519 */
	WEBAUTHN_RS256 = -257, /* RSA with 2,048 bits, PKCS #1 1.5, SHA-256 */
};

/* Longest public key in the stored form (bytes). */
#define WEBAUTHN_PUBLIC_KEY_MAX 259

struct cose_key {
	int algorithm; /* enum webauthn_algorithm */
	/* The stored form (struct webauthn_credential). */
	unsigned char bytes[WEBAUTHN_PUBLIC_KEY_MAX];
	size_t n;
};

/* Reads exactly one key. Returns WEBAUTHN_ACCEPTED, WEBAUTHN_UNKNOWN_ALGORITHM or WEBAUTHN_MALFORMED. */
enum webauthn_verdict cose_key_read(struct str cbor, struct cose_key *out) must_use;
