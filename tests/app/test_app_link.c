/* A wallet and an e-mail: what a claim does (nothing), who confirms it, and what they are from then on. */
#include "app/enrolment/link.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

static struct kit_wallet mine(void)
{
	return kit_wallet(WALLET_EVM, 0x11);
}

static struct kit_wallet other(void)
{
	return kit_wallet(WALLET_SOLANA, 0x22);
}

static void a_claim_says_and_does_nothing(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = mine();

	for (int again = 0; again < 3; again++) {
		const struct prepare_wallet_result claimed = kit_claim(kit, &shop, &w, ANA);

		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_false(claimed.conflict);
		assert_int_equal(claimed.prepared.already_prepared, again > 0);
		assert_true(claimed.prepared.verified.wallet);
		assert_false(claimed.prepared.verified.email);
		assert_false(claimed.prepared.kyc_approved);
		/* For the tenant the e-mail is a stranger as before; once it is proven it is still another
		 * person. */
		if (again == 0) {
			assert_int_equal(kit_status(kit, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
			assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_UNKNOWN_USER);
			assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_NOT_PREPARED);
			assert_false(kit_prepare(kit, &shop, ANA).already_prepared);
		} else if (again == 1) {
			kit_prove(kit, &shop, ANA);
		}
		assert_int_equal(kit_create_both(kit, &shop, ANA, w.wallet.text).outcome, CREATED_MISMATCH);
		assert_int_equal(
			kit_status_both(kit, &shop, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
	}
	/* Both rows of the first; the others changed nothing. */
	assert_int_equal(kit_acts(kit, AUDIT_LINK_CLAIMED), 2);
	assert_int_equal(kit_acts(kit, AUDIT_LINKED), 0);
}

static const struct {
	int64_t age;
	bool conflict;
} hours_of_a_claim[] = { { 0, true }, { 3599999, true }, { 3600000, false }, { 3600001, false } };

static void another_wallet_may_claim_it_after_an_hour(void **state)
{
	struct kit *const kit = *state;
	const struct kit_wallet a = mine(), b = other();
	char name[] = "shop0", code[7];

	for (size_t i = 0; i < array_len(hours_of_a_claim); i++) {
		name[4] = (char)('0' + i);
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);
		const size_t refused = kit_acts(kit, AUDIT_LINK_REFUSED);

		(void)kit_claim(kit, &shop, &a, ANA);
		kit_new_pair_code(kit, &shop, &a, ANA, code);
		kit_wait(kit, milliseconds(hours_of_a_claim[i].age));
		const struct prepare_wallet_result claimed = kit_claim(kit, &shop, &b, ANA);
		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_int_equal(claimed.conflict, hours_of_a_claim[i].conflict);
		assert_int_equal(
			kit_acts(kit, AUDIT_LINK_REFUSED), refused + (hours_of_a_claim[i].conflict ? 1 : 0));
		/* Whose claim it is may have a code. */
		assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict,
			hours_of_a_claim[i].conflict ? SEND_QUEUED : SEND_UNKNOWN_USER);
		assert_int_equal(kit_send_pair(kit, &shop, &b, ANA).verdict,
			hours_of_a_claim[i].conflict ? SEND_UNKNOWN_USER : SEND_QUEUED);
		(void)kit_carry(kit);
	}
}

/* "Nothing changed": the wallet is not registered, and its signature may be used for itself. */
static void a_conflict_changes_nothing(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine(), b = other();
	char signature[KIT_SIGNED_SIZE], code[7];

	(void)kit_claim(kit, &shop, &a, ANA);
	kit_new_pair_code(kit, &shop, &a, ANA, code);
	const struct str text = kit_challenge(kit, &shop, &b);
	kit_sign(&b, text, signature);
	for (int i = 0; i < 12; i++) {
		struct prepare_wallet_params params = { &b.wallet, text, str_of(signature), STR("pt-BR"),
			STR(ANA) };
		struct prepare_wallet_result done;

		assert_int_equal(app_prepare_wallet(&kit->world, &kit->arena, &shop, &params, &done), OK);
		assert_true(done.conflict);
	}
	assert_int_equal(kit_status(kit, &shop, b.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);
	const struct prepare_wallet_result alone = kit_answer(kit, &shop, &b, text, signature);
	assert_int_equal(alone.verdict, CHALLENGE_ACCEPTED);
	assert_false(alone.prepared.already_prepared);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, code), VERIFY_ACCEPTED);
}

