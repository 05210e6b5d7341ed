#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "http/http1.h"
#include "http1_rows.h"

/* Appends one request as a line in the format of http1_rows.h. */
static void write_request(struct buf *out, const struct http1 *h)
{
	const struct request *const r = http1_request(h);

	buf_add(out, method_name(r->method));
	buf_printf(out, " %.*s?%.*s", STR_ARG(r->path), STR_ARG(r->query));
	for (size_t i = 0; i < r->n_headers; i++)
		buf_printf(out, " %.*s=%.*s", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
	buf_printf(out, " [%.*s]%s%s\n", STR_ARG(r->body), http1_is_http10(h) ? " 1.0" : "",
		http1_keep_alive(h) ? " keep" : "");
}

/* Processes all input received so far. Returns false after a refusal. */
static bool process_all(struct buf *out, struct http1 *h, size_t *continues)
{
	enum refusal why = REFUSAL_COUNT;

	for (;;) {
		switch (http1_next(h, &why)) {
		case HTTP1_MORE:
			return true;
		case HTTP1_CONTINUE:
			(*continues)++;
			break;
		case HTTP1_REQUEST:
			write_request(out, h);
			http1_done(h);
			break;
		case HTTP1_REFUSED:
			buf_printf(out, "refused %d", (int)why);
			assert_int_equal(http1_next(h, &why), HTTP1_REFUSED);
			return false;
		}
	}
}

static bool feed_input(struct buf *out, struct http1 *h, struct str piece, size_t *continues)
{
	while (piece.n > 0) {
		size_t room, n;
		char *at;

		assert_int_equal(http1_room(h, &at, &room), OK);
		assert_true(room > 0);
		n = piece.n < room ? piece.n : room;
		memcpy(at, piece.p, n);
		http1_got(h, n);
		piece = str_from(piece, n);
		if (!process_all(out, h, continues))
			return false;
	}
	return true;
}

/* Feeds the first `cut` bytes to the parser and then the rest; if `cut` is SIZE_MAX, feeds single bytes.
 * Returns the result as text. */
static struct str parse_in_pieces(struct arena *a, struct str input, size_t cut, size_t *continues)
{
	struct http1 *h;
	struct buf out;
	struct str text;
	bool has_more = true;

	*continues = 0;
	buf_init(&out, a);
	assert_int_equal(http1_open(HEAD_LIMIT, BODY_LIMIT, STR("10.0.0.1"), &h), OK);
	if (cut == SIZE_MAX) {
		for (size_t i = 0; has_more && i < input.n; i++)
			has_more = feed_input(&out, h, (struct str){ input.p + i, 1 }, continues);
	} else {
		has_more = feed_input(&out, h, (struct str){ input.p, cut }, continues);
		has_more = has_more && feed_input(&out, h, str_from(input, cut), continues);
	}
	if (has_more)
		buf_add(&out, http1_idle(h) ? STR("idle") : STR("more"));
	http1_close(h);
	assert_int_equal(buf_done(&out, &text), OK);
	return text;
}

static void assert_result(const struct row *row, struct str got, const char *how, size_t cut)
{
	if (!str_eq(got, str_of(row->expected)))
		fail_msg("%s (%s %zu): %.*s", row->name, how, cut, STR_ARG(got));
}

static void result_does_not_depend_on_how_the_input_is_split(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str input = rows[i].input;
		struct arena a;
		size_t continues;

		arena_init(&a, (size_t)4 * 1024 * 1024);
		assert_result(&rows[i], parse_in_pieces(&a, input, input.n, &continues), "whole", 0);
		assert_result(&rows[i], parse_in_pieces(&a, input, SIZE_MAX, &continues), "byte by byte", 0);
		for (size_t cut = 1; cut < input.n; cut++) {
			arena_reset(&a);
			assert_result(&rows[i], parse_in_pieces(&a, input, cut, &continues), "cut at", cut);
		}
		arena_finish(&a);
	}
}

