/* The system page of the console: what needs attention, when the checks run, and who may see it. */
#include "app/console/system.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/core/instances.h"
#include "base/attr.h"
#include "base/metrics.h"
#include "kit/console_fixture.h"
#include "kit/instance_pair.h"

/* Checks whose result and number of starts the tests set and read. */
struct fake_self_check {
	struct self_check port; /* must be the first member */
	struct self_check_finding findings[3];
	size_t n, starts;
	bool is_running, is_cut_off;
	moment finished_at;
	enum backup_keeper keeper;
	struct backup_history backups;
};

static enum err fake_start(struct self_check *check)
{
	struct fake_self_check *const fake = (struct fake_self_check *)(void *)check;

	fake->starts++;
	fake->is_running = true;
	return OK;
}

static enum err fake_read(struct self_check *check, struct arena *a, struct self_check_result *out)
{
	struct fake_self_check *const fake = (struct fake_self_check *)(void *)check;

	(void)a;
	*out = (struct self_check_result){ .is_running = fake->is_running,
		.finished_at = fake->finished_at,
		.is_cut_off = fake->is_cut_off,
		.n = fake->n,
		.findings = fake->findings };
	return OK;
}

static enum backup_keeper fake_backups(struct self_check *check, struct arena *a, struct backup_history *out)
{
	const struct fake_self_check *const fake = (struct fake_self_check *)(void *)check;

	(void)a;
	*out = fake->backups;
	return fake->keeper;
}

static const struct self_check_ops fake_ops = { fake_start, fake_read, fake_backups };

/* A server in which everything works: checked and backed up now. */
static void set_up(struct instance_pair *pair, struct fake_self_check *fake)
{
	const moment now = world_now(&pair->first.world);

	metrics_reset();
	*fake = (struct fake_self_check){ .port = { &fake_ops },
		.findings = { { FINDING_OK, STR("relay"), STR("the mail server accepts e-mails") } },
		.n = 1,
		.finished_at = now,
		.keeper = BACKUPS_BY_KYCD,
		.backups = { .last_at = now, .failure = STR("") } };
	pair->first.world.self_check = &fake->port;
	pair->first.world.host = STR("kyc-1");
	pair->first.world.version = STR("1.0.0");
}

static struct system_view *view_of(struct instance_pair *pair, bool may_start)
{
	const struct console_caller admin = { .account = { .id = { "one" }, .role = OPERATOR_ADMIN } };
	struct system_view *const view = arena_new(&pair->first.arena, struct system_view);
	enum console_verdict verdict;

