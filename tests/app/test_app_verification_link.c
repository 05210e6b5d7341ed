/* Verification links for their tenant, and what their pages show before the proof: create, start, expiry,
 * revoke, sending the link, result tokens, clean-up. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/verification/cleanup.h"
#include "kit/verification_fixture.h"

#define ANA "ana.exemplo@example.com"
#define RETURN_URL "https://shop.example.com/done?a=1#end"

static struct caller shop_of(struct app_fixture *fx)
{
	return fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
}

static void link_is_open_for_seven_days(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	struct verification_view view = fixture_view_link(fx, &link);

	assert_true(view.is_known);
	assert_int_equal(view.state, VERIFICATION_LINK_OPEN);
	assert_int_equal(view.step, VERIFICATION_STEP_WELCOME);
	assert_int_equal(view.expires_at.ms, FIXTURE_NOW + days(7).ms);
	assert_string_equal(view.tenant.name, "shop");
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFICATION_LINK_CREATED), 1);
	fixture_advance_clock(fx, milliseconds(days(7).ms - 1));
	assert_int_equal(fixture_view_link(fx, &link).state, VERIFICATION_LINK_OPEN);
	fixture_advance_clock(fx, milliseconds(1));
	view = fixture_view_link(fx, &link);
	assert_int_equal(view.state, VERIFICATION_LINK_EXPIRED);
	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_START_CLOSED);
	assert_int_equal(fixture_send_code_to(fx, &link, ANA).verdict, VERIFICATION_SEND_CLOSED);
	assert_int_equal(fixture_get_link(fx, &shop, &link).state, VERIFICATION_LINK_EXPIRED);
}

static void nothing_of_the_link_is_stored_in_clear(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct verification_link_params params = { .suggestion = identifier_email(STR(ANA)),
		.reference = STR("customer-4711"),
		.return_url = STR(RETURN_URL),
		.life = VERIFICATION_LINK_LIFE };
	const struct fixture_link link = fixture_create_link_with(fx, &shop, &params);
	const struct verification_link row = fixture_link_row(fx, &link);
	const struct str sealed[] = { row.sealed_address, row.sealed_reference, row.sealed_return_url };
	const struct str clear[] = { STR("ana"), STR("4711"), STR("shop") };

	for (size_t i = 0; i < array_len(sealed); i++) {
		assert_true(sealed[i].n > 0);
		assert_null(memmem(sealed[i].p, sealed[i].n, clear[i].p, clear[i].n));
	}
	assert_memory_not_equal(row.token_digest.bytes, link.visit.token.p, sizeof(row.token_digest));
}

static void other_tokens_open_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	char changed[VERIFICATION_TOKEN_SIZE];

	assert_true(str_copy_to(link.visit.token, changed, sizeof(changed)));
	changed[7] = changed[7] == 'a' ? 'b' : 'a';
	const struct str tokens[] = { STR(""), str_of(changed), str_from(link.visit.token, 1),
		arena_printf(&fx->arena, "%.*sA", STR_ARG(link.visit.token)), str_of(link.id.text) };
	for (size_t i = 0; i < array_len(tokens); i++) {
		const struct fixture_link other = { link.id, { .token = tokens[i] } };

		assert_false(fixture_view_link(fx, &other).is_known);
		assert_int_equal(fixture_start_link(fx, &other), VERIFICATION_START_CLOSED);
		assert_int_equal(fixture_send_code_to(fx, &other, ANA).verdict, VERIFICATION_SEND_CLOSED);
		assert_int_equal(fixture_enter_code(fx, &other, "123456"), VERIFICATION_PROOF_CLOSED);
		assert_true(fixture_check(fx, &other).is_closed);
	}
}

static void link_of_a_disabled_tenant_is_unknown(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	struct tenant tenant = shop.tenant;

	tenant.disabled_at = world_now(&fx->world);
	fixture_save(fx, RECORD_TENANT, &tenant);
	assert_false(fixture_view_link(fx, &link).is_known);
}

static void link_is_started_once_for_all_devices(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);

	assert_int_equal(fixture_send_code_to(fx, &link, ANA).verdict, VERIFICATION_SEND_CLOSED);
	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	const moment started_at = fixture_link_row(fx, &link).started_at;
	assert_int_equal(fixture_view_link(fx, &link).step, VERIFICATION_STEP_ADDRESS);
	fixture_advance_clock(fx, seconds(5));
	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	assert_int_equal(fixture_link_row(fx, &link).started_at.ms, started_at.ms);
}

static void consent_is_stored_with_time_language_and_text(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	const struct branding branding = { .tenant_id = shop.tenant.id, .consent_digest = { { 7 } } };
	const struct {
		bool has_consented;
		struct digest digest;
		enum verification_start_verdict want;
	} rows[] = {
		{ false, branding.consent_digest, VERIFICATION_START_NO_CONSENT },
		{ true, { { 8 } }, VERIFICATION_START_NO_CONSENT }, /* the text was changed meanwhile */
		{ true, branding.consent_digest, VERIFICATION_STARTED },
	};

	fixture_save(fx, RECORD_BRANDING, &branding);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct verification_start_params params = { link.visit, STR("pt-BR"),
			rows[i].has_consented, rows[i].digest };
		enum verification_start_verdict verdict;

		assert_int_equal(verification_link_start(&fx->world, &fx->arena, &params, &verdict), OK);
		assert_int_equal(verdict, rows[i].want);
	}
	const struct verification_link row = fixture_link_row(fx, &link);
	assert_memory_equal(&row.consent_digest, &branding.consent_digest, sizeof(row.consent_digest));
	assert_string_equal(row.consent_language, "pt-BR");
	assert_int_equal(row.started_at.ms, FIXTURE_NOW);
}

