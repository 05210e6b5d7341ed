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

#define JUDGES 4
#define CHANGES 2000

static const struct str both[] = { STR_INIT("the old secret"), STR_INIT("the new secret") };

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

static bool vouches(struct provider_webhook_secrets *secrets, struct str secret)
{
	struct signed_event event;

	sign(secret, &event);
	const struct signed_texts texts = { .raw = event.webhook.body };
	return provider_webhook_secrets_verify(secrets, &event.webhook, &texts) == SIGNED_BODY;
}

static void a_rotation_is_old_both_new(void **state)
{
	struct provider_webhook_secrets *secrets;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(both, 1, &secrets), OK);
	assert_true(vouches(secrets, both[0]));
	assert_false(vouches(secrets, both[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, both, 2), OK);
	assert_true(vouches(secrets, both[0]));
	assert_true(vouches(secrets, both[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, both + 1, 1), OK);
	assert_false(vouches(secrets, both[0]));
	assert_true(vouches(secrets, both[1]));
	assert_int_equal(provider_webhook_secrets_replace(secrets, NULL, 0), OK);
	assert_false(vouches(secrets, both[1]));
	provider_webhook_secrets_close(secrets);
}

static void what_is_refused_leaves_the_old_ones(void **state)
{
	const struct str empty[] = { both[1], STR("") }, many[] = { both[1], both[1], both[1] };
	struct provider_webhook_secrets *secrets;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(empty, 2, &secrets), ERR_INPUT);
	assert_int_equal(
		provider_webhook_secrets_open(many, PROVIDER_WEBHOOK_SECRETS_MAX + 1, &secrets), ERR_INPUT);
	assert_int_equal(provider_webhook_secrets_open(both, 1, &secrets), OK);
	assert_int_equal(provider_webhook_secrets_replace(secrets, empty, 2), ERR_INPUT);
	assert_int_equal(
		provider_webhook_secrets_replace(secrets, many, PROVIDER_WEBHOOK_SECRETS_MAX + 1), ERR_INPUT);
	assert_true(vouches(secrets, both[0]));
	assert_false(vouches(secrets, both[1]));
	provider_webhook_secrets_close(secrets);
	provider_webhook_secrets_close(NULL);
}

struct judge {
	struct thread thread;
	struct provider_webhook_secrets *secrets;
	atomic_bool *over;
	size_t judged, refused;
};

/* Signed with the one that is always among them. */
static void judge_on(void *arg)
{
	struct judge *const j = arg;

	while (!atomic_load(j->over) || j->judged == 0) {
		j->judged++;
		j->refused += !vouches(j->secrets, both[0]);
	}
}

static void sets_change_while_events_are_judged(void **state)
{
	struct judge judges[JUDGES];
	struct provider_webhook_secrets *secrets;
	atomic_bool over = false;
	(void)state;

	assert_int_equal(provider_webhook_secrets_open(both, 1, &secrets), OK);
	for (size_t i = 0; i < JUDGES; i++) {
		judges[i] = (struct judge){ .secrets = secrets, .over = &over };
		assert_int_equal(thread_start(&judges[i].thread, judge_on, &judges[i]), OK);
	}
	for (size_t i = 0; i < CHANGES; i++)
		assert_int_equal(provider_webhook_secrets_replace(secrets, both, 1 + i % 2), OK);
	atomic_store(&over, true);
	for (size_t i = 0; i < JUDGES; i++) {
		thread_join(&judges[i].thread);
		assert_true(judges[i].judged > 0);
		assert_int_equal(judges[i].refused, 0);
	}
	provider_webhook_secrets_close(secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation_is_old_both_new),
		cmocka_unit_test(what_is_refused_leaves_the_old_ones),
		cmocka_unit_test(sets_change_while_events_are_judged),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
