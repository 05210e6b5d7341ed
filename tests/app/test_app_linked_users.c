/* One person as several users: what operators see and do, and what a join finds under way. */
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

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

/* A wallet with two e-mails, each with a session of its own from before. */
struct family {
	struct app_fixture *fx;
	struct caller shop;
	struct signing_wallet w;
	const char *wallet;
};

static struct family joined(struct app_fixture *fx)
{
	struct family f = { .fx = fx,
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

static struct person_reports *files_of(struct app_fixture *fx, const char *address)
{
	const struct person_selector selector = { .identifier = identifier_from_text(address) };
	struct person_reports *const files = arena_new(&fx->arena, struct person_reports);

	assert_non_null(files);
	assert_int_equal(person_reports_read(&fx->world, &fx->arena, &selector, files), OK);
	return files;
}

static void by_each_address_the_same_file(void **state)
{
	static const char *const emails[] = { ANA, BIA, NULL };
	const struct family f = joined(*state);
	char head[ID_SIZE] = "";

	for (size_t i = 0; i < array_len(emails); i++) {
		const struct person_reports *const files = files_of(
			f.fx, emails[i] ? emails[i] : f.w.wallet.text);
		const struct person_report *const file = &files->list[0];
		size_t kinds[3] = { 0 }, n = 0;

		assert_int_equal(files->search.n, 1);
		assert_int_equal(file->match->linked.n, 3);
		assert_int_equal(file->n_addresses, 3);
		for (const struct report_tenant *t = file->tenants; t; t = t->next, n++)
			kinds[t->kind]++;
		assert_int_equal(n, 3);
		assert_int_equal(kinds[ADDRESS_WALLET], 1);
		assert_int_equal(file->n_sessions, 2);
		assert_true(moment_is_before(file->sessions[1].created_at, file->sessions[0].created_at));
		assert_int_equal(file->check.verdict, CREATE_RESUME);
		if (i > 0)
			assert_string_equal(head, linked_users_primary(&file->match->linked)->id.text);
		memcpy(head, linked_users_primary(&file->match->linked)->id.text, sizeof(head));
	}
	assert_string_equal(head, fixture_user(f.fx, &f.shop, f.w.wallet.text).id.text);
}

static void a_session_id_is_told_to_who_has_a_proof_of_any(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_verify_wallet(fx, &bank, &w);
	assert_int_equal(fixture_status(fx, &bank, w.wallet.text).result, STATUS_RESULT_NO_SESSION);
	fixture_link(fx, &shop, &w, ANA);
	/* Of the e-mail the bank has no proof. */
	const struct person_status status = fixture_status(fx, &bank, w.wallet.text);
	assert_int_equal(status.result, STATUS_RESULT_FOUND);
	assert_true(str_eq(status.url, fixture_status(fx, &shop, ANA).url));
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(
		fixture_status_by_pair(fx, &bank, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* Tries and signs of the blocklist of all of them count together; `allow` forgives all. */
static void tries_count_together(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const wallet = w.wallet.text, *const each[] = { ANA, wallet };
	const struct person_selector selector = { .identifier = identifier_from_text(ANA) };

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	/* One session and three tries each: five are allowed, so each alone may go on. */
	for (int i = 0; i < 4; i++)
		for (size_t a = 0; a < array_len(each); a++) {
			fixture_advance_clock(fx, seconds(1));
			assert_int_equal(fixture_create_session(fx, &shop, each[a]).outcome, CREATED);
			fixture_set_session_status(fx, &shop, each[a], STATUS_DECLINED);
		}
	fixture_link(fx, &shop, &w, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_REFUSED);
	assert_int_equal(fixture_create_session(fx, &shop, wallet).outcome, CREATED_REFUSED);
	assert_int_equal(files_of(fx, ANA)->list[0].tries_left, 0);
	struct tries_resets *const all = arena_new(&fx->arena, struct tries_resets);
	assert_non_null(all);
	assert_int_equal(reset_tries_run(&fx->world, &fx->arena, &selector, all), OK);
	assert_true(all->list[0].was_needed);
	assert_int_equal(files_of(fx, wallet)->list[0].tries_left, 5);
	assert_int_equal(fixture_create_session(fx, &shop, wallet).outcome, CREATED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 1);
}

static void a_sign_of_the_blocklist_is_not_washed_off_by_a_join(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct person_selector clean = { .identifier = identifier_from_text(w.wallet.text) };

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	struct session session = fixture_latest_session(fx, &shop, ANA);
	session.blocklisted = true;
	session.status = STATUS_DECLINED;
	fixture_save(fx, RECORD_SESSION, &session);
	fixture_advance_clock(fx, minutes(1));
	fixture_verify_wallet(fx, &shop, &w);
	/* Who was allowed for something else meanwhile. */
	struct user owner = fixture_user(fx, &shop, w.wallet.text);
	owner.tries_reset_at = world_now(&fx->world);
	fixture_save(fx, RECORD_USER, &owner);
	fixture_link(fx, &shop, &w, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, w.wallet.text).outcome, CREATED_REFUSED);
	struct tries_resets *const all = arena_new(&fx->arena, struct tries_resets);
	assert_non_null(all);
	assert_int_equal(reset_tries_run(&fx->world, &fx->arena, &clean, all), OK);
	assert_true(all->list[0].blocklisted);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
}

static void erase(struct app_fixture *fx, const char *address, bool really, struct erasures *out)
{
	const struct person_selector selector = { .identifier = identifier_from_text(address) };

	assert_int_equal(app_erase(&fx->world, &fx->arena, &selector, really, out), OK);
}

static size_t claims_of(struct app_fixture *fx, const struct caller *caller, const char *wallet)
{
	const struct identifier who = identifier_from_text(wallet);
	struct claim probe = { .claimed_at = { 0 } }, rows[4];

	blind_index_of(&fx->world, caller->tenant.group_name, &who, &probe.wallet_index);
	return fixture_find(fx, QUERY_CLAIMS_OF_WALLET, &probe, rows, 4);
}

static void erased_by_one_address_all_of_the_person_goes(void **state)
{
	const struct family f = joined(*state);
	struct app_fixture *const fx = f.fx;
	struct erasures *const out = arena_new(&fx->arena, struct erasures);
	const struct linked_users linked = files_of(fx, BIA)->list[0].match->linked;

	assert_non_null(out);
	for (int really = 0; really < 2; really++) {
		erase(fx, BIA, really, out);
		assert_int_equal(out->search.n, 1);
		assert_int_equal(out->list[0].addresses, 3);
		assert_int_equal(out->list[0].tenants, 3);
		assert_int_equal(out->list[0].sessions, 2);
		assert_int_equal(fixture_status(fx, &f.shop, ANA).result,
			really ? STATUS_RESULT_UNKNOWN_USER : STATUS_RESULT_FOUND);
	}
	for (size_t i = 0; i < linked.n; i++) {
		struct user user = { .id = linked.users[i].id };

		fixture_load(fx, RECORD_USER, &user);
		assert_true(user_is_erased(&user));
		assert_string_equal(user.linked_user_ids, "");
	}
	/* Strangers to each other as to all. */
	assert_false(fixture_claim_email(fx, &f.shop, &f.w, ANA).prepared.already_prepared);
	assert_false(fixture_prepare(fx, &f.shop, ANA).already_prepared);
	assert_int_equal(
		fixture_status_by_pair(fx, &f.shop, ANA, f.w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* A claim goes with either side, and the letter that names the wallet too; the other side stays. */
static void a_claim_goes_with_either_side(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const sides[] = { ANA, w.wallet.text };
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	fixture_verify_email(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(sides); i++) {
		const size_t letters = fx->mailer.n;

		(void)fixture_claim_email(fx, &shop, &w, ANA);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_QUEUED);
		for (int really = 0; really < 2; really++) {
			erase(fx, sides[i], really, out);
			assert_int_equal(out->list[0].claims, 1);
			assert_int_equal(out->list[0].mails, 1);
			assert_int_equal(out->list[0].addresses, 1);
			assert_int_equal(claims_of(fx, &shop, w.wallet.text), really ? 0 : 1);
		}
		assert_int_equal(fixture_deliver_outbox(fx), 0);
		assert_int_equal(fx->mailer.n, letters);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_UNKNOWN_USER);
		if (i == 0) {
			fixture_advance_clock(fx, hours(2));
			fixture_verify_email(fx, &shop, ANA);
		}
	}
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
}

/* A question that went without an answer left a doubt with the e-mail; whoever of the two comes next looks
 * for what may be there before anything is made. */
static void a_doubt_is_looked_into_by_whichever_address(void **state)
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
	assert_int_equal(fixture_create_session(fx, &shop, w.wallet.text).outcome, CREATED);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(session.user_id.text, ana.id.text);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).orphan_suspected_at));
	fixture_set_session_status(fx, &shop, ANA, STATUS_EXPIRED);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	assert_int_equal(fixture_count_sessions(fx, &shop, w.wallet.text), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			by_each_address_the_same_file, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_session_id_is_told_to_who_has_a_proof_of_any, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(tries_count_together, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_sign_of_the_blocklist_is_not_washed_off_by_a_join, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			erased_by_one_address_all_of_the_person_goes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_claim_goes_with_either_side, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_doubt_is_looked_into_by_whichever_address, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
