/* Reports to systemd over a real datagram socket, with a path and with an abstract name. */
#include "main/platform/systemd_report.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Binds a socket to the name, as systemd does. In an abstract name, @ stands for the NUL byte. */
static int bind_socket(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0 && strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&address,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
		0);
	return fd;
}

static void assert_received(int fd, const char *start)
{
	char text[128] = "";

	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_int_equal(strncmp(text, start, strlen(start)), 0);
}

static void assert_reports_arrive_at(const char *name)
{
	const int fd = bind_socket(name);
	char rest[8];

	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	systemd_report_ready();
	systemd_report_reloading();
	systemd_report_alive();
	systemd_report_stopping();
	assert_received(fd, "READY=1");
	assert_received(fd, "RELOADING=1\nMONOTONIC_USEC=");
	assert_received(fd, "WATCHDOG=1");
	assert_received(fd, "STOPPING=1");
	assert_int_equal(recv(fd, rest, sizeof(rest), 0), -1);
	close(fd);
}

static void reports_arrive_at_a_path(void **state)
{
	char folder[] = "/tmp/kycd-test-XXXXXX", name[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(name, sizeof(name), "%s/notify", folder);
	assert_reports_arrive_at(name);
	(void)unlink(name);
	(void)rmdir(folder);
}

static void reports_arrive_at_an_abstract_name(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "@kycd-test-%ld", (long)getpid());
	assert_reports_arrive_at(name);
}

/* No report may crash or block the server. */
static void reports_without_a_receiver_are_dropped(void **state)
{
	static const char *const names[] = { "", "@", "relative", "vsock:2:1234", "/nonexistent/notify" };
	char too_long[200];

	(void)state;
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	systemd_report_ready();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		systemd_report_ready();
	}
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[0] = '/';
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", too_long, 1), 0);
	systemd_report_ready();
}

static void watchdog_applies_only_to_the_named_process(void **state)
{
	char own[32], other[32];
	const struct {
		const char *micros, *pid;
		int64_t ms;
	} rows[] = {
		{ NULL, NULL, 0 },
		{ "60000000", NULL, 60000 },
		{ "60000000", own, 60000 },
		{ "60000000", other, 0 },
		{ "60000000", "x", 0 },
		{ "x", own, 0 },
		{ "", NULL, 0 },
	};

	(void)state;
	(void)snprintf(own, sizeof(own), "%ld", (long)getpid());
	(void)snprintf(other, sizeof(other), "%ld", (long)getpid() + 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)unsetenv("WATCHDOG_USEC");
		(void)unsetenv("WATCHDOG_PID");
		if (rows[i].micros)
			assert_int_equal(setenv("WATCHDOG_USEC", rows[i].micros, 1), 0);
		if (rows[i].pid)
			assert_int_equal(setenv("WATCHDOG_PID", rows[i].pid, 1), 0);
		assert_int_equal(systemd_watchdog_limit().ms, rows[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_arrive_at_a_path),
		cmocka_unit_test(reports_arrive_at_an_abstract_name),
		cmocka_unit_test(reports_without_a_receiver_are_dropped),
		cmocka_unit_test(watchdog_applies_only_to_the_named_process),
	};

	return cmocka_run_group_tests_name("systemd_report", tests, NULL, NULL);
}
