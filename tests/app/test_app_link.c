/* Linking a wallet and an e-mail address: a claim alone changes nothing, only the code sent for the link
 * confirms it, and from then on both belong to one person. */
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

static struct signing_wallet wallet_a(void)
{
	return signing_wallet_new(WALLET_EVM, 0x11);
}

static struct signing_wallet wallet_b(void)
{
	return signing_wallet_new(WALLET_SOLANA, 0x22);
}

static void claim_alone_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = wallet_a();

	for (int again = 0; again < 3; again++) {
		const struct prepare_wallet_result claimed = fixture_claim_email(fx, &shop, &w, ANA);

		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_false(claimed.conflict);
		assert_int_equal(claimed.prepared.already_prepared, again > 0);
		assert_true(claimed.prepared.verified.wallet);
		assert_false(claimed.prepared.verified.email);
		assert_false(claimed.prepared.kyc_approved);
		/* A claim does not make the e-mail address known to the tenant. When the owner verifies the
		 * address, it belongs to another person than the wallet. */
		if (again == 0) {
			assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
			assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_UNKNOWN_USER);
			assert_int_equal(
				fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_NOT_PREPARED);
			assert_false(fixture_prepare(fx, &shop, ANA).already_prepared);
		} else if (again == 1) {
			fixture_verify_email(fx, &shop, ANA);
		}
		assert_int_equal(fixture_create_session_by_pair(fx, &shop, ANA, w.wallet.text).outcome,
			CREATE_OUTCOME_MISMATCH);
		assert_int_equal(
			fixture_status_by_pair(fx, &shop, ANA, w.wallet.text).result, STATUS_RESULT_MISMATCH);
	}
	/* The first claim wrote one audit entry for the wallet and one for the e-mail address. Repeating the
	 * claim wrote none. */
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_CLAIMED), 2);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINKED), 0);
}

static const struct {
	int64_t age;
	bool conflict;
} claim_ages[] = { { 0, true }, { 3599999, true }, { 3600000, false }, { 3600001, false } };

static void another_wallet_may_claim_the_address_after_an_hour(void **state)
{
	struct app_fixture *const fx = *state;
	const struct signing_wallet a = wallet_a(), b = wallet_b();
	char name[] = "shop0", code[7];

	for (size_t i = 0; i < array_len(claim_ages); i++) {
		name[4] = (char)('0' + i);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const size_t refused = fixture_count_audit(fx, AUDIT_LINK_REFUSED);

		(void)fixture_claim_email(fx, &shop, &a, ANA);
		fixture_get_link_otp(fx, &shop, &a, ANA, code);
		fixture_advance_clock(fx, milliseconds(claim_ages[i].age));
		const struct prepare_wallet_result claimed = fixture_claim_email(fx, &shop, &b, ANA);
		assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
		assert_int_equal(claimed.conflict, claim_ages[i].conflict);
		assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_REFUSED),
			refused + (claim_ages[i].conflict ? 1 : 0));
		/* Only the wallet that holds the claim may request a code. */
		assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict,
			claim_ages[i].conflict ? SEND_QUEUED : SEND_UNKNOWN_USER);
		assert_int_equal(fixture_send_link_otp(fx, &shop, &b, ANA).verdict,
			claim_ages[i].conflict ? SEND_UNKNOWN_USER : SEND_QUEUED);
		(void)fixture_deliver_outbox(fx);
	}
}

/* After a conflict the wallet is not registered. The same signature may still be used in a request without
 * the e-mail address. */
static void claim_conflict_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a(), b = wallet_b();
	char signature[WALLET_SIGNATURE_SIZE], code[7];

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	const struct str text = fixture_challenge(fx, &shop, &b);
	signing_wallet_sign(&b, text, signature);
	for (int i = 0; i < 12; i++) {
		struct prepare_wallet_params params = { .wallet = &b.wallet,
			.message = text,
			.signature = str_of(signature),
			.language = STR("pt-BR"),
			.email = STR(ANA) };
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

static void linked_address_cannot_be_claimed_by_another_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a(), b = wallet_b();

	fixture_link(fx, &shop, &a, ANA);
	fixture_advance_clock(fx, days(30));
	assert_true(fixture_claim_email(fx, &shop, &b, ANA).conflict);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_REFUSED), 1);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &b, ANA).verdict, SEND_UNKNOWN_USER);
	/* Claiming the address again for the linked wallet is allowed and changes nothing. */
	const struct prepare_wallet_result again = fixture_claim_email(fx, &shop, &a, ANA);
	assert_false(again.conflict);
	assert_true(again.prepared.verified.email);
	assert_true(again.prepared.verified.wallet);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_ALREADY_VERIFIED);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "123456"), VERIFY_ALREADY);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_ALREADY_VERIFIED);
	/* Another e-mail address that the wallet claims is not verified. */
	assert_false(fixture_claim_email(fx, &shop, &a, BIA).prepared.verified.email);
}

