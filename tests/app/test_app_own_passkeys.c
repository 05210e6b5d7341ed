/* The passkeys of a signed-in operator: listing, adding and removing. tests/e2e/console_account.test.mjs adds
 * one with an authenticator. */
#include "app/operator/own_passkeys.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

static const struct passkey_site site = { STR_INIT("https://console.test"), STR_INIT("console.test") };

/* Adds a passkey as registering one would. Returns its digest. */
static struct digest add_passkey(
	struct app_fixture *fx, const struct console_caller *caller, unsigned char number)
{
	const struct passkey row = { .credential_digest = { .bytes = { number } },
		.operator_id = caller->account.id,
		.credential_id = STR("credential"),
		.public_key = STR("key"),
		.created_at = world_now(&fx->world) };

	fixture_save(fx, RECORD_PASSKEY, &row);
	return row.credential_digest;
}

static struct own_passkeys list(struct app_fixture *fx, const struct console_caller *caller)
{
	struct own_passkeys out;
	enum console_verdict verdict;

	assert_int_equal(own_passkeys_list(&fx->world, &fx->arena, caller, &out, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return out;
}

static struct own_passkey_result remove_passkey(
	struct app_fixture *fx, const struct console_caller *caller, const struct digest *digest)
{
	struct own_passkey_result result;

	assert_int_equal(own_passkey_remove(&fx->world, &fx->arena, caller, digest, &result), OK);
	return result;
}

static struct own_passkey_result begin(
	struct app_fixture *fx, const struct console_caller *caller, struct passkey_registration *out)
{
	struct own_passkey_result result;

	assert_int_equal(own_passkey_begin(&fx->world, &fx->arena, caller, out, &result), OK);
	return result;
}

/* Answers a challenge with something that no authenticator made. */
static struct own_passkey_result answer(
	struct app_fixture *fx, const struct console_caller *caller, struct str challenge)
{
	const struct passkey_answer made_up = {
		.challenge = challenge, .client_data = STR("e30"), .attestation_object = STR("oA")
	};
	struct own_passkey_result result;

	assert_int_equal(own_passkey_add(&fx->world, &fx->arena, &site, caller, &made_up, &result), OK);
	return result;
}

static void an_operator_sees_their_own_passkeys_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller ana = fixture_console_caller(fx, OPERATOR_VIEWER, &shop.tenant.id);
	const struct console_caller bo = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	char name[PASSKEY_NAME_SIZE];

	(void)add_passkey(fx, &ana, 0xab);
	fixture_advance_clock(fx, seconds(1));
	(void)add_passkey(fx, &ana, 2);
	(void)add_passkey(fx, &bo, 3);
	const struct own_passkeys own = list(fx, &ana);

	assert_int_equal(own.n, 2);
	passkey_name(&own.rows[0], name);
	assert_string_equal(name, "ab000000");
	assert_int_equal(list(fx, &bo).n, 1);
}

static void every_role_removes_a_passkey_with_a_step_up_each_time(void **state)
{
	static const enum operator_role roles[] = { OPERATOR_VIEWER, OPERATOR_REVIEWER, OPERATOR_ADMIN };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(roles); i++) {
		struct console_caller ana = fixture_console_caller(fx, roles[i], &shop.tenant.id);
		const unsigned char base = (unsigned char)(10 * (i + 1));
		const struct digest first = add_passkey(fx, &ana, base);
		const struct digest second = add_passkey(fx, &ana, (unsigned char)(base + 1));

		(void)add_passkey(fx, &ana, (unsigned char)(base + 2));
		printf("# %s\n", operator_role_name(roles[i]));
		assert_int_equal(remove_passkey(fx, &ana, &first).verdict, CONSOLE_STEP_UP_NEEDED);
		fixture_step_up(fx, &ana);
		const struct own_passkey_result removed = remove_passkey(fx, &ana, &first);

		assert_int_equal(removed.verdict, CONSOLE_PERMITTED);
		assert_int_equal(removed.passkey, PASSKEY_ACCEPTED);
		assert_int_equal(list(fx, &ana).n, 2);
		/* Another request with the same session has used the step-up. */
		assert_int_equal(remove_passkey(fx, &ana, &second).verdict, CONSOLE_STEP_UP_NEEDED);
		assert_int_equal(list(fx, &ana).n, 2);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PASSKEY_REMOVED), i + 1);
	}
}

