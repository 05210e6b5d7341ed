#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lock.h"
#include "crypto/authenticator.h"
#include "crypto/digest.h"
#include "crypto/webauthn.h"
#include "kit/software_authenticator.h"
#include "text/encode.h"
#include "webauthn_vector.h"

#define FLAGS (AUTHENTICATOR_USER_PRESENT | AUTHENTICATOR_USER_VERIFIED)

static const int algorithms[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256 };

static const struct webauthn_expectation expected = {
	.challenge = STR_INIT("\x00\xFF\x10 thirty-two bytes of a challenge"),
	.origin = STR_INIT("https://console.example.com"),
	.rp_id = STR_INIT("console.example.com"),
};

/* Lives as long as the program; holds the authenticators. */
static struct arena kept;
static struct software_authenticator authenticators[array_len(algorithms)];

static int setup(void **state maybe_unused)
{
	assert_true(crypto_start());
	arena_init(&kept, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(algorithms); i++)
		authenticators[i] = software_authenticator_new(&kept, algorithms[i]);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++)
		software_authenticator_free(&authenticators[i]);
	arena_finish(&kept);
	return 0;
}

static void assert_verdict(const char *name, enum webauthn_verdict got, enum webauthn_verdict wanted)
{
	if (got != wanted)
		fail_msg("%s: %s instead of %s", name, webauthn_verdict_name(got).p,
			webauthn_verdict_name(wanted).p);
}

static enum webauthn_verdict register_bytes(
	struct arena *a, struct str client_data, struct str attestation, struct webauthn_credential *out)
{
	enum webauthn_verdict verdict = WEBAUTHN_VERDICT_COUNT;

	assert_int_equal(
		webauthn_check_registration(a, &expected, client_data, attestation, out, &verdict), OK);
	return verdict;
}

static enum webauthn_verdict register_answer(struct arena *a, const struct software_answer *answer)
{
	struct webauthn_credential credential = { .algorithm = 0 };
	const enum webauthn_verdict verdict = register_bytes(
		a, software_client_json(a, answer), software_attestation(a, answer), &credential);

	assert_true((verdict == WEBAUTHN_ACCEPTED) == (credential.id.p != NULL));
	return verdict;
}

static struct webauthn_credential credential_of(const struct software_authenticator *authenticator)
{
	return (struct webauthn_credential){ .id = authenticator->id,
		.algorithm = authenticator->algorithm,
		.public_key = authenticator->public_key };
}

static enum webauthn_verdict check(struct arena *a, const struct webauthn_credential *credential,
	const struct webauthn_assertion *assertion)
{
	enum webauthn_verdict verdict = WEBAUTHN_VERDICT_COUNT;
	uint32_t count = 7777;

	assert_int_equal(webauthn_check_assertion(a, &expected, credential, assertion, &count, &verdict), OK);
	assert_true((verdict == WEBAUTHN_ACCEPTED) == (count != 7777));
	return verdict;
}

static enum webauthn_verdict check_answer(struct arena *a, const struct software_authenticator *authenticator,
	const struct software_answer *answer)
{
	const struct webauthn_credential credential = credential_of(authenticator);
	const struct webauthn_assertion assertion = software_assertion(a, authenticator, answer);

	return check(a, &credential, &assertion);
}

static void a_passkey_is_registered_and_then_accepted(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++) {
		const struct software_authenticator *const authenticator = &authenticators[i];
		struct webauthn_credential credential;
		enum webauthn_verdict verdict;
		uint32_t count = 0;
		struct arena a;

		print_message("# algorithm %d\n", algorithms[i]);
		arena_init(&a, ARENA_CALL_LIMIT);
		struct software_answer answer = software_answer_to(
			&a, &expected, authenticator, STR("webauthn.create"));
		answer.sign_count = 0x01020304;
		verdict = register_bytes(&a, software_client_json(&a, &answer),
			software_attestation(&a, &answer), &credential);
		assert_verdict("registration", verdict, WEBAUTHN_ACCEPTED);
		assert_true(str_eq(credential.id, authenticator->id));
		assert_int_equal(credential.algorithm, algorithms[i]);
		assert_true(str_eq(credential.public_key, authenticator->public_key));
		assert_int_equal(credential.sign_count, 0x01020304);

		answer = software_answer_to(&a, &expected, authenticator, STR("webauthn.get"));
		answer.sign_count = 0x01020305;
		const struct webauthn_assertion assertion = software_assertion(&a, authenticator, &answer);
		assert_int_equal(
			webauthn_check_assertion(&a, &expected, &credential, &assertion, &count, &verdict),
			OK);
		assert_verdict("assertion", verdict, WEBAUTHN_ACCEPTED);
		assert_int_equal(count, 0x01020305);
		arena_finish(&a);
	}
}

