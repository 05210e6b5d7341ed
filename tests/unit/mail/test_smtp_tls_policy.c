#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/smtp_tls_policy.h"

static const struct {
	const char *host;
	bool smtps, allow_private, own_ca;
	enum smtp_tls_policy policy;
} rows[] = {
	{ "127.0.0.1", false, false, false, SMTP_PLAINTEXT },
	{ "localhost", false, false, false, SMTP_PLAINTEXT },
	{ "[::1]", false, false, false, SMTP_PLAINTEXT },
	{ "localhost", true, false, false, SMTP_TLS_IMPLICIT },
	{ "127.0.0.1", false, true, true, SMTP_STARTTLS_REQUIRED },
	{ "smtp.example.com", false, false, false, SMTP_STARTTLS_REQUIRED },
	{ "smtp.example.com", true, false, false, SMTP_TLS_IMPLICIT },
	{ "smtp.example.com", true, true, true, SMTP_TLS_IMPLICIT },
	{ "smtp.example.com", false, true, false, SMTP_STARTTLS_OR_PRIVATE },
	{ "localhost.example.com", false, false, false, SMTP_STARTTLS_REQUIRED },
	{ "10.1.2.3", false, false, false, SMTP_STARTTLS_REQUIRED },
	{ "10.1.2.3", false, true, false, SMTP_STARTTLS_OPPORTUNISTIC },
	{ "[fd00::1]", false, true, false, SMTP_STARTTLS_OPPORTUNISTIC },
	{ "8.8.8.8", false, true, false, SMTP_STARTTLS_REQUIRED },
};

static void policy_follows_host_and_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct smtp_server server = { str_of(rows[i].host), rows[i].smtps,
			rows[i].allow_private, rows[i].own_ca };

		if (smtp_tls_policy_for(&server) != rows[i].policy)
			fail_msg("row %zu: wrong policy for %s", i, rows[i].host);
	}
}

static void policies_without_verified_tls_are_weak(void **state)
{
	(void)state;
	assert_true(smtp_tls_policy_is_weak(SMTP_PLAINTEXT));
	assert_true(smtp_tls_policy_is_weak(SMTP_STARTTLS_OPPORTUNISTIC));
	assert_false(smtp_tls_policy_is_weak(SMTP_STARTTLS_OR_PRIVATE));
	assert_false(smtp_tls_policy_is_weak(SMTP_STARTTLS_REQUIRED));
	assert_false(smtp_tls_policy_is_weak(SMTP_TLS_IMPLICIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_follows_host_and_settings),
		cmocka_unit_test(policies_without_verified_tls_are_weak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
