/* Tests of app_prepare_wallet: which signature of which challenge registers and verifies a wallet, and how
 * often. */
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

static struct signed_text request_and_sign(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *w)
{
	struct signed_text s = { .text = fixture_challenge(fx, caller, w) };

	signing_wallet_sign(w, s.text, s.signature);
	return s;
}

static enum challenge_verdict answer(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *w, const struct signed_text *s)
{
	return fixture_answer_challenge(fx, caller, w, s->text, s->signature).verdict;
}

static void signature_registers_and_verifies_the_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(chains); i++) {
		const struct signing_wallet w = signing_wallet_new(chains[i], 0x11);
		struct signed_text s = request_and_sign(fx, &shop, &w);
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
		s = request_and_sign(fx, &shop, &w);
		done = fixture_answer_challenge(fx, &shop, &w, s.text, s.signature);
		assert_int_equal(done.verdict, CHALLENGE_ACCEPTED);
		assert_true(done.prepared.already_prepared);
		assert_true(done.prepared.verified.wallet);
		/* The time of the first verification is kept. */
		assert_int_equal(
			fixture_enrolment(fx, &shop, w.wallet.text).verified_at.ms, enrolment.verified_at.ms);
		assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), i + 1);
	}
}

static void wallet_enrols_creates_a_session_and_is_approved(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x22),
				    other = signing_wallet_new(WALLET_EVM, 0x22);
	const char *const address = w.wallet.text;

	assert_int_equal(fixture_status(fx, &shop, address).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATE_OUTCOME_NOT_PREPARED);
	(void)fixture_challenge(fx, &shop, &w);
	assert_int_equal(fixture_status(fx, &shop, address).result, STATUS_RESULT_UNKNOWN_USER);
	fixture_verify_wallet(fx, &shop, &w);
	const struct person_status before = fixture_status(fx, &shop, address);
	assert_int_equal(before.result, STATUS_RESULT_NO_SESSION);
	assert_true(before.verified.wallet);
	assert_false(before.verified.email);
	assert_null(before.last_code);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_count_sessions(fx, &shop, address), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
	fixture_set_session_status(fx, &shop, address, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, address).approved);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATE_OUTCOME_APPROVED);
	assert_int_equal(fixture_status(fx, &shop, other.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);

	const struct signed_text s = request_and_sign(fx, &shop, &w);
	const struct prepare_wallet_result again = fixture_answer_challenge(
		fx, &shop, &w, s.text, s.signature);
	assert_true(again.prepared.kyc_approved);
	assert_string_equal(again.prepared.kyc_status, "approved");
}

static void challenge_can_be_answered_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(chains); i++) {
		const struct signing_wallet w = signing_wallet_new(chains[i], 0x11),
					    other = signing_wallet_new(chains[i], 0x12);
		struct signed_text s = request_and_sign(fx, &shop, &w);
		char wrong[WALLET_SIGNATURE_SIZE];

		/* A wrong signature leaves the challenge open. Once the challenge is answered, it cannot be
		 * used again. */
		signing_wallet_sign(&other, s.text, wrong);
		const struct prepare_wallet_result refused = fixture_answer_challenge(
			fx, &shop, &w, s.text, wrong);
		assert_int_equal(refused.verdict, CHALLENGE_WRONG);
		assert_int_equal(refused.signature, WALLET_SIG_OTHER);
		assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
		assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong).verdict, CHALLENGE_NONE);

		/* A newer challenge replaces the older one. */
		s = request_and_sign(fx, &shop, &w);
		const struct signed_text newer = request_and_sign(fx, &shop, &w);
		assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
		assert_int_equal(answer(fx, &shop, &w, &newer), CHALLENGE_ACCEPTED);
	}
}

