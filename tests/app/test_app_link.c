/* A wallet and an e-mail: what a claim does (nothing), who confirms it, and what they are from then on. */
#include "app/enrolment/link.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

static struct signing_wallet mine(void)
{
	return signing_wallet_new(WALLET_EVM, 0x11);
}

static struct signing_wallet other(void)
{
	return signing_wallet_new(WALLET_SOLANA, 0x22);
}

static void a_claim_says_and_does_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = mine();

	for (int again = 0; again < 3; again++) {
		const struct prepare_wallet_result claimed = fixture_claim_email(fx, &shop, &w, ANA);

		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_false(claimed.conflict);
		assert_int_equal(claimed.prepared.already_prepared, again > 0);
		assert_true(claimed.prepared.verified.wallet);
		assert_false(claimed.prepared.verified.email);
		assert_false(claimed.prepared.kyc_approved);
		/* For the tenant the e-mail is a stranger as before; once it is proven it is still another
		 * person. */
		if (again == 0) {
			assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
			assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_UNKNOWN_USER);
			assert_int_equal(
				fixture_create_session(fx, &shop, ANA).outcome, CREATED_NOT_PREPARED);
			assert_false(fixture_prepare(fx, &shop, ANA).already_prepared);
		} else if (again == 1) {
			fixture_verify_email(fx, &shop, ANA);
		}
		assert_int_equal(fixture_create_session_by_pair(fx, &shop, ANA, w.wallet.text).outcome,
			CREATED_MISMATCH);
		assert_int_equal(
			fixture_status_by_pair(fx, &shop, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
	}
	/* Both rows of the first; the others changed nothing. */
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_CLAIMED), 2);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINKED), 0);
}

static const struct {
	int64_t age;
	bool conflict;
} hours_of_a_claim[] = { { 0, true }, { 3599999, true }, { 3600000, false }, { 3600001, false } };

static void another_wallet_may_claim_it_after_an_hour(void **state)
{
	struct app_fixture *const fx = *state;
	const struct signing_wallet a = mine(), b = other();
	char name[] = "shop0", code[7];

	for (size_t i = 0; i < array_len(hours_of_a_claim); i++) {
		name[4] = (char)('0' + i);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const size_t refused = fixture_count_audit(fx, AUDIT_LINK_REFUSED);

		(void)fixture_claim_email(fx, &shop, &a, ANA);
		fixture_get_link_otp(fx, &shop, &a, ANA, code);
		fixture_advance_clock(fx, milliseconds(hours_of_a_claim[i].age));
		const struct prepare_wallet_result claimed = fixture_claim_email(fx, &shop, &b, ANA);
		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_int_equal(claimed.conflict, hours_of_a_claim[i].conflict);
		assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_REFUSED),
			refused + (hours_of_a_claim[i].conflict ? 1 : 0));
		/* Whose claim it is may have a code. */
		assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict,
			hours_of_a_claim[i].conflict ? SEND_QUEUED : SEND_UNKNOWN_USER);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &b, ANA).verdict,
			hours_of_a_claim[i].conflict ? SEND_UNKNOWN_USER : SEND_QUEUED);
		(void)fixture_deliver_outbox(fx);
	}
}

/* "Nothing changed": the wallet is not registered, and its signature may be used for itself. */
static void a_conflict_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine(), b = other();
	char signature[WALLET_SIGNATURE_SIZE], code[7];

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	const struct str text = fixture_challenge(fx, &shop, &b);
	signing_wallet_sign(&b, text, signature);
	for (int i = 0; i < 12; i++) {
		struct prepare_wallet_params params = { &b.wallet, text, str_of(signature), STR("pt-BR"),
			STR(ANA) };
		struct prepare_wallet_result done;

		assert_int_equal(app_prepare_wallet(&fx->world, &fx->arena, &shop, &params, &done), OK);
		assert_true(done.conflict);
	}
	assert_int_equal(fixture_status(fx, &shop, b.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);
	const struct prepare_wallet_result alone = fixture_answer_challenge(fx, &shop, &b, text, signature);
	assert_int_equal(alone.verdict, CHALLENGE_ACCEPTED);
	assert_false(alone.prepared.already_prepared);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
}

