/* Sends the raw requests of *.wire files through a real socket: whole, byte by byte, and split at each
 * position. Compares the raw responses with the expected ones. A file contains cases; a case consists of
 * lines:
 *   == NAME      begins a case
 *   > BYTES      bytes to send, with the escapes \r \n \t \0 \\ \xHH; the end of the line is not sent
 *   >* N BYTES   bytes to send N times
 *   < BYTES      expected bytes
 *   <= N BODY    expected response with status N and this body; the connection stays open
 *   <! N BODY    the same, with Connection: close
 *   <? BYTES     expected bytes that are optional: 100 Continue is not sent if the body has already arrived
 * After the last byte, the client shuts down its sending side; the server must then finish and close the
 * connection. */
#include "../unit/http/server_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX ((size_t)256 * 1024)
#define LINE_MAX_ 4096
/* Requests longer than CUT_ALL_MAX are split only at the first and last CUT_ENDS positions and at each
 * multiple of CUT_STEP, because each split needs a connection. */
#define CUT_ALL_MAX 1200
#define CUT_ENDS 60
#define CUT_STEP 1999

struct bytes {
	char p[BYTES_MAX];
	size_t n;
};

static struct {
	const char *file;
	char name[200];
	struct bytes sent, expected;
	struct bytes without_optional; /* the expected bytes without the optional ones */
	int failed;		       /* number of failed exchanges of the current case */
	int failures, cases, connections;
} run;

