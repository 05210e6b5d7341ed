/* prepare-wallet: whose signature under which challenge registers whom, and how often. */
#include "app/enrolment/prepare_wallet.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/enrolment/challenge.h"
#include "kit/app_fixture.h"

static const enum wallet_chain chains[] = { WALLET_EVM, WALLET_SOLANA };

struct signed_text {
	struct str text;
	char signature[WALLET_SIGNATURE_SIZE];
};

static struct signed_text asked_and_signed(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *w)
{
	struct signed_text s = { .text = fixture_challenge(fx, caller, w) };

	signing_wallet_sign(w, s.text, s.signature);
	return s;
}

static enum challenge_verdict give(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *w, const struct signed_text *s)
{
	return fixture_answer_challenge(fx, caller, w, s->text, s->signature).verdict;
}

static void a_signature_registers_and_proves(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(chains); i++) {
		const struct signing_wallet w = signing_wallet_new(chains[i], 0x11);
		struct signed_text s = asked_and_signed(fx, &shop, &w);
		struct prepare_wallet_result done = fixture_answer_challenge(
			fx, &shop, &w, s.text, s.signature);

		assert_int_equal(done.verdict, CHALLENGE_ACCEPTED);
		assert_false(done.prepared.already_prepared);
		assert_true(done.prepared.verified.wallet);
		assert_false(done.prepared.verified.email);
		assert_false(done.prepared.kyc_approved);
		assert_string_equal(done.prepared.kyc_status, "pending");
		const struct enrolment enrolment = fixture_enrolment(fx, &shop, w.wallet.text);
		assert_int_equal(enrolment.prepared_at.ms, world_now(&fx->world).ms);
		assert_int_equal(enrolment.verified_at.ms, world_now(&fx->world).ms);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), i + 1);
		assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), i + 1);

		fixture_advance_clock(fx, seconds(1));
		s = asked_and_signed(fx, &shop, &w);
		done = fixture_answer_challenge(fx, &shop, &w, s.text, s.signature);
		assert_int_equal(done.verdict, CHALLENGE_ACCEPTED);
		assert_true(done.prepared.already_prepared);
		assert_true(done.prepared.verified.wallet);
		/* The first proof stays the proof. */
		assert_int_equal(
			fixture_enrolment(fx, &shop, w.wallet.text).verified_at.ms, enrolment.verified_at.ms);
		assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), i + 1);
	}
}

static void a_wallet_goes_the_whole_way(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x22),
				    other = signing_wallet_new(WALLET_EVM, 0x22);
	const char *const address = w.wallet.text;

	assert_int_equal(fixture_status(fx, &shop, address).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATED_NOT_PREPARED);
	(void)fixture_challenge(fx, &shop, &w);
	assert_int_equal(fixture_status(fx, &shop, address).result, STATUS_RESULT_UNKNOWN_USER);
	fixture_verify_wallet(fx, &shop, &w);
	const struct person_status before = fixture_status(fx, &shop, address);
	assert_int_equal(before.result, STATUS_RESULT_NO_SESSION);
	assert_true(before.verified.wallet);
	assert_false(before.verified.email);
	assert_null(before.last_code);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATED);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATED);
	assert_int_equal(fixture_count_sessions(fx, &shop, address), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
	fixture_set_session_status(fx, &shop, address, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, address).approved);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATED_APPROVED);
	assert_int_equal(fixture_status(fx, &shop, other.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);

	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	const struct prepare_wallet_result again = fixture_answer_challenge(
		fx, &shop, &w, s.text, s.signature);
	assert_true(again.prepared.kyc_approved);
	assert_string_equal(again.prepared.kyc_status, "approved");
}