static void a_joined_email_is_a_conflict_for_ever(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine(), b = other();

	fixture_link(fx, &shop, &a, ANA);
	fixture_advance_clock(fx, days(30));
	assert_true(fixture_claim_email(fx, &shop, &b, ANA).conflict);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &b, ANA).verdict, SEND_UNKNOWN_USER);
	/* For its own wallet it is nothing new. */
	const struct prepare_wallet_result again = fixture_claim_email(fx, &shop, &a, ANA);
	assert_false(again.conflict);
	assert_true(again.prepared.verified.email);
	assert_true(again.prepared.verified.wallet);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_ALREADY_VERIFIED);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "123456"), VERIFY_ALREADY);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_ALREADY_VERIFIED);
	/* Of another e-mail that it claims, nothing is confirmed. */
	assert_false(fixture_claim_email(fx, &shop, &a, BIA).prepared.verified.email);
}

static void only_the_code_of_the_pair_joins(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine(), b = other();
	char plain[7], of_a[7], of_b[7];

	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "123456"), VERIFY_UNKNOWN_USER);
	(void)fixture_claim_email(fx, &shop, &a, ANA);
	(void)fixture_claim_email(fx, &shop, &b, BIA);
	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, plain);
	/* Before one was sent for the pair, and after. */
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, plain), VERIFY_WRONG);
	fixture_get_link_otp(fx, &shop, &a, ANA, of_a);
	fixture_get_link_otp(fx, &shop, &b, BIA, of_b);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, plain), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, of_b), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, BIA, of_a), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, ANA, of_a), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, of_a), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, BIA, of_b), VERIFY_UNKNOWN_USER);
	/* The e-mail's own code proves the e-mail, and that is all. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, plain), VERIFY_ACCEPTED);
	assert_int_equal(
		fixture_status_by_pair(fx, &shop, ANA, a.wallet.text).result, STATUS_RESULT_MISMATCH);
	/* One that is verified already is asked all the same. */
	fixture_get_link_otp(fx, &shop, &a, ANA, of_a);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, of_a), VERIFY_ACCEPTED);
	assert_int_equal(
		fixture_status_by_pair(fx, &shop, ANA, a.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* One that nobody prepared is proven by the pair's. */
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, BIA, of_b), VERIFY_ACCEPTED);
	assert_true(fixture_prepare(fx, &shop, BIA).verified.email);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINKED), 4);
}

static void a_pairs_code_has_five_tries_and_an_end_of_its_own(void **state)
{
	static const struct {
		int64_t age;
		enum verify_verdict verdict;
	} ages[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED }, { 600001, VERIFY_EXPIRED } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine();
	char code[7], wrong[7], plain[7], name[] = "age0@example.com";

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, plain);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	wrong_otp_for(code, wrong);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "12"), VERIFY_WRONG);
	for (int i = 0; i < 5; i++)
		assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, wrong), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_LOCKED);
	/* The e-mail's own has all of its tries. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, plain), VERIFY_ACCEPTED);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	for (size_t i = 0; i < array_len(ages); i++) {
		name[3] = (char)('0' + i);
		(void)fixture_claim_email(fx, &shop, &a, name);
		fixture_get_link_otp(fx, &shop, &a, name, code);
		fixture_advance_clock(fx, milliseconds(ages[i].age));
		assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, name, code), ages[i].verdict);
	}
}

/* Each has an account of its own, by the same rule: what a wallet asks for takes nothing from the owner. */
static void codes_for_pairs_are_limited_apart(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine();
	size_t sent = 0;

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	(void)fixture_prepare(fx, &shop, ANA);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	const struct send_result limited = fixture_send_link_otp(fx, &shop, &a, ANA);
	assert_int_equal(limited.verdict, SEND_LIMITED);
	fixture_advance_clock(fx, milliseconds(limited.wait.ms - 1));
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_LIMITED);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	for (int i = 0; i < 100; i++) {
		fixture_advance_clock(fx, minutes(1));
		sent += fixture_send_link_otp(fx, &shop, &a, ANA).verdict == SEND_QUEUED;
	}
	assert_int_equal(4 + sent, fx->rules.sends_per_day);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_LIMITED);
}

