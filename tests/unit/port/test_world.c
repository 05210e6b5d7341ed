#include "port/world.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "port/provider.h"

static moment fixed_now(struct clock *clock)
{
	(void)clock;
	return (moment){ 1469922850259 };
}

static enum err fixed_random(struct random *random, void *bytes, size_t n)
{
	(void)random;
	memset(bytes, 0xff, n);
	return OK;
}

static enum err failing_random(struct random *random, void *bytes, size_t n)
{
	(void)random;
	memset(bytes, 0xff, n);
	return ERR_INTERNAL;
}

static const struct clock_ops clock_ops = { .now = fixed_now };
static const struct random_ops fixed_random_ops = { fixed_random }, failing_random_ops = { failing_random };

static void id_consists_of_time_and_random_bytes(void **state)
{
	struct clock clock = { .ops = &clock_ops };
	struct random random = { &fixed_random_ops };
	const struct world world = { .clock = &clock, .random = &random };
	char id[ID_SIZE];

	(void)state;
	assert_int_equal(world_id(&world, id), OK);
	assert_string_equal(id, "01arz3ndekzzzzzzzzzzzzzzzz");
}

static void id_fails_without_random_bytes(void **state)
{
	struct clock clock = { .ops = &clock_ops };
	struct random random = { &failing_random_ops };
	const struct world world = { .clock = &clock, .random = &random };
	char id[ID_SIZE] = "untouched";

	(void)state;
	assert_int_equal(world_id(&world, id), ERR_INTERNAL);
	assert_string_equal(id, "untouched");
}

/* Causes have the names that `details.cause` has in the API (interface.md 3), and IP fields have the keys of
 * `ip_info` (starkfi-kyc-api.md 8). */
static void causes_and_ip_fields_have_their_api_names(void **state)
{
	static const char *const fields[] = { "ip_address", "ip_country", "ip_state", "ip_city", "platform",
		"device_brand", "device_model", "is_vpn_or_tor", "is_data_center" };

	(void)state;
	assert_string_equal(provider_cause_name(PROVIDER_UNREACHABLE), "provider_unreachable");
	assert_string_equal(provider_cause_name(PROVIDER_REFUSED), "provider_refused");
	assert_string_equal(provider_cause_name(PROVIDER_CREDITS), "provider_credits");
	assert_string_equal(provider_cause_name(PROVIDER_LIMIT), "provider_limit");
	for (unsigned c = 0; c < PROVIDER_CAUSES; c++)
		assert_non_null(provider_cause_name((enum provider_cause)c));
	assert_int_equal(array_len(fields), IP_FIELDS);
	for (unsigned f = 0; f < IP_FIELDS; f++)
		assert_string_equal(ip_field_name((enum ip_field)f), fields[f]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_consists_of_time_and_random_bytes),
		cmocka_unit_test(id_fails_without_random_bytes),
		cmocka_unit_test(causes_and_ip_fields_have_their_api_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
