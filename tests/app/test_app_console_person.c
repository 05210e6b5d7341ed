/* app/console: one person, what operators may do to the person, and the audit entries. */
#include "app/console/person.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/console/person_actions.h"
#include "base/attr.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"

static struct console_person_name name_of(
	struct app_fixture *fx, const struct caller *caller, const char *address)
{
	return (struct console_person_name){ str_of(caller->tenant.name),
		fixture_enrolment(fx, caller, address).public_user_id };
}

static struct console_person load(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_person_name *name, bool with_addresses)
{
	struct console_person person;

	assert_int_equal(
		console_person_load(&fx->world, &fx->arena, caller, name, with_addresses, &person), OK);
	return person;
}

/* Returns the number of audit entries with this action that the operator wrote. */
static size_t count_audit_of(
	struct app_fixture *fx, const struct console_caller *caller, enum audit_action action)
{
	struct audit_entry rows[64];
	const struct audit_entry probe = { .id = { "" } };
	const size_t found = fixture_find(fx, QUERY_AUDIT_SINCE, &probe, rows, array_len(rows));
	size_t n = 0;

	for (size_t i = 0; i < found; i++)
		n += rows[i].action == action && rows[i].actor_kind == ACTOR_OPERATOR &&
		     strcmp(rows[i].actor, caller->actor.id) == 0;
	return n;
}

static void addresses_are_masked_until_they_are_shown(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);

	fixture_verify_email(fx, &shop, ANA);
	fixture_link(fx, &shop, &wallet, ANA);
	const struct console_person_name name = name_of(fx, &shop, ANA);
	const struct console_person masked = load(fx, &reviewer, &name, false);

	assert_string_equal(masked.details.email.p, "a\u2022\u2022\u2022@example.com");
	assert_null(strstr(masked.details.wallet.p, wallet.wallet.text));
	assert_int_equal(count_audit_of(fx, &reviewer, AUDIT_PERSON_VIEWED), 1);
	assert_int_equal(count_audit_of(fx, &reviewer, AUDIT_ADDRESS_SHOWN), 0);
	const struct console_person shown = load(fx, &reviewer, &name, true);

	assert_true(str_eq(shown.details.email, STR(ANA)));
	assert_true(str_eq(shown.details.wallet, str_of(wallet.wallet.text)));
	assert_int_equal(count_audit_of(fx, &reviewer, AUDIT_PERSON_VIEWED), 1);
	assert_int_equal(count_audit_of(fx, &reviewer, AUDIT_ADDRESS_SHOWN), 1);
}

static void viewer_reads_without_addresses(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);

	fixture_verify_email(fx, &shop, ANA);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	assert_int_equal(load(fx, &viewer, &name, false).verdict, CONSOLE_PERMITTED);
	const struct console_person refused = load(fx, &viewer, &name, true);

	assert_int_equal(refused.verdict, CONSOLE_ROLE_REFUSED);
	assert_int_equal(refused.details.email.n, 0);
	assert_int_equal(count_audit_of(fx, &viewer, AUDIT_ADDRESS_SHOWN), 0);
}

static void person_of_another_tenant_does_not_exist(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct console_caller of_bank = fixture_console_caller(fx, OPERATOR_ADMIN, &bank.tenant.id);
	struct console_person_name name;
	struct console_person person;

	fixture_verify_email(fx, &shop, ANA);
	name = name_of(fx, &shop, ANA);
	assert_int_equal(load(fx, &of_bank, &name, false).verdict, CONSOLE_TENANT_REFUSED);
	name.tenant = STR("bank");
	assert_int_equal(
		console_person_load(&fx->world, &fx->arena, &of_bank, &name, false, &person), ERR_NOT_FOUND);
	name.tenant = STR("nobody");
	assert_int_equal(load(fx, &of_bank, &name, false).verdict, CONSOLE_TENANT_REFUSED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PERSON_VIEWED), 0);
}

static void person_has_sessions_messages_and_a_timeline(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);

	fx->clock.now_step = 1; /* entries of one millisecond have no order */
	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	const struct console_person_name name = name_of(fx, &shop, ANA);
	const struct console_person person = load(fx, &viewer, &name, false);

	assert_true(person.is_verified);
	assert_int_equal(person.check.verdict, CREATE_NEW);
	assert_int_equal(person.tries_left, fx->rules.tries.tries);
	assert_int_equal(person.details.n, 1);
	assert_int_equal(person.details.sessions[0].session.status, STATUS_DECLINED);
	assert_int_equal(person.n_messages, 1);
	assert_int_equal(person.messages[0].kind, EFFECT_MAIL_CODE);
	assert_int_equal(person.messages[0].state, EFFECT_ACCEPTED);
	assert_true(person.n_timeline >= 4);
	assert_string_equal(person.timeline[0].type, "session.updated");
	assert_string_equal(person.timeline[person.n_timeline - 1].type, "user.prepared");
}