	assert_non_null(view);
	assert_int_equal(console_system_read(
				 &pair->first.world, &pair->first.arena, &admin, may_start, view, &verdict),
		OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return view;
}

static void assert_attention(const struct system_view *view, size_t i, enum finding kind, const char *text)
{
	assert_true(i < view->n_attention);
	assert_int_equal(view->attention[i].kind, kind);
	if (strstr(view->attention[i].text.p, text) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", text, view->attention[i].text.p);
}

static void a_sound_server_needs_no_attention(void **state)
{
	struct instance_pair *const pair = *state;
	struct fake_self_check fake;
	int64_t due_at = 0;

	set_up(pair, &fake);
	assert_int_equal(instance_sign(&pair->first.world, &pair->first.arena, &due_at), OK);
	const struct system_view *const view = view_of(pair, true);
	assert_int_equal(view->n_attention, 0);
	assert_int_equal(view->n_errors, 0);
	assert_int_equal(view->n_instances, 1);
	assert_true(view->instances[0].is_self);
	assert_string_equal(view->instances[0].row.host, "kyc-1");
	assert_int_equal(fake.starts, 0);
}

static void errors_come_before_warnings(void **state)
{
	struct instance_pair *const pair = *state;
	struct fake_self_check fake;

	set_up(pair, &fake);
	fake.findings[1] = (struct self_check_finding){ FINDING_WARNING, STR("clock"),
		STR("not synchronised") };
	fake.findings[2] = (struct self_check_finding){ FINDING_ERROR, STR("relay"), STR("no answer") };
	fake.n = 3;
	fake.is_cut_off = true;
	metric_set(METRIC_OUTBOX_OLDEST, 121);
	metric_set(METRIC_CONNECTIONS_MAX, 100);
	metric_set(METRIC_CONNECTIONS, 81);
	const struct system_view *const view = view_of(pair, true);
	assert_int_equal(view->n_errors, 2);
	assert_int_equal(view->n_attention, 5);
	assert_attention(view, 0, FINDING_ERROR, "121 s: people do not get their codes");
	assert_attention(view, 1, FINDING_ERROR, "no answer");
	assert_attention(view, 2, FINDING_WARNING, "81: at max_connections");
	assert_attention(view, 3, FINDING_WARNING, "not synchronised");
	assert_attention(view, 4, FINDING_WARNING, "within a minute: run kycd doctor");
}

static void a_number_at_its_limit_needs_no_attention(void **state)
{
	struct instance_pair *const pair = *state;
	struct fake_self_check fake;

	set_up(pair, &fake);
	metric_set(METRIC_OUTBOX_OLDEST, 120);
	metric_set(METRIC_CONNECTIONS_MAX, 100);
	metric_set(METRIC_CONNECTIONS, 80);
	metric_set(METRIC_DISK_FREE, (int64_t)1024 * 1024 * 1024);
	assert_int_equal(view_of(pair, true)->n_attention, 0);
	metric_set(METRIC_DISK_FREE, (int64_t)1024 * 1024 * 1024 - 1);
	assert_attention(view_of(pair, true), 0, FINDING_ERROR, "free some space");
}

static void missing_old_and_failed_backups_need_attention_where_kycd_makes_them(void **state)
{
	struct instance_pair *const pair = *state;
	const moment now = world_now(&pair->first.world);
	struct fake_self_check fake;

	set_up(pair, &fake);
	const struct {
		enum backup_keeper keeper;
		int64_t last_ms, failed_ms; /* how long ago; 0: not known */
		const char *text;	    /* NULL: nothing needs attention */
		enum finding kind;
	} rows[] = {
		{ BACKUPS_BY_KYCD, 0, 0, "no backup is known", FINDING_WARNING },
		{ BACKUPS_BY_KYCD, BACKUP_OLD_AFTER.ms - 1, 0, NULL, FINDING_OK },
		{ BACKUPS_BY_KYCD, BACKUP_OLD_AFTER.ms, 0, "more than 24 hours ago", FINDING_WARNING },
		{ BACKUPS_BY_KYCD, 2000, 1000, "failed: the disk is full", FINDING_ERROR },
		{ BACKUPS_BY_KYCD, 1000, 2000, NULL, FINDING_OK },
		{ BACKUPS_BY_POSTGRES, 0, 0, NULL, FINDING_OK },
		{ BACKUPS_NOT_NEEDED, 0, 0, NULL, FINDING_OK },
	};
	for (size_t i = 0; i < array_len(rows); i++) {
		fake.keeper = rows[i].keeper;
		fake.backups = (struct backup_history){
			.last_at = { rows[i].last_ms ? now.ms - rows[i].last_ms : 0 },
			.failed_at = { rows[i].failed_ms ? now.ms - rows[i].failed_ms : 0 },
			.failure = STR("the disk is full"),
		};
		const struct system_view *const view = view_of(pair, true);
		assert_int_equal(view->n_attention, rows[i].text != NULL);
		if (rows[i].text != NULL)
			assert_attention(view, 0, rows[i].kind, rows[i].text);
	}
}

static void a_missing_instance_and_different_versions_need_attention(void **state)
{
	struct instance_pair *const pair = *state;
	int64_t first_due_at = 0, second_due_at = 0, third_due_at = 0;
	struct fake_self_check fake;

	set_up(pair, &fake);
	pair->second.world.host = STR("kyc-2");
	pair->second.world.version = STR("1.1.0");
	assert_int_equal(instance_sign(&pair->first.world, &pair->first.arena, &first_due_at), OK);
	assert_int_equal(instance_sign(&pair->second.world, &pair->first.arena, &second_due_at), OK);
	assert_attention(view_of(pair, true), 0, FINDING_WARNING, "different versions");
	instance_pair_advance_clocks(pair, INSTANCE_LOST_AFTER);
	fake.finished_at = world_now(&pair->first.world);
	assert_int_equal(instance_sign(&pair->first.world, &pair->first.arena, &first_due_at), OK);
	const struct system_view *view = view_of(pair, true);
	assert_int_equal(view->n_attention, 1);
	assert_attention(
		view, 0, FINDING_WARNING, "the instance on kyc-2 has given no sign of life since 20");
	/* It is started again on the same host. */
	pair->second.world.version = STR("1.0.0");
	(void)snprintf(pair->second.world.instance.text, ID_SIZE, "%026d", 7);
	instance_pair_advance_clocks(pair, milliseconds(1));
	assert_int_equal(instance_sign(&pair->second.world, &pair->first.arena, &third_due_at), OK);
	view = view_of(pair, true);
	assert_int_equal(view->n_attention, 0);
	assert_int_equal(view->n_instances, 3);
	assert_true(view->instances[2].is_lost && view->instances[2].is_replaced);
}

static void opening_the_page_starts_checks_only_if_the_result_is_old(void **state)
{
	struct instance_pair *const pair = *state;
	struct fake_self_check fake;

	set_up(pair, &fake);
	instance_pair_advance_clocks(pair, milliseconds(SELF_CHECK_OLD_AFTER.ms - 1));
	(void)view_of(pair, true);
	assert_int_equal(fake.starts, 0);
	instance_pair_advance_clocks(pair, milliseconds(1));
	(void)view_of(pair, false); /* the page that refreshes itself */
	assert_int_equal(fake.starts, 0);
	assert_true(view_of(pair, true)->checks.is_running);
	assert_int_equal(fake.starts, 1);
	(void)view_of(pair, true); /* while they run */
	assert_int_equal(fake.starts, 1);
}

static void check_again_is_an_audit_entry(void **state)
{
	struct instance_pair *const pair = *state;
	struct app_fixture *const fx = &pair->first;
	const struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct fake_self_check fake;
	enum console_verdict verdict;

	set_up(pair, &fake);
	assert_int_equal(console_system_check(&fx->world, &fx->arena, &admin, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	assert_int_equal(fake.starts, 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_CHECKS_STARTED), 1);
}

static void lesser_roles_and_operators_of_some_tenants_are_refused(void **state)
{
	struct instance_pair *const pair = *state;
	struct app_fixture *const fx = &pair->first;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller callers[] = { fixture_console_caller(fx, OPERATOR_VIEWER, NULL),
		fixture_console_caller(fx, OPERATOR_REVIEWER, NULL),
		fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id) };
	struct fake_self_check fake;
	enum console_verdict verdict;

	set_up(pair, &fake);
	fake.finished_at = (moment){ 0 };
	struct system_view *const view = arena_new(&fx->arena, struct system_view);
	for (size_t i = 0; i < array_len(callers); i++) {
		assert_int_equal(
			console_system_read(&fx->world, &fx->arena, &callers[i], true, view, &verdict), OK);
		assert_int_not_equal(verdict, CONSOLE_PERMITTED);
		assert_int_equal(console_system_check(&fx->world, &fx->arena, &callers[i], &verdict), OK);
		assert_int_not_equal(verdict, CONSOLE_PERMITTED);
	}
	assert_int_equal(fake.starts, 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_CHECKS_STARTED), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, instance_pair_setup, instance_pair_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_sound_server_needs_no_attention),
		TEST(errors_come_before_warnings),
		TEST(a_number_at_its_limit_needs_no_attention),
		TEST(missing_old_and_failed_backups_need_attention_where_kycd_makes_them),
		TEST(a_missing_instance_and_different_versions_need_attention),
		TEST(opening_the_page_starts_checks_only_if_the_result_is_old),
		TEST(check_again_is_an_audit_entry),
		TEST(lesser_roles_and_operators_of_some_tenants_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