/* Returns a request whose head has exactly `n` bytes. */
static struct str head_of_size(struct arena *a, size_t n, size_t lines)
{
	static const char front[] = "GET / HTTP/1.1\r\nHost: ", end[] = "\r\n\r\n";
	char *const p = arena_bytes(a, n, 1);
	size_t at = sizeof(front) - 1;

	assert_non_null(p);
	memset(p, 'x', n);
	memcpy(p, front, at);
	for (; lines > 1; lines--, at += 4)
		memcpy(p + at, "\r\nx:", 4);
	memcpy(p + n - 4, end, 4);
	return (struct str){ p, n };
}

static void size_of_the_head_is_limited(void **state maybe_unused)
{
	static const struct {
		const char *name;
		size_t n, lines;
		bool is_valid;
	} request_heads[] = {
		{ "limit - 1", HEAD_LIMIT - 1, 1, true },
		{ "limit", HEAD_LIMIT, 1, true },
		{ "limit + 1", HEAD_LIMIT + 1, 1, false },
	};

	for (size_t i = 0; i < array_len(request_heads); i++) {
		struct arena a;
		size_t continues;
		struct str got;

		arena_init(&a, ARENA_CALL_LIMIT);
		got = parse_in_pieces(&a, head_of_size(&a, request_heads[i].n, request_heads[i].lines),
			SIZE_MAX, &continues);
		if (str_eq(got, STR(HEADER)) == request_heads[i].is_valid)
			fail_msg("%s: %.*s", request_heads[i].name, STR_ARG(got));
		arena_finish(&a);
	}
}

static void number_of_headers_is_limited(void **state maybe_unused)
{
	for (size_t lines = REQUEST_HEADERS_MAX - 1; lines <= REQUEST_HEADERS_MAX + 1; lines++) {
		enum refusal why;
		struct http1 *h;
		struct arena a;
		struct str request_head;
		char *at;
		size_t room;

		arena_init(&a, ARENA_CALL_LIMIT);
		request_head = head_of_size(&a, 1000, lines);
		assert_int_equal(http1_open(1000, 0, STR(""), &h), OK);
		assert_int_equal(http1_room(h, &at, &room), OK);
		assert_true(room >= request_head.n);
		memcpy(at, request_head.p, request_head.n);
		http1_got(h, request_head.n);
		if (lines <= REQUEST_HEADERS_MAX) {
			assert_int_equal(http1_next(h, &why), HTTP1_REQUEST);
			assert_int_equal(http1_request(h)->n_headers, lines);
		} else {
			assert_int_equal(http1_next(h, &why), HTTP1_REFUSED);
			assert_int_equal(why, REFUSE_HEADER);
		}
		http1_close(h);
		arena_finish(&a);
	}
}

