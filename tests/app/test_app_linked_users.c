/* Tests of a person with several linked users: reports, tries, blocklist warnings, erasure and suspected
 * orphan sessions. */
#include "app/person/linked_users.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/erase.h"
#include "app/admin/person_report.h"
#include "app/admin/reset_tries.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

/* A person with a wallet and two linked e-mail addresses. The wallet and ANA each had a session before they
 * were linked. */
struct linked_person {
	struct app_fixture *fx;
	struct caller shop;
	struct signing_wallet w;
	const char *wallet;
};

static struct linked_person link_person(struct app_fixture *fx)
{
	struct linked_person f = { .fx = fx,
		.shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA),
		.w = signing_wallet_new(WALLET_EVM, 0x11) };

	fixture_verify_email(fx, &f.shop, ANA);
	(void)fixture_create_session(fx, &f.shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_verify_wallet(fx, &f.shop, &f.w);
	(void)fixture_create_session(fx, &f.shop, f.w.wallet.text);
	fixture_advance_clock(fx, seconds(1));
	fixture_link(fx, &f.shop, &f.w, ANA);
	fixture_link(fx, &f.shop, &f.w, BIA);
	return f;
}

static struct person_reports *read_reports(struct app_fixture *fx, const char *address)
{
	const struct person_selector selector = { .identifier = identifier_from_text(address) };
	struct person_reports *const reports = arena_new(&fx->arena, struct person_reports);

	assert_non_null(reports);
	assert_int_equal(person_reports_read(&fx->world, &fx->arena, &selector, reports), OK);
	return reports;
}

static void report_is_the_same_for_each_linked_address(void **state)
{
	static const char *const emails[] = { ANA, BIA, NULL };
	const struct linked_person f = link_person(*state);
	char primary_id[ID_SIZE] = "";

	for (size_t i = 0; i < array_len(emails); i++) {
		const struct person_reports *const reports = read_reports(
			f.fx, emails[i] ? emails[i] : f.w.wallet.text);
		const struct person_report *const report = &reports->list[0];
		size_t kinds[3] = { 0 }, n = 0;

		assert_int_equal(reports->search.n, 1);
		assert_int_equal(report->match->linked.n, 3);
		assert_int_equal(report->n_addresses, 3);
		for (const struct report_tenant *t = report->tenants; t; t = t->next, n++)
			kinds[t->kind]++;
		assert_int_equal(n, 3);
		assert_int_equal(kinds[ADDRESS_WALLET], 1);
		assert_int_equal(report->n_sessions, 2);
		assert_true(moment_is_before(report->sessions[1].created_at, report->sessions[0].created_at));
		assert_int_equal(report->check.verdict, CREATE_RESUME);
		if (i > 0)
			assert_string_equal(
				primary_id, linked_users_primary(&report->match->linked)->id.text);
		memcpy(primary_id, linked_users_primary(&report->match->linked)->id.text, sizeof(primary_id));
	}
	assert_string_equal(primary_id, fixture_user(f.fx, &f.shop, f.w.wallet.text).id.text);
}

