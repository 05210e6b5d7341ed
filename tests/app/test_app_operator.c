/* Tests of the operations on tenants, on API keys and on the database's own keys that operators run from the
 * command line. */
#include "app/admin/operator.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/core/access.h"
#include "app/core/keyring.h"
#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"

static enum err add_tenant(struct app_fixture *fx, const struct tenant_change *change, struct tenant *out)
{
	return operator_add_tenant(&fx->world, &fx->arena, change, out);
}

static void tenant_without_group_gets_a_group_of_its_own(void **state)
{
	struct app_fixture *const fx = *state;
	const struct tenant_change without_group = { .name = STR("lone") };
	const struct tenant_change with_group = { .name = STR("shop"),
		.group_name = STR("partners"),
		.display_name = STR("Shop & Co"),
		.language = STR("pt-BR"),
		.return_url = STR("https://shop.test/"),
		.has_quota = true,
		.monthly_quota = 7 };
	struct tenant tenant;

	assert_int_equal(add_tenant(fx, &without_group, &tenant), OK);
	assert_int_equal(tenant.group_name[0], '@');
	assert_string_equal(tenant.group_name + 1, tenant.id.text);
	assert_int_equal(tenant.monthly_quota, NO_QUOTA);
	assert_int_equal(add_tenant(fx, &with_group, &tenant), OK);
	assert_string_equal(tenant.group_name, "partners");
	assert_string_equal(tenant.display_name, "Shop & Co");
	assert_int_equal(tenant.monthly_quota, 7);
	assert_int_equal(add_tenant(fx, &with_group, &tenant), ERR_CONFLICT);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_ADDED), 2);
}

static void tenant_change_keeps_fields_that_are_not_set(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 7);
	const struct tenant_change change = { .name = STR("shop"), .display_name = STR("Kiosk") };
	const struct tenant_change unknown = { .name = STR("nobody"), .display_name = STR("Kiosk") };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	assert_string_equal(tenant.display_name, "Kiosk");
	assert_int_equal(tenant.monthly_quota, 7);
	assert_string_equal(tenant.group_name, shop.tenant.group_name);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &unknown, &tenant), ERR_NOT_FOUND);
}

static void group_cannot_change_once_people_are_enrolled(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct tenant_change partners = { .name = STR("shop"), .group_name = STR("partners") };
	const struct tenant_change other = { .name = STR("shop"), .group_name = STR("other") };
	struct caller changed = shop;

	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &partners, &changed.tenant), OK);
	(void)fixture_prepare(fx, &changed, ANA);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &other, &changed.tenant), ERR_CONFLICT);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &partners, &changed.tenant), OK);
}

static void tenants_are_listed_by_name(void **state)
{
	struct app_fixture *const fx = *state;
	struct tenant rows[4];
	size_t n;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	(void)fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	(void)fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	assert_int_equal(operator_list_tenants(&fx->world, &fx->arena, (struct page){ 0, 4 }, rows, &n), OK);
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].name, "bank");
	assert_string_equal(rows[2].name, "shop");
	assert_int_equal(operator_list_tenants(&fx->world, &fx->arena, (struct page){ 1, 1 }, rows, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].name, "lone");
}

static void key_is_returned_once_and_stored_as_a_hash(void **state)
{
	struct app_fixture *const fx = *state;
	const struct key_params params = { .tenant = STR("shop"),
		.label = STR("till"),
		.life = days(90),
		.rate_per_minute = 30,
		.rate_per_second = 3 };
	const struct key_params unknown_tenant = { .tenant = STR("nobody") };
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char text[API_KEY_LENGTH + 1], id[API_KEY_ID + 1];
	struct api_key key, row;
	struct digest digest;

	assert_int_equal(operator_create_key(&fx->world, &fx->arena, &params, &key, text), OK);
	assert_true(api_key_read(str_of(text), id));
	assert_string_equal(key.id.text, id);
	row = (struct api_key){ .id = key.id };
	fixture_load(fx, RECORD_API_KEY, &row);
	assert_string_equal(row.tenant_id.text, shop.tenant.id.text);
	assert_string_equal(row.label, "till");
	assert_int_equal(row.expires_at.ms, FIXTURE_NOW + days(90).ms);
	assert_int_equal(row.rate_per_minute, 30);
	assert_int_equal(row.rate_per_second, 3);
	access_digest(&fx->world, str_of(text), &digest);
	assert_memory_equal(&row.digest, &digest, sizeof(digest));
	assert_null(memmem(&row, sizeof(row), text + 13, 16));
	assert_int_equal(
		operator_create_key(&fx->world, &fx->arena, &unknown_tenant, &key, text), ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_CREATED), 1);
}

