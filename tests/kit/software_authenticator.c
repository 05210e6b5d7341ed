#include "kit/software_authenticator.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/buf.h"
#include "crypto/authenticator.h"
#include "crypto/digest.h"
#include "text/encode.h"

static struct str bytes_of(const unsigned char *bytes, size_t n)
{
	return (struct str){ (const char *)bytes, n };
}

static struct str copy(struct arena *a, const unsigned char *bytes, size_t n)
{
	const struct str result = arena_copy(a, bytes_of(bytes, n));

	assert_non_null(result.p);
	return result;
}

static void add_number(struct buf *out, size_t n, uint32_t number)
{
	while (n-- > 0)
		buf_char(out, (char)(number >> 8 * n));
}

/* Writes the first bytes of a CBOR item; `kind` is the first byte of an empty one. */
static void add_cbor(struct buf *out, unsigned char kind, size_t n)
{
	buf_char(out, (char)(n < 24 ? kind + n : kind + (n < 256 ? 24U : 25U)));
	if (n >= 24)
		add_number(out, n < 256 ? 1 : 2, (uint32_t)n);
}

static void add_text(struct buf *out, unsigned char kind, struct str text)
{
	add_cbor(out, kind, text.n);
	buf_add(out, text);
}

static struct str finish(struct buf *b)
{
	struct str out;

	assert_int_equal(buf_done(b, &out), OK);
	return out;
}

static void make_es256(struct arena *a, struct software_authenticator *out)
{
	unsigned char point[65];
	size_t n = 0;
	struct buf b;

	out->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	assert_non_null(out->key);
	assert_int_equal(
		EVP_PKEY_get_octet_string_param(out->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n),
		1);
	assert_int_equal(n, sizeof(point));
	out->public_key = copy(a, point + 1, 64);
	buf_init(&b, a);
	buf_add(&b, STR("\xA5\x01\x02\x03\x26\x20\x01\x21"));
	add_text(&b, 0x40, (struct str){ out->public_key.p, 32 });
	buf_char(&b, '\x22');
	add_text(&b, 0x40, str_from(out->public_key, 32));
	out->cose_key = finish(&b);
}

static void make_eddsa(struct arena *a, struct software_authenticator *out)
{
	unsigned char point[32];
	size_t n = sizeof(point);
	struct buf b;

	out->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(out->key);
	assert_int_equal(EVP_PKEY_get_raw_public_key(out->key, point, &n), 1);
	out->public_key = copy(a, point, n);
	buf_init(&b, a);
	buf_add(&b, STR("\xA4\x01\x01\x03\x27\x20\x06\x21"));
	add_text(&b, 0x40, out->public_key);
	out->cose_key = finish(&b);
}

