/* http/socket_io: large responses reach a client that reads, and a client that does not read is given up. */
#include "http/socket_io.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LARGE ((size_t)8 * 1024 * 1024)

static void make_pair(int ends[2])
{
	const int bytes = 64 * 1024;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
}

/* Reads everything in small pieces. Exits with 0 if it was `expected` bytes. */
static void read_all(int fd, size_t expected)
{
	char piece[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, piece, sizeof(piece))) > 0)
		total += (size_t)n;
	_exit(total == expected ? 0 : 1);
}

static void large_response_is_written_completely(void **state)
{
	char *const body = calloc(1, LARGE);
	int ends[2], status;

	(void)state;
	assert_non_null(body);
	make_pair(ends);
	const pid_t reader = fork();

	assert_true(reader >= 0);
	if (reader == 0) {
		(void)close(ends[0]);
		read_all(ends[1], LARGE + 4);
	}
	(void)close(ends[1]);
	assert_true(socket_write(ends[0], seconds(20), STR("head"), (struct str){ body, LARGE }));
	(void)close(ends[0]);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
	free(body);
}

static void client_that_reads_nothing_is_given_up(void **state)
{
	char *const body = calloc(1, LARGE);
	int ends[2];

	(void)state;
	assert_non_null(body);
	make_pair(ends);
	assert_false(socket_write(ends[0], milliseconds(20), STR("head"), (struct str){ body, LARGE }));
	(void)close(ends[0]);
	(void)close(ends[1]);
	free(body);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_response_is_written_completely),
		cmocka_unit_test(client_that_reads_nothing_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
