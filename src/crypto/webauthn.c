#include "crypto/webauthn.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>

#include "crypto/authenticator.h"
#include "crypto/digest.h"
#include "text/encode.h"
#include "text/json.h"

/* The client data (WebAuthn Level 3, 5.8.1) */

static enum webauthn_verdict check_challenge(
	const struct webauthn_expectation *expected, struct str challenge)
{
	if (challenge.n != expected->challenge.n)
		return WEBAUTHN_WRONG_CHALLENGE;
	return equal_constant_time((const unsigned char *)challenge.p,
		       (const unsigned char *)expected->challenge.p, challenge.n)
		       ? WEBAUTHN_ACCEPTED
		       : WEBAUTHN_WRONG_CHALLENGE;
}

/* A page in a frame of another origin could be covered by that page, so that the person does not see what
 * they agree to. */
static enum webauthn_verdict check_origin(
	const struct webauthn_expectation *expected, const struct json_value *data)
{
	const struct json_value *const cross_origin = json_get(data, "crossOrigin");
	const enum json_kind kind = json_kind_of(cross_origin);

	if (kind != JSON_KIND_ABSENT && kind != JSON_KIND_BOOL)
		return WEBAUTHN_MALFORMED;
	if (json_bool(cross_origin) || json_kind_of(json_get(data, "topOrigin")) != JSON_KIND_ABSENT)
		return WEBAUTHN_WRONG_ORIGIN;
	return str_eq(json_text(json_get(data, "origin")), expected->origin) ? WEBAUTHN_ACCEPTED
									     : WEBAUTHN_WRONG_ORIGIN;
}

static enum err check_members(struct arena *a, const struct webauthn_expectation *expected, struct str type,
	const struct json_value *data, enum webauthn_verdict *verdict)
{
	static const char *const texts[] = { "type", "challenge", "origin" };
	struct str challenge;

	*verdict = WEBAUTHN_MALFORMED;
	for (size_t i = 0; i < array_len(texts); i++)
		if (json_kind_of(json_get(data, texts[i])) != JSON_KIND_TEXT)
			return OK;
	const enum err e = base64url_read(a, json_text(json_get(data, "challenge")), &challenge);
	if (e != OK)
		return e == ERR_INPUT ? OK : e;
	*verdict = WEBAUTHN_WRONG_TYPE;
	if (!str_eq(json_text(json_get(data, "type")), type))
		return OK;
	*verdict = check_challenge(expected, challenge);
	if (*verdict == WEBAUTHN_ACCEPTED)
		*verdict = check_origin(expected, data);
	return OK;
}

static enum err check_client_json(struct arena *a, const struct webauthn_expectation *expected,
	struct str type, struct str client_data_json, enum webauthn_verdict *verdict)
{
	const struct json_value *data cleanup_with(json_cleanup) = NULL;

	*verdict = WEBAUTHN_MALFORMED;
	if (client_data_json.n > WEBAUTHN_CLIENT_DATA_MAX)
		return OK;
	const enum err e = json_parse(client_data_json, true, &data);
	if (e != OK)
		return e == ERR_INTERNAL ? e : OK;
	return check_members(a, expected, type, data, verdict);
}

/* The authenticator data */

static enum webauthn_verdict check_authenticator(
	const struct webauthn_expectation *expected, const struct authenticator *data)
{
	unsigned char hash[DIGEST_BYTES];

	sha256(expected->rp_id, hash);
	if (!equal_constant_time(hash, (const unsigned char *)data->rp_id_hash.p, sizeof(hash)))
		return WEBAUTHN_WRONG_RP_ID;
	if (!(data->flags & AUTHENTICATOR_USER_PRESENT))
		return WEBAUTHN_USER_NOT_PRESENT;
	if (!(data->flags & AUTHENTICATOR_USER_VERIFIED))
		return WEBAUTHN_USER_NOT_VERIFIED;
	/* Level 3, 7.1 step 17 and 7.2 step 18: what cannot be copied cannot have been copied. */
	if ((data->flags & AUTHENTICATOR_BACKED_UP) && !(data->flags & AUTHENTICATOR_BACKUP_ELIGIBLE))
		return WEBAUTHN_MALFORMED;
	return WEBAUTHN_ACCEPTED;
}

/* Keys and signatures. Each function returns FIDO_ERR_INVALID_ARGUMENT if `key`, in the stored form, is not a
 * valid key; without an `assert` it checks only that. FIDO_ERR_UNSUPPORTED_OPTION: an unknown algorithm. */

static int verify_es256(const fido_assert_t *assert, struct str key)
{
	es256_pk_t *pk = es256_pk_new();
	int r = pk ? es256_pk_from_ptr(pk, key.p, key.n) : FIDO_ERR_INTERNAL;

	if (r == FIDO_OK && assert)
		r = fido_assert_verify(assert, 0, COSE_ES256, pk);
	es256_pk_free(&pk);
	return r;
}

