/* Events about a person's addresses: which change writes which event, in the same transaction, and what a
 * tenant of a group does not hear. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BIA "bia.exemplo@example.com"

static struct signing_wallet wallet_a(void)
{
	return signing_wallet_new(WALLET_EVM, 0x11);
}

/* Links the addresses in two steps at different times, so that the order of all events is certain. */
static void link_addresses(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email)
{
	char code[7];

	fixture_advance_clock(fx, seconds(1));
	assert_false(fixture_claim_email(fx, caller, wallet, email).conflict);
	fixture_advance_clock(fx, seconds(1));
	fixture_get_link_otp(fx, caller, wallet, email, code);
	assert_int_equal(fixture_verify_link_otp(fx, caller, wallet, email, code), VERIFY_ACCEPTED);
}

/* The text of the shown id, in a buffer that the next but one call reuses. */
static const char *shown_user(const struct enrolment *enrolment)
{
	static char texts[2][64];
	static int next;
	char *const text = texts[next ^= 1];

	(void)snprintf(text, sizeof(texts[0]), "\"usr_%s\"", enrolment->public_user_id.text);
	return text;
}

static void first_prepare_writes_user_prepared(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char expected[512];

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &shop, ANA);
	const struct fixture_events *const events = fixture_events(fx, &shop);
	const struct enrolment enrolment = fixture_enrolment(fx, &shop, ANA);

	assert_int_equal(events->n, 1);
	assert_int_equal(events->rows[0].sealed_data.n, 0);
	(void)snprintf(expected, sizeof(expected),
		"{\"id\":\"evt_%s\",\"type\":\"user.prepared\",\"timestamp\":\"2026-01-05T10:05:00.000Z\","
		"\"sequence\":1767607500000,\"data\":{\"tenant\":\"shop\",\"user_id\":\"usr_%s\","
		"\"reference\":null,\"channel\":\"email\"}}",
		events->rows[0].id.text, enrolment.public_user_id.text);
	assert_string_equal(events->json[0].p, expected);
}

static void prepare_in_a_group_writes_the_same_events_as_alone(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified");
	assert_string_equal(fixture_event_types(fx, &bank), "user.prepared");
	/* Each tenant knows the person by an id of its own. */
	assert_string_not_equal(fixture_enrolment(fx, &shop, ANA).public_user_id.text,
		fixture_enrolment(fx, &bank, ANA).public_user_id.text);
}

static void wallet_is_prepared_and_verified_at_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	fixture_verify_wallet(fx, &shop, &a);
	fixture_verify_wallet(fx, &shop, &a);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.wallet_verified");
	fixture_event_contains(fx, &shop, EVENT_USER_PREPARED, "\"channel\":\"wallet\"", NULL);
	assert_null(strstr(fixture_event(fx, &shop, EVENT_USER_WALLET_VERIFIED), "channel"));
}

static void wrong_code_writes_no_event(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7], wrong[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong), VERIFY_WRONG);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared");
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ALREADY);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified");
}

struct verify_job {
	struct app_fixture *fx;
	const struct caller *caller;
	const char *code;
};

static enum err verify_ana(struct tx *tx, void *arg)
{
	const struct verify_job *const job = arg;
	enum verify_verdict verdict;

	return app_verify_email_otp(&job->fx->world, tx, job->caller, STR(ANA), str_of(job->code), &verdict);
}

static void rolled_back_change_leaves_no_event(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct verify_job job = { fx, &shop, NULL };
	char code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	job.code = code;
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, verify_ana, &job), OK);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared");
	assert_true(moment_is_unset(fixture_enrolment(fx, &shop, ANA).verified_at));
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified");
}

static const struct {
	int64_t clock_change, expected;
} sequences[] = { { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 2 }, { -3600000, 1 }, { 5000, 5000 } };

