/* Properties: a registration that is accepted contains the id and the first number of the public key, and is
 * refused with a byte more or less. No input is accepted as an assertion, because none is signed. The input
 * is an attestation object; or a number, authenticator data of as many bytes, and a signature. */
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/webauthn.h"
#include "fuzz.h"

static const struct webauthn_expectation expected = { STR_INIT("challenge"),
	STR_INIT("http://localhost:8080"), STR_INIT("localhost") };
#define CLIENT_JSON(type)                                                                                    \
	STR("{\"type\":\"" type "\",\"challenge\":\"Y2hhbGxlbmdl\",\"origin\":\"http://localhost:8080\"}")
/* The base point of P-256 (SEC 2, 2.4.2). */
static const unsigned char base_point[64] = { 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC,
	0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39,
	0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A,
	0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37,
	0xBF, 0x51, 0xF5 };
#define NUMBER_BYTES 32 /* the shortest first number of a public key */

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static enum webauthn_verdict register_input(
	struct arena *a, struct str attestation_object, struct webauthn_credential *out)
{
	enum webauthn_verdict verdict;

	abort_unless(webauthn_check_registration(a, &expected, CLIENT_JSON("webauthn.create"),
			     attestation_object, out, &verdict) == OK);
	return verdict;
}

static void check_registration(struct arena *a, struct str input)
{
	struct webauthn_credential credential, other;

	if (register_input(a, input, &credential) != WEBAUTHN_ACCEPTED)
		return;
	abort_unless(credential.id.n > 0 && credential.id.n <= WEBAUTHN_ID_MAX);
	abort_unless(memmem(input.p, input.n, credential.id.p, credential.id.n) != NULL);
	abort_unless(credential.public_key.n >= NUMBER_BYTES &&
		     credential.public_key.n <= WEBAUTHN_PUBLIC_KEY_MAX);
	abort_unless(memmem(input.p, input.n, credential.public_key.p, NUMBER_BYTES) != NULL);

	const struct str longer = { arena_copy(a, input).p, input.n + 1 }; /* with the final NUL */
	abort_unless(longer.p && register_input(a, longer, &other) == WEBAUTHN_MALFORMED);
	const struct str shorter = { input.p, input.n - 1 };
	abort_unless(register_input(a, shorter, &other) == WEBAUTHN_MALFORMED);
}

static void check_assertion(struct arena *a, struct str input)
{
	const struct webauthn_credential credential = { STR("id"), WEBAUTHN_ES256,
		{ (const char *)base_point, sizeof(base_point) }, 0 };
	const size_t n = input.n > 0 ? (unsigned char)input.p[0] : 0;
	enum webauthn_verdict verdict;
	uint32_t count;

	if (input.n < 1 + n)
		return;
	const struct webauthn_assertion assertion = { CLIENT_JSON("webauthn.get"), { input.p + 1, n },
		str_from(input, 1 + n) };
	abort_unless(webauthn_check_assertion(a, &expected, &credential, &assertion, &count, &verdict) == OK);
	abort_unless(verdict != WEBAUTHN_ACCEPTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = { (const char *)data, size };
	static bool is_started;
	struct arena a;

	if (!is_started)
		abort_unless(crypto_start());
	is_started = true;
	arena_init(&a, ARENA_CALL_LIMIT);
	check_registration(&a, input);
	check_assertion(&a, input);
	arena_finish(&a);
	return 0;
}