static void the_last_passkey_and_passkeys_of_others_are_not_removed(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller ana = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct console_caller bo = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	const struct digest of_ana = add_passkey(fx, &ana, 1);
	const struct digest of_bo = add_passkey(fx, &bo, 2);

	(void)add_passkey(fx, &bo, 3);
	fixture_step_up(fx, &ana);
	assert_int_equal(remove_passkey(fx, &ana, &of_ana).passkey, PASSKEY_LAST);
	assert_int_equal(remove_passkey(fx, &ana, &of_bo).passkey, PASSKEY_UNKNOWN);
	assert_int_equal(remove_passkey(fx, &ana, &(struct digest){ { 9 } }).passkey, PASSKEY_UNKNOWN);
	assert_int_equal(list(fx, &ana).n, 1);
	assert_int_equal(list(fx, &bo).n, 2);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PASSKEY_REMOVED), 0);
}

/* The lost device may be signed in. */
static void removing_a_passkey_ends_the_other_sessions_of_the_operator(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller ana = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	const struct console_caller bo = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	const struct digest first = add_passkey(fx, &ana, 1);
	const struct console_session probe = { .operator_id = ana.account.id };
	struct console_session rows[100], others = bo.session;

	(void)add_passkey(fx, &ana, 2);
	for (unsigned char i = 0; i < 70; i++) { /* more than two batches, before and after the caller's */
		struct console_session row = ana.session;

		row.token_digest.bytes[1] = (unsigned char)(i + 1);
		row.created_at = moment_add(row.created_at, milliseconds(i - 35));
		fixture_save(fx, RECORD_CONSOLE_SESSION, &row);
	}
	fixture_step_up(fx, &ana);
	assert_int_equal(remove_passkey(fx, &ana, &first).passkey, PASSKEY_ACCEPTED);
	assert_int_equal(
		fixture_find(fx, QUERY_CONSOLE_SESSIONS_OF_OPERATOR, &probe, rows, array_len(rows)), 1);
	assert_memory_equal(&rows[0].token_digest, &ana.session.token_digest, sizeof(struct digest));
	assert_true(fixture_try_load(fx, RECORD_CONSOLE_SESSION, &others));
}

static void a_challenge_needs_a_step_up_and_room_for_another_passkey(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller ana = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	struct passkey_registration registration;

	for (unsigned char i = 1; i < PASSKEYS_MAX; i++)
		(void)add_passkey(fx, &ana, i);
	assert_int_equal(begin(fx, &ana, &registration).verdict, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &ana);
	assert_int_equal(begin(fx, &ana, &registration).passkey, PASSKEY_ACCEPTED);
	assert_int_equal(registration.n_known, PASSKEYS_MAX - 1);
	assert_true(str_eq(registration.email, STR("operator@example.com")));
	(void)add_passkey(fx, &ana, PASSKEYS_MAX);
	assert_int_equal(begin(fx, &ana, &registration).passkey, PASSKEY_TOO_MANY);
}

static void a_challenge_works_once_and_only_for_its_operator(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller ana = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct console_caller bo = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct passkey_registration registration;
	struct str sign_in_challenge;

	fixture_step_up(fx, &ana);
	fixture_step_up(fx, &bo);
	assert_int_equal(begin(fx, &ana, &registration).passkey, PASSKEY_ACCEPTED);
	assert_int_equal(answer(fx, &ana, registration.challenge).passkey, PASSKEY_REFUSED);
	assert_int_equal(answer(fx, &ana, registration.challenge).passkey, PASSKEY_NO_CHALLENGE);
	assert_int_equal(begin(fx, &ana, &registration).passkey, PASSKEY_ACCEPTED);
	assert_int_equal(answer(fx, &bo, registration.challenge).passkey, PASSKEY_NO_CHALLENGE);
	assert_int_equal(passkey_sign_in_begin(&fx->world, &fx->arena, &sign_in_challenge), OK);
	assert_int_equal(answer(fx, &ana, sign_in_challenge).passkey, PASSKEY_NO_CHALLENGE);
	assert_int_equal(begin(fx, &ana, &registration).passkey, PASSKEY_ACCEPTED);
	ana.session.step_up_at = (moment){ 0 };
	assert_int_equal(answer(fx, &ana, registration.challenge).verdict, CONSOLE_STEP_UP_NEEDED);
	assert_int_equal(list(fx, &ana).n + list(fx, &bo).n, 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PASSKEY_REGISTERED), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_operator_sees_their_own_passkeys_only),
		TEST(every_role_removes_a_passkey_with_a_step_up_each_time),
		TEST(the_last_passkey_and_passkeys_of_others_are_not_removed),
		TEST(removing_a_passkey_ends_the_other_sessions_of_the_operator),
		TEST(a_challenge_needs_a_step_up_and_room_for_another_passkey),
		TEST(a_challenge_works_once_and_only_for_its_operator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
