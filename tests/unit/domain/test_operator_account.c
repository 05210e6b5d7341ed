/* What operators of the console may do: each role with each action, for tenants of theirs and others, and the
 * limits in time of links, challenges, sessions and step-ups. */
#include "domain/operator_account.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "domain/expiry.h"

static const moment now = { INT64_C(1767607500000) };
static const struct tenant_id acme = { "01hacme00000000000000000aa" },
			      beta = { "01hbeta00000000000000000bb" };

static const enum operator_role roles[] = { OPERATOR_VIEWER, OPERATOR_REVIEWER, OPERATOR_ADMIN };

/* clang-format off */
/* For each action, what a viewer, a reviewer and an admin may do: `+` permitted, `-` refused. */
static const struct {
	const char *name;
	const char *for_roles;
	enum step_up_rule step_up;
} table[] = {
	[CONSOLE_VIEW]            = { "view",            "+++", STEP_UP_NEVER },
	[CONSOLE_SHOW_ADDRESS]    = { "show_address",    "-++", STEP_UP_NEVER },
	[CONSOLE_RESET_TRIES]     = { "reset_tries",     "-++", STEP_UP_NEVER },
	[CONSOLE_ADD_NOTE]        = { "add_note",        "-++", STEP_UP_NEVER },
	[CONSOLE_CLAIM_REVIEW]    = { "claim_review",    "-++", STEP_UP_NEVER },
	[CONSOLE_DECIDE_REVIEW]   = { "decide_review",   "-++", STEP_UP_RECENT },
	[CONSOLE_EXPORT_LIST]     = { "export_list",     "-++", STEP_UP_EACH },
	[CONSOLE_ERASE_PERSON]    = { "erase_person",    "--+", STEP_UP_EACH },
	[CONSOLE_MANAGE_WEBHOOKS] = { "manage_webhooks", "--+", STEP_UP_NEVER },
	[CONSOLE_CREATE_SECRET]   = { "create_secret",   "--+", STEP_UP_EACH },
	[CONSOLE_MANAGE_TENANTS]  = { "manage_tenants",  "--+", STEP_UP_NEVER },
	[CONSOLE_CREATE_KEY]      = { "create_key",      "--+", STEP_UP_EACH },
	[CONSOLE_REVOKE_KEY]      = { "revoke_key",      "--+", STEP_UP_NEVER },
	[CONSOLE_VIEW_AUDIT]      = { "view_audit",      "-++", STEP_UP_NEVER },
	[CONSOLE_VIEW_OPERATORS]  = { "view_operators",  "--+", STEP_UP_NEVER },
	[CONSOLE_MANAGE_OPERATORS] = { "manage_operators", "--+", STEP_UP_EACH },
	[CONSOLE_VIEW_SYSTEM]     = { "view_system",     "--+", STEP_UP_NEVER },
	[CONSOLE_MANAGE_PASSKEYS] = { "manage_passkeys", "+++", STEP_UP_EACH },
};
/* clang-format on */

/* A session in which the passkey was just used, also for a step-up. */
static struct console_session fresh_session(void)
{
	return (struct console_session){ .signed_in_at = now, .step_up_at = now };
}

static struct operator_account operator_of(enum operator_role role, const struct tenant_id *tenant)
{
	struct operator_account account = { .role = role };

	if (tenant)
		assert_true(operator_account_add_tenant(&account, tenant));
	return account;
}

static enum console_verdict verdict_of(
	const struct operator_account *account, size_t action, const struct tenant_id *object)
{
	const struct console_session session = fresh_session();

	return console_check(account, &session, (enum console_action)action, object, now);
}

static void each_role_may_do_what_the_table_says(void **state)
{
	(void)state;
	assert_int_equal(array_len(table), CONSOLE_ACTION_COUNT);
	for (size_t action = 0; action < array_len(table); action++) {
		print_message("# %s\n", table[action].name);
		assert_string_equal(console_action_name((enum console_action)action), table[action].name);
		for (size_t i = 0; i < array_len(roles); i++) {
			const bool may = table[action].for_roles[i] == '+';
			const enum console_verdict expected = may ? CONSOLE_PERMITTED : CONSOLE_ROLE_REFUSED;
			const struct operator_account account = operator_of(roles[i], NULL);

			assert_int_equal(operator_role_may(roles[i], (enum console_action)action), may);
			assert_int_equal(verdict_of(&account, action, NULL), expected);
			assert_int_equal(verdict_of(&account, action, &acme), expected);
		}
	}
}

static void an_operator_of_a_tenant_may_do_the_same_for_this_tenant_only(void **state)
{
	(void)state;
	for (size_t action = 0; action < array_len(table); action++) {
		print_message("# %s\n", table[action].name);
		for (size_t i = 0; i < array_len(roles); i++) {
			const bool may = table[action].for_roles[i] == '+';
			const struct operator_account account = operator_of(roles[i], &acme);

			assert_int_equal(verdict_of(&account, action, &acme),
				may ? CONSOLE_PERMITTED : CONSOLE_ROLE_REFUSED);
			/* Whatever the role: the other tenant's object does not exist for this operator. */
			assert_int_equal(verdict_of(&account, action, &beta), CONSOLE_TENANT_REFUSED);
			assert_int_equal(verdict_of(&account, action, NULL),
				action == CONSOLE_VIEW || action == CONSOLE_MANAGE_PASSKEYS
					? CONSOLE_PERMITTED
					: CONSOLE_ROLE_REFUSED);
		}
	}
}

