#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/webhook_signature.h"
#include "text/encode.h"

/* The vector that the tests of all published verifiers of Standard Webhooks share. Its secret has 24 bytes.
 */
#define VECTOR_SECRET "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define VECTOR_SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static const struct webhook_message vector = { STR_INIT("msg_p5jXN8AQM9LWM0D4loKWxJek"), 1614265330,
	STR_INIT("{\"test\": 2432232314}") };

static struct str vector_secret(unsigned char bytes[24])
{
	assert_true(base64_read(STR(VECTOR_SECRET), bytes, 24));
	return (struct str){ (const char *)bytes, 24 };
}

static void signature_matches_the_published_vector(void **state maybe_unused)
{
	unsigned char bytes[24];
	const struct str secret = vector_secret(bytes);
	char signature[WEBHOOK_SIGNATURE_SIZE];

	webhook_signature_write(&vector, &secret, 1, signature);
	assert_string_equal(signature, VECTOR_SIGNATURE);
}

static void two_secrets_give_two_signatures_in_their_order(void **state maybe_unused)
{
	unsigned char bytes[24];
	const struct str other = STR("another secret");
	const struct str secrets[] = { vector_secret(bytes), other }, swapped[] = { other, secrets[0] };
	char both[WEBHOOK_SIGNATURE_SIZE], second[WEBHOOK_SIGNATURE_SIZE],
		expected[2 * WEBHOOK_SIGNATURE_SIZE];

	webhook_signature_write(&vector, &other, 1, second);
	assert_string_not_equal(second, VECTOR_SIGNATURE);

	webhook_signature_write(&vector, secrets, 2, both);
	assert_int_equal(strlen(both), WEBHOOK_SIGNATURE_SIZE - 1);
	snprintf(expected, sizeof(expected), "%s %s", VECTOR_SIGNATURE, second);
	assert_string_equal(both, expected);

	webhook_signature_write(&vector, swapped, 2, both);
	snprintf(expected, sizeof(expected), "%s %s", second, VECTOR_SIGNATURE);
	assert_string_equal(both, expected);
}

static void signature_covers_id_timestamp_and_body(void **state maybe_unused)
{
	unsigned char bytes[24];
	const struct str secret = vector_secret(bytes);
	struct webhook_message changed[] = { vector, vector, vector, vector };
	char signature[WEBHOOK_SIGNATURE_SIZE];

	changed[0].id.n--;
	changed[1].timestamp++;
	changed[2].body.n--;
	changed[3].body = STR("");
	for (size_t i = 0; i < array_len(changed); i++) {
		webhook_signature_write(&changed[i], &secret, 1, signature);
		assert_string_not_equal(signature, VECTOR_SIGNATURE);
	}
}

static void longest_timestamp_is_signed(void **state maybe_unused)
{
	/* HMAC-SHA256 of "a.-9223372036854775808.b" with the key "k", by Python's hmac module */
	const struct webhook_message message = { STR("a"), INT64_MIN, STR("b") };
	char signature[WEBHOOK_SIGNATURE_SIZE];

	webhook_signature_write(&message, &STR("k"), 1, signature);
	assert_string_equal(signature, "v1,DVazJBKQO/Hkj19De94DHKnVQSTqF3MggYcFBecLvEI=");
}

static void secret_is_written_and_read(void **state maybe_unused)
{
	struct secret_key secret, again;
	char text[WEBHOOK_SECRET_SIZE];

	for (size_t i = 0; i < sizeof(secret.bytes); i++)
		secret.bytes[i] = (unsigned char)(255 - 7 * i);
	webhook_secret_write(&secret, text);
	assert_string_equal(text, "whsec_//jx6uPc1c7HwLmyq6Sdlo+IgXpzbGVeV1BJQjs0LSY=");
	assert_true(webhook_secret_read(str_of(text), &again));
	assert_memory_equal(again.bytes, secret.bytes, sizeof(secret.bytes));
}

static void other_texts_are_no_secrets(void **state maybe_unused)
{
	static const char *const texts[] = { "", "whsec_", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"whsek_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"WHSEC_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_=",
		"whsec_AAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAAA=",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==" };
	struct secret_key secret = { { 7 } };

	for (size_t i = 0; i < array_len(texts); i++)
		if (webhook_secret_read(str_of(texts[i]), &secret))
			fail_msg("%s was accepted", texts[i]);
	assert_int_equal(secret.bytes[0], 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signature_matches_the_published_vector),
		cmocka_unit_test(two_secrets_give_two_signatures_in_their_order),
		cmocka_unit_test(signature_covers_id_timestamp_and_body),
		cmocka_unit_test(longest_timestamp_is_signed),
		cmocka_unit_test(secret_is_written_and_read),
		cmocka_unit_test(other_texts_are_no_secrets),
	};

	if (!crypto_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