static void append(struct bytes *b, const char *p, size_t n)
{
	assert_true(n <= sizeof(b->p) - b->n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void append_expected(const char *p, size_t n)
{
	append(&run.expected, p, n);
	append(&run.without_optional, p, n);
}

static char unescape(const char **p)
{
	static const char escapes[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
	const char *escape;

	if (**p != '\\')
		return *(*p)++;
	(*p)++;
	if (**p == 'x') {
		char *end;
		const char digits[] = { (*p)[1], (*p)[1] != '\0' ? (*p)[2] : '\0', '\0' };
		const unsigned long value = strtoul(digits, &end, 16);

		assert_true(end == digits + 2);
		*p += 3;
		return (char)value;
	}
	escape = strchr(escapes, **p);
	assert_true(**p != '\0' && escape != NULL);
	(*p)++;
	return bytes[escape - escapes];
}

static size_t unescape_all(const char *text, char out[LINE_MAX_])
{
	size_t n = 0;

	while (*text != '\0')
		out[n++] = unescape(&text);
	return n;
}

static void append_response(const char *text, const char *connection)
{
	char *body, response_head[LINE_MAX_];
	const long status = strtol(text, &body, 10);
	const struct str reason = http_reason((int)status);
	int n;

	body += *body == ' ';
	n = snprintf(response_head, sizeof(response_head),
		"HTTP/1.1 %ld %.*s\r\n" DATE_LINE
		"Content-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s",
		status, STR_ARG(reason), strlen(body), connection, body);
	append_expected(response_head, (size_t)n);
}

static size_t receive_response(const int fd, char *out, size_t size)
{
	size_t n = 0;

	while (n < size && is_readable(fd, WAIT_MS)) {
		const ssize_t got = recv(fd, out + n, size - n, 0);

		if (got <= 0)
			return n;
		n += (size_t)got;
	}
	return SIZE_MAX; /* time-out, or too many bytes */
}

/* Waits until the server has read the bytes sent. It has read them when it responds, or when it reads the
 * clock, which it does before it waits for more bytes. */
static void wait_until_read(int fd, int asked_before)
{
	for (int i = 0; i < 5; i++) {
		if (atomic_load(&fixture.ticks_calls) != asked_before || is_readable(fd, 1))
			return;
	}
}

static void send_cut(int fd, size_t cut)
{
	const int ticks_calls = atomic_load(&fixture.ticks_calls);

	send_bytes(fd, run.sent.p, cut);
	if (cut > 0 && cut < run.sent.n)
		wait_until_read(fd, ticks_calls);
	send_bytes(fd, run.sent.p + cut, run.sent.n - cut);
}

static bool bytes_equal(const struct bytes *expected, const char *got, size_t n)
{
	return expected->n == n && memcmp(expected->p, got, n) == 0;
}

/* Sends the request, split at `cut`, and compares the response. If `cut` is SIZE_MAX, the request is sent
 * byte by byte. */
static void run_exchange(size_t cut, const char *mode)
{
	static char got[BYTES_MAX];
	const int on = 1, fd = connect_client();
	size_t n;

	assert_int_equal(setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on)), 0);
	if (cut == SIZE_MAX) {
		for (size_t i = 0; i < run.sent.n; i++)
			send_bytes(fd, run.sent.p + i, 1);
	} else {
		send_cut(fd, cut);
	}
	shutdown(fd, SHUT_WR);
	n = receive_response(fd, got, sizeof(got));
	close_client(fd);
	run.connections++;
	if (n != SIZE_MAX &&
		(bytes_equal(&run.expected, got, n) || bytes_equal(&run.without_optional, got, n)))
		return;
	if (run.failed++ == 0)
		print_error("%s: %s, %s %zu: got %zu bytes\n%.*s\n", run.file, run.name, mode, cut, n,
			n < 400 ? (int)n : 400, got);
}

static void run_case(void)
{
	if (run.name[0] == '\0')
		return;
	assert_true(run.sent.n > 0);
	run.cases++;
	run_exchange(0, "whole");
	run_exchange(SIZE_MAX, "byte by byte");
	for (size_t cut = 1; cut < run.sent.n; cut++) {
		if (run.sent.n <= CUT_ALL_MAX || cut < CUT_ENDS || run.sent.n - cut < CUT_ENDS ||
			cut % CUT_STEP == 0)
			run_exchange(cut, "cut at");
	}
	run.failures += run.failed > 0;
}

static void begin_case(const char *name)
{
	run_case();
	assert_true(str_copy_to(str_of(name), run.name, sizeof(run.name)));
	run.sent.n = run.expected.n = run.without_optional.n = 0;
	run.failed = 0;
}

static void add_repeated(const char *text)
{
	char *rest, bytes[LINE_MAX_];
	const long times = strtol(text, &rest, 10);
	size_t n;

	assert_true(times > 0 && *rest == ' ');
	n = unescape_all(rest + 1, bytes);
	for (long i = 0; i < times; i++)
		append(&run.sent, bytes, n);
}

static void process_line(const char *line)
{
	char bytes[LINE_MAX_];

	if (line[0] == '\0' || line[0] == '#')
		return;
	if (str_starts(str_of(line), STR("== ")))
		begin_case(line + 3);
	else if (str_starts(str_of(line), STR("> ")))
		append(&run.sent, bytes, unescape_all(line + 2, bytes));
	else if (str_starts(str_of(line), STR(">* ")))
		add_repeated(line + 3);
	else if (str_starts(str_of(line), STR("< ")))
		append_expected(bytes, unescape_all(line + 2, bytes));
	else if (str_starts(str_of(line), STR("<= ")))
		append_response(line + 3, "");
	else if (str_starts(str_of(line), STR("<! ")))
		append_response(line + 3, "Connection: close\r\n");
	else if (str_starts(str_of(line), STR("<? ")))
		append(&run.expected, bytes, unescape_all(line + 3, bytes));
	else
		fail_msg("%s: unknown line \"%s\"", run.file, line);
}

static void run_file(const char *path)
{
	FILE *const file = fopen(path, "r");
	char line[LINE_MAX_];

	if (file == NULL)
		fail_msg("%s cannot be read", path);
	run.file = path;
	while (fgets(line, sizeof(line), file) != NULL) {
		const size_t n = strcspn(line, "\n");

		assert_true(line[n] == '\n');
		line[n] = '\0';
		process_line(line);
	}
	fclose(file);
	begin_case("");
}

static char **files;

static void raw_requests_get_the_expected_responses(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();

	fixture_start(&conf);
	for (char **file = files; *file != NULL; file++)
		run_file(*file);
	fixture_close();
	print_message("# %d cases, %d connections\n", run.cases, run.connections);
	assert_true(run.cases > 0);
	assert_int_equal(run.failures, 0);
}

int main(int argc maybe_unused, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(raw_requests_get_the_expected_responses) };

	files = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