static void it_is_answered_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(chains); i++) {
		const struct signing_wallet w = signing_wallet_new(chains[i], 0x11),
					    other = signing_wallet_new(chains[i], 0x12);
		struct signed_text s = asked_and_signed(fx, &shop, &w);
		char wrong[WALLET_SIGNATURE_SIZE];

		/* Before it is answered a wrong signature leaves it open, afterwards nothing does. */
		signing_wallet_sign(&other, s.text, wrong);
		const struct prepare_wallet_result refused = fixture_answer_challenge(
			fx, &shop, &w, s.text, wrong);
		assert_int_equal(refused.verdict, CHALLENGE_WRONG);
		assert_int_equal(refused.signature, WALLET_SIG_OTHER);
		assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
		assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_NONE);
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong).verdict, CHALLENGE_NONE);

		/* A newer one replaces the older. */
		s = asked_and_signed(fx, &shop, &w);
		const struct signed_text newer = asked_and_signed(fx, &shop, &w);
		assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_NONE);
		assert_int_equal(give(fx, &shop, &w, &newer), CHALLENGE_ACCEPTED);
	}
}

static void ten_wrong_signatures_use_it_up(void **state)
{
	static const char *const wrong[] = { "", "zz", "0x", "0x00", "11111111", "\xe2\x80\x8b" };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct signed_text s = asked_and_signed(fx, &shop, &w);

	for (size_t i = 0; i < 9; i++)
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong[i % array_len(wrong)]).verdict,
			CHALLENGE_WRONG);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);

	s = asked_and_signed(fx, &shop, &w);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong[i % array_len(wrong)]).verdict,
			CHALLENGE_WRONG);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_NONE);
	assert_int_equal(fixture_answer_challenge(fx, &shop, &w, s.text, "zz").verdict, CHALLENGE_NONE);
	s = asked_and_signed(fx, &shop, &w);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

static void it_lives_as_long_as_the_setting_says(void **state)
{
	static const struct {
		int64_t after_ms;
		enum challenge_verdict verdict;
	} rows[] = {
		{ 89999, CHALLENGE_ACCEPTED }, { 90000, CHALLENGE_EXPIRED }, { 90001, CHALLENGE_EXPIRED },
		{ 90000 + 3599999, CHALLENGE_EXPIRED },
		{ 90000 + 3600000, CHALLENGE_NONE }, /* cleaned away */
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);

	fx->rules.challenge_ttl = seconds(90);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct signed_text s = asked_and_signed(fx, &shop, &w);

		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		assert_int_equal(challenge_clean(&fx->world, &fx->arena), OK);
		assert_int_equal(give(fx, &shop, &w, &s), rows[i].verdict);
	}
}

/* What is signed over another text than the one that was asked for, and what was asked for by or for others.
 */
static void only_the_very_text_with_the_very_tenant(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_EVM, 0x12);
	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	const struct signed_text theirs = asked_and_signed(fx, &bank, &w);

	assert_int_equal(give(fx, &bank, &w, &s), CHALLENGE_NONE);
	assert_int_equal(give(fx, &lone, &w, &s), CHALLENGE_NONE);
	assert_int_equal(give(fx, &shop, &w, &theirs), CHALLENGE_NONE);
	assert_int_equal(give(fx, &shop, &other, &s), CHALLENGE_NONE);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
	assert_int_equal(give(fx, &bank, &w, &theirs), CHALLENGE_ACCEPTED);
}

static struct str replaced(struct app_fixture *fx, struct str text, const char *what, const char *with)
{
	const char *const at = memmem(text.p, text.n, what, strlen(what));

	assert_non_null(at);
	const size_t before = (size_t)(at - text.p);
	const struct str out = arena_printf(&fx->arena, "%.*s%s%.*s", (int)before, text.p, with,
		(int)(text.n - before - strlen(what)), at + strlen(what));
	assert_non_null(out.p);
	return out;
}

