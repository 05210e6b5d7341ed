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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_safe_session_ids_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