static void only_the_link_code_links(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a(), b = wallet_b();
	char email_code[7], link_code_a[7], link_code_b[7];

	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "123456"), VERIFY_UNKNOWN_USER);
	(void)fixture_claim_email(fx, &shop, &a, ANA);
	(void)fixture_claim_email(fx, &shop, &b, BIA);
	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, email_code);
	/* A code sent for the e-mail address alone does not confirm the link, neither before nor after a link
	 * code was sent. */
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, email_code), VERIFY_WRONG);
	fixture_get_link_otp(fx, &shop, &a, ANA, link_code_a);
	fixture_get_link_otp(fx, &shop, &b, BIA, link_code_b);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, email_code), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, link_code_b), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, BIA, link_code_a), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, ANA, link_code_a), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, link_code_a), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, BIA, link_code_b), VERIFY_UNKNOWN_USER);
	/* The code for the e-mail address alone verifies the address, but does not link it to the wallet. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, email_code), VERIFY_ACCEPTED);
	assert_int_equal(
		fixture_status_by_pair(fx, &shop, ANA, a.wallet.text).result, STATUS_RESULT_MISMATCH);
	/* The link code is required even if the address is verified already. The address is not verified a
	 * second time. */
	const size_t n_verified = fixture_count_audit(fx, AUDIT_VERIFIED);
	fixture_get_link_otp(fx, &shop, &a, ANA, link_code_a);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, link_code_a), VERIFY_ACCEPTED);
	assert_int_equal(
		fixture_status_by_pair(fx, &shop, ANA, a.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* The link code also prepares and verifies an address that was not prepared by itself. */
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), n_verified);
	const size_t n_prepared = fixture_count_audit(fx, AUDIT_PREPARED);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, BIA, link_code_b), VERIFY_ACCEPTED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), n_prepared + 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), n_verified + 1);
	assert_int_equal(fixture_enrolment(fx, &shop, BIA).prepared_at.ms, FIXTURE_NOW);
	assert_true(fixture_prepare(fx, &shop, BIA).verified.email);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINKED), 4);
}

static void link_code_has_its_own_tries_and_expiry(void **state)
{
	static const struct {
		int64_t age;
		enum verify_verdict verdict;
	} code_ages[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED },
		{ 600001, VERIFY_EXPIRED } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();
	char code[7], wrong[7], email_code[7], name[] = "age0@example.com";

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, email_code);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	wrong_otp_for(code, wrong);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, "12"), VERIFY_WRONG);
	for (int i = 0; i < 5; i++)
		assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, wrong), VERIFY_WRONG);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_LOCKED);
	/* Wrong link codes do not use up the tries of the code for the e-mail address alone. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, email_code), VERIFY_ACCEPTED);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	for (size_t i = 0; i < array_len(code_ages); i++) {
		name[3] = (char)('0' + i);
		(void)fixture_claim_email(fx, &shop, &a, name);
		fixture_get_link_otp(fx, &shop, &a, name, code);
		fixture_advance_clock(fx, milliseconds(code_ages[i].age));
		assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, name, code), code_ages[i].verdict);
	}
}

/* Link codes and the owner's own codes have separate limits, so that a wallet that claims an address cannot
 * keep its owner from getting codes. */
static void link_codes_have_their_own_rate_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();
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

/* The status of the wallet, which requested the link code, shows the delivery; the status of the e-mail
 * address does not. */
