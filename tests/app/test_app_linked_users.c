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
#include "kit/fake_provider.h"
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

/* A wallet with two e-mails, each with a session of its own from before. */
struct family {
	struct kit *kit;
	struct caller shop;
	struct kit_wallet w;
	const char *wallet;
};

static struct family joined(struct kit *kit)
{
	struct family f = {
		.kit = kit, .shop = kit_tenant(kit, "shop", NULL, NO_QUOTA), .w = kit_wallet(WALLET_EVM, 0x11)
	};

	kit_prove(kit, &f.shop, ANA);
	(void)kit_create(kit, &f.shop, ANA);
	kit_wait(kit, seconds(1));
	kit_prove_wallet(kit, &f.shop, &f.w);
	(void)kit_create(kit, &f.shop, f.w.wallet.text);
	kit_wait(kit, seconds(1));
	kit_join(kit, &f.shop, &f.w, ANA);
	kit_join(kit, &f.shop, &f.w, BIA);
	return f;
}

static struct person_reports *files_of(struct kit *kit, const char *address)
{
	const struct person_selector selector = { .identifier = kit_who(address) };
	struct person_reports *const files = arena_new(&kit->arena, struct person_reports);

	assert_non_null(files);
	assert_int_equal(person_reports_read(&kit->world, &kit->arena, &selector, files), OK);
	return files;
}