/* The sequence is the time, or the last one plus 1 if the clock stands still or goes back. */
static void sequence_only_grows(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char email[] = "ana0@example.com", code[7];

	for (size_t i = 0; i < array_len(sequences); i++) {
		email[3] = (char)('0' + i);
		(void)fixture_prepare(fx, &shop, email);
		fixture_get_otp(fx, &shop, email, code);
		const int64_t before = fixture_enrolment(fx, &shop, email).event_sequence;

		assert_int_equal(before, world_now(&fx->world).ms);
		atomic_fetch_add(&fx->clock.now, sequences[i].clock_change);
		assert_int_equal(fixture_verify_otp(fx, &shop, email, code), VERIFY_ACCEPTED);
		assert_int_equal(
			fixture_enrolment(fx, &shop, email).event_sequence, before + sequences[i].expected);
	}
}

static void reference_is_in_later_events_and_earlier_ones_stay(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_set_reference(fx, &shop, ANA, "customer-4711 \"é\"");
	fixture_verify_email(fx, &shop, ANA);
	fixture_event_contains(fx, &shop, EVENT_USER_PREPARED, "\"reference\":null", NULL);
	fixture_event_contains(
		fx, &shop, EVENT_USER_EMAIL_VERIFIED, "\"reference\":\"customer-4711 \\\"é\\\"\"}}", NULL);
}

static void link_merges_the_email_into_the_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();
	char merged[96];

	(void)fixture_prepare(fx, &shop, ANA);
	const char *const email_id = shown_user(
		&(struct enrolment){ .public_user_id = fixture_enrolment(fx, &shop, ANA).public_user_id });

	link_addresses(fx, &shop, &a, ANA);
	assert_string_equal(fixture_event_types(fx, &shop),
		"user.prepared user.prepared user.wallet_verified user.email_verified user.linked");
	const struct enrolment wallet = fixture_enrolment(fx, &shop, a.wallet.text);
	const struct enrolment email = fixture_enrolment(fx, &shop, ANA);

	(void)snprintf(merged, sizeof(merged), "\"merged_user_id\":%s", email_id);
	fixture_event_contains(fx, &shop, EVENT_USER_EMAIL_VERIFIED, email_id, NULL);
	fixture_event_contains(fx, &shop, EVENT_USER_LINKED, merged, shown_user(&wallet), NULL);
	assert_true(email.merged);
	assert_false(wallet.merged);
	assert_true(wallet.event_sequence > email.event_sequence);
	/* A repeated claim changes nothing. */
	(void)fixture_claim_email(fx, &shop, &a, ANA);
	assert_int_equal(fixture_events(fx, &shop)->n, 5);
}

static void link_of_an_email_that_was_never_prepared_has_no_merged_id(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	link_addresses(fx, &shop, &a, ANA);
	assert_string_equal(fixture_event_types(fx, &shop),
		"user.prepared user.wallet_verified user.email_verified user.linked");
	const struct enrolment wallet = fixture_enrolment(fx, &shop, a.wallet.text);

	fixture_event_contains(fx, &shop, EVENT_USER_EMAIL_VERIFIED, shown_user(&wallet), NULL);
	fixture_event_contains(
		fx, &shop, EVENT_USER_LINKED, shown_user(&wallet), "\"merged_user_id\":null", NULL);
	assert_true(fixture_enrolment(fx, &shop, ANA).merged);
}

static void sequence_after_a_link_is_above_both(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	/* The clock goes back after the e-mail's last event. */
	fixture_verify_email(fx, &shop, ANA);
	const int64_t email = fixture_enrolment(fx, &shop, ANA).event_sequence;

	atomic_fetch_sub(&fx->clock.now, 60000);
	fixture_link(fx, &shop, &a, ANA);
	assert_int_equal(fixture_enrolment(fx, &shop, a.wallet.text).event_sequence, email + 1);
}

