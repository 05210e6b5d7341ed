#include "main/platform/systemd_report.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

/* Returns whether the name is that of a socket: an absolute path, or an abstract name, which begins with @.
 */
static bool read_address(const char *name, struct sockaddr_un *address, socklen_t *size)
{
	const size_t n = name != NULL ? strlen(name) : 0;

	if (n < 2 || n >= sizeof(address->sun_path) || (name[0] != '/' && name[0] != '@'))
		return false;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, name, n);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

static void send_state(const char *state)
{
	struct sockaddr_un address;
	socklen_t size;

	if (!read_address(getenv("NOTIFY_SOCKET"), &address, &size))
		return;
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, size);
	(void)close(fd);
}

void systemd_report_ready(void)
{
	send_state("READY=1");
}

void systemd_report_reloading(void)
{
	struct timespec now;
	char state[64];

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		(long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	send_state(state);
}

void systemd_report_stopping(void)
{
	send_state("STOPPING=1");
}

void systemd_report_alive(void)
{
	send_state("WATCHDOG=1");
}

duration systemd_watchdog_limit(void)
{
	const char *const micros = getenv("WATCHDOG_USEC"), *const pid = getenv("WATCHDOG_PID");
	int64_t value = 0, wanted_pid = 0;

	if (micros == NULL || !str_number(str_of(micros), INT64_MAX, &value))
		return milliseconds(0);
	if (pid != NULL &&
		(!str_number(str_of(pid), INT64_MAX, &wanted_pid) || wanted_pid != (int64_t)getpid()))
		return milliseconds(0);
	return milliseconds(value / 1000);
}
