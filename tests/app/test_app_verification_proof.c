/* Proofs on the pages of a verification link: the first one decides whose link it is, and what the link shows
 * and does afterwards. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/erase.h"
#include "app/session/return_redirect.h"
#include "kit/fake_provider.h"
#include "kit/verification_fixture.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct caller shop_of(struct app_fixture *fx)
{
	return fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
}

static void assert_masked(const struct verification_view *view, const char *text)
{
	if (!str_eq(view->masked_address, str_of(text)))
		fail_msg("%.*s is not %s", STR_ARG(view->masked_address), text);
}

static void suggestion_is_shown_shortened(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct fixture_link email = fixture_started_link(fx, &shop, ANA),
				  wallet = fixture_started_link(fx, &shop, w.wallet.text),
				  none = fixture_started_link(fx, &shop, NULL);
	char shown[WALLET_SHORT_MAX + 1];
	struct verification_view view = fixture_view_link(fx, &email);

	wallet_short(&w.wallet, shown);
	assert_masked(&view, "a\u2022\u2022\u2022@example.com");
	view = fixture_view_link(fx, &wallet);
	assert_masked(&view, shown);
	assert_int_equal(view.address_kind, ADDRESS_WALLET);
	view = fixture_view_link(fx, &none);
	assert_masked(&view, "");
	assert_int_equal(fixture_send_code_to(fx, &none, NULL).verdict, VERIFICATION_SEND_NO_EMAIL);
	assert_int_equal(fixture_request_challenge(fx, &none, NULL), VERIFICATION_CHALLENGE_NO_WALLET);
}

static void right_code_gives_the_link_to_its_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct verification_link_params params = { .suggestion = identifier_email(STR(ANA)),
		.reference = STR("customer-4711"),
		.life = VERIFICATION_LINK_LIFE };
	const struct fixture_link link = fixture_create_link_with(fx, &shop, &params);
	char code[7], wrong[7];

	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	fixture_get_link_code(fx, &link, NULL, code);
	struct verification_view view = fixture_view_link(fx, &link);
	assert_int_equal(view.step, VERIFICATION_STEP_CODE);
	assert_int_equal(view.code.state, OTP_ACCEPTED);
	assert_int_equal(view.code.expires_at.ms, FIXTURE_NOW + fx->rules.otp_ttl.ms);
	wrong_otp_for(code, wrong);
	assert_int_equal(fixture_enter_code(fx, &link, wrong), VERIFICATION_PROOF_WRONG);
	assert_null(fixture_get_link(fx, &shop, &link).kyc_status);
	assert_int_equal(fixture_enter_code(fx, &link, code), VERIFICATION_PROOF_ACCEPTED);

	view = fixture_view_link(fx, &link);
	assert_int_equal(view.step, VERIFICATION_STEP_CHECK);
	assert_true(view.is_verified);
	assert_masked(&view, "");
	const struct verification_link_status status = fixture_get_link(fx, &shop, &link);
	assert_int_equal(status.state, VERIFICATION_LINK_OPEN);
	assert_string_equal(status.kyc_status, "pending");
	assert_string_equal(status.user_id.text, fixture_enrolment(fx, &shop, ANA).public_user_id.text);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified");
	fixture_event_contains(fx, &shop, EVENT_USER_EMAIL_VERIFIED, "customer-4711", NULL);
	const struct verification_link row = fixture_link_row(fx, &link);
	assert_int_equal(row.sealed_address.n + row.sealed_reference.n, 0);
}

static void another_address_than_the_suggested_may_be_verified(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, ANA);

	fixture_prove_email(fx, &link, BOB);
	assert_string_equal(fixture_get_link(fx, &shop, &link).user_id.text,
		fixture_enrolment(fx, &shop, BOB).public_user_id.text);
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
}

static void verified_address_is_verified_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, ANA);

	fixture_verify_email(fx, &shop, ANA);
	const moment verified_at = fixture_enrolment(fx, &shop, ANA).verified_at;
	fixture_advance_clock(fx, minutes(5));
	assert_false(fixture_view_link(fx, &link).is_verified);
	fixture_prove_email(fx, &link, NULL);
	assert_true(fixture_view_link(fx, &link).is_verified);
	assert_int_equal(fixture_enrolment(fx, &shop, ANA).verified_at.ms, verified_at.ms);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified");
}

static void code_proves_only_the_address_it_was_sent_to(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
	char first[7], second[7];

	fixture_get_link_code(fx, &link, ANA, first);
	fixture_get_link_code(fx, &link, BOB, second);
	const struct verification_view view = fixture_view_link(fx, &link);
	assert_masked(&view, "b\u2022\u2022\u2022@example.com");
	assert_int_equal(fixture_enter_code(fx, &link, first), VERIFICATION_PROOF_WRONG);
	assert_int_equal(fixture_enter_code(fx, &link, second), VERIFICATION_PROOF_ACCEPTED);
	assert_int_equal(fixture_status(fx, &shop, ANA).source.is_verified, false);
}

static void second_proof_is_refused(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
	char code[7], signature[WALLET_SIGNATURE_SIZE];

	assert_int_equal(fixture_request_challenge(fx, &link, &w), VERIFICATION_CHALLENGE_ISSUED);
	signing_wallet_sign(&w, fixture_view_link(fx, &link).challenge.message, signature);
	fixture_get_link_code(fx, &link, ANA, code);
	assert_int_equal(fixture_enter_code(fx, &link, code), VERIFICATION_PROOF_ACCEPTED);
	assert_int_equal(fixture_enter_code(fx, &link, code), VERIFICATION_PROOF_TOO_LATE);
	assert_int_equal(fixture_send_signature(fx, &link, signature).verdict, VERIFICATION_PROOF_TOO_LATE);
	assert_int_equal(fixture_send_code_to(fx, &link, BOB).verdict, VERIFICATION_SEND_CLOSED);
	assert_int_equal(fixture_request_challenge(fx, &link, &w), VERIFICATION_CHALLENGE_CLOSED);
	assert_int_equal(fixture_status(fx, &shop, w.wallet.text).result, STATUS_RESULT_UNKNOWN_USER);
}

static void wallet_is_verified_by_a_signature_of_the_shown_text(void **state)
{
	static const enum wallet_chain chains[] = { WALLET_EVM, WALLET_SOLANA };
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);

	fx->rules.public_url = STR("https://kyc.example.com/below");
	for (size_t i = 0; i < array_len(chains); i++) {
		const struct signing_wallet w = signing_wallet_new(chains[i], 0x11),
					    other = signing_wallet_new(chains[i], 0x12);
		const struct fixture_link link = fixture_started_link(fx, &shop, w.wallet.text);

		assert_int_equal(fixture_request_challenge(fx, &link, NULL), VERIFICATION_CHALLENGE_ISSUED);
		const struct verification_view view = fixture_view_link(fx, &link);
		assert_int_equal(view.step, VERIFICATION_STEP_WALLET);
		assert_true(view.challenge.is_open);
		assert_true(str_eq(view.challenge.wallet, str_of(w.wallet.text)));
		assert_true(str_starts(
			view.challenge.message, STR("kyc.example.com wants you to sign in with your ")));
		const struct verification_signature_result wrong = fixture_sign_challenge(fx, &link, &other);
		assert_int_equal(wrong.verdict, VERIFICATION_PROOF_WRONG);
		assert_int_equal(wrong.signature, WALLET_SIG_OTHER);
		assert_int_equal(fixture_sign_challenge(fx, &link, &w).verdict, VERIFICATION_PROOF_ACCEPTED);
		assert_int_equal(fixture_view_link(fx, &link).step, VERIFICATION_STEP_CHECK);
	}
}

static void link_keeps_one_challenge(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_SOLANA, 0x12);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
	const struct challenge probe = { .expires_at = { INT64_MAX } };
	struct challenge rows[4];

	assert_int_equal(fixture_request_challenge(fx, &link, &w), VERIFICATION_CHALLENGE_ISSUED);
	assert_int_equal(fixture_request_challenge(fx, &link, &other), VERIFICATION_CHALLENGE_ISSUED);
	assert_int_equal(fixture_find(fx, QUERY_CHALLENGES_EXPIRED, &probe, rows, 4), 1);
	assert_int_equal(fixture_sign_challenge(fx, &link, &other).verdict, VERIFICATION_PROOF_ACCEPTED);
}

static void limits_count_the_person_and_the_ip_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	struct fixture_link link = fixture_started_link(fx, &shop, ANA);
	const int64_t burst = fx->rules.send_bucket.burst;
	struct verification_send_result sent;
	char name[64];

	for (int64_t i = 0; i < burst; i++)
		assert_int_equal(fixture_send_code_to(fx, &link, NULL).verdict, VERIFICATION_SEND_QUEUED);
	sent = fixture_send_code_to(fx, &link, NULL);
	assert_int_equal(sent.verdict, VERIFICATION_SEND_LIMITED);
	assert_false(sent.limited_by_ip);
	assert_int_equal(fixture_view_link(fx, &link).code.resend_wait.ms, sent.wait.ms);

	link.visit.has_ip = true;
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "someone%d@example.com", i);
		sent = fixture_send_code_to(fx, &link, name);
		if (sent.verdict == VERIFICATION_SEND_LIMITED)
			break;
	}
	assert_int_equal(sent.verdict, VERIFICATION_SEND_LIMITED);
	assert_true(sent.limited_by_ip);
	assert_int_equal(fixture_status(fx, &shop, name).result, STATUS_RESULT_UNKNOWN_USER);
}

static void check_creates_one_session_and_the_link_has_its_id(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
	struct return_redirect redirect;

	assert_true(fixture_check(fx, &link).is_closed);
	fixture_prove_email(fx, &link, ANA);
	const struct verification_check_result first = fixture_check(fx, &link),
					       second = fixture_check(fx, &link);
	assert_int_equal(first.create.outcome, CREATE_OUTCOME_CREATED);
	assert_true(str_eq(first.create.url, second.create.url));
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(fixture_link_row(fx, &link).session_id.text, session.id.text);
	assert_int_equal(
		app_return(&fx->world, &fx->arena, str_of(session.provider_ref.text), &redirect), OK);
	assert_true(redirect.has_link);

	fixture_verify_email(fx, &shop, BOB);
	(void)fixture_create_session(fx, &shop, BOB);
	const struct session other = fixture_latest_session(fx, &shop, BOB);
	assert_int_equal(app_return(&fx->world, &fx->arena, str_of(other.provider_ref.text), &redirect), OK);
	assert_false(redirect.has_link);
}

static void approval_completes_the_link_for_good(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);

	fixture_prove_email(fx, &link, ANA);
	(void)fixture_check(fx, &link);
	fixture_poll_status(fx, &shop, ANA, STATUS_IN_REVIEW);
	struct verification_view view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_OPEN);
	assert_int_equal(view.step, VERIFICATION_STEP_RESULT);
	assert_int_equal(view.person.next_step.action, NEXT_WAIT);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	assert_int_equal(fixture_get_link(fx, &shop, &link).state, VERIFICATION_LINK_COMPLETED);
	fixture_advance_clock(fx, days(8));
	fixture_poll_status(fx, &shop, ANA, STATUS_KYC_EXPIRED);
	view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_COMPLETED);
	assert_int_equal(view.step, VERIFICATION_STEP_RESULT);
	assert_string_equal(fixture_get_link(fx, &shop, &link).kyc_status, "expired");
}

static void decline_completes_the_link_only_without_a_further_try(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, NULL);
	struct verification_view view;

	fx->rules.tries.tries = 1;
	fixture_prove_email(fx, &link, ANA);
	(void)fixture_check(fx, &link);
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_OPEN);
	assert_int_equal(view.step, VERIFICATION_STEP_RESULT);
	assert_true(view.person.can_try_again);
	fixture_advance_clock(fx, minutes(1));
	assert_int_equal(fixture_check(fx, &link).create.outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_view_link(fx, &link).step, VERIFICATION_STEP_CHECK);
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_COMPLETED);
	assert_false(view.person.can_try_again);
	assert_true(view.person.next_try_at.ms > 0);
	assert_true(fixture_check(fx, &link).is_closed);
	assert_true(fixture_link_row(fx, &link).completed_at.ms > 0);
}

static void proof_of_an_approved_person_completes_the_link(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, ANA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	struct verification_view view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_OPEN);
	assert_null(view.person.kyc_status);
	fixture_prove_email(fx, &link, NULL);
	view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_COMPLETED);
	assert_string_equal(view.person.kyc_status, "approved");
}

static void version_differs_when_the_page_does(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, ANA);
	struct verification_view before = fixture_view_link(fx, &link), after = fixture_view_link(fx, &link);

	assert_string_equal(before.version, after.version);
	(void)fixture_send_code_to(fx, &link, NULL);
	after = fixture_view_link(fx, &link);
	assert_string_not_equal(before.version, after.version);
	before = after;
	(void)fixture_send_code_to(fx, &link, NULL);
	after = fixture_view_link(fx, &link);
	assert_string_not_equal(before.version, after.version);
}

static void erasure_revokes_the_links_of_the_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link verified = fixture_started_link(fx, &shop, NULL),
				  suggested = fixture_started_link(fx, &shop, ANA);
	const struct person_selector selector = { .identifier = identifier_email(STR(ANA)) };
	struct erasures *const erasures = arena_new(&fx->arena, struct erasures);

	fixture_prove_email(fx, &verified, ANA);
	(void)fixture_check(fx, &verified);
	for (int really = 0; really < 2; really++) {
		assert_int_equal(
			app_erase(&fx->world, &fx->arena, &operator_actor, &selector, really == 1, erasures),
			OK);
		assert_int_equal(erasures->list[0].links, 2);
	}
	const struct verification_link_status status = fixture_get_link(fx, &shop, &verified);
	assert_int_equal(status.state, VERIFICATION_LINK_REVOKED);
	assert_null(status.kyc_status);
	assert_string_equal(fixture_link_row(fx, &verified).user_id.text, "");
	const struct verification_view view = fixture_view_link(fx, &suggested);
	assert_int_equal(view.state, VERIFICATION_LINK_OPEN);
	assert_int_equal(view.masked_address.n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(suggestion_is_shown_shortened),
		TEST(right_code_gives_the_link_to_its_person),
		TEST(another_address_than_the_suggested_may_be_verified),
		TEST(verified_address_is_verified_again),
		TEST(code_proves_only_the_address_it_was_sent_to),
		TEST(second_proof_is_refused),
		TEST(wallet_is_verified_by_a_signature_of_the_shown_text),
		TEST(link_keeps_one_challenge),
		TEST(limits_count_the_person_and_the_ip_address),
		TEST(check_creates_one_session_and_the_link_has_its_id),
		TEST(approval_completes_the_link_for_good),
		TEST(decline_completes_the_link_only_without_a_further_try),
		TEST(proof_of_an_approved_person_completes_the_link),
		TEST(version_differs_when_the_page_does),
		TEST(erasure_revokes_the_links_of_the_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