/* The bank hears of a link that the shop confirmed only when both addresses are verified to it. */
static void tenant_of_a_group_hears_of_a_link_when_both_are_verified(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller club = fixture_add_tenant(fx, "club", "partners", NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	fixture_verify_email(fx, &bank, ANA);
	(void)fixture_prepare(fx, &club, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_verify_wallet(fx, &club, &a);
	link_addresses(fx, &shop, &a, ANA);
	assert_string_equal(fixture_event_types(fx, &bank), "user.prepared user.email_verified");
	fixture_verify_wallet(fx, &bank, &a);
	assert_string_equal(fixture_event_types(fx, &bank),
		"user.prepared user.email_verified user.prepared user.wallet_verified user.linked");
	/* The club has verified the wallet but not the e-mail. */
	assert_string_equal(
		fixture_event_types(fx, &club), "user.prepared user.prepared user.wallet_verified");
	fixture_verify_email(fx, &club, ANA);
	assert_string_equal(fixture_event_types(fx, &club),
		"user.prepared user.prepared user.wallet_verified user.email_verified user.linked");
	fixture_verify_wallet(fx, &club, &a);
	assert_int_equal(fixture_events(fx, &club)->n, 5);
}

/* A tenant to which both addresses were verified before hears of the link at once. */
static void link_by_one_tenant_is_told_to_the_tenants_with_both_proofs(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	fixture_verify_email(fx, &bank, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_verify_wallet(fx, &bank, &a);
	link_addresses(fx, &shop, &a, ANA);
	assert_non_null(strstr(fixture_event_types(fx, &bank), "user.wallet_verified user.linked"));
}

static void refused_email_writes_email_failed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	(void)fixture_prepare(fx, &shop, ANA);
	fx->mailer.result = DELIVERY_REFUSED;
	(void)fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared email.failed");
	fixture_event_contains(
		fx, &shop, EVENT_EMAIL_FAILED, "\"message\":\"code\",\"reason\":\"refused\"}}", NULL);
	/* The tenant knows the owner of the wallet, and need not know the e-mail's owner. */
	(void)fixture_claim_email(fx, &shop, &a, BIA);
	(void)fixture_send_link_otp(fx, &shop, &a, BIA);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	const struct enrolment wallet = fixture_enrolment(fx, &shop, a.wallet.text);

	fixture_event_contains(fx, &shop, EVENT_EMAIL_FAILED, "\"message\":\"link\",\"reason\":\"refused\"",
		shown_user(&wallet), NULL);
}

static const struct {
	int64_t age;
	bool failed;
} mail_ages[] = { { -1, false }, { 0, true }, { 1, true } };

static void expired_email_writes_email_failed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char email[] = "ana0@example.com";

	for (size_t i = 0; i < array_len(mail_ages); i++) {
		email[3] = (char)('0' + i);
		(void)fixture_prepare(fx, &shop, email);
		const size_t before = fixture_events(fx, &shop)->n;

		(void)fixture_send_otp(fx, &shop, email);
		fixture_advance_clock(fx, milliseconds(fx->rules.otp_ttl.ms + mail_ages[i].age));
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		assert_int_equal(fixture_events(fx, &shop)->n, before + mail_ages[i].failed);
	}
	fixture_event_contains(fx, &shop, EVENT_EMAIL_FAILED, "\"reason\":\"expired\"", NULL);
}

static void replaced_or_used_code_is_no_failure(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_send_otp(fx, &shop, ANA);
	fixture_advance_clock(fx, minutes(2));
	(void)fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(fixture_deliver_outbox(fx), 2);
	assert_int_equal(fx->mailer.n, 1);
	fx->mailer.result = DELIVERY_DEFERRED;
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			first_prepare_writes_user_prepared, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			prepare_in_a_group_writes_the_same_events_as_alone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			wallet_is_prepared_and_verified_at_once, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(wrong_code_writes_no_event, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			rolled_back_change_leaves_no_event, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(sequence_only_grows, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			reference_is_in_later_events_and_earlier_ones_stay, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_merges_the_email_into_the_wallet, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(link_of_an_email_that_was_never_prepared_has_no_merged_id,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			sequence_after_a_link_is_above_both, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(tenant_of_a_group_hears_of_a_link_when_both_are_verified,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(link_by_one_tenant_is_told_to_the_tenants_with_both_proofs,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			refused_email_writes_email_failed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			expired_email_writes_email_failed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			replaced_or_used_code_is_no_failure, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