static struct str decoded(struct arena *a, struct str hex)
{
	unsigned char *const bytes = arena_bytes(a, hex.n / 2, 1);

	assert_non_null(bytes);
	assert_true(hex_read(hex, bytes, hex.n / 2));
	return (struct str){ (const char *)bytes, hex.n / 2 };
}

static void the_published_example_is_accepted(void **state maybe_unused)
{
	struct webauthn_credential credential;
	enum webauthn_verdict verdict;
	uint32_t count;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct webauthn_expectation published = { decoded(&a, published_registration_challenge),
		STR("https://example.org"), STR("example.org") };
	assert_int_equal(webauthn_check_registration(&a, &published, decoded(&a, published_registration_json),
				 decoded(&a, published_attestation_object), &credential, &verdict),
		OK);
	assert_verdict("registration", verdict, WEBAUTHN_ACCEPTED);
	const struct webauthn_assertion assertion = { decoded(&a, published_assertion_json),
		decoded(&a, published_authenticator_data), decoded(&a, published_signature) };
	published.challenge = decoded(&a, published_assertion_challenge);
	assert_int_equal(
		webauthn_check_assertion(&a, &published, &credential, &assertion, &count, &verdict), OK);
	assert_verdict("assertion", verdict, WEBAUTHN_ACCEPTED);
	arena_finish(&a);
}

/* Answers that are correct but for one thing. A member that is not given is the correct one. */
static const struct {
	const char *name;
	struct str challenge, origin, rp_id;
	const char *more_members;
	unsigned flags;
	enum webauthn_verdict verdict;
} answers[] = {
	{ "another challenge", .challenge = STR_INIT("\x00\xFF\x10 thirty-two bytes of a challengE"),
		.verdict = WEBAUTHN_WRONG_CHALLENGE },
	{ "a shorter challenge", .challenge = STR_INIT("\x00\xFF\x10 thirty-two bytes of a challeng"),
		.verdict = WEBAUTHN_WRONG_CHALLENGE },
	{ "a longer challenge", .challenge = STR_INIT("\x00\xFF\x10 thirty-two bytes of a challenge!"),
		.verdict = WEBAUTHN_WRONG_CHALLENGE },
	{ "another scheme", .origin = STR_INIT("http://console.example.com"),
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "another port", .origin = STR_INIT("https://console.example.com:8443"),
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "a host below", .origin = STR_INIT("https://a.console.example.com"),
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "the host above", .origin = STR_INIT("https://example.com"), .verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "a longer host", .origin = STR_INIT("https://console.example.com.evil.example"),
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "upper case", .origin = STR_INIT("https://CONSOLE.example.com"), .verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "a path", .origin = STR_INIT("https://console.example.com/"), .verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "no origin, as of a file", .origin = STR_INIT("null"), .verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "in a frame of another origin", .more_members = ",\"crossOrigin\":true",
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "in a frame, the outer origin is known",
		.more_members = ",\"crossOrigin\":true,\"topOrigin\":\"https://console.example.com\"",
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "an outer origin only",
		.more_members = ",\"crossOrigin\":false,\"topOrigin\":\"https://evil.example\"",
		.verdict = WEBAUTHN_WRONG_ORIGIN },
	{ "whether in a frame is not said (Level 1)", .more_members = "", .verdict = WEBAUTHN_ACCEPTED },
	{ "members that are not known yet",
		.more_members = ",\"crossOrigin\":false,\"other_keys_can_be_added_here\":\"do not compare\"",
		.verdict = WEBAUTHN_ACCEPTED },
	{ "whether in a frame as text", .more_members = ",\"crossOrigin\":\"false\"",
		.verdict = WEBAUTHN_MALFORMED },
	{ "whether in a frame is null", .more_members = ",\"crossOrigin\":null",
		.verdict = WEBAUTHN_MALFORMED },
	{ "a second origin", .more_members = ",\"origin\":\"https://console.example.com\"",
		.verdict = WEBAUTHN_MALFORMED },
	{ "another RP id", .rp_id = STR_INIT("example.com"), .verdict = WEBAUTHN_WRONG_RP_ID },
	{ "the RP id with a final dot", .rp_id = STR_INIT("console.example.com."),
		.verdict = WEBAUTHN_WRONG_RP_ID },
	{ "nobody present", .flags = AUTHENTICATOR_USER_VERIFIED, .verdict = WEBAUTHN_USER_NOT_PRESENT },
	{ "not verified", .flags = AUTHENTICATOR_USER_PRESENT, .verdict = WEBAUTHN_USER_NOT_VERIFIED },
	{ "neither present nor verified", .flags = 2, .verdict = WEBAUTHN_USER_NOT_PRESENT },
	{ "flags without a meaning", .flags = FLAGS | 2 | 32, .verdict = WEBAUTHN_ACCEPTED },
	{ "can be copied", .flags = FLAGS | AUTHENTICATOR_BACKUP_ELIGIBLE, .verdict = WEBAUTHN_ACCEPTED },
	{ "is copied", .flags = FLAGS | AUTHENTICATOR_BACKUP_ELIGIBLE | AUTHENTICATOR_BACKED_UP,
		.verdict = WEBAUTHN_ACCEPTED },
	{ "is copied and cannot be", .flags = FLAGS | AUTHENTICATOR_BACKED_UP,
		.verdict = WEBAUTHN_MALFORMED },
};

