/* app_send_email_otp: who may request a code, the rate limits, and what is stored of a code. */
#include "app/enrolment/email_otp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static void code_requires_prepare_and_no_verification_yet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_UNKNOWN_USER);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_string_equal(fixture_last_mail(fx)->to, ANA);
	assert_int_equal(fixture_count_audit(fx, AUDIT_CODE_SENT), 1);

	fixture_verify_email(fx, &shop, BOB);
	const size_t mails = fx->mailer.n;
	assert_int_equal(fixture_send_otp(fx, &shop, BOB).verdict, SEND_ALREADY_VERIFIED);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(fx->mailer.n, mails);
}

static void three_codes_at_once_and_one_more_each_minute(void **state)
{
	static const struct {
		int64_t after_ms;
		enum send_verdict verdict;
		int64_t wait_ms;
	} rows[] = {
		{ 0, SEND_QUEUED, 0 },
		{ 0, SEND_QUEUED, 0 },
		{ 0, SEND_QUEUED, 0 },
		{ 0, SEND_LIMITED, 60000 },
		{ 59999, SEND_LIMITED, 1 },
		{ 1, SEND_QUEUED, 0 },
		{ 0, SEND_LIMITED, 60000 },
		{ 60001, SEND_QUEUED, 0 },
		{ 59998, SEND_LIMITED, 1 },
		{ 1, SEND_QUEUED, 0 },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		const struct send_result sent = fixture_send_otp(fx, &shop, ANA);
		assert_int_equal(sent.verdict, rows[i].verdict);
		if (sent.verdict == SEND_LIMITED)
			assert_int_equal(sent.wait.ms, rows[i].wait_ms);
	}
}

static void at_most_twenty_codes_in_any_24_hours(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
		fixture_advance_clock(fx, minutes(10));
	}
	const struct send_result limited = fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(limited.verdict, SEND_LIMITED);
	assert_int_equal(limited.wait.ms, hours(24).ms - minutes(200).ms);

	fixture_advance_clock(fx, milliseconds(limited.wait.ms - 1));
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).wait.ms, 1);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_LIMITED);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	/* The first code is more than 24 hours old and no longer counts. The second one no longer counts ten
	 * minutes later. */
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).wait.ms, minutes(10).ms);
	fixture_advance_clock(fx, milliseconds(minutes(10).ms + 1));
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
}

static void limit_is_per_person_and_shared_by_the_group(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	(void)fixture_prepare(fx, &other_group, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_send_otp(fx, &bank, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_send_otp(fx, &bank, ANA).verdict, SEND_LIMITED);
	assert_int_equal(fixture_send_otp(fx, &other_group, ANA).verdict, SEND_QUEUED);
	/* Another person of the same tenant is not limited. */
	(void)fixture_prepare(fx, &shop, BOB);
	assert_int_equal(fixture_send_otp(fx, &shop, BOB).verdict, SEND_QUEUED);
}

static void daily_limit_is_shared_by_the_group(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(fixture_send_otp(fx, i % 2 ? &shop : &bank, ANA).verdict, SEND_QUEUED);
		fixture_advance_clock(fx, minutes(1));
	}
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_LIMITED);
	assert_int_equal(fixture_send_otp(fx, &bank, ANA).verdict, SEND_LIMITED);
}

static void limited_request_leaves_the_last_code_valid(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_send_otp(fx, &shop, ANA);
	(void)fixture_send_otp(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_LIMITED);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void new_code_replaces_the_old_one(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char first[7], second[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, first);
	fixture_get_otp(fx, &shop, ANA, second);
	assert_string_not_equal(first, second);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, first), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, second), VERIFY_ACCEPTED);
}

static enum err send_in_language(struct app_fixture *fx, const struct caller *caller, const char *language)
{
	const struct send_otp_params params = { STR(ANA), str_of(language) };
	struct send_result sent;

	return app_send_email_otp(&fx->world, &fx->arena, caller, &params, &sent);
}

