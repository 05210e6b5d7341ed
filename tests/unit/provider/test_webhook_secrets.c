#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/lock.h"
#include "crypto/digest.h"
#include "provider/webhook_secrets.h"
#include "text/encode.h"

#define VERIFIERS 4
#define REPLACEMENTS 2000

static const struct str old_and_new[] = { STR_INIT("the old secret"), STR_INIT("the new secret") };

struct signed_event {
	struct provider_webhook webhook;
	char hex[2 * DIGEST_BYTES + 1];
};

static void sign(struct str secret, struct signed_event *out)
{
	unsigned char mac[DIGEST_BYTES];

	out->webhook = (struct provider_webhook){ .body = STR("{\"session_id\":\"x\"}"), .n_signatures = 1 };
	hmac_sha256(secret, out->webhook.body, mac);
	hex_write(mac, sizeof(mac), out->hex);
	out->webhook.signature = str_of(out->hex);
}

static bool is_accepted(struct provider_webhook_secrets *secrets, struct str secret)
{
	struct signed_event event;

	sign(secret, &event);
	const struct signed_texts texts = { .raw = event.webhook.body };
	return provider_webhook_secrets_verify(secrets, &event.webhook, &texts) == SIGNED_BODY;
}

static void replacing_a_secret_accepts_old_then_both_then_new(void **state)
{
	struct provider_webhook_secrets *secrets;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(old_and_new, 1, &secrets), OK);
	assert_true(is_accepted(secrets, old_and_new[0]));
	assert_false(is_accepted(secrets, old_and_new[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, old_and_new, 2), OK);
	assert_true(is_accepted(secrets, old_and_new[0]));
	assert_true(is_accepted(secrets, old_and_new[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, old_and_new + 1, 1), OK);
	assert_false(is_accepted(secrets, old_and_new[0]));
	assert_true(is_accepted(secrets, old_and_new[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, NULL, 0), OK);
	assert_false(is_accepted(secrets, old_and_new[1]));
	provider_webhook_secrets_close(secrets);
}

static void rejected_replacement_keeps_the_old_secrets(void **state)
{
	const struct str empty[] = { old_and_new[1], STR("") },
			 many[] = { old_and_new[1], old_and_new[1], old_and_new[1] };
	struct provider_webhook_secrets *secrets;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(empty, 2, &secrets), ERR_INPUT);
	assert_int_equal(
		provider_webhook_secrets_open(many, PROVIDER_WEBHOOK_SECRETS_MAX + 1, &secrets), ERR_INPUT);
	assert_int_equal(provider_webhook_secrets_open(old_and_new, 1, &secrets), OK);
	assert_int_equal(provider_webhook_secrets_replace(secrets, empty, 2), ERR_INPUT);
	assert_int_equal(
		provider_webhook_secrets_replace(secrets, many, PROVIDER_WEBHOOK_SECRETS_MAX + 1), ERR_INPUT);
	assert_true(is_accepted(secrets, old_and_new[0]));
	assert_false(is_accepted(secrets, old_and_new[1]));
	provider_webhook_secrets_close(secrets);
	provider_webhook_secrets_close(NULL);
}

struct verifier {
	struct thread thread;
	struct provider_webhook_secrets *secrets;
	atomic_bool *stopped;
	size_t verified, rejected;
};

/* Verifies events signed with the old secret, which is part of every set. */
static void verify_repeatedly(void *arg)
{
	struct verifier *const v = arg;

	while (!atomic_load(v->stopped) || v->verified == 0) {
		v->verified++;
		v->rejected += !is_accepted(v->secrets, old_and_new[0]);
	}
}

static void secrets_are_replaced_while_events_are_verified(void **state)
{
	struct verifier verifiers[VERIFIERS];
	struct provider_webhook_secrets *secrets;
	atomic_bool stopped = false;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(old_and_new, 1, &secrets), OK);
	for (size_t i = 0; i < VERIFIERS; i++) {
		verifiers[i] = (struct verifier){ .secrets = secrets, .stopped = &stopped };
		assert_int_equal(thread_start(&verifiers[i].thread, verify_repeatedly, &verifiers[i]), OK);
	}
	for (size_t i = 0; i < REPLACEMENTS; i++)
		assert_int_equal(provider_webhook_secrets_replace(secrets, old_and_new, 1 + i % 2), OK);
	atomic_store(&stopped, true);
	for (size_t i = 0; i < VERIFIERS; i++) {
		thread_join(&verifiers[i].thread);
		assert_true(verifiers[i].verified > 0);
		assert_int_equal(verifiers[i].rejected, 0);
	}
	provider_webhook_secrets_close(secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replacing_a_secret_accepts_old_then_both_then_new),
		cmocka_unit_test(rejected_replacement_keeps_the_old_secrets),
		cmocka_unit_test(secrets_are_replaced_while_events_are_verified),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