static int verify_eddsa(const fido_assert_t *assert, struct str key)
{
	/* libfido2 accepts points of small order, for which anybody can make signatures. */
	if (!crypto_core_ed25519_is_valid_point((const unsigned char *)key.p))
		return FIDO_ERR_INVALID_ARGUMENT;
	eddsa_pk_t *pk = eddsa_pk_new();
	int r = pk ? eddsa_pk_from_ptr(pk, key.p, key.n) : FIDO_ERR_INTERNAL;

	if (r == FIDO_OK && assert)
		r = fido_assert_verify(assert, 0, COSE_EDDSA, pk);
	eddsa_pk_free(&pk);
	return r;
}

static int verify_rs256(const fido_assert_t *assert, struct str key)
{
	/* Authenticators use no other exponent, and libfido2 accepts any, e.g. 1. */
	if (!str_ends(key, STR("\x01\x00\x01")))
		return FIDO_ERR_INVALID_ARGUMENT;
	rs256_pk_t *pk = rs256_pk_new();
	int r = pk ? rs256_pk_from_ptr(pk, key.p, key.n) : FIDO_ERR_INTERNAL;

	if (r == FIDO_OK && assert)
		r = fido_assert_verify(assert, 0, COSE_RS256, pk);
	rs256_pk_free(&pk);
	return r;
}

static const struct {
	int algorithm;
	size_t length; /* of the stored key */
	int (*verify)(const fido_assert_t *assert, struct str key);
} verifiers[] = {
	{ WEBAUTHN_ES256, 64, verify_es256 },
	{ WEBAUTHN_EDDSA, 32, verify_eddsa },
	{ WEBAUTHN_RS256, 259, verify_rs256 },
};

static int verify(const fido_assert_t *assert, int algorithm, struct str key)
{
	for (size_t i = 0; i < array_len(verifiers); i++)
		if (verifiers[i].algorithm == algorithm)
			return key.n == verifiers[i].length ? verifiers[i].verify(assert, key)
							    : FIDO_ERR_INVALID_ARGUMENT;
	return FIDO_ERR_UNSUPPORTED_OPTION;
}

static void drop_log_line(const char *line maybe_unused)
{
}

/* Must be called by each thread before other functions of libfido2 (fido_init(3)). With FIDO_DEBUG in the
 * environment, libfido2 would write what it reads to standard error. */
static void start_libfido2(void)
{
	fido_init(0);
	fido_set_log_handler(drop_log_line);
}

/* Registrations */

static enum webauthn_verdict read_registration(const struct webauthn_expectation *expected,
	struct str attestation_object, struct authenticator *data, struct cose_key *key)
{
	struct str bytes;

	if (attestation_object.n > WEBAUTHN_ATTESTATION_MAX ||
		!attestation_object_read(attestation_object, &bytes) || !authenticator_read(bytes, data))
		return WEBAUTHN_MALFORMED;
	const enum webauthn_verdict verdict = check_authenticator(expected, data);
	if (verdict != WEBAUTHN_ACCEPTED)
		return verdict;
	if (data->credential_id.n > WEBAUTHN_ID_MAX)
		return WEBAUTHN_MALFORMED;
	/* Without a credential the key is empty, which is malformed. */
	return cose_key_read(data->cose_key, key);
}

static enum err copy_credential(struct arena *a, const struct authenticator *data, const struct cose_key *key,
	struct webauthn_credential *out)
{
	const struct webauthn_credential copy = {
		.id = arena_copy(a, data->credential_id),
		.algorithm = key->algorithm,
		.public_key = arena_copy(a, (struct str){ (const char *)key->bytes, key->n }),
		.sign_count = data->sign_count,
	};

	if (!copy.id.p || !copy.public_key.p)
		return ERR_INTERNAL;
	*out = copy;
	return OK;
}

enum err webauthn_check_registration(struct arena *a, const struct webauthn_expectation *expected,
	struct str client_data_json, struct str attestation_object, struct webauthn_credential *out,
	enum webauthn_verdict *verdict)
{
	struct authenticator data;
	struct cose_key key;

	TRY(check_client_json(a, expected, STR("webauthn.create"), client_data_json, verdict));
	if (*verdict != WEBAUTHN_ACCEPTED)
		return OK;
	*verdict = read_registration(expected, attestation_object, &data, &key);
	if (*verdict != WEBAUTHN_ACCEPTED)
		return OK;
	start_libfido2();
	const int r = verify(NULL, key.algorithm, (struct str){ (const char *)key.bytes, key.n });
	if (r == FIDO_OK)
		return copy_credential(a, &data, &key, out);
	*verdict = WEBAUTHN_MALFORMED;
	return r == FIDO_ERR_INVALID_ARGUMENT ? OK : ERR_INTERNAL;
}