static void requested_language_is_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(send_in_language(fx, &shop, "fr-CA"), OK);
	assert_string_equal(fixture_user(fx, &shop, ANA).language, "fr-CA");
	assert_int_equal(send_in_language(fx, &shop, ""), OK);
	assert_string_equal(fixture_user(fx, &shop, ANA).language, "fr-CA");
}

/* The wallet's owner requests a link code in a language, which is stored for the wallet's user. The owner of
 * the e-mail address may speak another language. */
static void language_of_a_link_code_request_is_stored_for_the_wallet(void **state)
{
	static const char *const rows[][2] = { { "fr-CA", "fr-CA" }, { "", "fr-CA" }, { "de", "de" } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct send_result sent;

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_claim_email(fx, &shop, &w, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct link_otp_params params = { &w.wallet, STR(ANA), str_of(rows[i][0]) };

		assert_int_equal(app_send_link_otp(&fx->world, &fx->arena, &shop, &params, &sent), OK);
		assert_int_equal(sent.verdict, SEND_QUEUED);
		assert_string_equal(fixture_user(fx, &shop, w.wallet.text).language, rows[i][1]);
		assert_string_equal(fixture_user(fx, &shop, ANA).language, "");
	}
}

static size_t count_codes_in_audit_log(struct app_fixture *fx, const char *detail)
{
	static const struct audit_entry since;
	struct audit_entry rows[16];
	const size_t total = fixture_find(fx, QUERY_AUDIT_SINCE, &since, rows, array_len(rows));
	size_t n = 0;

	for (size_t i = 0; i < total; i++)
		n += rows[i].action == AUDIT_CODE_SENT && strcmp(rows[i].detail, detail) == 0;
	return n;
}

static void audit_log_marks_link_codes(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_claim_email(fx, &shop, &w, ANA);
	(void)fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(count_codes_in_audit_log(fx, ""), 1);
	assert_int_equal(count_codes_in_audit_log(fx, "link"), 0);
	(void)fixture_send_link_otp(fx, &shop, &w, ANA);
	assert_int_equal(count_codes_in_audit_log(fx, ""), 1);
	assert_int_equal(count_codes_in_audit_log(fx, "link"), 1);
}

/* The state that a request for a code may change. */
struct state_snapshot {
	struct otp otp;
	struct user user;
	struct enrolment enrolment;
	size_t effects, audit_count;
};

static void take_snapshot(struct app_fixture *fx, const struct caller *caller, struct state_snapshot *out)
{
	struct effect rows[32];
	const struct effect probe = { .done = false };

	memset(out, 0, sizeof(*out));
	out->user = fixture_user(fx, caller, ANA);
	out->user.wrapped_key = STR("");
	out->enrolment = fixture_enrolment(fx, caller, ANA);
	out->otp.tenant_id = caller->tenant.id;
	out->otp.user_id = out->user.id;
	fixture_load(fx, RECORD_OTP, &out->otp);
	out->effects = fixture_find(fx, QUERY_EFFECTS_OPEN, &probe, rows, 32);
	out->audit_count = fixture_count_audit(fx, AUDIT_CODE_SENT);
}

static void assert_same_state(const struct state_snapshot *a, const struct state_snapshot *b)
{
	assert_memory_equal(&a->otp.digest, &b->otp.digest, sizeof(a->otp.digest));
	assert_int_equal(a->otp.expires_at.ms, b->otp.expires_at.ms);
	assert_int_equal(a->otp.tries_left, b->otp.tries_left);
	assert_string_equal(a->otp.mail_id.text, b->otp.mail_id.text);
	assert_int_equal(a->user.send_tat.ms, b->user.send_tat.ms);
	assert_string_equal(a->user.language, b->user.language);
	assert_string_equal(a->enrolment.last_mail_id.text, b->enrolment.last_mail_id.text);
	assert_int_equal(a->effects, b->effects);
	assert_int_equal(a->audit_count, b->audit_count);
}

static void failure_of_randomness_sends_nothing_and_changes_no_row(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct state_snapshot before, after;

	(void)fixture_prepare(fx, &shop, ANA);
	const size_t calls = atomic_load(&fx->random.calls);
	assert_int_equal(send_in_language(fx, &shop, "en"), OK);
	const size_t needed = atomic_load(&fx->random.calls) - calls;
	assert_true(needed >= 3);
	fixture_advance_clock(fx, seconds(1));
	take_snapshot(fx, &shop, &before);
	for (size_t n_calls = 0; n_calls < needed; n_calls++) {
		atomic_store(&fx->random.calls_before_failure, n_calls);
		assert_int_equal(send_in_language(fx, &shop, "de"), ERR_INTERNAL);
		atomic_store(&fx->random.calls_before_failure, SIZE_MAX);
		take_snapshot(fx, &shop, &after);
		assert_same_state(&before, &after);
	}
	assert_int_equal(fixture_deliver_outbox(fx), 1);
}

/* 64 random bits that are all ones are not used: they are above the largest multiple of 10^6 below 2^64, so
 * that low codes would become likelier. Other random bits are drawn. */
static void biased_random_bits_are_drawn_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	size_t calls = atomic_load(&fx->random.calls);
	assert_int_equal(send_in_language(fx, &shop, ""), OK);
	const size_t needed = atomic_load(&fx->random.calls) - calls;
	atomic_store(&fx->random.all_ones_calls, 3);
	calls = atomic_load(&fx->random.calls);
	assert_int_equal(send_in_language(fx, &shop, ""), OK);
	assert_int_equal(atomic_load(&fx->random.calls) - calls, needed + 3);
}