static void by_each_address_the_same_file(void **state)
{
	static const char *const emails[] = { ANA, BIA, NULL };
	const struct family f = joined(*state);
	char head[ID_SIZE] = "";

	for (size_t i = 0; i < array_len(emails); i++) {
		const struct person_reports *const files = files_of(
			f.kit, emails[i] ? emails[i] : f.w.wallet.text);
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
	assert_string_equal(head, kit_user(f.kit, &f.shop, f.w.wallet.text).id.text);
}

static void a_session_id_is_told_to_who_has_a_proof_of_any(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA),
			    bank = kit_tenant(kit, "bank", "ring", NO_QUOTA);
	const struct kit_wallet w = kit_wallet(WALLET_SOLANA, 0x11);

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	kit_prove_wallet(kit, &bank, &w);
	assert_int_equal(kit_status(kit, &bank, w.wallet.text).result, STATUS_RESULT_NO_SESSION);
	kit_join(kit, &shop, &w, ANA);
	/* Of the e-mail the bank has no proof. */
	const struct person_status status = kit_status(kit, &bank, w.wallet.text);
	assert_int_equal(status.result, STATUS_RESULT_FOUND);
	assert_true(str_eq(status.url, kit_status(kit, &shop, ANA).url));
	assert_int_equal(kit_status(kit, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(kit_status_both(kit, &bank, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* Tries and signs of the blocklist of all of them count together; `allow` forgives all. */
static void tries_count_together(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11);
	const char *const wallet = w.wallet.text, *const each[] = { ANA, wallet };
	const struct person_selector selector = { .identifier = kit_who(ANA) };

	kit_prove(kit, &shop, ANA);
	kit_prove_wallet(kit, &shop, &w);
	/* One session and three tries each: five are allowed, so each alone may go on. */
	for (int i = 0; i < 4; i++)
		for (size_t a = 0; a < array_len(each); a++) {
			kit_wait(kit, seconds(1));
			assert_int_equal(kit_create(kit, &shop, each[a]).outcome, CREATED);
			kit_decide(kit, &shop, each[a], STATUS_DECLINED);
		}
	kit_join(kit, &shop, &w, ANA);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	assert_int_equal(kit_create(kit, &shop, wallet).outcome, CREATED_REFUSED);
	assert_int_equal(files_of(kit, ANA)->list[0].tries_left, 0);
	struct tries_resets *const all = arena_new(&kit->arena, struct tries_resets);
	assert_non_null(all);
	assert_int_equal(reset_tries_run(&kit->world, &kit->arena, &selector, all), OK);
	assert_true(all->list[0].was_needed);
	assert_int_equal(files_of(kit, wallet)->list[0].tries_left, 5);
	assert_int_equal(kit_create(kit, &shop, wallet).outcome, CREATED);
	assert_int_equal(kit_acts(kit, AUDIT_TRIES_RESET), 1);
}

static void a_sign_of_the_blocklist_is_not_washed_off_by_a_join(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11);
	const struct person_selector clean = { .identifier = kit_who(w.wallet.text) };

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	struct session session = kit_session(kit, &shop, ANA);
	session.blocklisted = true;
	session.status = STATUS_DECLINED;
	kit_save(kit, RECORD_SESSION, &session);
	kit_wait(kit, minutes(1));
	kit_prove_wallet(kit, &shop, &w);
	/* Who was allowed for something else meanwhile. */
	struct user owner = kit_user(kit, &shop, w.wallet.text);
	owner.tries_reset_at = world_now(&kit->world);
	kit_save(kit, RECORD_USER, &owner);
	kit_join(kit, &shop, &w, ANA);
	assert_int_equal(kit_create(kit, &shop, w.wallet.text).outcome, CREATED_REFUSED);
	struct tries_resets *const all = arena_new(&kit->arena, struct tries_resets);
	assert_non_null(all);
	assert_int_equal(reset_tries_run(&kit->world, &kit->arena, &clean, all), OK);
	assert_true(all->list[0].blocklisted);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
}

static void erase(struct kit *kit, const char *address, bool really, struct erasures *out)
{
	const struct person_selector selector = { .identifier = kit_who(address) };

	assert_int_equal(app_erase(&kit->world, &kit->arena, &selector, really, out), OK);
}

static size_t claims_of(struct kit *kit, const struct caller *caller, const char *wallet)
{
	const struct identifier who = kit_who(wallet);
	struct claim probe = { .claimed_at = { 0 } }, rows[4];

	blind_index_of(&kit->world, caller->tenant.group_name, &who, &probe.wallet_index);
	return kit_find(kit, QUERY_CLAIMS_OF_WALLET, &probe, rows, 4);
}

static void erased_by_one_address_all_of_the_person_goes(void **state)
{
	const struct family f = joined(*state);
	struct kit *const kit = f.kit;
	struct erasures *const out = arena_new(&kit->arena, struct erasures);
	const struct linked_users linked = files_of(kit, BIA)->list[0].match->linked;

	assert_non_null(out);
	for (int really = 0; really < 2; really++) {
		erase(kit, BIA, really, out);
		assert_int_equal(out->search.n, 1);
		assert_int_equal(out->list[0].addresses, 3);
		assert_int_equal(out->list[0].tenants, 3);
		assert_int_equal(out->list[0].sessions, 2);
		assert_int_equal(kit_status(kit, &f.shop, ANA).result,
			really ? STATUS_RESULT_UNKNOWN_USER : STATUS_RESULT_FOUND);
	}
	for (size_t i = 0; i < linked.n; i++) {
		struct user user = { .id = linked.users[i].id };

		kit_load(kit, RECORD_USER, &user);
		assert_true(user_is_erased(&user));
		assert_string_equal(user.linked_user_ids, "");
	}
	/* Strangers to each other as to all. */
	assert_false(kit_claim(kit, &f.shop, &f.w, ANA).prepared.already_prepared);
	assert_false(kit_prepare(kit, &f.shop, ANA).already_prepared);
	assert_int_equal(kit_status_both(kit, &f.shop, ANA, f.w.wallet.text).result, STATUS_RESULT_MISMATCH);
}

/* A claim goes with either side, and the letter that names the wallet too; the other side stays. */
static void a_claim_goes_with_either_side(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11);
	const char *const sides[] = { ANA, w.wallet.text };
	struct erasures *const out = arena_new(&kit->arena, struct erasures);

	assert_non_null(out);
	kit_prove(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(sides); i++) {
		const size_t letters = kit->mailer.n;

		(void)kit_claim(kit, &shop, &w, ANA);
		assert_int_equal(kit_send_pair(kit, &shop, &w, ANA).verdict, SEND_QUEUED);
		for (int really = 0; really < 2; really++) {
			erase(kit, sides[i], really, out);
			assert_int_equal(out->list[0].claims, 1);
			assert_int_equal(out->list[0].mails, 1);
			assert_int_equal(out->list[0].addresses, 1);
			assert_int_equal(claims_of(kit, &shop, w.wallet.text), really ? 0 : 1);
		}
		assert_int_equal(kit_carry(kit), 0);
		assert_int_equal(kit->mailer.n, letters);
		assert_int_equal(kit_send_pair(kit, &shop, &w, ANA).verdict, SEND_UNKNOWN_USER);
		if (i == 0) {
			kit_wait(kit, hours(2));
			kit_prove(kit, &shop, ANA);
		}
	}
	assert_int_equal(kit_status(kit, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
}

/* A question that went without an answer left a doubt with the e-mail; whoever of the two comes next looks
 * for what may be there before anything is made. */
static void a_doubt_is_looked_into_by_whichever_address(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11);
	struct user ana;

	kit_prove(kit, &shop, ANA);
	ana = kit_user(kit, &shop, ANA);
	ana.orphan_suspected_at = world_now(&kit->world);
	kit_save(kit, RECORD_USER, &ana);
	kit_join(kit, &shop, &w, ANA);
	assert_int_equal(kit_create(kit, &shop, w.wallet.text).outcome, CREATED);
	const struct session session = kit_session(kit, &shop, ANA);
	assert_string_equal(session.user_id.text, ana.id.text);
	assert_true(moment_is_unset(kit_user(kit, &shop, ANA).orphan_suspected_at));
	kit_decide(kit, &shop, ANA, STATUS_EXPIRED);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	assert_int_equal(kit_sessions(kit, &shop, w.wallet.text), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_each_address_the_same_file, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_session_id_is_told_to_who_has_a_proof_of_any, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(tries_count_together, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_sign_of_the_blocklist_is_not_washed_off_by_a_join, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			erased_by_one_address_all_of_the_person_goes, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_claim_goes_with_either_side, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_doubt_is_looked_into_by_whichever_address, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
