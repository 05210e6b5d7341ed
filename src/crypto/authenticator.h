/* Reads what an authenticator says about itself and a passkey: attestation objects and authenticator data
 * (WebAuthn Level 3, 6.1 and 6.5). It reads, but does not decide: crypto/webauthn does. Results point into
 * the input. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

enum authenticator_flag {
	AUTHENTICATOR_USER_PRESENT = 1,
	AUTHENTICATOR_USER_VERIFIED = 4,
	AUTHENTICATOR_BACKUP_ELIGIBLE = 8, /* the passkey may exist on several devices */
	AUTHENTICATOR_BACKED_UP = 16,	   /* it does */
	AUTHENTICATOR_HAS_CREDENTIAL = 64,
	AUTHENTICATOR_HAS_EXTENSIONS = 128,
};

/* The content of authenticator data. */
struct authenticator {
	struct str rp_id_hash; /* SHA-256 of the RP id */
	unsigned flags;	       /* enum authenticator_flag, and bits without a meaning so far */
	uint32_t sign_count;
	struct str credential_id, cose_key; /* empty without AUTHENTICATOR_HAS_CREDENTIAL */
};

/* Reads an attestation object and returns the authenticator data in it. The statement, whatever its format,
 * is skipped. Returns false if the object is malformed or has other members. */
bool attestation_object_read(struct str bytes, struct str *authenticator_data) must_use;
/* Reads authenticator data. Returns false if the bytes are malformed, end too early, or continue after the
 * end. */
bool authenticator_read(struct str bytes, struct authenticator *out) must_use;