static struct person_code code_of(
	struct app_fixture *fx, const struct console_caller *viewer, const struct console_person_name *name)
{
	return load(fx, viewer, name, false).code;
}

static void state_of_the_code_is_shown_until_the_address_is_verified(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	struct person_code code;

	(void)fixture_prepare(fx, &shop, ANA);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	assert_int_equal(code_of(fx, &viewer, &name).state, PERSON_CODE_NONE);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	code = code_of(fx, &viewer, &name);
	assert_int_equal(code.state, PERSON_CODE_LIVE);
	assert_int_equal(code.wrong_entries, 0);
	assert_false(moment_is_before(code.next_send_at, code.created_at));
	for (int64_t i = 1; i <= fx->rules.otp_tries; i++) {
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "000000"), VERIFY_WRONG);
		code = code_of(fx, &viewer, &name);
		assert_int_equal(code.wrong_entries, i);
		assert_int_equal(code.state, i < fx->rules.otp_tries ? PERSON_CODE_LIVE : PERSON_CODE_LOCKED);
	}
	fixture_advance_clock(fx, (duration){ fx->rules.otp_ttl.ms - 1 });
	assert_int_equal(code_of(fx, &viewer, &name).state, PERSON_CODE_LOCKED);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(code_of(fx, &viewer, &name).state, PERSON_CODE_EXPIRED);
}

static void unproved_person_has_no_sessions_of_the_other_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	const struct console_person_name name = name_of(fx, &bank, ANA);
	const struct console_person person = load(fx, &viewer, &name, false);

	assert_false(person.is_verified);
	assert_int_equal(person.details.n, 0);
	assert_int_equal(person.n_messages, 0);
}

static void findings_are_read_from_the_stored_decision(void **state)
{
	static const struct {
		const char *stored;
		size_t warnings, places, results;
	} rows[] = {
		{ "[]\n[]\n[]", 0, 0, 0 },
		{ "[]\n[]", 0, 0, 0 },
		{ "", 0, 0, 0 },
		{ "no json\nno json\nno json", 0, 0, 0 },
		{ "[]\n[{\"risk\":\"A\"}]", 1, 0, 0 },
		{ "[{\"ip_country\":\"PT\",\"ip_city\":null,\"is_vpn_or_tor\":true}]\n"
		  "[{\"feature\":\"<b>\",\"risk\":\"FACE\"},{\"feature\":\"aml\",\"risk\":1,\"information\":true}]\n"
		  "[{\"feature\":\"LIVENESS\",\"status\":\"Declined\"},{\"feature\":\"AML\",\"status\":\"\"}]",
			2, 1, 2 },
	};
	struct app_fixture *const fx = *state;
	struct session_findings findings;

	for (size_t i = 0; i < array_len(rows); i++) {
		printf("# %s\n", rows[i].stored);
		assert_int_equal(session_findings_read(&fx->arena, str_of(rows[i].stored), &findings), OK);
		assert_int_equal(findings.n_warnings, rows[i].warnings);
		assert_int_equal(findings.n_places, rows[i].places);
		assert_int_equal(findings.n_results, rows[i].results);
	}
	assert_true(str_eq(findings.results[0].status, STR("Declined")));
	assert_true(str_eq(findings.results[1].feature, STR("AML")));
	assert_int_equal(findings.results[1].status.n, 0);
	assert_true(str_eq(findings.warnings[0].feature, STR("<b>")));
	assert_true(findings.warnings[1].is_information);
	assert_int_equal(findings.warnings[1].risk.n, 0);
	assert_true(str_eq(findings.places[0].country, STR("PT")));
	assert_int_equal(findings.places[0].city.n, 0);
	assert_true(findings.places[0].is_vpn);
}

/* ANA is verified for `shop` and used a try. */
static void use_a_try(struct app_fixture *fx, const struct caller *shop)
{
	fixture_verify_email(fx, shop, ANA);
	for (int i = 0; i < 2; i++) {
		(void)fixture_create_session(fx, shop, ANA);
		fixture_poll_status(fx, shop, ANA, STATUS_DECLINED);
		fixture_advance_clock(fx, minutes(1));
	}
}

static enum console_verdict reset_tries(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_person_name *name, bool *was_needed)
{
	struct tries_reset reset = { .was_needed = false };
	enum console_verdict verdict;

	assert_int_equal(
		console_person_reset_tries(&fx->world, &fx->arena, caller, name, &reset, &verdict), OK);
	*was_needed = reset.was_needed;
	return verdict;
}