static void change_answer(struct software_answer *answer, size_t row)
{
	if (answers[row].challenge.p)
		answer->challenge = answers[row].challenge;
	if (answers[row].origin.p)
		answer->origin = answers[row].origin;
	if (answers[row].rp_id.p)
		answer->rp_id = answers[row].rp_id;
	if (answers[row].more_members)
		answer->more_members = answers[row].more_members;
	if (answers[row].flags)
		answer->flags = answers[row].flags | (answer->flags & AUTHENTICATOR_HAS_CREDENTIAL);
}

static void each_wrong_answer_has_its_verdict(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(answers); i++) {
		struct software_answer answer;
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.create"));
		change_answer(&answer, i);
		assert_verdict(answers[i].name, register_answer(&a, &answer), answers[i].verdict);
		answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.get"));
		change_answer(&answer, i);
		assert_verdict(
			answers[i].name, check_answer(&a, &authenticators[0], &answer), answers[i].verdict);
		arena_finish(&a);
	}
}

static void registration_and_assertion_are_not_interchangeable(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.create"));
	answer.type = STR("webauthn.get");
	assert_verdict("registration", register_answer(&a, &answer), WEBAUTHN_WRONG_TYPE);
	answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.get"));
	answer.type = STR("webauthn.create");
	assert_verdict("assertion", check_answer(&a, &authenticators[0], &answer), WEBAUTHN_WRONG_TYPE);
	answer.type = STR("webauthn.get ");
	assert_verdict("a space", check_answer(&a, &authenticators[0], &answer), WEBAUTHN_WRONG_TYPE);

	/* Authenticator data with a credential belongs to a registration, without one to an assertion. */
	answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.create"));
	answer.type = STR("webauthn.get");
	assert_verdict(
		"with a credential", check_answer(&a, &authenticators[0], &answer), WEBAUTHN_MALFORMED);
	answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.get"));
	answer.type = STR("webauthn.create");
	assert_verdict("without a credential", register_answer(&a, &answer), WEBAUTHN_MALFORMED);
	arena_finish(&a);
}

static void malformed_client_json_is_refused(void **state maybe_unused)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"null",
		"\"webauthn.create\"",
		"{}",
		"{\"challenge\":\"AA\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"AA\"}",
		"{\"type\":1,\"challenge\":\"AA\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":null,\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"AA\",\"origin\":[]}",
		/* padding, unused bits, the standard alphabet */
		"{\"type\":\"webauthn.create\",\"challenge\":\"AA==\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"AB\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"AA+/\",\"origin\":\"https://console.example.com\"}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"AA\",\"origin\":\"https://console.example.com\"} {}",
		"{\"type\":\"webauthn.create\",\"challenge\":\"\xC3\",\"origin\":\"https://console.example.com\"}",
	};
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.create"));
	const struct str attestation = software_attestation(&a, &answer);
	for (size_t i = 0; i < array_len(texts); i++) {
		struct webauthn_credential credential;

		assert_verdict(texts[i], register_bytes(&a, str_of(texts[i]), attestation, &credential),
			WEBAUTHN_MALFORMED);
	}
	arena_finish(&a);
}