static void challenge_is_used_up_after_ten_wrong_signatures(void **state)
{
	static const char *const wrong[] = { "", "zz", "0x", "0x00", "11111111", "\xe2\x80\x8b" };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct signed_text s = request_and_sign(fx, &shop, &w);

	for (size_t i = 0; i < 9; i++)
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong[i % array_len(wrong)]).verdict,
			CHALLENGE_WRONG);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);

	s = request_and_sign(fx, &shop, &w);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(
			fixture_answer_challenge(fx, &shop, &w, s.text, wrong[i % array_len(wrong)]).verdict,
			CHALLENGE_WRONG);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
	assert_int_equal(fixture_answer_challenge(fx, &shop, &w, s.text, "zz").verdict, CHALLENGE_NONE);
	s = request_and_sign(fx, &shop, &w);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

static void challenge_expires_after_the_configured_time(void **state)
{
	static const struct {
		int64_t after_ms;
		enum challenge_verdict verdict;
	} rows[] = {
		{ 89999, CHALLENGE_ACCEPTED }, { 90000, CHALLENGE_EXPIRED }, { 90001, CHALLENGE_EXPIRED },
		{ 90000 + 3599999, CHALLENGE_EXPIRED },
		{ 90000 + 3600000, CHALLENGE_NONE }, /* deleted by the clean-up */
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);

	fx->rules.challenge_ttl = seconds(90);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct signed_text s = request_and_sign(fx, &shop, &w);

		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		assert_int_equal(challenge_clean(&fx->world, &fx->arena), OK);
		assert_int_equal(answer(fx, &shop, &w, &s), rows[i].verdict);
	}
}

/* A challenge is valid only for the tenant that requested it and for its wallet. */
static void challenge_is_bound_to_tenant_and_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_EVM, 0x12);
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	const struct signed_text other_challenge = request_and_sign(fx, &bank, &w);

	assert_int_equal(answer(fx, &bank, &w, &s), CHALLENGE_NONE);
	assert_int_equal(answer(fx, &other_group, &w, &s), CHALLENGE_NONE);
	assert_int_equal(answer(fx, &shop, &w, &other_challenge), CHALLENGE_NONE);
	assert_int_equal(answer(fx, &shop, &other, &s), CHALLENGE_NONE);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
	assert_int_equal(answer(fx, &bank, &w, &other_challenge), CHALLENGE_ACCEPTED);
}

static struct str replace_in(struct app_fixture *fx, struct str text, const char *what, const char *with)
{
	const char *const at = memmem(text.p, text.n, what, strlen(what));

	assert_non_null(at);
	const size_t before = (size_t)(at - text.p);
	const struct str out = arena_printf(&fx->arena, "%.*s%s%.*s", (int)before, text.p, with,
		(int)(text.n - before - strlen(what)), at + strlen(what));
	assert_non_null(out.p);
	return out;
}

/* Each changed text is correctly signed by the wallet, so that it is rejected only because of the change. */
static void changed_challenge_text_is_rejected(void **state)
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
		{ "an additional space", "Purpose: kyc", "Purpose:  kyc" },
		{ "a missing space", "Purpose: kyc", "Purpose:kyc" },
		{ "a zero-width space", "Purpose: kyc", "Purpose: kyc\xe2\x80\x8b" },
		{ "a look-alike letter of another script", "Purpose: kyc",
			"Purpose: k\xd1\x83"
			"c" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct signed_text s = request_and_sign(fx, &shop, &w);
	struct signed_text changed;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].name);
		changed.text = replace_in(fx, s.text, rows[i].what, rows[i].with);
		signing_wallet_sign(&w, changed.text, changed.signature);
		assert_int_equal(answer(fx, &shop, &w, &changed), CHALLENGE_NONE);
	}
	changed.text = arena_printf(&fx->arena, "%.*s\n", STR_ARG(s.text));
	signing_wallet_sign(&w, changed.text, changed.signature);
	assert_int_equal(answer(fx, &shop, &w, &changed), CHALLENGE_NONE);
	changed.text = (struct str){ s.text.p, s.text.n - 1 };
	signing_wallet_sign(&w, changed.text, changed.signature);
	assert_int_equal(answer(fx, &shop, &w, &changed), CHALLENGE_NONE);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