/* Each is rightly signed, too. */
static void a_changed_text_is_none(void **state)
{
	static const struct {
		const char *name, *what, *with;
	} rows[] = {
		{ "another purpose", "Purpose: kyc", "Purpose: payment" },
		{ "another domain", "Domain: 127.0.0.1", "Domain: 127.0.0.2" },
		{ "another tenant", "Requested by: shop", "Requested by: bank" },
		{ "another wallet", "Wallet: 0x19E7", "Wallet: 0x19e7" },
		{ "a later expiry", "Expires at: 2026", "Expires at: 2027" },
		{ "CRLF", "\n\nDomain", "\r\n\r\nDomain" },
		{ "a blank more", "Purpose: kyc", "Purpose:  kyc" },
		{ "a blank less", "Purpose: kyc", "Purpose:kyc" },
		{ "a zero-width blank", "Purpose: kyc", "Purpose: kyc\xe2\x80\x8b" },
		{ "another script's letter", "Purpose: kyc",
			"Purpose: k\xd1\x83"
			"c" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct signed_text s = asked_and_signed(fx, &shop, &w);
	struct signed_text changed;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].name);
		changed.text = replaced(fx, s.text, rows[i].what, rows[i].with);
		signing_wallet_sign(&w, changed.text, changed.signature);
		assert_int_equal(give(fx, &shop, &w, &changed), CHALLENGE_NONE);
	}
	changed.text = arena_printf(&fx->arena, "%.*s\n", STR_ARG(s.text));
	signing_wallet_sign(&w, changed.text, changed.signature);
	assert_int_equal(give(fx, &shop, &w, &changed), CHALLENGE_NONE);
	changed.text = (struct str){ s.text.p, s.text.n - 1 };
	signing_wallet_sign(&w, changed.text, changed.signature);
	assert_int_equal(give(fx, &shop, &w, &changed), CHALLENGE_NONE);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

/* A challenge that was made for something else is none of ours: no text of ours can have its hash. */
static void another_purposes_challenge_is_none(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct identifier who = identifier_wallet(str_of(w.wallet.text));
	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	struct challenge row = { .tenant_id = shop.tenant.id };

	blind_index_of(&fx->world, shop.tenant.group_name, &who, &row.wallet_index);
	fixture_load(fx, RECORD_CHALLENGE, &row);
	const struct str parts[] = { STR("challenge"), str_of(shop.tenant.id.text),
		{ (const char *)row.wallet_index.bytes, sizeof(row.wallet_index.bytes) }, STR("payment"),
		s.text };
	struct challenge theirs = row;
	keyed_digest(&fx->keys.code, parts, array_len(parts), theirs.digest.bytes);
	fixture_save(fx, RECORD_CHALLENGE, &theirs);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_NONE);
	fixture_save(fx, RECORD_CHALLENGE, &row);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

/* What is refused at the first look costs no write, and a signature is judged outside of any transaction. */
static void the_writer_is_asked_only_with_an_open_challenge(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	const size_t writes = fx->store.writes, reads = fx->store.reads;

	assert_int_equal(fixture_answer_challenge(fx, &shop, &w, STR("no such text"), s.signature).verdict,
		CHALLENGE_NONE);
	assert_int_equal(fx->store.writes, writes);
	assert_int_equal(fx->store.reads, reads + 1);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
	assert_int_equal(fx->store.writes, writes + 1);
	assert_int_equal(fx->store.reads, reads + 2);
}

/* The first look finds it open; then somebody else is faster. The second look is the one that counts. */
struct overtaken {
	struct store base;
	struct app_fixture *fx;
	const struct caller *caller;
	const struct signing_wallet *wallet;
	const struct signed_text *signed_text;
	enum challenge_verdict first;
	bool done;
};

static enum err overtake(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct overtaken *const o = (struct overtaken *)store;

	if (kind != TX_READ && !o->done) {
		o->done = true;
		o->fx->world.store = &o->fx->store.base;
		o->first = give(o->fx, o->caller, o->wallet, o->signed_text);
		o->fx->world.store = store;
	}
	return store_transact(&o->fx->store.base, kind, arena, work, arg);
}