static void the_format_of_the_attestation_does_not_matter(void **state maybe_unused)
{
	static const struct {
		struct str format, statement;
	} rows[] = {
		{ STR_INIT("packed"), STR_INIT("\xA2\x63"
					       "alg\x26\x63"
					       "sig\x42\x30\x00") },
		{ STR_INIT("apple"), STR_INIT("\xA1\x63x5c\x82\x41\x30\x41\x30") },
		{ STR_INIT("tpm"), STR_INIT("\xA1\x63ver\x63"
					    "2.0") },
		{ STR_INIT("compound"), STR_INIT("\x81\xA0") },
		{ STR_INIT("a format of the future"), STR_INIT("\xA1\x61x\xF5") },
	};
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[0], STR("webauthn.create"));

		answer.format = rows[i].format;
		answer.statement = rows[i].statement;
		assert_verdict(rows[i].format.p, register_answer(&a, &answer), WEBAUTHN_ACCEPTED);
	}
	arena_finish(&a);
}

static void a_truncated_or_continued_registration_is_malformed(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++) {
		struct webauthn_credential credential;
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		const struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[i], STR("webauthn.create"));
		const struct str client_data = software_client_json(&a, &answer);
		const struct str whole = software_attestation(&a, &answer);
		for (size_t n = 0; n < whole.n; n++) {
			/* A copy of exactly these bytes, so that ASan finds a read past the end. */
			char *const bytes = malloc(n ? n : 1);
			assert_non_null(bytes);
			memcpy(bytes, whole.p, n);
			assert_verdict("truncated",
				register_bytes(&a, client_data, (struct str){ bytes, n }, &credential),
				WEBAUTHN_MALFORMED);
			free(bytes);
		}
		/* arena_copy has added a NUL. */
		const struct str longer = { arena_copy(&a, whole).p, whole.n + 1 };
		assert_verdict("continued", register_bytes(&a, client_data, longer, &credential),
			WEBAUTHN_MALFORMED);
		arena_finish(&a);
	}
}

/* Each change of a byte of the answer makes a registration that is refused or has another credential; nothing
 * crashes. */
static void a_changed_registration_is_not_the_same_one(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.create"));
	const struct str client_data = software_client_json(&a, &answer);
	const struct str whole = software_attestation(&a, &answer);
	const size_t authenticator_data = whole.n - software_authenticator_bytes(&a, &answer).n;
	char *const bytes = (char *)(uintptr_t)arena_copy(&a, whole).p;
	for (size_t i = authenticator_data; i < whole.n; i++)
		for (int change = 1; change < 256; change++) {
			struct webauthn_credential got;
			const struct arena_mark mark = arena_mark(&a);

			bytes[i] = (char)(whole.p[i] ^ change);
			const bool same = register_bytes(&a, client_data, (struct str){ bytes, whole.n },
						  &got) == WEBAUTHN_ACCEPTED &&
					  got.sign_count == 0 && str_eq(got.id, authenticators[0].id) &&
					  str_eq(got.public_key, authenticators[0].public_key);
			const size_t place = i - authenticator_data;
			/* Flags without a meaning, the AAGUID. */
			if (same && place != 32 && (place < 37 || place >= 53))
				fail_msg("byte %zu", place);
			arena_rewind(&a, mark);
		}
	arena_finish(&a);
}

static struct str flipped(struct arena *a, struct str s, size_t i, int bit)
{
	const struct str changed = arena_copy(a, s);

	assert_non_null(changed.p);
	((char *)(uintptr_t)changed.p)[i] ^= (char)(1 << bit);
	return changed;
}

/* Changes `bits` different bits of each byte, one at a time. */
static void refuse_each_changed_byte(const struct webauthn_credential *credential,
	struct webauthn_assertion *assertion, struct str *part, int bits)
{
	const struct str original = *part;

	for (size_t i = 0; i < original.n; i++)
		for (int k = 0; k < bits; k++) {
			const int bit = (int)(i + (size_t)k) % 8;
			struct arena a;

			arena_init(&a, ARENA_CALL_LIMIT);
			*part = flipped(&a, original, i, bit);
			if (check(&a, credential, assertion) == WEBAUTHN_ACCEPTED)
				fail_msg("byte %zu, bit %d", i, bit);
			arena_finish(&a);
		}
	*part = original;
}

static void an_assertion_with_any_changed_byte_is_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++) {
		const struct webauthn_credential credential = credential_of(&authenticators[i]);
		struct arena a;

		print_message("# algorithm %d\n", algorithms[i]);
		arena_init(&a, ARENA_CALL_LIMIT);
		struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[i], STR("webauthn.get"));
		answer.flags |= AUTHENTICATOR_HAS_EXTENSIONS;
		answer.extensions = STR("\xA1\x63uvm\x81\x83\x02\x04\x02");
		struct webauthn_assertion assertion = software_assertion(&a, &authenticators[i], &answer);
		assert_verdict("unchanged", check(&a, &credential, &assertion), WEBAUTHN_ACCEPTED);
		refuse_each_changed_byte(&credential, &assertion, &assertion.client_data_json, 8);
		refuse_each_changed_byte(&credential, &assertion, &assertion.authenticator_data, 8);
		refuse_each_changed_byte(&credential, &assertion, &assertion.signature, 1);
		arena_finish(&a);
	}
}

