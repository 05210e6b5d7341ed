/* The use cases write the same events on both engines, and transactions that run at the same time leave no
 * tenant with an old status. */
#include "stores.h"

#include <stdlib.h>
#include <string.h>

#include "app/admin/erase.h"
#include "app/core/keyring.h"
#include "base/lock.h"
#include "kit/app_fixture.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"
#define ROUNDS 12

struct events_fixture {
	struct fixture f;
	struct app_fixture app;
	struct store *memory;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

static void use_store(struct events_fixture *s, struct store *store)
{
	char other[MASTER_ID_SIZE];

	fixture_open(&s->app);
	s->memory = s->app.store.inner;
	s->app.store.inner = store;
	assert_int_equal(keyring_open(&s->app.world, &s->f.arena, &master, &s->app.keys, other), OK);
}

static struct events_fixture *new_fixture(void)
{
	struct events_fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	return s;
}

static int set_up_sqlite(void **state)
{
	struct events_fixture *const s = new_fixture();

	folder_make(&s->f);
	use_store(s, sqlite_open(&s->f, 64));
	*state = s;
	return 0;
}

static int set_up_postgres(void **state)
{
	struct events_fixture *const s = new_fixture();

	postgres_create_schema(&s->f);
	use_store(s, postgres_open(&s->f, 4));
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct events_fixture *const s = *state;

	fixture_close(&s->app);
	s->memory->ops->close(s->memory);
	if (s->f.folder[0] != '\0')
		folder_remove(&s->f);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

static void erase_ana(struct app_fixture *fx)
{
	static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	assert_int_equal(app_erase(&fx->world, &fx->arena, &operator_actor, &ana, true, out), OK);
}

static void person_alone_with_a_tenant(void **state)
{
	struct app_fixture *const fx = &((struct events_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	const struct signing_wallet a = signing_wallet_new(WALLET_EVM, 0x11);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_event_contains(fx, &shop, EVENT_KYC_APPROVED, "\"session_id\":\"scripted-1\"", NULL);
	fixture_event_contains(fx, &shop, EVENT_QUOTA_THRESHOLD_REACHED, "\"percent\":100", NULL);
	fixture_link(fx, &shop, &a, ANA);
	fixture_event_contains(fx, &shop, EVENT_USER_LINKED,
		fixture_enrolment(fx, &shop, a.wallet.text).public_user_id.text,
		fixture_enrolment(fx, &shop, ANA).public_user_id.text, NULL);
	const size_t before = fixture_events(fx, &shop)->n;

	erase_ana(fx);
	const struct fixture_events *const after = fixture_events(fx, &shop);

	assert_int_equal(after->n, before + 1);
	for (size_t i = 0; i < after->n; i++)
		assert_int_equal(
			after->rows[i].erased, after->rows[i].type != EVENT_USER_ERASED &&
						       after->rows[i].type != EVENT_QUOTA_THRESHOLD_REACHED);
}

static void person_of_a_group(void **state)
{
	struct app_fixture *const fx = &((struct events_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller club = fixture_add_tenant(fx, "club", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	(void)fixture_prepare(fx, &club, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	assert_string_equal(
		fixture_event_types(fx, &bank), "user.prepared user.email_verified kyc.updated kyc.declined");
	assert_string_equal(fixture_event_types(fx, &club), "user.prepared");
	fixture_verify_email(fx, &club, ANA);
	assert_string_equal(
		fixture_event_types(fx, &club), "user.prepared user.email_verified kyc.updated kyc.declined");
}

struct proof_job {
	struct app_fixture *fx;
	const struct caller *caller;
	char code[7];
	enum err e;
	enum verify_verdict verdict;
};

static enum err verify_in_tx(struct tx *tx, void *arg)
{
	struct proof_job *const job = arg;

	return app_verify_email_otp(
		&job->fx->world, tx, job->caller, STR(ANA), str_of(job->code), &job->verdict);
}

static void prove(void *arg)
{
	struct proof_job *const job = arg;
	struct arena arena;

	arena_init(&arena, ARENA_TEST_LIMIT);
	job->e = store_transact(job->fx->world.store, TX_WRITE, &arena, verify_in_tx, job);
	arena_finish(&arena);
}

/* While the person proves the address to the bank, the shop's session is decided. Whichever commits first,
 * the bank is told the new status once. */
static void proof_and_decision_at_the_same_time(void **state)
{
	struct app_fixture *const fx = &((struct events_fixture *)*state)->app;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	char name[] = "bank0";

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	for (int i = 0; i < ROUNDS; i++) {
		const enum session_status status = i % 2 == 0 ? STATUS_APPROVED : STATUS_DECLINED;
		struct thread thread;

		name[4] = (char)('a' + i);
		const struct caller bank = fixture_add_tenant(fx, name, "partners", NO_QUOTA);
		struct proof_job job = { .fx = fx, .caller = &bank };

		(void)fixture_prepare(fx, &bank, ANA);
		fixture_advance_clock(fx, minutes(10));
		fixture_get_otp(fx, &bank, ANA, job.code);
		assert_int_equal(thread_start(&thread, prove, &job), OK);
		fixture_poll_status(fx, &shop, ANA, status);
		thread_join(&thread);
		assert_int_equal(job.e, OK);
		assert_int_equal(job.verdict, VERIFY_ACCEPTED);
		assert_int_equal(fixture_enrolment(fx, &bank, ANA).overall_status,
			status == STATUS_APPROVED ? OVERALL_APPROVED : OVERALL_DECLINED);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(person_alone_with_a_tenant, set_up_sqlite, tear_down),
		cmocka_unit_test_setup_teardown(person_alone_with_a_tenant, set_up_postgres, tear_down),
		cmocka_unit_test_setup_teardown(person_of_a_group, set_up_sqlite, tear_down),
		cmocka_unit_test_setup_teardown(person_of_a_group, set_up_postgres, tear_down),
		cmocka_unit_test_setup_teardown(
			proof_and_decision_at_the_same_time, set_up_sqlite, tear_down),
		cmocka_unit_test_setup_teardown(
			proof_and_decision_at_the_same_time, set_up_postgres, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