/* The stored hash covers the purpose, so that a challenge for another purpose does not match the text. */
static void challenge_for_another_purpose_is_rejected(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct identifier identifier = identifier_wallet(str_of(w.wallet.text));
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	struct challenge row = { .tenant_id = shop.tenant.id };

	blind_index_of(&fx->world, shop.tenant.group_name, &identifier, &row.wallet_index);
	fixture_load(fx, RECORD_CHALLENGE, &row);
	const struct str parts[] = { STR("challenge"), str_of(shop.tenant.id.text),
		{ (const char *)row.wallet_index.bytes, sizeof(row.wallet_index.bytes) }, STR("payment"),
		s.text };
	struct challenge other_challenge = row;
	keyed_digest(&fx->keys.code, parts, array_len(parts), other_challenge.digest.bytes);
	fixture_save(fx, RECORD_CHALLENGE, &other_challenge);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
	fixture_save(fx, RECORD_CHALLENGE, &row);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

/* A request with an unknown challenge is refused after one read transaction. Its signature is checked outside
 * of transactions. */
static void unknown_challenge_starts_no_write_transaction(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	const size_t writes = fx->store.writes, reads = fx->store.reads;

	assert_int_equal(fixture_answer_challenge(fx, &shop, &w, STR("no such text"), s.signature).verdict,
		CHALLENGE_NONE);
	assert_int_equal(fx->store.writes, writes);
	assert_int_equal(fx->store.reads, reads + 1);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
	assert_int_equal(fx->store.writes, writes + 1);
	assert_int_equal(fx->store.reads, reads + 2);
}

/* A store that answers or replaces the challenge of a request while the request runs: after its read
 * transaction has found the challenge open, and before its write transaction. */
struct racing_store {
	struct store base;
	struct app_fixture *fx;
	const struct caller *caller;
	const struct signing_wallet *wallet;
	const struct signed_text *signed_text;
	enum challenge_verdict first_verdict;
	bool done;
	bool replaces; /* requests a new challenge instead of answering */
};

static enum err racing_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct racing_store *const r = (struct racing_store *)store;

	if (kind != TX_READ && !r->done) {
		r->done = true;
		r->fx->world.store = &r->fx->store.base;
		if (r->replaces)
			(void)fixture_challenge(r->fx, r->caller, r->wallet);
		else
			r->first_verdict = answer(r->fx, r->caller, r->wallet, r->signed_text);
		r->fx->world.store = store;
	}
	return store_transact(&r->fx->store.base, kind, arena, work, arg);
}

static void one_of_two_concurrent_answers_is_accepted(void **state)
{
	static const struct store_ops ops = { .transact = racing_transact };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	struct racing_store r = { { .ops = &ops }, fx, &shop, &w, &s, CHALLENGE_NONE, false, false };

	fx->world.store = &r.base;
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
	fx->world.store = &fx->store.base;
	assert_int_equal(r.first_verdict, CHALLENGE_ACCEPTED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 1);
}

static void answer_to_a_challenge_replaced_meanwhile_is_rejected(void **state)
{
	static const struct store_ops ops = { .transact = racing_transact };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	struct racing_store r = { { .ops = &ops }, fx, &shop, &w, &s, CHALLENGE_NONE, false, true };

	fx->world.store = &r.base;
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_NONE);
	fx->world.store = &fx->store.base;
	assert_true(r.done);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
}