static void an_assertion_of_any_other_length_is_refused(void **state maybe_unused)
{
	struct arena a;

	for (size_t i = 0; i < array_len(algorithms); i++) {
		const struct webauthn_credential credential = credential_of(&authenticators[i]);

		arena_init(&a, ARENA_CALL_LIMIT);
		const struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[i], STR("webauthn.get"));
		const struct webauthn_assertion whole = software_assertion(&a, &authenticators[i], &answer);
		struct webauthn_assertion changed = whole;
		/* Each part is followed by a NUL. */
		for (size_t n = 0; n <= whole.authenticator_data.n + 1; n++) {
			changed.authenticator_data.n = n;
			assert_verdict("data", check(&a, &credential, &changed),
				n == whole.authenticator_data.n ? WEBAUTHN_ACCEPTED : WEBAUTHN_MALFORMED);
		}
		changed = whole;
		for (size_t n = 0; n <= whole.signature.n + 1; n++) {
			changed.signature.n = n;
			assert_verdict("signature", check(&a, &credential, &changed),
				n == whole.signature.n ? WEBAUTHN_ACCEPTED
				: n == 0	       ? WEBAUTHN_MALFORMED
						       : WEBAUTHN_WRONG_SIGNATURE);
		}
		arena_finish(&a);
	}
}

static void the_signature_of_another_passkey_is_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++) {
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		struct software_authenticator other = software_authenticator_new(&a, algorithms[i]);
		const struct software_answer answer = software_answer_to(
			&a, &expected, &other, STR("webauthn.get"));
		const struct webauthn_assertion assertion = software_assertion(&a, &other, &answer);
		for (size_t k = 0; k < array_len(algorithms); k++) {
			const struct webauthn_credential credential = credential_of(&authenticators[k]);

			assert_verdict(
				"another", check(&a, &credential, &assertion), WEBAUTHN_WRONG_SIGNATURE);
		}
		software_authenticator_free(&other);
		arena_finish(&a);
	}
}

static void the_sign_count_must_grow(void **state maybe_unused)
{
	static const struct {
		uint32_t stored, received;
		enum webauthn_verdict verdict;
	} rows[] = {
		{ 0, 0, WEBAUTHN_ACCEPTED }, /* does not count */
		{ 0, 1, WEBAUTHN_ACCEPTED },
		{ 1, 0, WEBAUTHN_COUNTER_WENT_BACK },
		{ 1, 1, WEBAUTHN_COUNTER_WENT_BACK },
		{ 1000, 999, WEBAUTHN_COUNTER_WENT_BACK },
		{ 1000, 1000, WEBAUTHN_COUNTER_WENT_BACK },
		{ 1000, 1001, WEBAUTHN_ACCEPTED },
		{ 1000, UINT32_MAX, WEBAUTHN_ACCEPTED },
		{ UINT32_MAX, UINT32_MAX, WEBAUTHN_COUNTER_WENT_BACK },
		{ UINT32_MAX, 0, WEBAUTHN_COUNTER_WENT_BACK },
		{ 0x7FFFFFFF, 0x80000000, WEBAUTHN_ACCEPTED },
		{ 0x80000000, 0x7FFFFFFF, WEBAUTHN_COUNTER_WENT_BACK },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct webauthn_credential credential = credential_of(&authenticators[0]);
		struct software_answer answer;
		struct arena a;

		print_message("# %u, then %u\n", rows[i].stored, rows[i].received);
		arena_init(&a, ARENA_CALL_LIMIT);
		credential.sign_count = rows[i].stored;
		answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.get"));
		answer.sign_count = rows[i].received;
		const struct webauthn_assertion assertion = software_assertion(
			&a, &authenticators[0], &answer);
		assert_verdict("count", check(&a, &credential, &assertion), rows[i].verdict);
		arena_finish(&a);
	}
}

