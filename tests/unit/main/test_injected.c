#include "main/config/injected.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static char *no_links[] = { NULL };
static char link_name[] = "KYCD_DB_NAME=/web/kycd-db";
static char *links[] = { link_name, NULL };

static const struct {
	const char *entry;
	bool injected;
} rows[] = {
	{ "KYCD_SERVICE_HOST=10.96.0.17", true },
	{ "KYCD_SERVICE_HOST=fd00:10:96::11", true },
	{ "KYCD_SERVICE_PORT=8080", true },
	{ "KYCD_SERVICE_PORT_HTTP=8080", true },
	{ "KYCD_SERVICE_PORT_HTTP_ADMIN=8081", true },
	{ "KYCD_PORT=tcp://10.96.0.17:8080", true },
	{ "KYCD_PORT=udp://[fd00::11]:53", true },
	{ "KYCD_PORT_8080_TCP=tcp://10.96.0.17:8080", true },
	{ "KYCD_PORT_8080_TCP_PROTO=tcp", true },
	{ "KYCD_PORT_8080_TCP_PORT=8080", true },
	{ "KYCD_PORT_8080_TCP_ADDR=10.96.0.17", true },
	{ "KYCD_PORT_5000_SCTP_ADDR=10.96.0.17", true },
	{ "KYCD_PORT_8080_TCP_START=tcp://172.17.0.2:8080", true },
	{ "KYCD_PORT_8080_TCP_PORT_END=8081", true },
	{ "KYCD_NAME=/web/kycd", true },
	{ "KYCD_DB_SERVICE_HOST=10.96.0.18", true },
	{ "KYCD_DB_SERVICE_PORT_POSTGRES=5432", true },
	{ "KYCD_DB_PORT=tcp://10.96.0.18:5432", true },
	{ "KYCD_DB_PORT_5432_TCP_ADDR=10.96.0.18", true },
	{ "KYCD_LOG_V2_PORT_80_TCP=tcp://10.96.0.19:80", true },

	{ "KYCD_SERVICE_HOST=kycd.example.com", false },
	{ "KYCD_SERVICE_HOST=", false },
	{ "KYCD_SERVICE_HOSTS=10.96.0.17", false },
	{ "KYCD_HOST=10.96.0.17", false },
	{ "KYCD_SERVICE_PORT=http", false },
	{ "KYCD_SERVICEPORT=8080", false },
	{ "KYCD_PORT=8080", false },
	{ "KYCD_PORT=127.0.0.1:8080", false },
	{ "KYCD_PORT=http://10.96.0.17:8080", false },
	{ "KYCD_ADMIN_PORT=8081", false },
	{ "KYCD_PORT_HTTP=8080", false },
	{ "KYCD_PORT_8080=tcp://10.96.0.17:8080", false },
	{ "KYCD_PORT_8080_TCP_ADDRESS=10.96.0.17", false },
	{ "KYCD_NAME=acme", false },
	{ "KYCD_NAME=/etc/kycd/name", false },
	{ "KYCD_ENV_LISTEN=0.0.0.0:8080", false },
	{ "KYCD_OTP_TTTL=600", false },
	{ "kycd_service_host=10.96.0.17", false },
	{ "OTHER_KYCD_SERVICE_HOST=10.96.0.17", false },
};

static void platform_variables_are_recognised_by_name_and_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		if (variable_is_injected(rows[i].entry, no_links) != rows[i].injected)
			fail_msg("wrong result for %s", rows[i].entry);
}

static void variables_of_a_linked_container_need_a_link(void **state)
{
	(void)state;
	assert_true(variable_is_injected("KYCD_DB_ENV_POSTGRES_USER=kycd", links));
	assert_true(variable_is_injected("KYCD_ENV_KYCD_LISTEN=0.0.0.0:8080", links));
	assert_false(variable_is_injected("KYCD_DB_ENV_POSTGRES_USER=kycd", no_links));
	assert_false(variable_is_injected("KYCD_ENV=production", links));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platform_variables_are_recognised_by_name_and_value),
		cmocka_unit_test(variables_of_a_linked_container_need_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