/* If the result cannot be stored, the challenge remains open. */
static void store_failure_does_not_use_up_the_challenge(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x11);
	const struct signed_text s = request_and_sign(fx, &shop, &w);
	const struct prepare_wallet_params params = { .wallet = &w.wallet,
		.message = s.text,
		.signature = str_of(s.signature),
		.language = STR(""),
		.email = STR("") };
	struct prepare_wallet_result out = { .verdict = CHALLENGE_OPEN };

	for (size_t n_ok = 0; n_ok < 2; n_ok++) {
		atomic_store(&fx->store.transactions_before_fault, n_ok);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		assert_int_not_equal(app_prepare_wallet(&fx->world, &fx->arena, &shop, &params, &out), OK);
		assert_int_equal(out.verdict, CHALLENGE_OPEN);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
	assert_int_equal(answer(fx, &shop, &w, &s), CHALLENGE_ACCEPTED);
}

static void group_shares_the_approval_but_not_the_verification(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const address = w.wallet.text;

	fixture_verify_wallet(fx, &shop, &w);
	assert_int_equal(fixture_create_session(fx, &shop, address).outcome, CREATE_OUTCOME_CREATED);
	fixture_set_session_status(fx, &shop, address, STATUS_APPROVED);
	assert_int_equal(fixture_create_session(fx, &bank, address).outcome, CREATE_OUTCOME_NOT_PREPARED);
	assert_int_equal(fixture_status(fx, &bank, address).result, STATUS_RESULT_UNKNOWN_USER);

	struct signed_text s = request_and_sign(fx, &bank, &w);
	const struct prepare_wallet_result in_group = fixture_answer_challenge(
		fx, &bank, &w, s.text, s.signature);
	assert_false(in_group.prepared.already_prepared);
	assert_true(in_group.prepared.kyc_approved);
	assert_int_equal(fixture_create_session(fx, &bank, address).outcome, CREATE_OUTCOME_APPROVED);
	assert_int_equal(fixture_quota_used(fx, &bank, 202601), 0);

	s = request_and_sign(fx, &other_group, &w);
	const struct prepare_wallet_result in_other_group = fixture_answer_challenge(
		fx, &other_group, &w, s.text, s.signature);
	assert_false(in_other_group.prepared.kyc_approved);
	assert_int_equal(fixture_create_session(fx, &other_group, address).outcome, CREATE_OUTCOME_CREATED);
}

/* A wallet and an e-mail address that are not linked are two people. */
static void wallet_and_email_that_are_not_linked_share_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);

	fixture_verify_email(fx, &shop, "ana.exemplo@example.com");
	fixture_verify_wallet(fx, &shop, &w);
	assert_string_not_equal(fixture_user(fx, &shop, "ana.exemplo@example.com").id.text,
		fixture_user(fx, &shop, w.wallet.text).id.text);
	assert_int_equal(
		fixture_create_session(fx, &shop, "ana.exemplo@example.com").outcome, CREATE_OUTCOME_CREATED);
	fixture_set_session_status(fx, &shop, "ana.exemplo@example.com", STATUS_APPROVED);
	assert_int_equal(fixture_status(fx, &shop, w.wallet.text).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(fixture_create_session(fx, &shop, w.wallet.text).outcome, CREATE_OUTCOME_CREATED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(signature_registers_and_verifies_the_wallet),
		TEST(wallet_enrols_creates_a_session_and_is_approved),
		TEST(challenge_can_be_answered_once),
		TEST(challenge_is_used_up_after_ten_wrong_signatures),
		TEST(challenge_expires_after_the_configured_time),
		TEST(challenge_is_bound_to_tenant_and_wallet),
		TEST(changed_challenge_text_is_rejected),
		TEST(challenge_for_another_purpose_is_rejected),
		TEST(unknown_challenge_starts_no_write_transaction),
		TEST(one_of_two_concurrent_answers_is_accepted),
		TEST(answer_to_a_challenge_replaced_meanwhile_is_rejected),
		TEST(store_failure_does_not_use_up_the_challenge),
		TEST(group_shares_the_approval_but_not_the_verification),
		TEST(wallet_and_email_that_are_not_linked_share_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
