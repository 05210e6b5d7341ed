#include "provider/provider_ref.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *text;
	bool valid;
} refs[] = {
	{ "a", true },
	{ "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", true },
	{ "A.b_C-9", true },
	{ "1234567890123456789012345678901234567890123456789012345678901234", true },
	{ "12345678901234567890123456789012345678901234567890123456789012345", false },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ "a b", false },
	{ "a/b", false },
	{ "a%2fb", false },
	{ "a?b", false },
	{ "\xc3\xa4", false },
};

static void only_safe_session_ids_are_accepted(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(refs); i++) {
		struct provider_ref ref = { "untouched" };

		if (provider_ref_read(str_of(refs[i].text), &ref) != refs[i].valid)
			fail_msg("%s", refs[i].text);
		assert_string_equal(ref.text, refs[i].valid ? refs[i].text : "untouched");
	}
	assert_false(provider_ref_read(STR("a\0b"), &(struct provider_ref){ "" }));
}

static void uuid_is_returned_in_lower_case(void **state maybe_unused)
{
	static const char *const rows[][2] = {
		{ "7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5B", "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b" },
		{ "7d3c1f7e-2B64-4a0e-9a55-0c1d2e3f4a5b", "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b" },
		{ "7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5G", "7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5G" },
		{ "7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5B0", "7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5B0" },
		{ "7D3C1F7E2B644A0E9A550C1D2E3F4A5B", "7D3C1F7E2B644A0E9A550C1D2E3F4A5B" },
		{ "A", "A" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_ref ref;

		assert_true(provider_ref_read(str_of(rows[i][0]), &ref));
		assert_string_equal(ref.text, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_safe_session_ids_are_accepted),
		cmocka_unit_test(uuid_is_returned_in_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