static void a_number_that_is_no_role_may_nothing(void **state)
{
	const struct operator_account account = { .role = (enum operator_role)0 };

	(void)state;
	for (size_t action = 0; action < CONSOLE_ACTION_COUNT; action++)
		assert_int_equal(verdict_of(&account, action, NULL), CONSOLE_ROLE_REFUSED);
}

/* clang-format off */
static const struct {
	const char *name;
	int64_t signed_in, stepped_up; /* ms before now; NEVER: not at all */
	bool recent, each;             /* whether an action of this rule is permitted */
} uses[] = {
#define NEVER INT64_MIN
#define FIVE INT64_C(300000) /* minutes */
#define TWO INT64_C(120000)
	{ "just now",                                0,              NEVER,          true,  false },
	{ "5 minutes ago, less 1 ms",                FIVE - 1,  NEVER,          true,  false },
	{ "5 minutes ago",                           FIVE,      NEVER,          false, false },
	{ "5 minutes ago, and 1 ms",                 FIVE + 1,  NEVER,          false, false },
	{ "a step-up just now",                      0,              0,              true,  true },
	{ "a step-up 2 minutes ago, less 1 ms",      TWO - 1,  TWO - 1,  true,  true },
	{ "a step-up 2 minutes ago",                 TWO,      TWO,      true,  false },
	{ "a step-up 2 minutes ago, and 1 ms",       TWO + 1,  TWO + 1,  true,  false },
	{ "before the clock was set back by 1 ms",   -1,             -1,             false, false },
	{ "before the clock was set back by a day",  -86400000,      -86400000,      false, false },
	{ "never",                                   NEVER,          NEVER,          false, false },
};
/* clang-format on */

static moment before_now(int64_t ms)
{
	return ms == NEVER ? (moment){ 0 } : moment_sub(now, milliseconds(ms));
}

static void an_action_needs_the_passkey_again_when_its_last_use_is_too_old(void **state)
{
	const struct operator_account admin = operator_of(OPERATOR_ADMIN, NULL);

	(void)state;
	for (size_t i = 0; i < array_len(uses); i++) {
		const struct console_session session = { .signed_in_at = before_now(uses[i].signed_in),
			.step_up_at = before_now(uses[i].stepped_up) };

		print_message("# %s\n", uses[i].name);
		assert_int_equal(console_step_up_is_usable(&session, now), uses[i].each);
		for (size_t action = 0; action < array_len(table); action++) {
			const bool permitted = table[action].step_up == STEP_UP_NEVER ||
					       (table[action].step_up == STEP_UP_RECENT && uses[i].recent) ||
					       (table[action].step_up == STEP_UP_EACH && uses[i].each);

			assert_int_equal(
				console_check(&admin, &session, (enum console_action)action, &acme, now),
				permitted ? CONSOLE_PERMITTED : CONSOLE_STEP_UP_NEEDED);
		}
	}
}

/* A lesser role is not sent to the step-up page, and not told that the object of another tenant exists. */
static void role_and_tenant_are_checked_before_the_step_up(void **state)
{
	const struct operator_account viewer = operator_of(OPERATOR_VIEWER, NULL);
	const struct operator_account limited = operator_of(OPERATOR_ADMIN, &acme);
	const struct console_session session = { .signed_in_at = { 0 } };

	(void)state;
	assert_int_equal(
		console_check(&viewer, &session, CONSOLE_ERASE_PERSON, &acme, now), CONSOLE_ROLE_REFUSED);
	assert_int_equal(
		console_check(&limited, &session, CONSOLE_ERASE_PERSON, &beta, now), CONSOLE_TENANT_REFUSED);
	assert_int_equal(
		console_check(&limited, &session, CONSOLE_ERASE_PERSON, &acme, now), CONSOLE_STEP_UP_NEEDED);
}

/* clang-format off */
/* Ages in milliseconds at which something that lives for `life` is looked at. */
static const struct {
	const char *name;
	int64_t after_life; /* relative to the end of its life */
	bool is_open;
} ends[] = {
	{ "1 ms before the end", -1, true },
	{ "at the end",           0, false },
	{ "1 ms after the end",   1, false },
};
/* clang-format on */

static void a_session_ends_after_12_hours_or_30_minutes_without_use(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(ends); i++) {
		const struct console_session old = { .expires_at = { now.ms - ends[i].after_life },
			.seen_at = now };
		const struct console_session unused = { .expires_at = moment_add(now, hours(1)),
			.seen_at = { now.ms - minutes(30).ms - ends[i].after_life } };

		print_message("# %s\n", ends[i].name);
		assert_int_equal(console_session_is_open(&old, now), ends[i].is_open);
		assert_int_equal(console_session_is_open(&unused, now), ends[i].is_open);
	}
	assert_int_equal(CONSOLE_SESSION_LIFE.ms, 12 * 3600000);
}