static void make_rs256(struct arena *a, struct software_authenticator *out)
{
	unsigned char numbers[259] = { [256] = 1, [258] = 1 };
	BIGNUM *modulus = NULL;
	struct buf b;

	out->key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	assert_non_null(out->key);
	assert_int_equal(EVP_PKEY_get_bn_param(out->key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
	assert_int_equal(BN_bn2binpad(modulus, numbers, 256), 256);
	BN_free(modulus);
	out->public_key = copy(a, numbers, sizeof(numbers));
	buf_init(&b, a);
	buf_add(&b, (struct str)STR_INIT("\xA4\x01\x03\x03\x39\x01\x00\x20"));
	add_text(&b, 0x40, (struct str){ out->public_key.p, 256 });
	buf_char(&b, '\x21');
	add_text(&b, 0x40, str_from(out->public_key, 256));
	out->cose_key = finish(&b);
}

struct software_authenticator software_authenticator_new(struct arena *a, int algorithm)
{
	struct software_authenticator made = { .algorithm = algorithm, .id = STR("passkey of the test") };

	if (algorithm == WEBAUTHN_ES256)
		make_es256(a, &made);
	else if (algorithm == WEBAUTHN_EDDSA)
		make_eddsa(a, &made);
	else
		make_rs256(a, &made);
	return made;
}

void software_authenticator_free(struct software_authenticator *authenticator)
{
	EVP_PKEY_free(authenticator->key);
	authenticator->key = NULL;
}

struct str software_credential(struct arena *a, struct str id, struct str cose_key)
{
	struct buf b;

	buf_init(&b, a);
	for (int i = 0; i < 16; i++)
		buf_char(&b, '\0'); /* the AAGUID of an authenticator that does not name its product */
	add_number(&b, 2, (uint32_t)id.n);
	buf_add(&b, id);
	buf_add(&b, cose_key);
	return finish(&b);
}

struct software_answer software_answer_to(struct arena *a, const struct webauthn_expectation *expected,
	const struct software_authenticator *authenticator, struct str type)
{
	struct software_answer answer = {
		.type = type,
		.challenge = expected->challenge,
		.origin = expected->origin,
		.rp_id = expected->rp_id,
		.more_members = ",\"crossOrigin\":false",
		.flags = AUTHENTICATOR_USER_PRESENT | AUTHENTICATOR_USER_VERIFIED,
		.format = STR("none"),
		.statement = STR("\xA0"),
	};

	if (str_eq(type, STR("webauthn.create"))) {
		answer.flags |= AUTHENTICATOR_HAS_CREDENTIAL;
		answer.credential = software_credential(a, authenticator->id, authenticator->cose_key);
	}
	return answer;
}

struct str software_client_json(struct arena *a, const struct software_answer *answer)
{
	struct str challenge;

	assert_int_equal(base64url_write(a, (const unsigned char *)answer->challenge.p, answer->challenge.n,
				 &challenge),
		OK);
	const struct str json = arena_printf(a,
		"{\"type\":\"%.*s\",\"challenge\":\"%.*s\",\"origin\":\"%.*s\"%s}", STR_ARG(answer->type),
		STR_ARG(challenge), STR_ARG(answer->origin), answer->more_members);
	assert_non_null(json.p);
	return json;
}

struct str software_authenticator_bytes(struct arena *a, const struct software_answer *answer)
{
	unsigned char hash[DIGEST_BYTES];
	struct buf b;

	sha256(answer->rp_id, hash);
	buf_init(&b, a);
	buf_add(&b, bytes_of(hash, sizeof(hash)));
	buf_char(&b, (char)answer->flags);
	add_number(&b, 4, answer->sign_count);
	buf_add(&b, answer->credential);
	buf_add(&b, answer->extensions);
	return finish(&b);
}

struct str software_attestation(struct arena *a, const struct software_answer *answer)
{
	struct buf b;

	const struct str authenticator_data = software_authenticator_bytes(a, answer);
	buf_init(&b, a);
	buf_char(&b, '\xA3');
	add_text(&b, 0x60, STR("fmt"));
	add_text(&b, 0x60, answer->format);
	add_text(&b, 0x60, STR("attStmt"));
	buf_add(&b, answer->statement);
	add_text(&b, 0x60, STR("authData"));
	add_text(&b, 0x40, authenticator_data);
	return finish(&b);
}

struct str software_signature(struct arena *a, const struct software_authenticator *authenticator,
	struct str client_data, struct str authenticator_data)
{
	const EVP_MD *const hash = authenticator->algorithm == WEBAUTHN_EDDSA ? NULL : EVP_sha256();
	unsigned char client_hash[DIGEST_BYTES], signature[512];
	size_t n = sizeof(signature);
	struct buf b;

	sha256(client_data, client_hash);
	buf_init(&b, a);
	buf_add(&b, authenticator_data);
	buf_add(&b, bytes_of(client_hash, sizeof(client_hash)));
	const struct str signed_bytes = finish(&b);

	EVP_MD_CTX *const context = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(context, NULL, hash, NULL, authenticator->key), 1);
	assert_int_equal(
		EVP_DigestSign(context, signature, &n, (const unsigned char *)signed_bytes.p, signed_bytes.n),
		1);
	EVP_MD_CTX_free(context);
	return copy(a, signature, n);
}

struct webauthn_assertion software_assertion(struct arena *a,
	const struct software_authenticator *authenticator, const struct software_answer *answer)
{
	struct webauthn_assertion made = {
		.client_data_json = software_client_json(a, answer),
		.authenticator_data = software_authenticator_bytes(a, answer),
	};

	made.signature = software_signature(a, authenticator, made.client_data_json, made.authenticator_data);
	return made;
}