static void of_two_that_come_together_one_is_the_first(void **state)
{
	static const struct store_ops ops = { .transact = overtake };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	struct overtaken o = { { .ops = &ops }, fx, &shop, &w, &s, CHALLENGE_NONE, false };

	fx->world.store = &o.base;
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_NONE);
	fx->world.store = &fx->store.base;
	assert_int_equal(o.first, CHALLENGE_ACCEPTED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 1);
}

/* What could not be saved is not used up. */
static void a_failed_store_uses_nothing_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);
	const struct signed_text s = asked_and_signed(fx, &shop, &w);
	const struct prepare_wallet_params params = { &w.wallet, s.text, str_of(s.signature), STR(""),
		STR("") };
	struct prepare_wallet_result out = { .verdict = CHALLENGE_OPEN };

	for (size_t spared = 0; spared < 2; spared++) {
		atomic_store(&fx->store.transactions_before_fault, spared);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		assert_int_not_equal(app_prepare_wallet(&fx->world, &fx->arena, &shop, &params, &out), OK);
		assert_int_equal(out.verdict, CHALLENGE_OPEN);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
	assert_int_equal(give(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

static void a_group_shares_the_approval_but_not_the_proof(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const address = w.wallet.text;

	fixture_verify_wallet(fx, &shop, &w);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATED);
	fixture_set_session_status(fx, &shop, address, STATUS_APPROVED);
	assert_int_equal(fixture_create_session(fx, &bank, address).outcome, CREATED_NOT_PREPARED);
	assert_int_equal(fixture_status(fx, &bank, address).result, STATUS_RESULT_UNKNOWN_USER);

	struct signed_text s = asked_and_signed(fx, &bank, &w);
	const struct prepare_wallet_result in_the_ring = fixture_answer_challenge(
		fx, &bank, &w, s.text, s.signature);
	assert_false(in_the_ring.prepared.already_prepared);
	assert_true(in_the_ring.prepared.kyc_approved);
	assert_int_equal(fixture_create_session(fx, &bank, address).outcome, CREATED_APPROVED);
	assert_int_equal(fixture_quota_used(fx, &bank, 202601), 0);

	s = asked_and_signed(fx, &lone, &w);
	const struct prepare_wallet_result outside = fixture_answer_challenge(
		fx, &lone, &w, s.text, s.signature);
	assert_false(outside.prepared.kyc_approved);
	assert_int_equal(fixture_create_session(fx, &lone, address).outcome, CREATED);
}

/* Nobody who has the one is told of the other: an e-mail and a wallet are two persons. */
static void a_wallet_and_an_email_share_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);

	fixture_verify_email(fx, &shop, "ana.exemplo@example.com");
	fixture_verify_wallet(fx, &shop, &w);
	assert_string_not_equal(fixture_user(fx, &shop, "ana.exemplo@example.com").id.text,
		fixture_user(fx, &shop, w.wallet.text).id.text);
	assert_int_equal(fixture_create_session(fx, &shop, "ana.exemplo@example.com").outcome, CREATED);
	fixture_set_session_status(fx, &shop, "ana.exemplo@example.com", STATUS_APPROVED);
	assert_int_equal(fixture_status(fx, &shop, w.wallet.text).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(fixture_create_session(fx, &shop, w.wallet.text).outcome, CREATED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_signature_registers_and_proves),
		TEST(a_wallet_goes_the_whole_way),
		TEST(it_is_answered_once),
		TEST(ten_wrong_signatures_use_it_up),
		TEST(it_lives_as_long_as_the_setting_says),
		TEST(only_the_very_text_with_the_very_tenant),
		TEST(a_changed_text_is_none),
		TEST(another_purposes_challenge_is_none),
		TEST(the_writer_is_asked_only_with_an_open_challenge),
		TEST(of_two_that_come_together_one_is_the_first),
		TEST(a_failed_store_uses_nothing_up),
		TEST(a_group_shares_the_approval_but_not_the_proof),
		TEST(a_wallet_and_an_email_share_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