static void key_without_lifetime_does_not_expire_and_revoking_is_idempotent(void **state)
{
	struct app_fixture *const fx = *state;
	const struct key_params params = { .tenant = STR("shop") };
	char text[API_KEY_LENGTH + 1];
	struct api_key key, rows[4];
	size_t n;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	(void)fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&fx->world, &fx->arena, &params, &key, text), OK);
	assert_true(moment_is_unset(key.expires_at));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(operator_revoke_key(&fx->world, &fx->arena, NULL, str_of(key.id.text)), OK);
		fixture_advance_clock(fx, seconds(1));
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_REVOKED), 1);
	assert_int_equal(operator_revoke_key(&fx->world, &fx->arena, NULL, STR("zzzzzzzz")), ERR_NOT_FOUND);
	assert_int_equal(
		operator_revoke_key(&fx->world, &fx->arena, NULL, STR("far too long")), ERR_NOT_FOUND);
	assert_int_equal(
		operator_list_keys(&fx->world, &fx->arena, STR("shop"), (struct page){ 0, 4 }, rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(rows[0].revoked_at.ms, FIXTURE_NOW);
	assert_int_equal(
		operator_list_keys(&fx->world, &fx->arena, STR("bank"), (struct page){ 0, 4 }, rows, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(
		operator_list_keys(&fx->world, &fx->arena, STR(""), (struct page){ 0, 4 }, rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(
		operator_list_keys(&fx->world, &fx->arena, STR("nobody"), (struct page){ 0, 4 }, rows, &n),
		ERR_NOT_FOUND);
}

static void failure_of_randomness_creates_no_key(void **state)
{
	struct app_fixture *const fx = *state;
	const struct key_params params = { .tenant = STR("shop") };
	char text[API_KEY_LENGTH + 1];
	struct api_key key, rows[2];
	size_t n;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	for (size_t n_calls = 0; n_calls < 2; n_calls++) {
		atomic_store(&fx->random.calls_before_failure, n_calls);
		assert_int_equal(
			operator_create_key(&fx->world, &fx->arena, &params, &key, text), ERR_INTERNAL);
	}
	assert_int_equal(
		operator_list_keys(&fx->world, &fx->arena, STR(""), (struct page){ 0, 2 }, rows, &n), OK);
	assert_int_equal(n, 0);
}

static void tenant_is_disabled_and_enabled(void **state)
{
	struct app_fixture *const fx = *state;
	const struct tenant_change off = { .name = STR("shop"), .disabled = CHANGE_DISABLE };
	const struct tenant_change on = { .name = STR("shop"), .disabled = CHANGE_ENABLE };
	const struct tenant_change other = { .name = STR("shop"), .language = STR("de") };
	struct tenant tenant;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &off, &tenant), OK);
	const moment since = tenant.disabled_at;
	assert_true(tenant_is_disabled(&tenant));
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &off, &tenant), OK);
	assert_int_equal(tenant.disabled_at.ms, since.ms);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &other, &tenant), OK);
	assert_true(tenant_is_disabled(&tenant));
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &on, &tenant), OK);
	assert_false(tenant_is_disabled(&tenant));
}

static void tenant_is_renamed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 7);
	struct tenant tenant;

	(void)fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	assert_int_equal(operator_rename_tenant(&fx->world, &fx->arena, STR("shop"), STR("bank"), &tenant),
		ERR_CONFLICT);
	assert_int_equal(operator_rename_tenant(&fx->world, &fx->arena, STR("none"), STR("kiosk"), &tenant),
		ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_RENAMED), 0);
	assert_int_equal(
		operator_rename_tenant(&fx->world, &fx->arena, STR("shop"), STR("kiosk"), &tenant), OK);
	assert_string_equal(tenant.name, "kiosk");
	assert_string_equal(tenant.id.text, shop.tenant.id.text);
	assert_int_equal(tenant.monthly_quota, 7);
	assert_int_equal(operator_find_tenant(&fx->world, &fx->arena, STR("shop"), &tenant), ERR_NOT_FOUND);
	assert_int_equal(operator_find_tenant(&fx->world, &fx->arena, STR("kiosk"), &tenant), OK);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_RENAMED), 1);
}