static void reviewer_allows_another_try(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	const struct console_caller of_lone = fixture_console_caller(fx, OPERATOR_ADMIN, &lone.tenant.id);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, &shop.tenant.id);
	bool was_needed;

	use_a_try(fx, &shop);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	assert_int_equal(reset_tries(fx, &viewer, &name, &was_needed), CONSOLE_ROLE_REFUSED);
	assert_int_equal(reset_tries(fx, &of_lone, &name, &was_needed), CONSOLE_TENANT_REFUSED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 0);
	assert_int_equal(load(fx, &reviewer, &name, false).check.facts.tries, 1);
	assert_int_equal(reset_tries(fx, &reviewer, &name, &was_needed), CONSOLE_PERMITTED);
	assert_true(was_needed);
	assert_int_equal(load(fx, &reviewer, &name, false).check.facts.tries, 0);
	assert_int_equal(reset_tries(fx, &reviewer, &name, &was_needed), CONSOLE_PERMITTED);
	assert_false(was_needed);
	assert_int_equal(count_audit_of(fx, &reviewer, AUDIT_TRIES_RESET), 1);
}

static struct console_erasure erase(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_person_name *name, bool really, enum err expected)
{
	struct console_erasure erasure = { .name = *name, .really = really };

	assert_int_equal(console_person_erase(&fx->world, &fx->arena, caller, &erasure), expected);
	return erasure;
}

static void erasing_needs_an_admin_of_the_tenant_and_a_step_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	struct console_caller of_lone = fixture_console_caller(fx, OPERATOR_ADMIN, &lone.tenant.id);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);

	use_a_try(fx, &shop);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	fixture_step_up(fx, &reviewer);
	fixture_step_up(fx, &of_lone);
	for (int really = 0; really < 2; really++) {
		assert_int_equal(erase(fx, &reviewer, &name, really == 1, OK).verdict, CONSOLE_ROLE_REFUSED);
		assert_int_equal(erase(fx, &of_lone, &name, really == 1, OK).verdict, CONSOLE_TENANT_REFUSED);
		assert_int_equal(erase(fx, &admin, &name, really == 1, OK).verdict, CONSOLE_STEP_UP_NEEDED);
	}
	fixture_step_up(fx, &admin);
	const struct console_erasure preview = erase(fx, &admin, &name, false, OK);

	assert_int_equal(preview.verdict, CONSOLE_PERMITTED);
	assert_int_equal(preview.erased.sessions, 2);
	assert_int_equal(fixture_count_audit(fx, AUDIT_USER_ERASED), 0);
	const struct console_erasure done = erase(fx, &admin, &name, true, OK);

	assert_int_equal(done.verdict, CONSOLE_PERMITTED);
	assert_int_equal(done.erased.addresses, 1);
	assert_int_equal(count_audit_of(fx, &admin, AUDIT_USER_ERASED), 1);
}

static void page_of_an_erased_person_is_out_of_date(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct tries_reset reset;
	enum console_verdict verdict;
	struct console_person person;

	fixture_verify_email(fx, &shop, ANA);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	fixture_step_up(fx, &admin);
	(void)erase(fx, &admin, &name, true, OK);
	fixture_step_up(fx, &admin);
	(void)erase(fx, &admin, &name, true, ERR_NOT_FOUND);
	assert_int_equal(console_person_reset_tries(&fx->world, &fx->arena, &admin, &name, &reset, &verdict),
		ERR_NOT_FOUND);
	assert_int_equal(
		console_person_load(&fx->world, &fx->arena, &admin, &name, true, &person), ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_ADDRESS_SHOWN), 0);
}

/* The people of a group are shared: an operator of one tenant must not act for the others. */
static void actions_need_all_tenants_of_the_group(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	bool was_needed;

	use_a_try(fx, &shop);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	fixture_step_up(fx, &admin);
	assert_false(load(fx, &admin, &name, false).has_whole_group);
	assert_int_equal(reset_tries(fx, &admin, &name, &was_needed), CONSOLE_ROLE_REFUSED);
	assert_int_equal(erase(fx, &admin, &name, true, OK).verdict, CONSOLE_ROLE_REFUSED);
	fixture_add_operator_tenant(fx, &admin, &bank.tenant.id);
	assert_true(load(fx, &admin, &name, false).has_whole_group);
	assert_int_equal(reset_tries(fx, &admin, &name, &was_needed), CONSOLE_PERMITTED);
	assert_int_equal(erase(fx, &admin, &name, true, OK).verdict, CONSOLE_PERMITTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(addresses_are_masked_until_they_are_shown),
		TEST(viewer_reads_without_addresses),
		TEST(person_of_another_tenant_does_not_exist),
		TEST(person_has_sessions_messages_and_a_timeline),
		TEST(state_of_the_code_is_shown_until_the_address_is_verified),
		TEST(unproved_person_has_no_sessions_of_the_other_tenants),
		TEST(findings_are_read_from_the_stored_decision),
		TEST(reviewer_allows_another_try),
		TEST(erasing_needs_an_admin_of_the_tenant_and_a_step_up),
		TEST(page_of_an_erased_person_is_out_of_date),
		TEST(actions_need_all_tenants_of_the_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