static void a_joined_email_is_a_conflict_for_ever(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine(), b = other();

	kit_join(kit, &shop, &a, ANA);
	kit_wait(kit, days(30));
	assert_true(kit_claim(kit, &shop, &b, ANA).conflict);
	assert_int_equal(kit_send_pair(kit, &shop, &b, ANA).verdict, SEND_UNKNOWN_USER);
	/* For its own wallet it is nothing new. */
	const struct prepare_wallet_result again = kit_claim(kit, &shop, &a, ANA);
	assert_false(again.conflict);
	assert_true(again.prepared.verified.email);
	assert_true(again.prepared.verified.wallet);
	assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_ALREADY_VERIFIED);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, "123456"), VERIFY_ALREADY);
	assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_ALREADY_VERIFIED);
	/* Of another e-mail that it claims, nothing is confirmed. */
	assert_false(kit_claim(kit, &shop, &a, BIA).prepared.verified.email);
}

static void only_the_code_of_the_pair_joins(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine(), b = other();
	char plain[7], of_a[7], of_b[7];

	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, "123456"), VERIFY_UNKNOWN_USER);
	(void)kit_claim(kit, &shop, &a, ANA);
	(void)kit_claim(kit, &shop, &b, BIA);
	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, plain);
	/* Before one was sent for the pair, and after. */
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, plain), VERIFY_WRONG);
	kit_new_pair_code(kit, &shop, &a, ANA, of_a);
	kit_new_pair_code(kit, &shop, &b, BIA, of_b);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, plain), VERIFY_WRONG);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, of_b), VERIFY_WRONG);
	assert_int_equal(kit_verify_pair(kit, &shop, &b, BIA, of_a), VERIFY_WRONG);
	assert_int_equal(kit_verify_pair(kit, &shop, &b, ANA, of_a), VERIFY_UNKNOWN_USER);
	assert_int_equal(kit_verify(kit, &shop, ANA, of_a), VERIFY_WRONG);
	assert_int_equal(kit_verify(kit, &shop, BIA, of_b), VERIFY_UNKNOWN_USER);
	/* The e-mail's own code proves the e-mail, and that is all. */
	assert_int_equal(kit_verify(kit, &shop, ANA, plain), VERIFY_ACCEPTED);
	assert_int_equal(kit_status_both(kit, &shop, ANA, a.wallet.text).result, STATUS_RESULT_MISMATCH);
	/* One that is verified already is asked all the same. */
	kit_new_pair_code(kit, &shop, &a, ANA, of_a);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, of_a), VERIFY_ACCEPTED);
	assert_int_equal(kit_status_both(kit, &shop, ANA, a.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* One that nobody prepared is proven by the pair's. */
	assert_int_equal(kit_verify_pair(kit, &shop, &b, BIA, of_b), VERIFY_ACCEPTED);
	assert_true(kit_prepare(kit, &shop, BIA).verified.email);
	assert_int_equal(kit_acts(kit, AUDIT_LINKED), 4);
}

static void a_pairs_code_has_five_tries_and_an_end_of_its_own(void **state)
{
	static const struct {
		int64_t age;
		enum verify_verdict verdict;
	} ages[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED }, { 600001, VERIFY_EXPIRED } };
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine();
	char code[7], wrong[7], plain[7], name[] = "age0@example.com";

	(void)kit_claim(kit, &shop, &a, ANA);
	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, plain);
	kit_new_pair_code(kit, &shop, &a, ANA, code);
	kit_other_code(code, wrong);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, "12"), VERIFY_WRONG);
	for (int i = 0; i < 5; i++)
		assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, wrong), VERIFY_WRONG);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, code), VERIFY_LOCKED);
	/* The e-mail's own has all of its tries. */
	assert_int_equal(kit_verify(kit, &shop, ANA, plain), VERIFY_ACCEPTED);
	kit_new_pair_code(kit, &shop, &a, ANA, code);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	for (size_t i = 0; i < array_len(ages); i++) {
		name[3] = (char)('0' + i);
		(void)kit_claim(kit, &shop, &a, name);
		kit_new_pair_code(kit, &shop, &a, name, code);
		kit_wait(kit, milliseconds(ages[i].age));
		assert_int_equal(kit_verify_pair(kit, &shop, &a, name, code), ages[i].verdict);
	}
}