static void the_stored_credential_must_be_usable(void **state maybe_unused)
{
	enum webauthn_verdict verdict;
	uint32_t count;
	struct arena a;

	for (size_t i = 0; i < array_len(algorithms); i++) {
		struct webauthn_credential credential = credential_of(&authenticators[i]);

		arena_init(&a, ARENA_CALL_LIMIT);
		const struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[i], STR("webauthn.get"));
		const struct webauthn_assertion assertion = software_assertion(
			&a, &authenticators[i], &answer);
		credential.algorithm = -35; /* ES384 */
		assert_verdict("ES384", check(&a, &credential, &assertion), WEBAUTHN_UNKNOWN_ALGORITHM);

		credential = credential_of(&authenticators[i]);
		credential.public_key.n--;
		assert_int_equal(
			webauthn_check_assertion(&a, &expected, &credential, &assertion, &count, &verdict),
			ERR_STORAGE);
		credential.public_key = arena_copy(&a, authenticators[i].public_key);
		credential.public_key.n++; /* the NUL that arena_copy has added */
		assert_int_equal(
			webauthn_check_assertion(&a, &expected, &credential, &assertion, &count, &verdict),
			ERR_STORAGE);
		credential.public_key = arena_copy(&a, authenticators[i].public_key);
		memset((char *)(uintptr_t)credential.public_key.p, 0, credential.public_key.n);
		assert_int_equal(
			webauthn_check_assertion(&a, &expected, &credential, &assertion, &count, &verdict),
			ERR_STORAGE);
		arena_finish(&a);
	}
}

static void extensions_of_an_assertion_are_ignored_or_refused(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str extensions;
		enum webauthn_verdict verdict;
	} rows[] = {
		{ "none", STR_INIT("\xA0"), WEBAUTHN_ACCEPTED },
		{ "unknown", STR_INIT("\xA1\x61x\xF5"), WEBAUTHN_ACCEPTED },
		{ "nested", STR_INIT("\xA1\x61x\x81\xA1\x61y\x80"), WEBAUTHN_ACCEPTED },
		{ "not requested, and known to libfido2", STR_INIT("\xA1\x6Bhmac-secret\x41\x01"),
			WEBAUTHN_MALFORMED },
		{ "known and malformed", STR_INIT("\xA1\x6Bhmac-secret\xF5"), WEBAUTHN_MALFORMED },
		{ "missing", STR_INIT(""), WEBAUTHN_MALFORMED },
		{ "no map", STR_INIT("\x80"), WEBAUTHN_MALFORMED },
		{ "incomplete", STR_INIT("\xA1\x61x"), WEBAUTHN_MALFORMED },
		{ "more than one", STR_INIT("\xA0\xA0"), WEBAUTHN_MALFORMED },
		{ "more items than there is memory", STR_INIT("\xBB\x0F\0\0\0\0\0\0\0"), WEBAUTHN_MALFORMED },
		{ "a level too many",
			STR_INIT(
				"\xA1\x61x\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01"),
			WEBAUTHN_MALFORMED },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[0], STR("webauthn.get"));
		answer.flags |= AUTHENTICATOR_HAS_EXTENSIONS;
		answer.extensions = rows[i].extensions;
		assert_verdict(rows[i].name, check_answer(&a, &authenticators[0], &answer), rows[i].verdict);
		arena_finish(&a);
	}
}

/* An extension with one text of such a length that the whole has `n` bytes. */
static struct str long_extensions(struct arena *a, size_t n)
{
	const size_t text = n - 6;
	char *const bytes = arena_bytes(a, n, 1);

	assert_non_null(bytes);
	memcpy(bytes, "\xA1\x61x\x59", 4);
	bytes[4] = (char)(text >> 8);
	bytes[5] = (char)text;
	return (struct str){ bytes, n };
}

static void authenticator_bytes_of_an_assertion_have_a_limit(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(algorithms); i++)
		for (size_t more = 0; more < 2; more++) {
			struct arena a;

			arena_init(&a, ARENA_CALL_LIMIT);
			struct software_answer answer = software_answer_to(
				&a, &expected, &authenticators[i], STR("webauthn.get"));
			answer.flags |= AUTHENTICATOR_HAS_EXTENSIONS;
			answer.extensions = long_extensions(&a, WEBAUTHN_AUTHENTICATOR_DATA_MAX - 37 + more);
			assert_verdict("data", check_answer(&a, &authenticators[i], &answer),
				more ? WEBAUTHN_MALFORMED : WEBAUTHN_ACCEPTED);
			arena_finish(&a);
		}
}