static void continue_is_requested_once_per_request(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str input;
		size_t continues; /* expected number of requests for 100 Continue if the body arrives after
				     the head */
	} expect_cases[] = {
		{ "a body", POST("Expect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc"), 1 },
		{ "chunks", POST("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 1 },
		{ "no body", POST("Expect: 100-continue\r\n\r\n"), 0 },
		{ "HTTP/1.0 has no 100-continue",
			STR_INIT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"),
			0 },
		{ "too large", POST("Expect: 100-continue\r\nContent-Length: 65\r\n\r\n"), 0 },
	};

	for (size_t i = 0; i < array_len(expect_cases); i++) {
		struct arena a;
		size_t continues;

		arena_init(&a, ARENA_CALL_LIMIT);
		(void)parse_in_pieces(&a, expect_cases[i].input, SIZE_MAX, &continues);
		if (continues != expect_cases[i].continues)
			fail_msg("%s: %zu", expect_cases[i].name, continues);
		(void)parse_in_pieces(&a, expect_cases[i].input, expect_cases[i].input.n, &continues);
		if (continues != 0)
			fail_msg("%s: 100 Continue although the body was received already",
				expect_cases[i].name);
		arena_finish(&a);
	}
}

static void feed_body(struct http1 *h, struct str s)
{
	enum refusal why;
	size_t room, n;
	char *at;

	while (s.n > 0) {
		assert_int_equal(http1_room(h, &at, &room), OK);
		n = s.n < room ? s.n : room;
		memcpy(at, s.p, n);
		http1_got(h, n);
		s = str_from(s, n);
		assert_int_equal(http1_next(h, &why), s.n > 0 ? HTTP1_MORE : HTTP1_REQUEST);
	}
}

/* The buffer may be reallocated when it grows. The slices of the request must then point into the new memory.
 */
static void request_stays_valid_when_the_buffer_grows(void **state maybe_unused)
{
	static const struct str first = STR_INIT("GET /first HTTP/1.1\r\nHost: a\r\n\r\n"),
				request_head = STR_INIT(
					"PUT /p?q HTTP/1.1\r\nHost: b\r\nContent-Length: 60000\r\n\r\n");
	static char body[60000];
	struct http1 *h;
	enum refusal why;
	char *at;
	size_t room;

	for (size_t i = 0; i < sizeof(body); i++)
		body[i] = (char)('a' + i % 23);
	assert_int_equal(http1_open(16384, 65536, STR("::1"), &h), OK);
	assert_int_equal(http1_room(h, &at, &room), OK);
	assert_true(room >= first.n + request_head.n);
	memcpy(at, first.p, first.n);
	memcpy(at + first.n, request_head.p, request_head.n);
	http1_got(h, first.n + request_head.n);
	assert_int_equal(http1_next(h, &why), HTTP1_REQUEST);
	assert_true(http1_pending(h));
	http1_done(h);
	assert_int_equal(http1_next(h, &why), HTTP1_MORE);
	assert_false(http1_idle(h));
	feed_body(h, (struct str){ body, sizeof(body) });
	assert_false(http1_pending(h));
	assert_int_equal(http1_request(h)->method, METHOD_PUT);
	assert_true(str_eq(http1_request(h)->path, STR("/p")));
	assert_true(str_eq(http1_request(h)->query, STR("q")));
	assert_true(str_eq(http1_request(h)->peer, STR("::1")));
	assert_true(str_eq(request_header(http1_request(h), STR("host")), STR("b")));
	assert_int_equal(http1_request(h)->body.n, sizeof(body));
	assert_memory_equal(http1_request(h)->body.p, body, sizeof(body));
	http1_done(h);
	assert_true(http1_idle(h));
	assert_int_equal(http1_room(h, &at, &room), OK);
	assert_true(room <= 4096); /* the large buffer was freed */
	http1_close(h);
}

/* Reads a body of 64 KiB that arrives in chunks of one byte. */
static void body_in_chunks_of_one_byte_is_read(void **state maybe_unused)
{
	static const struct str request_head = STR_INIT(
		"PUT / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
	static char chunks[65536 * 6 + 5];
	struct http1 *h;
	enum refusal why;
	char *at;
	size_t room;

	for (size_t i = 0; i < 65536; i++)
		memcpy(chunks + i * 6, i % 2 ? "1\r\nx\r\n" : "1\r\ny\r\n", 6);
	memcpy(chunks + sizeof(chunks) - 5, "0\r\n\r\n", 5);
	assert_int_equal(http1_open(16384, 65536, STR(""), &h), OK);
	assert_int_equal(http1_room(h, &at, &room), OK);
	memcpy(at, request_head.p, request_head.n);
	http1_got(h, request_head.n);
	assert_int_equal(http1_next(h, &why), HTTP1_MORE);
	feed_body(h, (struct str){ chunks, sizeof(chunks) });
	assert_int_equal(http1_request(h)->body.n, 65536);
	assert_memory_equal(http1_request(h)->body.p, "yxyxyxyx", 8);
	http1_close(h);
	http1_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(result_does_not_depend_on_how_the_input_is_split),
		cmocka_unit_test(size_of_the_head_is_limited),
		cmocka_unit_test(number_of_headers_is_limited),
		cmocka_unit_test(continue_is_requested_once_per_request),
		cmocka_unit_test(request_stays_valid_when_the_buffer_grows),
		cmocka_unit_test(body_in_chunks_of_one_byte_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