/* Assertions */

static enum webauthn_verdict read_assertion(const struct webauthn_expectation *expected,
	const struct webauthn_assertion *assertion, struct authenticator *data)
{
	if (assertion->authenticator_data.n > WEBAUTHN_AUTHENTICATOR_DATA_MAX ||
		assertion->signature.n > WEBAUTHN_SIGNATURE_MAX || assertion->signature.n == 0 ||
		!authenticator_read(assertion->authenticator_data, data))
		return WEBAUTHN_MALFORMED;
	const enum webauthn_verdict verdict = check_authenticator(expected, data);
	if (verdict != WEBAUTHN_ACCEPTED)
		return verdict;
	return data->flags & AUTHENTICATOR_HAS_CREDENTIAL ? WEBAUTHN_MALFORMED : WEBAUTHN_ACCEPTED;
}

/* Returns FIDO_ERR_INVALID_PARAM, as fido_assert_verify does, if libfido2 cannot read an extension. */
static int fill_assert(fido_assert_t *assert, const char *rp_id, const struct webauthn_assertion *assertion)
{
	const struct str client_data = assertion->client_data_json, signature = assertion->signature;
	const struct str data = assertion->authenticator_data;

	if (fido_assert_set_count(assert, 1) != FIDO_OK || fido_assert_set_rp(assert, rp_id) != FIDO_OK ||
		fido_assert_set_up(assert, FIDO_OPT_TRUE) != FIDO_OK ||
		fido_assert_set_uv(assert, FIDO_OPT_TRUE) != FIDO_OK ||
		fido_assert_set_clientdata(assert, (const unsigned char *)client_data.p, client_data.n) !=
			FIDO_OK ||
		fido_assert_set_sig(assert, 0, (const unsigned char *)signature.p, signature.n) != FIDO_OK)
		return FIDO_ERR_INTERNAL;
	const int r = fido_assert_set_authdata_raw(assert, 0, (const unsigned char *)data.p, data.n);
	return r == FIDO_ERR_INVALID_ARGUMENT ? FIDO_ERR_INVALID_PARAM : r;
}

static enum err result_of(int r, enum webauthn_verdict *verdict)
{
	switch (r) {
	case FIDO_OK:
		*verdict = WEBAUTHN_ACCEPTED;
		return OK;
	case FIDO_ERR_INVALID_SIG:
		*verdict = WEBAUTHN_WRONG_SIGNATURE;
		return OK;
	case FIDO_ERR_INVALID_PARAM: /* the data has an extension of CTAP that the page did not request */
		*verdict = WEBAUTHN_MALFORMED;
		return OK;
	case FIDO_ERR_UNSUPPORTED_OPTION:
		*verdict = WEBAUTHN_UNKNOWN_ALGORITHM;
		return OK;
	case FIDO_ERR_INVALID_ARGUMENT:
		return ERR_STORAGE;
	default:
		return ERR_INTERNAL;
	}
}

static enum err check_signature(struct arena *a, const struct webauthn_expectation *expected,
	const struct webauthn_credential *credential, const struct webauthn_assertion *assertion,
	enum webauthn_verdict *verdict)
{
	const struct str rp_id = arena_copy(a, expected->rp_id); /* with a final NUL */

	start_libfido2();
	fido_assert_t *assert = rp_id.p ? fido_assert_new() : NULL;
	if (!assert)
		return ERR_INTERNAL;
	int r = fill_assert(assert, rp_id.p, assertion);
	if (r == FIDO_OK)
		r = verify(assert, credential->algorithm, credential->public_key);
	fido_assert_free(&assert);
	return result_of(r, verdict);
}

enum err webauthn_check_assertion(struct arena *a, const struct webauthn_expectation *expected,
	const struct webauthn_credential *credential, const struct webauthn_assertion *assertion,
	uint32_t *new_sign_count, enum webauthn_verdict *verdict)
{
	struct authenticator data;

	TRY(check_client_json(a, expected, STR("webauthn.get"), assertion->client_data_json, verdict));
	if (*verdict != WEBAUTHN_ACCEPTED)
		return OK;
	*verdict = read_assertion(expected, assertion, &data);
	if (*verdict != WEBAUTHN_ACCEPTED)
		return OK;
	TRY(check_signature(a, expected, credential, assertion, verdict));
	if (*verdict != WEBAUTHN_ACCEPTED)
		return OK;
	/* Level 3, 6.1.1: an authenticator that counts counts each signature; one that does not sends 0. */
	if (credential->sign_count != 0 && data.sign_count <= credential->sign_count)
		*verdict = WEBAUTHN_COUNTER_WENT_BACK;
	else
		*new_sign_count = data.sign_count;
	return OK;
}