static void revoked_link_stays_revoked(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_started_link(fx, &shop, ANA);
	char code[7];

	fixture_get_link_code(fx, &link, NULL, code);
	assert_int_equal(fixture_revoke_link(fx, &shop, &link), OK);
	assert_int_equal(fixture_revoke_link(fx, &shop, &link), OK);
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFICATION_LINK_DELETED), 1);
	assert_int_equal(fixture_view_link(fx, &link).state, VERIFICATION_LINK_REVOKED);
	assert_int_equal(fixture_get_link(fx, &shop, &link).state, VERIFICATION_LINK_REVOKED);
	assert_int_equal(fixture_enter_code(fx, &link, code), VERIFICATION_PROOF_CLOSED);
	assert_int_equal(fixture_link_row(fx, &link).sealed_address.n, 0);
}

static void other_tenant_has_no_such_link(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx), bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	struct verification_redemption redemption;

	assert_int_equal(fixture_revoke_link(fx, &bank, &link), ERR_NOT_FOUND);
	assert_int_equal(verification_link_redeem_result(
				 &fx->world, &fx->arena, &bank, &link.id, STR("x"), &redemption),
		ERR_NOT_FOUND);
	assert_int_equal(fixture_get_link(fx, &shop, &link).state, VERIFICATION_LINK_OPEN);
}

static void return_url_is_judged_as_a_tenants(void **state)
{
	static const char *const refused[] = { "shop.example.com", "javascript:alert(1)",
		"https://user@shop.example.com/", "https://" };
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);

	for (size_t i = 0; i < array_len(refused); i++) {
		const struct verification_link_params params = { .return_url = str_of(refused[i]),
			.life = VERIFICATION_LINK_LIFE };
		const struct verification_create_result created = fixture_try_create_link(fx, &shop, &params);

		assert_int_equal(created.verdict, VERIFICATION_LINK_URL_REFUSED);
		assert_non_null(created.url_fault);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFICATION_LINK_CREATED), 0);
}

static struct verification_link_params params_to_send(void)
{
	return (struct verification_link_params){ .suggestion = identifier_email(STR(ANA)),
		.language = STR("pt-BR"),
		.life = VERIFICATION_LINK_LIFE,
		.send = true };
}

static void link_is_sent_within_the_limits_of_the_recipient(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct verification_link_params params = params_to_send();

	for (int64_t i = 0; i < fx->rules.send_bucket.burst; i++)
		(void)fixture_create_link_with(fx, &shop, &params);
	const struct verification_create_result limited = fixture_try_create_link(fx, &shop, &params);
	assert_int_equal(limited.verdict, VERIFICATION_LINK_LIMITED);
	assert_true(limited.wait.ms > 0);
	assert_int_equal(
		fixture_count_audit(fx, AUDIT_VERIFICATION_LINK_CREATED), fx->rules.send_bucket.burst);
	fixture_advance_clock(fx, limited.wait);
	(void)fixture_create_link_with(fx, &shop, &params);
}

static void sent_link_is_in_the_mail_and_proves_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct verification_link_params params = params_to_send();
	const struct fixture_link link = fixture_create_link_with(fx, &shop, &params);

	assert_int_equal(fixture_deliver_outbox(fx), 1);
	const struct captured_mail *const mail = fixture_last_mail(fx);
	assert_string_equal(mail->to, ANA);
	assert_non_null(memmem(mail->text, strlen(mail->text), link.visit.token.p, link.visit.token.n));
	assert_non_null(strstr(mail->text, "Abra este endereço"));
	const struct verification_view view = fixture_view_link(fx, &link);
	assert_int_equal(view.step, VERIFICATION_STEP_WELCOME);
	assert_false(view.is_verified);
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
}

