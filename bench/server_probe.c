/* Finds free ports for servers under test, and waits until such a server is ready. Loopback only.
 *
 *   server_probe free N                 prints N free ports
 *   server_probe wait PORT PATH LIMIT   exits with 0 when GET PATH returns 200, with 1 after LIMIT
 * milliseconds
 *
 * `wait` sends a request every 0.25 ms, so the start of a server can be timed with about that precision. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_NANOS 250000

static struct sockaddr_in loopback(long port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static bool port_is_free(long port)
{
	const struct sockaddr_in at = loopback(port);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	const bool is = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;

	if (fd >= 0)
		close(fd);
	return is;
}

/* The ports are below the range that Linux gives to client connections (from 32768), so that no client takes
 * a port between this search and the server's start. */
static int print_free_ports(long n)
{
	const long first = 20000, range = 12000, start = (long)getpid() * 7;

	for (long i = 0; n > 0 && i < range; i++) {
		const long port = first + (start + i) % range;

		if (port_is_free(port)) {
			printf("%ld\n", port);
			n--;
		}
	}
	return n > 0;
}

static bool is_ready(long port, const char *path)
{
	const struct sockaddr_in at = loopback(port);
	const struct timeval timeout = { .tv_sec = 1 };
	char text[512];
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	const int n = snprintf(
		text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
	ssize_t got = 0;

	if (fd < 0)
		return false;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 && write(fd, text, (size_t)n) == n)
		got = recv(fd, text, 12, MSG_WAITALL);
	close(fd);
	return got == 12 && memcmp(text, "HTTP/1.1 200", 12) == 0;
}

static int64_t millis(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_until_ready(long port, const char *path, long limit)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NANOS };
	const int64_t end = millis() + limit;

	while (!is_ready(port, path)) {
		if (millis() >= end)
			return 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "free") == 0)
		return print_free_ports(strtol(argv[2], NULL, 10));
	if (argc == 5 && strcmp(argv[1], "wait") == 0)
		return wait_until_ready(strtol(argv[2], NULL, 10), argv[3], strtol(argv[4], NULL, 10));
	return 2;
}