/* Each has an account of its own, by the same rule: what a wallet asks for takes nothing from the owner. */
static void codes_for_pairs_are_limited_apart(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine();
	size_t sent = 0;

	(void)kit_claim(kit, &shop, &a, ANA);
	(void)kit_prepare(kit, &shop, ANA);
	for (int i = 0; i < 3; i++)
		assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_QUEUED);
	const struct send_result limited = kit_send_pair(kit, &shop, &a, ANA);
	assert_int_equal(limited.verdict, SEND_LIMITED);
	kit_wait(kit, milliseconds(limited.wait.ms - 1));
	assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_LIMITED);
	kit_wait(kit, milliseconds(1));
	assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_QUEUED);
	for (int i = 0; i < 100; i++) {
		kit_wait(kit, minutes(1));
		sent += kit_send_pair(kit, &shop, &a, ANA).verdict == SEND_QUEUED;
	}
	assert_int_equal(4 + sent, kit->rules.sends_per_day);
	for (int i = 0; i < 3; i++)
		assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_LIMITED);
}

/* Who asked sees what became of the letter; who was written to is not told of it by status. */
static void the_last_letter_is_the_askers(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = mine();

	(void)kit_prepare(kit, &shop, ANA);
	(void)kit_claim(kit, &shop, &w, ANA);
	assert_int_equal(kit_send_pair(kit, &shop, &w, ANA).verdict, SEND_QUEUED);
	assert_string_equal(kit_status(kit, &shop, w.wallet.text).last_code, "queued");
	kit->mailer.result = DELIVERY_REFUSED;
	(void)kit_carry(kit);
	assert_string_equal(kit_status(kit, &shop, w.wallet.text).last_code, "refused");
	assert_null(kit_status(kit, &shop, ANA).last_code);
}

static void the_letter_is_dropped_when_its_claim_is(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet a = mine(), b = other();

	(void)kit_claim(kit, &shop, &a, ANA);
	assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_QUEUED);
	kit->rules.otp_ttl = hours(2);
	assert_int_equal(kit_send_pair(kit, &shop, &a, ANA).verdict, SEND_QUEUED);
	kit_wait(kit, hours(1));
	(void)kit_claim(kit, &shop, &b, ANA);
	(void)kit_carry(kit);
	assert_int_equal(kit->mailer.n, 0);
}

static void joined_they_are_one_person(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = mine();
	const char *const wallet = w.wallet.text;

	kit_join(kit, &shop, &w, ANA);
	assert_true(kit_status(kit, &shop, ANA).verified.wallet);
	assert_true(kit_status(kit, &shop, wallet).verified.email);
	const struct create_result by_email = kit_create(kit, &shop, ANA);
	const struct create_result by_wallet = kit_create(kit, &shop, wallet);
	const struct create_result by_both = kit_create_both(kit, &shop, ANA, wallet);
	assert_int_equal(by_email.outcome, CREATED);
	assert_string_equal(by_email.ref.text, by_wallet.ref.text);
	assert_string_equal(by_email.ref.text, by_both.ref.text);
	assert_true(str_eq(by_email.url, by_wallet.url));
	assert_int_equal(kit_quota_used(kit, &shop, 202601), 1);
	assert_string_equal(kit_status(kit, &shop, ANA).ref.text, kit_status(kit, &shop, wallet).ref.text);
	kit_decide(kit, &shop, wallet, STATUS_APPROVED);
	assert_true(kit_status(kit, &shop, ANA).approved);
	assert_true(kit_status_both(kit, &shop, ANA, wallet).approved);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_APPROVED);
	assert_true(kit_prepare(kit, &shop, ANA).kyc_approved);
	assert_true(kit_claim(kit, &shop, &w, ANA).prepared.kyc_approved);
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

static void stand(struct kit *kit, size_t row, bool email_first)
{
	const struct kit_wallet w = kit_wallet(WALLET_EVM, (unsigned char)(0x40 + 2 * row + email_first));
	char name[] = "shop-a-0";
	name[5] = email_first ? 'a' : 'b';
	name[7] = (char)('0' + row);
	const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);
	const char *const addresses[] = { ANA, w.wallet.text };
	const char *const older = addresses[!email_first], *const newer = addresses[email_first];

	print_message("# %s, %s first\n", standings[row].name, older);
	kit_prove(kit, &shop, ANA);
	kit_prove_wallet(kit, &shop, &w);
	const struct create_result first = kit_create(kit, &shop, older);
	kit_wait(kit, seconds(1));
	const struct create_result second = kit_create(kit, &shop, newer);
	kit_decide(kit, &shop, older, standings[row].older);
	kit_decide(kit, &shop, newer, standings[row].newer);
	kit_wait(kit, minutes(1));
	kit_join(kit, &shop, &w, ANA);
	const char *const current = standings[row].is_older ? first.ref.text : second.ref.text;
	assert_string_equal(kit_status(kit, &shop, older).ref.text, current);
	assert_string_equal(kit_status(kit, &shop, newer).ref.text, current);
	assert_int_equal(kit_create(kit, &shop, older).outcome, standings[row].create);
	assert_int_equal(kit_create(kit, &shop, newer).outcome, standings[row].create);
	assert_string_equal(kit_create(kit, &shop, older).ref.text, kit_create(kit, &shop, newer).ref.text);
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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = mine();

	kit_prove(kit, &shop, ANA);
	kit_prove_wallet(kit, &shop, &w);
	(void)kit_create(kit, &shop, ANA);
	kit_wait(kit, seconds(1));
	(void)kit_create(kit, &shop, w.wallet.text);
	kit_join(kit, &shop, &w, ANA);
	kit_decide(kit, &shop, w.wallet.text, STATUS_DECLINED);
	assert_false(kit_status(kit, &shop, ANA).approved);
	assert_string_equal(kit_status(kit, &shop, ANA).word, "declined");
	kit_decide(kit, &shop, ANA, STATUS_APPROVED);
	assert_true(kit_status(kit, &shop, w.wallet.text).approved);
	kit_decide(kit, &shop, ANA, STATUS_KYC_EXPIRED);
	assert_false(kit_status(kit, &shop, w.wallet.text).approved);
}