static void mail_of_a_revoked_link_is_not_sent(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct verification_link_params params = params_to_send();
	const struct fixture_link link = fixture_create_link_with(fx, &shop, &params);

	assert_int_equal(fixture_revoke_link(fx, &shop, &link), OK);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, 0);
}

static void clean_up_removes_links_thirty_days_after_their_expiry(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = fixture_create_link(fx, &shop, NULL);
	struct verification_link row = { .id = link.id };

	fixture_advance_clock(fx, milliseconds(days(37).ms - 1));
	assert_int_equal(verification_link_clean(&fx->world, &fx->arena), OK);
	assert_true(fixture_try_load(fx, RECORD_VERIFICATION_LINK, &row));
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(verification_link_clean(&fx->world, &fx->arena), OK);
	assert_false(fixture_try_load(fx, RECORD_VERIFICATION_LINK, &row));
	assert_false(fixture_view_link(fx, &link).is_known);
}

static struct str make_result(struct app_fixture *fx, const struct fixture_link *link)
{
	struct verification_return out;

	assert_int_equal(verification_link_make_result(&fx->world, &fx->arena, &link->visit, &out), OK);
	return out.location;
}

static struct fixture_link verified_link(struct app_fixture *fx, const struct caller *caller)
{
	const struct verification_link_params params = { .return_url = STR(RETURN_URL),
		.life = VERIFICATION_LINK_LIFE };
	const struct fixture_link link = fixture_create_link_with(fx, caller, &params);

	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	assert_int_equal(make_result(fx, &link).n, 0);
	fixture_prove_email(fx, &link, ANA);
	return link;
}

/* Returns the token in "…&result=TOKEN#end". */
static struct str token_in(struct str location)
{
	struct str rest = location, fragment, token;

	for (int i = 0; i < 4; i++)
		(void)str_cut(&rest, '=', &fragment);
	(void)str_cut(&fragment, '#', &token);
	return token;
}

static bool redeem(struct app_fixture *fx, const struct caller *caller, const struct fixture_link *link,
	struct str token)
{
	struct verification_redemption redemption;

	assert_int_equal(verification_link_redeem_result(
				 &fx->world, &fx->arena, caller, &link->id, token, &redemption),
		OK);
	assert_string_equal(redemption.link.id.text, link->id.text);
	return redemption.is_redeemed;
}

static void result_is_redeemed_once_within_ten_minutes(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = verified_link(fx, &shop),
				  other = fixture_create_link(fx, &shop, NULL);
	const struct str location = make_result(fx, &link), token = token_in(location);

	assert_true(str_starts(location, STR("https://shop.example.com/done?a=1&link_id=vl_")));
	assert_true(str_ends(location, STR("#end")));
	assert_int_equal(token.n, VERIFICATION_TOKEN_SIZE - 1);
	assert_false(redeem(fx, &shop, &other, token));
	assert_false(redeem(fx, &shop, &link, link.visit.token));
	assert_true(redeem(fx, &shop, &link, token));
	assert_false(redeem(fx, &shop, &link, token));

	const struct str last = token_in(make_result(fx, &link)), late = token_in(make_result(fx, &link));
	fixture_advance_clock(fx, milliseconds(minutes(10).ms - 1));
	assert_true(redeem(fx, &shop, &link, last));
	fixture_advance_clock(fx, milliseconds(1));
	assert_false(redeem(fx, &shop, &link, late));
}

static void oldest_result_makes_room_for_a_new_one(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_of(fx);
	const struct fixture_link link = verified_link(fx, &shop);
	struct str tokens[VERIFICATION_RESULTS_MAX + 1];

	for (size_t i = 0; i < array_len(tokens); i++) {
		tokens[i] = token_in(make_result(fx, &link));
		fixture_advance_clock(fx, seconds(1));
	}
	assert_false(redeem(fx, &shop, &link, tokens[0]));
	for (size_t i = 1; i < array_len(tokens); i++)
		assert_true(redeem(fx, &shop, &link, tokens[i]));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(link_is_open_for_seven_days),
		TEST(nothing_of_the_link_is_stored_in_clear),
		TEST(other_tokens_open_nothing),
		TEST(link_of_a_disabled_tenant_is_unknown),
		TEST(link_is_started_once_for_all_devices),
		TEST(consent_is_stored_with_time_language_and_text),
		TEST(revoked_link_stays_revoked),
		TEST(other_tenant_has_no_such_link),
		TEST(return_url_is_judged_as_a_tenants),
		TEST(link_is_sent_within_the_limits_of_the_recipient),
		TEST(sent_link_is_in_the_mail_and_proves_nothing),
		TEST(mail_of_a_revoked_link_is_not_sent),
		TEST(clean_up_removes_links_thirty_days_after_their_expiry),
		TEST(result_is_redeemed_once_within_ten_minutes),
		TEST(oldest_result_makes_room_for_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