/* Who asked sees what became of the letter; who was written to is not told of it by status. */
static void the_last_letter_is_the_askers(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = mine();

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_claim_email(fx, &shop, &w, ANA);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_QUEUED);
	assert_string_equal(fixture_status(fx, &shop, w.wallet.text).last_code, "queued");
	fx->mailer.result = DELIVERY_REFUSED;
	(void)fixture_deliver_outbox(fx);
	assert_string_equal(fixture_status(fx, &shop, w.wallet.text).last_code, "refused");
	assert_null(fixture_status(fx, &shop, ANA).last_code);
}

static void the_letter_is_dropped_when_its_claim_is(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = mine(), b = other();

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	fx->rules.otp_ttl = hours(2);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	fixture_advance_clock(fx, hours(1));
	(void)fixture_claim_email(fx, &shop, &b, ANA);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, 0);
}

static void joined_they_are_one_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = mine();
	const char *const wallet = w.wallet.text;

	fixture_link(fx, &shop, &w, ANA);
	assert_true(fixture_status(fx, &shop, ANA).verified.wallet);
	assert_true(fixture_status(fx, &shop, wallet).verified.email);
	const struct create_result by_email = fixture_create_session(fx, &shop, ANA);
	const struct create_result by_wallet = fixture_create_session(fx, &shop, wallet);
	const struct create_result by_both = fixture_create_session_by_pair(fx, &shop, ANA, wallet);
	assert_int_equal(by_email.outcome, CREATED);
	assert_string_equal(by_email.ref.text, by_wallet.ref.text);
	assert_string_equal(by_email.ref.text, by_both.ref.text);
	assert_true(str_eq(by_email.url, by_wallet.url));
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
	assert_string_equal(
		fixture_status(fx, &shop, ANA).ref.text, fixture_status(fx, &shop, wallet).ref.text);
	fixture_set_session_status(fx, &shop, wallet, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, ANA).approved);
	assert_true(fixture_status_by_pair(fx, &shop, ANA, wallet).approved);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_APPROVED);
	assert_true(fixture_prepare(fx, &shop, ANA).kyc_approved);
	assert_true(fixture_claim_email(fx, &shop, &w, ANA).prepared.kyc_approved);
}

/* Sessions from before the join: which one is the current one, and what create does. */
static const struct {
	const char *name;
	enum session_status older, newer;
	bool is_older;
	enum create_outcome create;
} standings[] = {
	{ "both open: the newer", STATUS_IN_PROGRESS, STATUS_NOT_STARTED, false, CREATED },
	{ "the older approved", STATUS_APPROVED, STATUS_IN_PROGRESS, true, CREATED_APPROVED },
	{ "the older approved, the newer declined", STATUS_APPROVED, STATUS_DECLINED, true,
		CREATED_APPROVED },
	{ "the newer approved", STATUS_IN_PROGRESS, STATUS_APPROVED, false, CREATED_APPROVED },
	{ "both approved: the newer", STATUS_APPROVED, STATUS_APPROVED, false, CREATED_APPROVED },
	{ "the older declined, the newer open", STATUS_DECLINED, STATUS_IN_PROGRESS, false, CREATED },
	{ "both run out", STATUS_EXPIRED, STATUS_ABANDONED, false, CREATED },
};

static void stand(struct app_fixture *fx, size_t row, bool email_first)
{
	const struct signing_wallet w = signing_wallet_new(
		WALLET_EVM, (unsigned char)(0x40 + 2 * row + email_first));
	char name[] = "shop-a-0";
	name[5] = email_first ? 'a' : 'b';
	name[7] = (char)('0' + row);
	const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
	const char *const addresses[] = { ANA, w.wallet.text };
	const char *const older = addresses[!email_first], *const newer = addresses[email_first];

	print_message("# %s, %s first\n", standings[row].name, older);
	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	const struct create_result first = fixture_create_session(fx, &shop, older);
	fixture_advance_clock(fx, seconds(1));
	const struct create_result second = fixture_create_session(fx, &shop, newer);
	fixture_set_session_status(fx, &shop, older, standings[row].older);
	fixture_set_session_status(fx, &shop, newer, standings[row].newer);
	fixture_advance_clock(fx, minutes(1));
	fixture_link(fx, &shop, &w, ANA);
	const char *const current = standings[row].is_older ? first.ref.text : second.ref.text;
	assert_string_equal(fixture_status(fx, &shop, older).ref.text, current);
	assert_string_equal(fixture_status(fx, &shop, newer).ref.text, current);
	assert_int_equal(fixture_create_session(fx, &shop, older).outcome, standings[row].create);
	assert_int_equal(fixture_create_session(fx, &shop, newer).outcome, standings[row].create);
	assert_string_equal(fixture_create_session(fx, &shop, older).ref.text,
		fixture_create_session(fx, &shop, newer).ref.text);
}