static struct api_key create_key(struct app_fixture *fx, duration life)
{
	const struct key_params params = { .tenant = STR("shop"),
		.label = STR("back-end"),
		.life = life,
		.rate_per_minute = 5,
		.rate_per_second = 2,
		.scopes = SCOPE_BIT(SCOPE_EVENTS_READ),
		.allow_from = STR("192.0.2.0/24,2001:db8::/32") };
	char text[API_KEY_LENGTH + 1];
	struct api_key key;

	assert_int_equal(operator_create_key(&fx->world, &fx->arena, &params, &key, text), OK);
	return key;
}

static enum err set_key(struct app_fixture *fx, struct str id, struct key_change change, struct api_key *out)
{
	return operator_set_key(&fx->world, &fx->arena, id, &change, out);
}

static void key_change_keeps_fields_that_are_not_set(void **state)
{
	struct app_fixture *const fx = *state;
	struct api_key changed;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct api_key key = create_key(fx, hours(1));
	const struct str id = str_of(key.id.text);
	assert_int_equal(set_key(fx, id, (struct key_change){ .label = STR("x") }, &changed), OK);
	assert_string_equal(changed.label, "x");
	assert_int_equal(changed.expires_at.ms, key.expires_at.ms);
	assert_int_equal(changed.rate_per_minute, 5);
	assert_int_equal(changed.rate_per_second, 2);
	assert_int_equal(changed.scopes, SCOPE_BIT(SCOPE_EVENTS_READ));
	assert_string_equal(changed.allow_from, "192.0.2.0/24,2001:db8::/32");
	const struct key_change all = { .allow_from = STR(""),
		.has_rate_per_minute = true,
		.has_rate_per_second = true,
		.rate_per_second = 9,
		.has_expiry = true,
		.scopes = SCOPES_DEFAULT };
	assert_int_equal(set_key(fx, id, all, &changed), OK);
	assert_string_equal(changed.label, "x");
	assert_true(moment_is_unset(changed.expires_at));
	assert_int_equal(changed.rate_per_minute, 0);
	assert_int_equal(changed.rate_per_second, 9);
	assert_int_equal(changed.scopes, SCOPES_DEFAULT);
	assert_string_equal(changed.allow_from, "");
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_CHANGED), 2);
	assert_int_equal(set_key(fx, STR("AAAAAAAA"), all, &changed), ERR_NOT_FOUND);
	assert_int_equal(operator_revoke_key(&fx->world, &fx->arena, NULL, id), OK);
	assert_int_equal(set_key(fx, id, all, &changed), ERR_CONFLICT);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_CHANGED), 2);
}

static enum err rotate(
	struct app_fixture *fx, const struct api_key *key, duration overlap, struct rotated_key *out)
{
	char text[API_KEY_LENGTH + 1];

	const struct key_rotation rotation = { .id = str_of(key->id.text), .overlap = overlap };

	return operator_rotate_key(&fx->world, &fx->arena, &rotation, out, text);
}

static void rotated_key_has_a_successor_like_itself(void **state)
{
	struct app_fixture *const fx = *state;
	struct rotated_key rotated;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct api_key key = create_key(fx, (duration){ 0 });
	const moment now = world_now(&fx->world);
	assert_int_equal(rotate(fx, &key, hours(1), &rotated), OK);
	const struct api_key *const next = &rotated.successor;
	assert_string_not_equal(next->id.text, key.id.text);
	assert_memory_not_equal(next->digest.bytes, key.digest.bytes, sizeof(key.digest.bytes));
	assert_string_equal(next->tenant_id.text, key.tenant_id.text);
	assert_string_equal(next->label, "back-end");
	assert_int_equal(next->rate_per_minute, 5);
	assert_int_equal(next->rate_per_second, 2);
	assert_int_equal(next->scopes, key.scopes);
	assert_string_equal(next->allow_from, key.allow_from);
	assert_true(moment_is_unset(next->expires_at));
	assert_int_equal(rotated.key.expires_at.ms, moment_add(now, hours(1)).ms);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_ROTATED), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_CREATED), 2);
}