static bool contains(const void *bytes, size_t n, const char *text)
{
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void code_is_stored_as_a_keyed_hash_with_person_and_tenant(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct effect effect;
	char code[7];
	unsigned char unkeyed[DIGEST_BYTES], keyed[DIGEST_BYTES];

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	const struct effect open = { .done = false };
	assert_int_equal(fixture_find(fx, QUERY_EFFECTS_OPEN, &open, &effect, 1), 1);
	const struct effect_id id = effect.id;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	memcpy(code, fixture_last_mail(fx)->text, 6);
	code[6] = '\0';

	struct otp otp = { .tenant_id = shop.tenant.id, .user_id = fixture_user(fx, &shop, ANA).id };
	fixture_load(fx, RECORD_OTP, &otp);
	assert_string_equal(otp.mail_id.text, id.text);
	assert_false(contains(&otp, sizeof(otp), code));
	assert_false(contains(effect.sealed_payload.p, effect.sealed_payload.n, code));
	assert_false(contains(effect.sealed_payload.p, effect.sealed_payload.n, "example"));
	sha256(str_of(code), unkeyed);
	assert_memory_not_equal(otp.digest.bytes, unkeyed, sizeof(unkeyed));
	const struct str parts[] = { str_of(otp.tenant_id.text), str_of(otp.user_id.text), str_of(code) };
	keyed_digest(&fx->keys.code, parts, 3, keyed);
	assert_memory_equal(otp.digest.bytes, keyed, sizeof(keyed));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(code_requires_prepare_and_no_verification_yet),
		TEST(three_codes_at_once_and_one_more_each_minute),
		TEST(at_most_twenty_codes_in_any_24_hours),
		TEST(limit_is_per_person_and_shared_by_the_group),
		TEST(daily_limit_is_shared_by_the_group),
		TEST(limited_request_leaves_the_last_code_valid),
		TEST(new_code_replaces_the_old_one),
		TEST(requested_language_is_stored),
		TEST(language_of_a_link_code_request_is_stored_for_the_wallet),
		TEST(audit_log_marks_link_codes),
		TEST(failure_of_randomness_sends_nothing_and_changes_no_row),
		TEST(biased_random_bits_are_drawn_again),
		TEST(code_is_stored_as_a_keyed_hash_with_person_and_tenant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