static void link_code_delivery_is_shown_in_the_status_of_the_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = wallet_a();

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_claim_email(fx, &shop, &w, ANA);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_QUEUED);
	assert_string_equal(fixture_status(fx, &shop, w.wallet.text).last_code, "queued");
	fx->mailer.result = DELIVERY_REFUSED;
	(void)fixture_deliver_outbox(fx);
	assert_string_equal(fixture_status(fx, &shop, w.wallet.text).last_code, "refused");
	assert_null(fixture_status(fx, &shop, ANA).last_code);
}

static void link_code_mail_is_dropped_if_its_claim_was_replaced(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a(), b = wallet_b();

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	fx->rules.otp_ttl = hours(2);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &a, ANA).verdict, SEND_QUEUED);
	fixture_advance_clock(fx, hours(1));
	(void)fixture_claim_email(fx, &shop, &b, ANA);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, 0);
}

static void linked_addresses_share_session_quota_and_status(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = wallet_a();
	const char *const wallet = w.wallet.text;

	fixture_link(fx, &shop, &w, ANA);
	assert_true(fixture_status(fx, &shop, ANA).verified.wallet);
	assert_true(fixture_status(fx, &shop, wallet).verified.email);
	const struct create_result by_email = fixture_create_session(fx, &shop, ANA);
	const struct create_result by_wallet = fixture_create_session(fx, &shop, wallet);
	const struct create_result by_both = fixture_create_session_by_pair(fx, &shop, ANA, wallet);
	assert_int_equal(by_email.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(by_email.ref.text, by_wallet.ref.text);
	assert_string_equal(by_email.ref.text, by_both.ref.text);
	assert_true(str_eq(by_email.url, by_wallet.url));
	assert_int_equal(fixture_quota_used(fx, &shop, 202601), 1);
	assert_string_equal(
		fixture_status(fx, &shop, ANA).ref.text, fixture_status(fx, &shop, wallet).ref.text);
	fixture_set_session_status(fx, &shop, wallet, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, ANA).approved);
	assert_true(fixture_status_by_pair(fx, &shop, ANA, wallet).approved);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_APPROVED);
	assert_true(fixture_prepare(fx, &shop, ANA).kyc_approved);
	assert_true(fixture_claim_email(fx, &shop, &w, ANA).prepared.kyc_approved);
}

/* The wallet and the e-mail address each had a session before they were linked. Each row: the statuses of the
 * two sessions, which of them is the current one after linking, and what create returns. */
static const struct {
	const char *name;
	enum session_status older, newer;
	bool current_is_older;
	enum create_outcome create;
} session_pairs[] = {
	{ "both open", STATUS_IN_PROGRESS, STATUS_NOT_STARTED, false, CREATE_OUTCOME_CREATED },
	{ "the older approved", STATUS_APPROVED, STATUS_IN_PROGRESS, true, CREATE_OUTCOME_APPROVED },
	{ "the older approved, the newer declined", STATUS_APPROVED, STATUS_DECLINED, true,
		CREATE_OUTCOME_APPROVED },
	{ "the newer approved", STATUS_IN_PROGRESS, STATUS_APPROVED, false, CREATE_OUTCOME_APPROVED },
	{ "both approved", STATUS_APPROVED, STATUS_APPROVED, false, CREATE_OUTCOME_APPROVED },
	{ "the older declined, the newer open", STATUS_DECLINED, STATUS_IN_PROGRESS, false,
		CREATE_OUTCOME_CREATED },
	{ "both ended without a decision", STATUS_EXPIRED, STATUS_ABANDONED, false, CREATE_OUTCOME_CREATED },
};

static void check_session_pair(struct app_fixture *fx, size_t row, bool email_first)
{
	const struct signing_wallet w = signing_wallet_new(
		WALLET_EVM, (unsigned char)(0x40 + 2 * row + email_first));
	char name[] = "shop-a-0";
	name[5] = email_first ? 'a' : 'b';
	name[7] = (char)('0' + row);
	const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
	const char *const addresses[] = { ANA, w.wallet.text };
	const char *const older = addresses[!email_first], *const newer = addresses[email_first];

	print_message("# %s, %s first\n", session_pairs[row].name, older);
	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	const struct create_result first = fixture_create_session(fx, &shop, older);
	fixture_advance_clock(fx, seconds(1));
	const struct create_result second = fixture_create_session(fx, &shop, newer);
	fixture_set_session_status(fx, &shop, older, session_pairs[row].older);
	fixture_set_session_status(fx, &shop, newer, session_pairs[row].newer);
	fixture_advance_clock(fx, minutes(1));
	fixture_link(fx, &shop, &w, ANA);
	const char *const current = session_pairs[row].current_is_older ? first.ref.text : second.ref.text;
	assert_string_equal(fixture_status(fx, &shop, older).ref.text, current);
	assert_string_equal(fixture_status(fx, &shop, newer).ref.text, current);
	assert_int_equal(fixture_create_session(fx, &shop, older).outcome, session_pairs[row].create);
	assert_int_equal(fixture_create_session(fx, &shop, newer).outcome, session_pairs[row].create);
	assert_string_equal(fixture_create_session(fx, &shop, older).ref.text,
		fixture_create_session(fx, &shop, newer).ref.text);
}