static void one_wallet_may_have_several_emails_up_to_a_bound(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet w = mine();
	char name[] = "a@example.com", code[7];

	for (int i = 0; i < ADDRESSES_MAX - 1; i++) {
		name[0] = (char)('a' + i);
		kit_join(kit, &shop, &w, name);
	}
	(void)kit_create(kit, &shop, "a@example.com");
	kit_decide(kit, &shop, w.wallet.text, STATUS_APPROVED);
	assert_true(kit_status(kit, &shop, name).approved);
	name[0] = 'z';
	assert_false(kit_claim(kit, &shop, &w, name).conflict);
	kit_new_pair_code(kit, &shop, &w, name, code);
	assert_int_equal(kit_verify_pair(kit, &shop, &w, name, code), VERIFY_CONFLICT);
	assert_int_equal(kit_verify_pair(kit, &shop, &w, name, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(kit_status(kit, &shop, name).result, STATUS_RESULT_UNKNOWN_USER);
}

/* Inside a group the person is shared, the proof is not: what a tenant has no proof of it hears nothing of.
 */
static void in_a_group_each_tenant_has_its_own_claims(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA),
			    bank = kit_tenant(kit, "bank", "ring", NO_QUOTA);
	const struct kit_wallet a = mine(), b = other();
	char code[7];

	(void)kit_claim(kit, &shop, &a, ANA);
	assert_false(kit_claim(kit, &bank, &b, ANA).conflict);
	kit_new_pair_code(kit, &shop, &a, ANA, code);
	assert_int_equal(kit_verify_pair(kit, &bank, &a, ANA, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(kit_verify_pair(kit, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	(void)kit_create(kit, &shop, ANA);
	kit_decide(kit, &shop, a.wallet.text, STATUS_APPROVED);
	/* The bank knows nothing of it, and its wallet goes on as before. */
	assert_false(kit_claim(kit, &bank, &b, ANA).conflict);
	assert_int_equal(kit_status(kit, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(kit_status(kit, &bank, b.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* Whoever reads the mailbox hears that it belongs to another wallet. */
	kit_new_pair_code(kit, &bank, &b, ANA, code);
	assert_int_equal(kit_verify_pair(kit, &bank, &b, ANA, code), VERIFY_CONFLICT);
	assert_int_equal(kit_status(kit, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_false(kit_status(kit, &bank, b.wallet.text).approved);
	/* With the e-mail's proof it may know. */
	kit_prove(kit, &bank, ANA);
	assert_true(kit_claim(kit, &bank, &b, ANA).conflict);
	assert_true(kit_status(kit, &bank, ANA).approved);
	/* The right wallet is one person in the whole group, but the proof of one is not that of the other.
	 */
	kit_prove_wallet(kit, &bank, &a);
	assert_true(kit_status(kit, &bank, a.wallet.text).approved);
	assert_true(kit_status_both(kit, &bank, ANA, a.wallet.text).approved);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_claim_says_and_does_nothing, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			another_wallet_may_claim_it_after_an_hour, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_conflict_changes_nothing, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_joined_email_is_a_conflict_for_ever, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(only_the_code_of_the_pair_joins, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_pairs_code_has_five_tries_and_an_end_of_its_own, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(codes_for_pairs_are_limited_apart, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(the_last_letter_is_the_askers, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			the_letter_is_dropped_when_its_claim_is, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(joined_they_are_one_person, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			of_two_sessions_the_approved_else_the_newer, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(a_later_decision_counts_for_both, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			one_wallet_may_have_several_emails_up_to_a_bound, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			in_a_group_each_tenant_has_its_own_claims, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