static void rotation_never_extends_a_key(void **state)
{
	static const struct {
		int64_t overlap_ms, expires_ms;
	} rows[] = { { 3599999, 3599999 }, { 3600000, 3600000 }, { 3600001, 3600000 } };
	struct app_fixture *const fx = *state;
	struct rotated_key rotated;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = world_now(&fx->world);
		const struct api_key key = create_key(fx, hours(1));

		assert_int_equal(rotate(fx, &key, milliseconds(rows[i].overlap_ms), &rotated), OK);
		assert_int_equal(rotated.key.expires_at.ms, now.ms + rows[i].expires_ms);
		/* The successor lives as long as the key was meant to live. */
		assert_int_equal(rotated.successor.expires_at.ms, moment_add(now, hours(1)).ms);
	}
}

static void revoked_or_expired_key_is_not_rotated(void **state)
{
	struct app_fixture *const fx = *state;
	struct rotated_key rotated;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct api_key revoked = create_key(fx, (duration){ 0 }), expired = create_key(fx, seconds(1));
	const struct api_key unknown = { .id = { "AAAAAAAA" } };
	assert_int_equal(operator_revoke_key(&fx->world, &fx->arena, NULL, str_of(revoked.id.text)), OK);
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(rotate(fx, &revoked, hours(1), &rotated), ERR_CONFLICT);
	assert_false(moment_is_unset(rotated.key.revoked_at));
	assert_int_equal(rotate(fx, &expired, hours(1), &rotated), ERR_CONFLICT);
	assert_true(moment_is_unset(rotated.key.revoked_at));
	assert_int_equal(rotate(fx, &unknown, hours(1), &rotated), ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_ROTATED), 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_KEY_CREATED), 2);
}

static void wrong_master_key_is_rejected(void **state)
{
	static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } }; /* as in kit/app_fixture.c */
	static const struct secret_key wrong = { { 9 } };
	struct app_fixture *const fx = *state;
	struct keys keys;
	char stored_id[MASTER_ID_SIZE] = "", own_id[MASTER_ID_SIZE];

	memset(&keys, 0, sizeof(keys));
	assert_int_equal(keyring_open(&fx->world, &fx->arena, &master, &keys, stored_id), OK);
	assert_memory_equal(&keys, &fx->keys, sizeof(keys));
	assert_memory_not_equal(&keys.code, &keys.access, sizeof(keys.code));
	assert_int_equal(keyring_open(&fx->world, &fx->arena, &wrong, &keys, stored_id), ERR_CONFLICT);
	keyring_master_id(&master, own_id);
	assert_string_equal(stored_id, own_id);
	assert_int_equal(strlen(own_id), 8);
}

static void wrapped_key_of_another_row_is_rejected(void **state)
{
	static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct app_fixture *const fx = *state;
	struct keyring code = { .name = "code" }, index = { .name = "index" };
	struct keys keys;
	char stored_id[MASTER_ID_SIZE];

	fixture_load(fx, RECORD_KEYRING, &code);
	fixture_load(fx, RECORD_KEYRING, &index);
	const struct str correct_key = code.wrapped_key;
	/* A wrapped key is bound to its row and cannot be used in another row. */
	code.wrapped_key = index.wrapped_key;
	fixture_save(fx, RECORD_KEYRING, &code);
	assert_int_equal(keyring_open(&fx->world, &fx->arena, &master, &keys, stored_id), ERR_INPUT);
	code.wrapped_key = correct_key;
	fixture_save(fx, RECORD_KEYRING, &code);
	assert_int_equal(keyring_open(&fx->world, &fx->arena, &master, &keys, stored_id), OK);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(tenant_without_group_gets_a_group_of_its_own),
		TEST(tenant_change_keeps_fields_that_are_not_set),
		TEST(group_cannot_change_once_people_are_enrolled),
		TEST(tenants_are_listed_by_name),
		TEST(key_is_returned_once_and_stored_as_a_hash),
		TEST(key_without_lifetime_does_not_expire_and_revoking_is_idempotent),
		TEST(failure_of_randomness_creates_no_key),
		TEST(tenant_is_disabled_and_enabled),
		TEST(tenant_is_renamed),
		TEST(key_change_keeps_fields_that_are_not_set),
		TEST(rotated_key_has_a_successor_like_itself),
		TEST(rotation_never_extends_a_key),
		TEST(revoked_or_expired_key_is_not_rotated),
		TEST(wrong_master_key_is_rejected),
		TEST(wrapped_key_of_another_row_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