static void current_session_is_the_approved_one_else_the_newer(void **state)
{
	for (size_t i = 0; i < array_len(session_pairs); i++) {
		check_session_pair(*state, i, true);
		check_session_pair(*state, i, false);
	}
}

/* A decision on either session after the link applies to both addresses. */
static void later_decision_applies_to_both_addresses(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = wallet_a();

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	(void)fixture_create_session(fx, &shop, w.wallet.text);
	fixture_link(fx, &shop, &w, ANA);
	fixture_set_session_status(fx, &shop, w.wallet.text, STATUS_DECLINED);
	assert_false(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).status_name, "declined");
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	assert_true(fixture_status(fx, &shop, w.wallet.text).approved);
	fixture_set_session_status(fx, &shop, ANA, STATUS_KYC_EXPIRED);
	assert_false(fixture_status(fx, &shop, w.wallet.text).approved);
}

static void number_of_linked_addresses_is_limited(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = wallet_a();
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
	assert_int_equal(fixture_count_audit(fx, AUDIT_LINK_REFUSED), 1);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &w, name, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_status(fx, &shop, name).result, STATUS_RESULT_UNKNOWN_USER);
}

/* Tenants of a group share the person, but not verifications: a tenant gets no information about an address
 * that it has not verified itself. */
static void tenants_of_a_group_have_separate_claims_and_verifications(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = wallet_a(), b = wallet_b();
	char code[7];

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	assert_false(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &a, ANA, code), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, a.wallet.text, STATUS_APPROVED);
	/* The link that the shop confirmed changes nothing for the bank. The bank's own claim remains valid.
	 */
	assert_false(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(fixture_status(fx, &bank, b.wallet.text).result, STATUS_RESULT_NO_SESSION);
	/* A person who can read the mailbox learns that the address is linked to another wallet. */
	fixture_get_link_otp(fx, &bank, &b, ANA, code);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &b, ANA, code), VERIFY_CONFLICT);
	assert_int_equal(fixture_status(fx, &bank, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_false(fixture_status(fx, &bank, b.wallet.text).approved);
	/* After the bank has verified the address itself, its claim for another wallet is answered with a
	 * conflict, and the approval applies. */
	fixture_verify_email(fx, &bank, ANA);
	assert_true(fixture_claim_email(fx, &bank, &b, ANA).conflict);
	assert_true(fixture_status(fx, &bank, ANA).approved);
	/* The linked wallet is the same person in the whole group, but the bank has to verify it separately.
	 */
	fixture_verify_wallet(fx, &bank, &a);
	assert_true(fixture_status(fx, &bank, a.wallet.text).approved);
	assert_true(fixture_status_by_pair(fx, &bank, ANA, a.wallet.text).approved);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(claim_alone_changes_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			another_wallet_may_claim_the_address_after_an_hour, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			claim_conflict_changes_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			linked_address_cannot_be_claimed_by_another_wallet, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(only_the_link_code_links, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_code_has_its_own_tries_and_expiry, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_codes_have_their_own_rate_limit, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(link_code_delivery_is_shown_in_the_status_of_the_wallet,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_code_mail_is_dropped_if_its_claim_was_replaced, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			linked_addresses_share_session_quota_and_status, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			current_session_is_the_approved_one_else_the_newer, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			later_decision_applies_to_both_addresses, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			number_of_linked_addresses_is_limited, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(tenants_of_a_group_have_separate_claims_and_verifications,
			fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