static void of_two_sessions_the_approved_else_the_newer(void **state)
{
	for (size_t i = 0; i < array_len(standings); i++) {
		stand(*state, i, true);
		stand(*state, i, false);
	}
}

/* What was decided late about either of them holds for both. */
static void a_later_decision_counts_for_both(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = mine();

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	(void)fixture_create_session(fx, &shop, w.wallet.text);
	fixture_link(fx, &shop, &w, ANA);
	fixture_set_session_status(fx, &shop, w.wallet.text, STATUS_DECLINED);
	assert_false(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).word, "declined");
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, w.wallet.text).approved);
	fixture_set_session_status(fx, &shop, ANA, STATUS_KYC_EXPIRED);
	assert_false(fixture_status(fx, &shop, w.wallet.text).approved);
}

static void one_wallet_may_have_several_emails_up_to_a_bound(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = mine();
	char name[] = "a@example.com", code[7];

	for (int i = 0; i < ADDRESSES_MAX - 1; i++) {
		name[0] = (char)('a' + i);
		fixture_link(fx, &shop, &w, name);
	}
	(void)fixture_create_session(fx, &shop, "a@example.com");
	fixture_set_session_status(fx, &shop, w.wallet.text, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, name).approved);
	name[0] = 'z';
	assert_false(fixture_claim_email(fx, &shop, &w, name).conflict);
	fixture_get_link_otp(fx, &shop, &w, name, code);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &w, name, code), VERIFY_CONFLICT);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &w, name, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_status(fx, &shop, name).result, STATUS_RESULT_UNKNOWN_USER);
}

/* Inside a group the person is shared, the proof is not: what a tenant has no proof of it hears nothing of.
 */
static void in_a_group_each_tenant_has_its_own_claims(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct signing_wallet a = mine(), b = other();
	char code[7];

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	assert_false(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &a, ANA, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, a.wallet.text, STATUS_APPROVED);
	/* The bank knows nothing of it, and its wallet goes on as before. */
	assert_false(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_status(fx, &bank, b.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* Whoever reads the mailbox hears that it belongs to another wallet. */
	fixture_get_link_otp(fx, &bank, &b, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &b, ANA, code), VERIFY_CONFLICT);
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_false(fixture_status(fx, &bank, b.wallet.text).approved);
	/* With the e-mail's proof it may know. */
	fixture_verify_email(fx, &bank, ANA);
	assert_true(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	assert_true(fixture_status(fx, &bank, ANA).approved);
	/* The right wallet is one person in the whole group, but the proof of one is not that of the other.
	 */
	fixture_verify_wallet(fx, &bank, &a);
	assert_true(fixture_status(fx, &bank, a.wallet.text).approved);
	assert_true(fixture_status_by_pair(fx, &bank, ANA, a.wallet.text).approved);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_claim_says_and_does_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			another_wallet_may_claim_it_after_an_hour, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(a_conflict_changes_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_joined_email_is_a_conflict_for_ever, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			only_the_code_of_the_pair_joins, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_pairs_code_has_five_tries_and_an_end_of_its_own, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			codes_for_pairs_are_limited_apart, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			the_last_letter_is_the_askers, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			the_letter_is_dropped_when_its_claim_is, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(joined_they_are_one_person, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			of_two_sessions_the_approved_else_the_newer, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_later_decision_counts_for_both, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			one_wallet_may_have_several_emails_up_to_a_bound, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			in_a_group_each_tenant_has_its_own_claims, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
