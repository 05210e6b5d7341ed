/* Several devices use one verification link at the same time, on both engines: one proof is the first, a
 * result token is redeemed once, and a decision during a proof completes the link. */
#include "stores.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/keyring.h"
#include "base/attr.h"
#include "base/lock.h"
#include "kit/verification_fixture.h"

#define DEVICES 4
#define ROUNDS 6
#define ANA "ana.exemplo@example.com"

struct links_fixture {
	struct fixture f;
	struct app_fixture app;
	struct store *memory;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

static struct links_fixture *new_fixture(void)
{
	struct links_fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	return s;
}

static void use_store(struct links_fixture *s, struct store *store)
{
	char other[MASTER_ID_SIZE];

	fixture_open(&s->app);
	s->memory = s->app.store.inner;
	s->app.store.inner = store;
	assert_int_equal(keyring_open(&s->app.world, &s->f.arena, &master, &s->app.keys, other), OK);
}

static int set_up_sqlite(void **state)
{
	struct links_fixture *const s = new_fixture();

	folder_make(&s->f);
	use_store(s, sqlite_open(&s->f, 64));
	*state = s;
	return 0;
}

static int set_up_postgres(void **state)
{
	struct links_fixture *const s = new_fixture();

	postgres_create_schema(&s->f);
	use_store(s, postgres_open(&s->f, DEVICES + 1));
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct links_fixture *const s = *state;

	fixture_close(&s->app);
	s->memory->ops->close(s->memory);
	if (s->f.folder[0] != '\0')
		folder_remove(&s->f);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

/* One device: a thread that takes a step when all are ready. */
struct device {
	struct app_fixture *fx;
	const struct caller *caller;
	const struct fixture_link *link;
	struct str text; /* code, signature or result token */
	bool is_wallet;
	atomic_int *ready;
	struct thread thread;
	enum err e;
	enum verification_proof_verdict verdict;
	bool is_redeemed;
};

static void wait_for_all(struct device *device)
{
	atomic_fetch_sub(device->ready, 1);
	while (atomic_load(device->ready) > 0)
		;
}

static void prove(void *arg)
{
	struct device *const device = arg;
	const struct verification_signature_params params = { device->link->visit, device->text, STR("") };
	struct verification_signature_result result;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	wait_for_all(device);
	if (device->is_wallet) {
		device->e = verification_link_prove_wallet(&device->fx->world, &a, &params, &result);
		device->verdict = result.verdict;
	} else {
		device->e = verification_link_verify_code(
			&device->fx->world, &a, &device->link->visit, device->text, &device->verdict);
	}
	arena_finish(&a);
}

static void redeem(void *arg)
{
	struct device *const device = arg;
	struct verification_redemption redemption = { .is_redeemed = false };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	wait_for_all(device);
	device->e = verification_link_redeem_result(
		&device->fx->world, &a, device->caller, &device->link->id, device->text, &redemption);
	device->is_redeemed = redemption.is_redeemed;
	arena_finish(&a);
}

static void run_devices(struct device *devices, size_t n, void (*step)(void *arg))
{
	atomic_int ready = (int)n;

	for (size_t i = 0; i < n; i++) {
		devices[i].ready = &ready;
		assert_int_equal(thread_start(&devices[i].thread, step, &devices[i]), OK);
	}
	for (size_t i = 0; i < n; i++) {
		thread_join(&devices[i].thread);
		assert_int_equal(devices[i].e, OK);
	}
}

static size_t count_verdicts(const struct device *devices, size_t n, enum verification_proof_verdict verdict)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += devices[i].verdict == verdict;
	return found;
}

static void same_code_on_several_devices_is_accepted_once(void **state)
{
	struct app_fixture *const fx = &((struct links_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (int round = 0; round < ROUNDS; round++) {
		const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
		struct device devices[DEVICES];
		char code[7];

		fixture_advance_clock(fx, minutes(10));
		fixture_get_link_code(fx, &link, ANA, code);
		for (size_t i = 0; i < DEVICES; i++)
			devices[i] = (struct device){ .fx = fx, .link = &link, .text = str_of(code) };
		run_devices(devices, DEVICES, prove);
		assert_int_equal(count_verdicts(devices, DEVICES, VERIFICATION_PROOF_ACCEPTED), 1);
		assert_int_equal(count_verdicts(devices, DEVICES, VERIFICATION_PROOF_TOO_LATE), DEVICES - 1);
	}
}

/* The challenge is issued first, so that the code is the link's last step. The signature is then of no use
 * even if it arrives first, and the wallet is never registered. */
static void link_has_one_person_although_two_proofs_arrive_together(void **state)
{
	struct app_fixture *const fx = &((struct links_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (int round = 0; round < ROUNDS; round++) {
		const struct signing_wallet w = signing_wallet_new(WALLET_EVM, (unsigned char)(round + 1));
		const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
		char code[7], signature[WALLET_SIGNATURE_SIZE];

		fixture_advance_clock(fx, minutes(10));
		assert_int_equal(fixture_request_challenge(fx, &link, &w), VERIFICATION_CHALLENGE_ISSUED);
		signing_wallet_sign(&w, fixture_view_link(fx, &link).challenge.message, signature);
		fixture_get_link_code(fx, &link, ANA, code);
		struct device devices[] = { { .fx = fx, .link = &link, .text = str_of(code) },
			{ .fx = fx, .link = &link, .text = str_of(signature), .is_wallet = true } };
		run_devices(devices, array_len(devices), prove);
		assert_int_equal(devices[0].verdict, VERIFICATION_PROOF_ACCEPTED);
		assert_int_not_equal(devices[1].verdict, VERIFICATION_PROOF_ACCEPTED);
		assert_int_equal(fixture_status(fx, &shop, w.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);
	}
}

static void result_is_redeemed_once_by_parallel_calls(void **state)
{
	struct app_fixture *const fx = &((struct links_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct verification_link_params params = { .return_url = STR("https://shop.example.com/"),
		.life = VERIFICATION_LINK_LIFE };
	const struct fixture_link link = fixture_create_link_with(fx, &shop, &params);

	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	fixture_prove_email(fx, &link, ANA);
	for (int round = 0; round < ROUNDS; round++) {
		struct device devices[DEVICES];
		struct verification_return back;
		size_t redeemed = 0;

		assert_int_equal(
			verification_link_make_result(&fx->world, &fx->arena, &link.visit, &back), OK);
		for (size_t i = 0; i < DEVICES; i++)
			devices[i] = (struct device){ .fx = fx,
				.caller = &shop,
				.link = &link,
				.text = str_from(
					back.location, back.location.n - (VERIFICATION_TOKEN_SIZE - 1)) };
		run_devices(devices, DEVICES, redeem);
		for (size_t i = 0; i < DEVICES; i++)
			redeemed += devices[i].is_redeemed;
		assert_int_equal(redeemed, 1);
	}
}

static void decision_during_a_proof_completes_the_link(void **state)
{
	struct app_fixture *const fx = &((struct links_fixture *)*state)->app;

	for (int round = 0; round < ROUNDS; round++) {
		char name[] = "shop0", email[] = "person0@example.com";
		atomic_int ready = 1;
		char code[7];

		name[4] = email[6] = (char)('a' + round);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const struct fixture_link link = fixture_started_link(fx, &shop, NULL);

		fixture_verify_email(fx, &shop, email);
		(void)fixture_create_session(fx, &shop, email);
		fixture_get_link_code(fx, &link, email, code);
		struct device device = { .fx = fx, .link = &link, .text = str_of(code), .ready = &ready };
		assert_int_equal(thread_start(&device.thread, prove, &device), OK);
		fixture_poll_status(fx, &shop, email, STATUS_APPROVED);
		thread_join(&device.thread);
		assert_int_equal(device.e, OK);
		assert_int_equal(device.verdict, VERIFICATION_PROOF_ACCEPTED);
		assert_true(fixture_link_row(fx, &link).completed_at.ms > 0);
	}
}

int main(void)
{
#define BOTH(test)                                                                                           \
	cmocka_unit_test_setup_teardown(test, set_up_sqlite, tear_down),                                     \
		cmocka_unit_test_setup_teardown(test, set_up_postgres, tear_down)
	static const struct CMUnitTest tests[] = {
		BOTH(same_code_on_several_devices_is_accepted_once),
		BOTH(link_has_one_person_although_two_proofs_arrive_together),
		BOTH(result_is_redeemed_once_by_parallel_calls),
		BOTH(decision_during_a_proof_completes_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