static void client_json_has_a_limit(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.get"));
	const size_t n = software_client_json(&a, &answer).n - strlen(answer.more_members);
	for (size_t more = 0; more < 2; more++) {
		answer.more_members =
			arena_printf(&a, "%*s", (int)(WEBAUTHN_CLIENT_DATA_MAX - n + more), "").p;
		assert_verdict("client data", check_answer(&a, &authenticators[0], &answer),
			more ? WEBAUTHN_MALFORMED : WEBAUTHN_ACCEPTED);
	}
	arena_finish(&a);
}

static void attestation_objects_have_a_limit(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.create"));
	const size_t n = software_attestation(&a, &answer).n - answer.statement.n;
	for (size_t more = 0; more < 2; more++) {
		answer.statement = long_extensions(&a, WEBAUTHN_ATTESTATION_MAX - n + more);
		assert_verdict("attestation object", register_answer(&a, &answer),
			more ? WEBAUTHN_MALFORMED : WEBAUTHN_ACCEPTED);
	}
	arena_finish(&a);
}

static void signatures_have_a_limit(void **state maybe_unused)
{
	const struct webauthn_credential credential = credential_of(&authenticators[0]);
	static const char long_signature[WEBAUTHN_SIGNATURE_MAX + 1];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.get"));
	struct webauthn_assertion assertion = software_assertion(&a, &authenticators[0], &answer);
	assertion.signature = (struct str){ long_signature, WEBAUTHN_SIGNATURE_MAX };
	assert_verdict("signature", check(&a, &credential, &assertion), WEBAUTHN_WRONG_SIGNATURE);
	assertion.signature.n++;
	assert_verdict("signature", check(&a, &credential, &assertion), WEBAUTHN_MALFORMED);
	arena_finish(&a);
}

static void credential_ids_have_1_to_1023_bytes(void **state maybe_unused)
{
	static const size_t lengths[] = { 0, 1, WEBAUTHN_ID_MAX, WEBAUTHN_ID_MAX + 1 };
	static const char bytes[WEBAUTHN_ID_MAX + 1];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(lengths); i++) {
		struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[0], STR("webauthn.create"));

		answer.credential = software_credential(
			&a, (struct str){ bytes, lengths[i] }, authenticators[0].cose_key);
		assert_verdict("id", register_answer(&a, &answer),
			i == 1 || i == 2 ? WEBAUTHN_ACCEPTED : WEBAUTHN_MALFORMED);
	}
	arena_finish(&a);
}

/* Keys that have the right form, but are weak or are not keys at all. */
static void unusable_keys_are_not_registered(void **state maybe_unused)
{
	char es256[77] = "\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20"; /* the point (0, 0) */
	char eddsa[42] = "\xA4\x01\x01\x03\x27\x20\x06\x21\x58\x20"; /* a point of order 4 */
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	memcpy(es256 + 42, "\x22\x58\x20", 3);
	const struct str rs256 = authenticators[2].cose_key;
	const struct str exponent_1 = flipped(&a, rs256, rs256.n - 3, 0); /* 65537 becomes 1 */
	const struct str keys[] = {
		{ es256, sizeof(es256) }, { eddsa, sizeof(eddsa) }, exponent_1,
		flipped(&a, rs256, 11, 7),			/* the modulus has only 2,047 bits */
		flipped(&a, authenticators[0].cose_key, 20, 0), /* a point that is not on the curve */
	};
	for (size_t i = 0; i < array_len(keys); i++) {
		struct software_answer answer = software_answer_to(
			&a, &expected, &authenticators[0], STR("webauthn.create"));

		print_message("# %zu\n", i);
		answer.credential = software_credential(&a, STR("id"), keys[i]);
		assert_verdict("key", register_answer(&a, &answer), WEBAUTHN_MALFORMED);
	}
	arena_finish(&a);
}

static void unknown_algorithms_are_not_registered(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.create"));
	/* ES384 with a curve; nothing else is read */
	answer.credential = software_credential(&a, STR("id"), STR("\xA3\x01\x02\x03\x38\x22\x20\x02"));
	assert_verdict("ES384", register_answer(&a, &answer), WEBAUTHN_UNKNOWN_ALGORITHM);
	arena_finish(&a);
}

