#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/smtp_guard.h"

static const struct {
	const char *host;
	bool smtps, allow_private, own_ca;
	enum smtp_guard guard;
} rows[] = {
	{ "127.0.0.1", false, false, false, SMTP_PLAIN },
	{ "localhost", false, false, false, SMTP_PLAIN },
	{ "[::1]", false, false, false, SMTP_PLAIN },
	{ "localhost", true, false, false, SMTP_TLS_FROM_START },
	{ "127.0.0.1", false, true, true, SMTP_TLS_DEMANDED },
	{ "smtp.example.com", false, false, false, SMTP_TLS_DEMANDED },
	{ "smtp.example.com", true, false, false, SMTP_TLS_FROM_START },
	{ "smtp.example.com", true, true, true, SMTP_TLS_FROM_START },
	{ "smtp.example.com", false, true, false, SMTP_TLS_OR_PRIVATE },
	{ "localhost.example.com", false, false, false, SMTP_TLS_DEMANDED },
	{ "10.1.2.3", false, false, false, SMTP_TLS_DEMANDED },
	{ "10.1.2.3", false, true, false, SMTP_TLS_IF_OFFERED },
	{ "[fd00::1]", false, true, false, SMTP_TLS_IF_OFFERED },
	{ "8.8.8.8", false, true, false, SMTP_TLS_DEMANDED },
};

static void places_are_guarded(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct smtp_place place = { str_of(rows[i].host), rows[i].smtps, rows[i].allow_private,
			rows[i].own_ca };

		if (smtp_guard_for(&place) != rows[i].guard)
			fail_msg("row %zu: %s", i, rows[i].host);
	}
}

static void weak_is_what_may_go_unencrypted(void **state)
{
	(void)state;
	assert_true(smtp_guard_is_weak(SMTP_PLAIN));
	assert_true(smtp_guard_is_weak(SMTP_TLS_IF_OFFERED));
	assert_false(smtp_guard_is_weak(SMTP_TLS_OR_PRIVATE));
	assert_false(smtp_guard_is_weak(SMTP_TLS_DEMANDED));
	assert_false(smtp_guard_is_weak(SMTP_TLS_FROM_START));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_guarded),
		cmocka_unit_test(weak_is_what_may_go_unencrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