static void session_is_visible_to_tenants_that_verified_any_linked_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_verify_wallet(fx, &bank, &w);
	assert_int_equal(fixture_status(fx, &bank, w.wallet.text).result, STATUS_RESULT_NO_SESSION);
	fixture_link(fx, &shop, &w, ANA);
	/* The bank has verified only the wallet. That suffices to get the session that was created with the
	 * e-mail address. */
	const struct person_status status = fixture_status(fx, &bank, w.wallet.text);
	assert_int_equal(status.result, STATUS_RESULT_FOUND);
	assert_true(str_eq(status.url, fixture_status(fx, &shop, ANA).url));
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(
		fixture_status_by_pair(fx, &bank, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* The bank has verified the wallet and only prepared the e-mail address. The order of the two in a request
 * makes no difference. */
static void link_is_visible_only_to_a_tenant_that_verified_both_addresses(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const pairs[][2] = { { ANA, w.wallet.text }, { w.wallet.text, ANA } };

	fixture_link(fx, &shop, &w, ANA);
	fixture_verify_wallet(fx, &bank, &w);
	(void)fixture_prepare(fx, &bank, ANA);
	for (size_t i = 0; i < array_len(pairs); i++) {
		assert_int_equal(fixture_status_by_pair(fx, &bank, pairs[i][0], pairs[i][1]).result,
			STATUS_RESULT_MISMATCH);
		assert_int_equal(fixture_create_session_by_pair(fx, &bank, pairs[i][0], pairs[i][1]).outcome,
			CREATE_OUTCOME_MISMATCH);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 0);
	fixture_verify_email(fx, &bank, ANA);
	for (size_t i = 0; i < array_len(pairs); i++) {
		assert_int_equal(fixture_status_by_pair(fx, &bank, pairs[i][0], pairs[i][1]).result,
			i == 0 ? STATUS_RESULT_NO_SESSION : STATUS_RESULT_FOUND);
		assert_int_equal(fixture_create_session_by_pair(fx, &bank, pairs[i][0], pairs[i][1]).outcome,
			CREATE_OUTCOME_CREATED);
	}
}

/* The shop has linked a wallet and an e-mail address. What another tenant learns when it sends both in one
 * request depends only on what this tenant has verified itself. */
static void link_of_another_tenant_is_confirmed_again_by_code(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA),
			    fund = fixture_add_tenant(fx, "fund", "partners", NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_SOLANA, 0x22);
	char code[7];

	fixture_link(fx, &shop, &w, ANA);
	/* The bank has verified only the e-mail address. */
	fixture_advance_clock(fx, minutes(1));
	fixture_verify_email(fx, &bank, ANA);
	assert_int_equal(fixture_send_link_otp(fx, &bank, &w, ANA).verdict, SEND_UNKNOWN_USER);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &w, ANA, "123456"), VERIFY_UNKNOWN_USER);
	assert_false(fixture_claim_email(fx, &bank, &w, ANA).conflict);
	/* The fund has verified the wallet and only prepared the e-mail address. */
	(void)fixture_prepare(fx, &fund, ANA);
	assert_false(fixture_claim_email(fx, &fund, &other, ANA).conflict);
	fixture_advance_clock(fx, hours(1));
	assert_false(fixture_claim_email(fx, &fund, &w, ANA).prepared.verified.email);
	const size_t n_prepared = fixture_count_audit(fx, AUDIT_PREPARED);
	fixture_get_link_otp(fx, &fund, &w, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &fund, &w, ANA, code), VERIFY_ACCEPTED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), n_prepared);
	assert_true(fixture_status(fx, &fund, w.wallet.text).verified.email);
	assert_true(fixture_status(fx, &fund, ANA).verified.wallet);
}

/* `verified.email` is true if the tenant has verified any e-mail address linked to the person. Verifications
 * by another tenant do not count. */
static void any_verified_linked_email_counts_as_verified(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);

	fixture_link(fx, &shop, &w, ANA);
	fixture_link(fx, &shop, &w, BIA);
	fixture_verify_wallet(fx, &bank, &w);
	assert_false(fixture_status(fx, &bank, w.wallet.text).verified.email);
	(void)fixture_prepare(fx, &bank, BIA);
	assert_false(fixture_status(fx, &bank, w.wallet.text).verified.email);
	assert_false(fixture_prepare(fx, &bank, BIA).verified.wallet);
	fixture_verify_email(fx, &bank, BIA);
	assert_true(fixture_status(fx, &bank, w.wallet.text).verified.email);
	assert_true(fixture_status(fx, &bank, BIA).verified.wallet);
	assert_true(fixture_prepare(fx, &bank, BIA).verified.wallet);
}

/* The tries of all linked users of a person are counted together, and `user reset-tries` resets the tries of
 * all of them. */