static void a_link_works_for_24_hours_and_a_challenge_for_5_minutes(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(ends); i++) {
		const moment end = { now.ms - ends[i].after_life };
		struct operator_account account = { .link_expires_at = end };
		const struct passkey_challenge challenge = { .expires_at = end };

		print_message("# %s\n", ends[i].name);
		assert_int_equal(operator_link_is_open(&account, now), ends[i].is_open);
		assert_int_equal(passkey_challenge_is_open(&challenge, now), ends[i].is_open);
		account.disabled_at = now;
		assert_false(operator_link_is_open(&account, now));
	}
	assert_false(operator_link_is_open(&(const struct operator_account){ .disabled_at = { 0 } }, now));
	assert_int_equal(OPERATOR_LINK_LIFE.ms, 24 * 3600000);
	assert_int_equal(PASSKEY_CHALLENGE_LIFE.ms, 5 * 60000);
}

/* Something that would still be open for longer than it can live was stored before the clock was set back. */
static void a_clock_that_was_set_back_extends_nothing(void **state)
{
	(void)state;
	for (int64_t beyond = 0; beyond <= 1; beyond++) {
		const int64_t jump = CLOCK_JUMP_MIN.ms + beyond;
		const struct console_session begun = {
			.expires_at = { now.ms + CONSOLE_SESSION_LIFE.ms + jump }, .seen_at = now
		};
		const struct console_session used = { .expires_at = moment_add(now, hours(1)),
			.seen_at = { now.ms + jump } };
		const struct operator_account account = { .link_expires_at = {
								  now.ms + OPERATOR_LINK_LIFE.ms + jump } };
		const struct passkey_challenge challenge = {
			.expires_at = { now.ms + PASSKEY_CHALLENGE_LIFE.ms + jump }
		};

		assert_int_equal(console_session_is_open(&begun, now), beyond == 0);
		assert_int_equal(console_session_is_open(&used, now), beyond == 0);
		assert_int_equal(operator_link_is_open(&account, now), beyond == 0);
		assert_int_equal(passkey_challenge_is_open(&challenge, now), beyond == 0);
	}
}

static struct tenant_id tenant_number(size_t i)
{
	struct tenant_id id = beta;

	id.text[ID_LENGTH - 1] = (char)('a' + i);
	return id;
}

static void an_operator_has_at_most_16_tenants_each_once(void **state)
{
	struct operator_account account = { .role = OPERATOR_VIEWER };
	struct tenant_id id;

	(void)state;
	assert_true(operator_account_has_all_tenants(&account));
	assert_true(operator_account_has_tenant(&account, &acme));
	assert_false(operator_account_tenant_at(&account, 0, &id));
	for (size_t i = 0; i < OPERATOR_TENANTS_MAX; i++) {
		const struct tenant_id tenant = tenant_number(i);

		assert_true(operator_account_add_tenant(&account, &tenant));
		assert_true(operator_account_add_tenant(&account, &tenant));
		assert_true(operator_account_tenant_at(&account, i, &id));
		assert_string_equal(id.text, tenant.text);
		assert_false(operator_account_tenant_at(&account, i + 1, &id));
		assert_true(operator_account_has_tenant(&account, &tenant));
		assert_false(operator_account_has_all_tenants(&account));
	}
	assert_false(operator_account_has_tenant(&account, &acme));
	assert_false(operator_account_add_tenant(&account, &acme));
	assert_false(operator_account_tenant_at(&account, OPERATOR_TENANTS_MAX, &id));
}

static void roles_have_names(void **state)
{
	static const char *const names[] = { "viewer", "reviewer", "admin" };
	static const char *const others[] = { "", "Admin", "admin ", "unknown", "owner" };
	enum operator_role role;

	(void)state;
	for (size_t i = 0; i < array_len(names); i++) {
		assert_true(operator_role_read(str_of(names[i]), &role));
		assert_int_equal(role, roles[i]);
		assert_string_equal(operator_role_name(roles[i]), names[i]);
	}
	for (size_t i = 0; i < array_len(others); i++)
		assert_false(operator_role_read(str_of(others[i]), &role));
	assert_string_equal(operator_role_name((enum operator_role)0), "unknown");
	assert_string_equal(operator_role_name((enum operator_role)4), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_may_do_what_the_table_says),
		cmocka_unit_test(an_operator_of_a_tenant_may_do_the_same_for_this_tenant_only),
		cmocka_unit_test(a_number_that_is_no_role_may_nothing),
		cmocka_unit_test(an_action_needs_the_passkey_again_when_its_last_use_is_too_old),
		cmocka_unit_test(role_and_tenant_are_checked_before_the_step_up),
		cmocka_unit_test(a_session_ends_after_12_hours_or_30_minutes_without_use),
		cmocka_unit_test(a_link_works_for_24_hours_and_a_challenge_for_5_minutes),
		cmocka_unit_test(a_clock_that_was_set_back_extends_nothing),
		cmocka_unit_test(an_operator_has_at_most_16_tenants_each_once),
		cmocka_unit_test(roles_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
