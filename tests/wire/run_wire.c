/* Sends the raw requests of *.wire files through a real socket, whole, byte by byte and cut at every place,
 * and compares the raw answers. A file is cases; a case is lines:
 *   == NAME      begins a case
 *   > BYTES      sent; \r \n \t \0 \\ \xHH are bytes, the line's own end is none
 *   >* N BYTES   sent N times
 *   < BYTES      expected, byte for byte
 *   <= N BODY    expected: an answer N with this text, and the connection stays
 *   <! N BODY    expected: the same, and it says that it closes
 *   <? BYTES     expected, unless what it answers had come already
 * After the last byte the sending side is shut; the server must end the connection when it has said all. */
#include "../unit/http/served.h"

#include <stdio.h>
#include <stdlib.h>

#define BYTES_MAX ((size_t)256 * 1024)
#define LINE_MAX_ 4096
/* A longer request is cut at its first and last places and at some between: each cut is a connection. */
#define CUT_ALL 1200
#define CUT_ENDS 60
#define CUT_STEP 1999

struct bytes {
	char p[BYTES_MAX];
	size_t n;
};

static struct {
	const char *file;
	char name[200];
	struct bytes sent, expected, shorter; /* shorter: without what is optional */
	int failed;			      /* of this case */
	int failures, cases, connections;
} run;

static void add(struct bytes *b, const char *p, size_t n)
{
	assert_true(n <= sizeof(b->p) - b->n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void add_expected(const char *p, size_t n)
{
	add(&run.expected, p, n);
	add(&run.shorter, p, n);
}

static char unescape(const char **p)
{
	static const char signs[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
	const char *sign;

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
	sign = strchr(signs, **p);
	assert_true(**p != '\0' && sign != NULL);
	(*p)++;
	return bytes[sign - signs];
}

static size_t unescape_all(const char *text, char out[LINE_MAX_])
{
	size_t n = 0;

	while (*text != '\0')
		out[n++] = unescape(&text);
	return n;
}

static void add_answer(const char *text, const char *connection)
{
	char *body, head[LINE_MAX_];
	const long status = strtol(text, &body, 10);
	const struct str reason = http_reason((int)status);
	int n;

	body += *body == ' ';
	n = snprintf(head, sizeof(head),
		"HTTP/1.1 %ld %.*s\r\n" DATE_LINE
		"Content-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s",
		status, STR_ARG(reason), strlen(body), connection, body);
	add_expected(head, (size_t)n);
}

static size_t answer(const int fd, char *out, size_t size)
{
	size_t n = 0;

	while (n < size && readable(fd, WAIT_MS)) {
		const ssize_t got = recv(fd, out + n, size - n, 0);

		if (got <= 0)
			return n;
		n += (size_t)got;
	}
	return SIZE_MAX; /* too late, or too much */
}

/* Until the server has read what was sent: then it answers, or looks at the clock because it waits for more.
 */
static void until_read(int fd, int asked_before)
{
	for (int i = 0; i < 5; i++) {
		if (atomic_load(&house.asked_for_time) != asked_before || readable(fd, 1))
			return;
	}
}

static void send_cut(int fd, size_t cut)
{
	const int asked = atomic_load(&house.asked_for_time);

	send_bytes(fd, run.sent.p, cut);
	if (cut > 0 && cut < run.sent.n)
		until_read(fd, asked);
	send_bytes(fd, run.sent.p + cut, run.sent.n - cut);
}

static bool same(const struct bytes *expected, const char *got, size_t n)
{
	return expected->n == n && memcmp(expected->p, got, n) == 0;
}

/* A cut of SIZE_MAX: byte by byte. */
static void try_it(size_t cut, const char *how)
{
	static char got[BYTES_MAX];
	const int on = 1, fd = client();
	size_t n;

	assert_int_equal(setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on)), 0);
	if (cut == SIZE_MAX) {
		for (size_t i = 0; i < run.sent.n; i++)
			send_bytes(fd, run.sent.p + i, 1);
	} else {
		send_cut(fd, cut);
	}
	shutdown(fd, SHUT_WR);
	n = answer(fd, got, sizeof(got));
	client_close(fd);
	run.connections++;
	if (n != SIZE_MAX && (same(&run.expected, got, n) || same(&run.shorter, got, n)))
		return;
	if (run.failed++ == 0)
		print_error("%s: %s, %s %zu: got %zu bytes\n%.*s\n", run.file, run.name, how, cut, n,
			n < 400 ? (int)n : 400, got);
}

static void run_case(void)
{
	if (run.name[0] == '\0')
		return;
	assert_true(run.sent.n > 0);
	run.cases++;
	try_it(0, "whole");
	try_it(SIZE_MAX, "byte by byte");
	for (size_t cut = 1; cut < run.sent.n; cut++) {
		if (run.sent.n <= CUT_ALL || cut < CUT_ENDS || run.sent.n - cut < CUT_ENDS ||
			cut % CUT_STEP == 0)
			try_it(cut, "cut at");
	}
	run.failures += run.failed > 0;
}

static void begin_case(const char *name)
{
	run_case();
	assert_true(str_copy_to(str_of(name), run.name, sizeof(run.name)));
	run.sent.n = run.expected.n = run.shorter.n = 0;
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
		add(&run.sent, bytes, n);
}

static void take_line(const char *line)
{
	char bytes[LINE_MAX_];

	if (line[0] == '\0' || line[0] == '#')
		return;
	if (str_starts(str_of(line), STR("== ")))
		begin_case(line + 3);
	else if (str_starts(str_of(line), STR("> ")))
		add(&run.sent, bytes, unescape_all(line + 2, bytes));
	else if (str_starts(str_of(line), STR(">* ")))
		add_repeated(line + 3);
	else if (str_starts(str_of(line), STR("< ")))
		add_expected(bytes, unescape_all(line + 2, bytes));
	else if (str_starts(str_of(line), STR("<= ")))
		add_answer(line + 3, "");
	else if (str_starts(str_of(line), STR("<! ")))
		add_answer(line + 3, "Connection: close\r\n");
	else if (str_starts(str_of(line), STR("<? ")))
		add(&run.expected, bytes, unescape_all(line + 3, bytes));
	else
		fail_msg("%s: what is \"%s\"?", run.file, line);
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
		take_line(line);
	}
	fclose(file);
	begin_case("");
}

static char **files;

static void raw_requests(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();

	house_start(&conf);
	for (char **file = files; *file != NULL; file++)
		run_file(*file);
	house_close();
	print_message("# %d cases, %d connections\n", run.cases, run.connections);
	assert_true(run.cases > 0);
	assert_int_equal(run.failures, 0);
}

int main(int argc maybe_unused, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(raw_requests) };

	files = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