static void tries_of_linked_users_are_counted_together(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const wallet = w.wallet.text, *const each[] = { ANA, wallet };
	const struct person_selector selector = { .identifier = identifier_from_text(ANA) };

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	/* Each user has a first session and three tries. Five tries are allowed, so that each user alone
	 * would have two left. */
	for (int i = 0; i < 4; i++)
		for (size_t a = 0; a < array_len(each); a++) {
			fixture_advance_clock(fx, seconds(1));
			assert_int_equal(
				fixture_create_session(fx, &shop, each[a]).outcome, CREATE_OUTCOME_CREATED);
			fixture_set_session_status(fx, &shop, each[a], STATUS_DECLINED);
		}
	fixture_link(fx, &shop, &w, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	assert_int_equal(fixture_create_session(fx, &shop, wallet).outcome, CREATE_OUTCOME_REFUSED);
	assert_int_equal(read_reports(fx, ANA)->list[0].tries_left, 0);
	struct tries_resets *const all = arena_new(&fx->arena, struct tries_resets);
	assert_non_null(all);
	assert_int_equal(reset_tries_run(&fx->world, &fx->arena, &operator_actor, &selector, all), OK);
	assert_true(all->list[0].was_needed);
	assert_int_equal(read_reports(fx, wallet)->list[0].tries_left, 5);
	assert_int_equal(fixture_create_session(fx, &shop, wallet).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 1);
}

/* Before two addresses are linked, one of them has a blocklist warning, and the tries of the other one are
 * reset. */
static void blocklist_warning_applies_after_linking(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const char *const emails[] = { ANA, BIA };

	for (unsigned char i = 0; i < 2; i++) {
		const struct signing_wallet w = signing_wallet_new(WALLET_EVM, (unsigned char)(0x11 + i));
		const char *const addresses[] = { emails[i], w.wallet.text };
		const char *const warned = addresses[i], *const other = addresses[1 - i];
		const struct person_selector selector = { .identifier = identifier_from_text(other) };

		fixture_verify_email(fx, &shop, emails[i]);
		fixture_verify_wallet(fx, &shop, &w);
		(void)fixture_create_session(fx, &shop, warned);
		struct session session = fixture_latest_session(fx, &shop, warned);
		session.blocklisted = true;
		session.status = STATUS_DECLINED;
		fixture_save(fx, RECORD_SESSION, &session);
		fixture_advance_clock(fx, minutes(1));
		struct user user = fixture_user(fx, &shop, other);
		user.tries_reset_at = world_now(&fx->world);
		fixture_save(fx, RECORD_USER, &user);
		fixture_link(fx, &shop, &w, emails[i]);
		assert_int_equal(fixture_create_session(fx, &shop, other).outcome, CREATE_OUTCOME_REFUSED);
		struct tries_resets *const all = arena_new(&fx->arena, struct tries_resets);
		assert_non_null(all);
		assert_int_equal(
			reset_tries_run(&fx->world, &fx->arena, &operator_actor, &selector, all), OK);
		assert_true(all->list[0].blocklisted);
		assert_int_equal(fixture_create_session(fx, &shop, warned).outcome, CREATE_OUTCOME_CREATED);
	}
}

static void erase(struct app_fixture *fx, const char *address, bool apply, struct erasures *out)
{
	const struct person_selector selector = { .identifier = identifier_from_text(address) };

	assert_int_equal(app_erase(&fx->world, &fx->arena, &operator_actor, &selector, apply, out), OK);
}

static size_t find_claims(struct app_fixture *fx, const struct caller *caller, const char *wallet)
{
	const struct identifier identifier = identifier_from_text(wallet);
	struct claim probe = { .claimed_at = { 0 } }, rows[4];

	blind_index_of(&fx->world, caller->tenant.group_name, &identifier, &probe.wallet_index);
	return fixture_find(fx, QUERY_CLAIMS_OF_WALLET, &probe, rows, 4);
}

static void erasure_by_one_address_covers_all_linked_users(void **state)
{
	const struct linked_person f = link_person(*state);
	struct app_fixture *const fx = f.fx;
	struct erasures *const out = arena_new(&fx->arena, struct erasures);
	const struct linked_users linked = read_reports(fx, BIA)->list[0].match->linked;

	assert_non_null(out);
	for (int apply = 0; apply < 2; apply++) {
		erase(fx, BIA, apply, out);
		assert_int_equal(out->search.n, 1);
		assert_int_equal(out->list[0].addresses, 3);
		assert_int_equal(out->list[0].tenants, 3);
		assert_int_equal(out->list[0].sessions, 2);
		assert_int_equal(fixture_status(fx, &f.shop, ANA).result,
			apply ? STATUS_RESULT_UNKNOWN_USER : STATUS_RESULT_FOUND);
	}
	for (size_t i = 0; i < linked.n; i++) {
		struct user user = { .id = linked.users[i].id };

		fixture_load(fx, RECORD_USER, &user);
		assert_true(user_is_erased(&user));
		assert_string_equal(user.linked_user_ids, "");
	}
	/* When the wallet and the e-mail address enrol again, they are two new users without a link. */
	assert_false(fixture_claim_email(fx, &f.shop, &f.w, ANA).prepared.already_prepared);
	assert_false(fixture_prepare(fx, &f.shop, ANA).already_prepared);
	assert_int_equal(
		fixture_status_by_pair(fx, &f.shop, ANA, f.w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* Erasing either side of a claim deletes the claim and the queued e-mail that names the wallet. The other
 * side is kept. */
static void erasing_either_side_of_a_claim_deletes_the_claim(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const sides[] = { ANA, w.wallet.text };
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	fixture_verify_email(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(sides); i++) {
		const size_t mails_before = fx->mailer.n;

		(void)fixture_claim_email(fx, &shop, &w, ANA);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_QUEUED);
		for (int apply = 0; apply < 2; apply++) {
			erase(fx, sides[i], apply, out);
			assert_int_equal(out->list[0].claims, 1);
			assert_int_equal(out->list[0].mails, 1);
			assert_int_equal(out->list[0].addresses, 1);
			assert_int_equal(find_claims(fx, &shop, w.wallet.text), apply ? 0 : 1);
		}
		assert_int_equal(fixture_deliver_outbox(fx), 0);
		assert_int_equal(fx->mailer.n, mails_before);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_UNKNOWN_USER);
		if (i == 0) {
			fixture_advance_clock(fx, hours(2));
			fixture_verify_email(fx, &shop, ANA);
		}
	}
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
}

/* A `create` by e-mail address got no answer, so the provider may have a session that kycd does not know (an
 * orphan). The next `create`, by either address, searches for it before it creates another session. */
static void suspected_orphan_is_searched_by_either_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct user ana;

	fixture_verify_email(fx, &shop, ANA);
	ana = fixture_user(fx, &shop, ANA);
	ana.orphan_suspected_at = world_now(&fx->world);
	fixture_save(fx, RECORD_USER, &ana);
	fixture_link(fx, &shop, &w, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, w.wallet.text).outcome, CREATE_OUTCOME_CREATED);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(session.user_id.text, ana.id.text);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).orphan_suspected_at));
	fixture_set_session_status(fx, &shop, ANA, STATUS_EXPIRED);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_count_sessions(fx, &shop, w.wallet.text), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			report_is_the_same_for_each_linked_address, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			session_is_visible_to_tenants_that_verified_any_linked_address, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(link_is_visible_only_to_a_tenant_that_verified_both_addresses,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_of_another_tenant_is_confirmed_again_by_code, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			any_verified_linked_email_counts_as_verified, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			tries_of_linked_users_are_counted_together, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			blocklist_warning_applies_after_linking, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			erasure_by_one_address_covers_all_linked_users, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			erasing_either_side_of_a_claim_deletes_the_claim, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			suspected_orphan_is_searched_by_either_address, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