static void a_full_arena_is_a_failure_and_not_a_verdict(void **state maybe_unused)
{
	struct arena a, tiny;
	struct webauthn_credential credential = credential_of(&authenticators[0]);
	enum webauthn_verdict verdict;
	uint32_t count;

	arena_init(&a, ARENA_CALL_LIMIT);
	struct software_answer answer = software_answer_to(
		&a, &expected, &authenticators[0], STR("webauthn.get"));
	const struct webauthn_assertion assertion = software_assertion(&a, &authenticators[0], &answer);
	answer = software_answer_to(&a, &expected, &authenticators[0], STR("webauthn.create"));
	const struct str client_data = software_client_json(&a, &answer);
	const struct str attestation = software_attestation(&a, &answer);
	/* The challenge, then the RP id or the id of the credential, and the public key. */
	for (size_t limit = 0; limit < 48; limit += 8) {
		arena_init(&tiny, limit);
		assert_int_equal(
			webauthn_check_assertion(&tiny, &expected, &credential, &assertion, &count, &verdict),
			ERR_INTERNAL);
		arena_finish(&tiny);
	}
	for (size_t limit = 0; limit < 112; limit += 8) {
		arena_init(&tiny, limit);
		assert_int_equal(webauthn_check_registration(
					 &tiny, &expected, client_data, attestation, &credential, &verdict),
			ERR_INTERNAL);
		arena_finish(&tiny);
	}
	arena_finish(&a);
}

static void each_verdict_has_its_own_name(void **state maybe_unused)
{
	for (size_t i = 0; i < WEBAUTHN_VERDICT_COUNT; i++) {
		const struct str name = webauthn_verdict_name((enum webauthn_verdict)i);

		assert_true(name.n > 0);
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(name, webauthn_verdict_name((enum webauthn_verdict)k)));
	}
}

static void sign_in_often(void *arg)
{
	const struct software_authenticator *const authenticator = arg;

	for (int i = 0; i < 20; i++) {
		struct arena a;

		arena_init(&a, ARENA_CALL_LIMIT);
		const struct software_answer answer = software_answer_to(
			&a, &expected, authenticator, STR("webauthn.get"));
		if (check_answer(&a, authenticator, &answer) != WEBAUTHN_ACCEPTED)
			abort();
		arena_finish(&a);
	}
}

static void threads_check_at_the_same_time(void **state maybe_unused)
{
	struct thread threads[2 * array_len(algorithms)];

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(
			thread_start(&threads[i], sign_in_often, &authenticators[i % array_len(algorithms)]),
			OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
}

/* With FIDO_DEBUG set, libfido2 writes authenticator data to standard error unless it is told not to. */
static void libfido2_writes_no_log(void **state maybe_unused)
{
	const int file = memfd_create("stderr", 0), before = dup(STDERR_FILENO);

	assert_true(file >= 0 && before >= 0);
	assert_int_equal(setenv("FIDO_DEBUG", "1", 1), 0);
	assert_true(dup2(file, STDERR_FILENO) >= 0);
	sign_in_often(&authenticators[0]);
	an_assertion_of_any_other_length_is_refused(NULL);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	assert_int_equal(unsetenv("FIDO_DEBUG"), 0);
	assert_int_equal(lseek(file, 0, SEEK_END), 0);
	assert_int_equal(close(file), 0);
	assert_int_equal(close(before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passkey_is_registered_and_then_accepted),
		cmocka_unit_test(the_published_example_is_accepted),
		cmocka_unit_test(each_wrong_answer_has_its_verdict),
		cmocka_unit_test(registration_and_assertion_are_not_interchangeable),
		cmocka_unit_test(malformed_client_json_is_refused),
		cmocka_unit_test(the_format_of_the_attestation_does_not_matter),
		cmocka_unit_test(a_truncated_or_continued_registration_is_malformed),
		cmocka_unit_test(a_changed_registration_is_not_the_same_one),
		cmocka_unit_test(an_assertion_with_any_changed_byte_is_refused),
		cmocka_unit_test(an_assertion_of_any_other_length_is_refused),
		cmocka_unit_test(the_signature_of_another_passkey_is_refused),
		cmocka_unit_test(the_sign_count_must_grow),
		cmocka_unit_test(the_stored_credential_must_be_usable),
		cmocka_unit_test(extensions_of_an_assertion_are_ignored_or_refused),
		cmocka_unit_test(authenticator_bytes_of_an_assertion_have_a_limit),
		cmocka_unit_test(client_json_has_a_limit),
		cmocka_unit_test(attestation_objects_have_a_limit),
		cmocka_unit_test(signatures_have_a_limit),
		cmocka_unit_test(credential_ids_have_1_to_1023_bytes),
		cmocka_unit_test(unusable_keys_are_not_registered),
		cmocka_unit_test(unknown_algorithms_are_not_registered),
		cmocka_unit_test(a_full_arena_is_a_failure_and_not_a_verdict),
		cmocka_unit_test(each_verdict_has_its_own_name),
		cmocka_unit_test(threads_check_at_the_same_time),
		cmocka_unit_test(libfido2_writes_no_log),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
