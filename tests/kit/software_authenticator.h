/* An authenticator with one passkey, together with the browser in front of it: it answers create() and get()
 * as a real one does, or differently where a test wants it. Fails the test if OpenSSL or the arena fails. */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "crypto/webauthn.h"

struct software_authenticator {
	int algorithm; /* enum webauthn_algorithm */
	struct str id; /* of the credential */
	void *key;     /* the private key */
	/* The public key as COSE_Key and in the stored form. */
	struct str cose_key, public_key;
};

/* Everything that an answer contains. */
struct software_answer {
	struct str type, challenge, origin, rp_id;
	const char *more_members; /* of the client data, e.g. ",\"crossOrigin\":false" */
	unsigned flags;
	uint32_t sign_count;
	struct str credential, extensions; /* the end of the authenticator data; may be empty */
	struct str format, statement;	   /* of a registration; the statement is CBOR */
};

/* Makes a new key. All memory but the private key is in the arena. */
struct software_authenticator software_authenticator_new(struct arena *a, int algorithm);
void software_authenticator_free(struct software_authenticator *authenticator);

/* The answers that are expected. `type` is "webauthn.create" or "webauthn.get". */
struct software_answer software_answer_to(struct arena *a, const struct webauthn_expectation *expected,
	const struct software_authenticator *authenticator, struct str type);
/* The part of authenticator data about a credential. */
struct str software_credential(struct arena *a, struct str id, struct str cose_key);

struct str software_client_json(struct arena *a, const struct software_answer *answer);
struct str software_authenticator_bytes(struct arena *a, const struct software_answer *answer);
struct str software_attestation(struct arena *a, const struct software_answer *answer);
/* Signs, with the client data and the authenticator data of the answer. */
struct webauthn_assertion software_assertion(struct arena *a,
	const struct software_authenticator *authenticator, const struct software_answer *answer);
/* Signs any client data and authenticator data. */
struct str software_signature(struct arena *a, const struct software_authenticator *authenticator,
	struct str client_data, struct str authenticator_data);
