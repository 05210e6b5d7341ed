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

#define HEAD_LIMIT 256
#define BODY_LIMIT 64

/* What came out of a stream, one line a request, and how it ended. */
static void write_request(struct buf *out, const struct http1 *h)
{
	const struct request *const r = http1_request(h);

	buf_add(out, method_name(r->method));
	buf_printf(out, " %.*s?%.*s", STR_ARG(r->path), STR_ARG(r->query));
	for (size_t i = 0; i < r->n_headers; i++)
		buf_printf(out, " %.*s=%.*s", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
	buf_printf(out, " [%.*s]%s%s\n", STR_ARG(r->body), http1_old(h) ? " old" : "",
		http1_keep_alive(h) ? " keep" : "");
}

/* False once nothing more is read. */
static bool drain(struct buf *out, struct http1 *h, size_t *continues)
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

static bool feed(struct buf *out, struct http1 *h, struct str piece, size_t *continues)
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
		if (!drain(out, h, continues))
			return false;
	}
	return true;
}

/* The first `cut` bytes, then the rest; a cut of SIZE_MAX is one byte after the other. */
static struct str read_cut(struct arena *a, struct str input, size_t cut, size_t *continues)
{
	struct http1 *h;
	struct buf out;
	struct str text;
	bool on = true;

	*continues = 0;
	buf_init(&out, a);
	assert_int_equal(http1_open(HEAD_LIMIT, BODY_LIMIT, STR("10.0.0.1"), &h), OK);
	if (cut == SIZE_MAX) {
		for (size_t i = 0; on && i < input.n; i++)
			on = feed(&out, h, (struct str){ input.p + i, 1 }, continues);
	} else {
		on = feed(&out, h, (struct str){ input.p, cut }, continues);
		on = on && feed(&out, h, str_from(input, cut), continues);
	}
	if (on)
		buf_add(&out, http1_idle(h) ? STR("idle") : STR("more"));
	http1_close(h);
	assert_int_equal(buf_done(&out, &text), OK);
	return text;
}

struct row {
	const char *name;
	struct str input;
	const char *expected;
};

/* clang-format off */
#define HOST "Host: a\r\n"
#define GET(lines) STR_INIT("GET / HTTP/1.1\r\n" HOST lines "\r\n")
#define POST(lines) STR_INIT("POST / HTTP/1.1\r\n" HOST lines)
#define LINE(target) STR_INIT(target "\r\n" HOST "\r\n")
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define X8 "x:\r\nx:\r\nx:\r\nx:\r\nx:\r\nx:\r\nx:\r\nx:\r\n"
#define BAD "refused 0"
#define LARGE "refused 2"
#define HEADER "refused 3"
#define CODING "refused 4"
#define VERSION "refused 5"
#define PLAIN "GET /? Host=a [] keep\nidle"

static const struct row rows[] = {
	{ "nothing", STR_INIT(""), "idle" },
	{ "plain", GET(""), PLAIN },
	{ "one empty line before it", STR_INIT("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), PLAIN },
	{ "one empty line alone", STR_INIT("\r\n"), "idle" },
	{ "two empty lines before it", STR_INIT("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), BAD },
	{ "half", STR_INIT("GET / HTTP/1.1\r\nHo"), "more" },
	{ "a CR before it", STR_INIT("\rGET / HTTP/1.1\r\n"), BAD },
	{ "an LF before it", STR_INIT("\nGET / HTTP/1.1\r\n"), BAD },
	{ "a space before it", STR_INIT(" GET / HTTP/1.1\r\n"), BAD },
	{ "two in one", STR_INIT("GET /a HTTP/1.1\r\n" HOST "\r\nHEAD /b?c=d HTTP/1.1\r\n" HOST "\r\n"),
		"GET /a? Host=a [] keep\nHEAD /b?c=d Host=a [] keep\nidle" },
	{ "what follows a close is still a request", STR_INIT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
		"GET /? Host=a Connection=close []\nGET /? [] old\nidle" },

	{ "unknown method", LINE("BREW / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "methods have cases", LINE("get / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "a method of signs", LINE("!#$ / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "a method that llhttp gives a meaning", LINE("SOURCE / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "CONNECT to an authority", LINE("CONNECT a:80 HTTP/1.1"), BAD },
	{ "the preface of HTTP/2", STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), VERSION },
	{ "a method with a bad sign", LINE("GE(T / HTTP/1.1"), BAD },
	{ "TLS", STR_INIT("\x16\x03\x01\x02\x00\x01\x00"), BAD },

	{ "1.0 needs no host", STR_INIT("GET / HTTP/1.0\r\n\r\n"), "GET /? [] old\nidle" },
	{ "1.0 may stay", STR_INIT("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET /? Connection=Keep-Alive [] old keep\nidle" },
	{ "close among others", GET("Connection: x, close\r\n"), "GET /? Host=a Connection=x, close []\nidle" },
	{ "1.2", LINE("GET / HTTP/1.2"), VERSION },
	{ "2.0", LINE("GET / HTTP/2.0"), VERSION },
	{ "0.9 with a number", LINE("GET / HTTP/0.9"), VERSION },
	{ "0.9 without", STR_INIT("GET /\r\n"), BAD },
	{ "1.10", LINE("GET / HTTP/1.10"), BAD },
	{ "1.", LINE("GET / HTTP/1."), BAD },
	{ "http", LINE("GET / http/1.1"), BAD },
	{ "HTTP/x.1", LINE("GET / HTTP/x.1"), BAD },
	{ "space behind the version", LINE("GET / HTTP/1.1 "), BAD },
	{ "no version", LINE("GET / "), BAD },

	{ "query", LINE("GET /a?b=c?d HTTP/1.1"), "GET /a?b=c?d Host=a [] keep\nidle" },
	{ "empty query", LINE("GET /a? HTTP/1.1"), "GET /a? Host=a [] keep\nidle" },
	{ "absolute", LINE("GET http://b:80/a?c HTTP/1.1"), "GET /a?c Host=a [] keep\nidle" },
	{ "absolute without path", LINE("GET HTTPS://b HTTP/1.1"), "GET /? Host=a [] keep\nidle" },
	{ "absolute with query alone", LINE("GET http://b?c HTTP/1.1"), "GET /?c Host=a [] keep\nidle" },
	{ "absolute of nobody", LINE("GET http:///a HTTP/1.1"), BAD },
	{ "another scheme", LINE("GET ftp://b/a HTTP/1.1"), BAD },
	{ "star for OPTIONS", LINE("OPTIONS * HTTP/1.1"), "OPTIONS *? Host=a [] keep\nidle" },
	{ "star for GET", LINE("GET * HTTP/1.1"), BAD },
	{ "no slash", LINE("GET a HTTP/1.1"), BAD },
	{ "no target", LINE("GET  HTTP/1.1"), BAD },
	{ "two spaces", LINE("GET  / HTTP/1.1"), BAD },
	{ "fragment", LINE("GET /#a HTTP/1.1"), BAD },
	{ "quote", LINE("GET /\" HTTP/1.1"), BAD },
	{ "backslash", LINE("GET /\\ HTTP/1.1"), BAD },
	{ "not ASCII", LINE("GET /\xc3\xa4 HTTP/1.1"), BAD },
	{ "DEL", LINE("GET /\x7f HTTP/1.1"), BAD },
	{ "tab", LINE("GET\t/ HTTP/1.1"), BAD },
	{ "NUL in the target", LINE("GET /\0 HTTP/1.1"), BAD },
	{ "percent and brackets", LINE("GET /%7Ba%5d[b] HTTP/1.1"), "GET /%7Ba%5d[b]? Host=a [] keep\nidle" },

	{ "white around a value", GET("x: \t b c\t \r\n"), "GET /? Host=a x=b c [] keep\nidle" },
	{ "empty values", GET("x:\r\ny: \r\nz:1\r\n"), "GET /? Host=a x= y= z=1 [] keep\nidle" },
	{ "a value beyond ASCII", GET("x: \xc3\xa4\r\n"), "GET /? Host=a x=\xc3\xa4 [] keep\nidle" },
	{ "space before the colon", GET("x : 1\r\n"), BAD },
	{ "tab before the colon", GET("x\t: 1\r\n"), BAD },
	{ "empty name", GET(": 1\r\n"), BAD },
	{ "no colon", GET("x\r\n"), BAD },
	{ "folded by a space", GET("x: 1\r\n 2\r\n"), BAD },
	{ "folded by a tab", GET("x: 1\r\n\t2\r\n"), BAD },
	{ "folded at the beginning", STR_INIT("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), BAD },
	{ "LF alone behind the request line", STR_INIT("GET / HTTP/1.1\n" HOST "\r\n"), BAD },
	{ "LF alone behind a header", STR_INIT("GET / HTTP/1.1\r\nHost: a\n\r\n"), BAD },
	{ "LF alone at the end", STR_INIT("GET / HTTP/1.1\r\n" HOST "\n"), BAD },
	{ "CR alone behind a header", STR_INIT("GET / HTTP/1.1\r\nHost: a\rx: 1\r\n\r\n"), BAD },
	{ "CR alone at the end", STR_INIT("GET / HTTP/1.1\r\n" HOST "\rx"), BAD },
	{ "CR CR LF", STR_INIT("GET / HTTP/1.1\r\r\n"), BAD },
	{ "NUL in a name", GET("x\0y: 1\r\n"), BAD },
	{ "NUL in a value", GET("x: 1\0\r\n"), BAD },
	{ "a control in a value", GET("x: \x01\r\n"), BAD },
	{ "a name beyond ASCII", GET("\xc3\xa4: 1\r\n"), BAD },
	{ "a name in brackets", GET("(x): 1\r\n"), BAD },

	{ "no host", STR_INIT("GET / HTTP/1.1\r\n\r\n"), BAD },
	{ "two hosts", GET("host: a\r\n"), BAD },
	{ "two hosts in 1.0", STR_INIT("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), BAD },
	{ "empty host", STR_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), "GET /? Host= [] keep\nidle" },
	{ "a host with a path", STR_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), BAD },
	{ "a host with a space", STR_INIT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), BAD },
	{ "a host with its port", STR_INIT("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), "GET /? Host=[::1]:8080 [] keep\nidle" },

	{ "a body", POST("Content-Length: 3\r\n\r\nabc"), "POST /? Host=a Content-Length=3 [abc] keep\nidle" },
	{ "a body and the next", POST("Content-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n"),
		"POST /? Host=a Content-Length=3 [abc] keep\nGET /? [] old\nidle" },
	{ "half a body", POST("Content-Length: 3\r\n\r\nab"), "more" },
	{ "a body of nothing", POST("Content-Length: 0\r\n\r\n"), "POST /? Host=a Content-Length=0 [] keep\nidle" },
	{ "a body of a GET", GET("Content-Length: 1\r\n"), "more" },
	{ "leading zeros", POST("Content-Length: 003\r\n\r\nabc"), "POST /? Host=a Content-Length=003 [abc] keep\nidle" },
	{ "a body at the limit", POST("Content-Length: 64\r\n\r\n" FIFTY TEN "0123"),
		"POST /? Host=a Content-Length=64 [" FIFTY TEN "0123] keep\nidle" },
	{ "a body beyond the limit is refused before it", POST("Content-Length: 65\r\n\r\n"), LARGE },
	{ "a length beyond 64 bits", POST("Content-Length: 99999999999999999999999\r\n\r\n"), LARGE },
	{ "no length", POST("Content-Length:\r\n\r\n"), BAD },
	{ "length -1", POST("Content-Length: -1\r\n\r\n"), BAD },
	{ "length +1", POST("Content-Length: +1\r\n\r\n"), BAD },
	{ "length 0x1", POST("Content-Length: 0x1\r\n\r\n"), BAD },
	{ "length 1 1", POST("Content-Length: 1 1\r\n\r\n"), BAD },
	{ "length 1,1", POST("Content-Length: 1,1\r\n\r\n"), BAD },
	{ "two lengths", POST("Content-Length: 1\r\nContent-Length: 1\r\n\r\na"), BAD },
	{ "length and coding", POST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), BAD },
	{ "coding and length", POST("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), BAD },

	{ "chunks", POST("Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=Chunked [abcde] keep\nidle" },
	{ "no chunks", POST("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "POST /? Host=a Transfer-Encoding=chunked [] keep\nidle" },
	{ "chunks and the next", POST("Transfer-Encoding: chunked\r\n\r\nA\r\n" TEN "\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [" TEN "] keep\nGET /? [] old\nidle" },
	{ "chunk extensions are dropped", POST("Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0;d\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [x] keep\nidle" },
	{ "trailers are dropped", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\ny: z\r\nv: w\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [x] keep\nidle" },
	{ "an upgrade of chunks is no upgrade", POST("Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
		"POST /? Host=a Connection=upgrade Upgrade=x Transfer-Encoding=chunked [x] keep\nidle" },
	{ "an upgrade is no upgrade", GET("Connection: upgrade\r\nUpgrade: x\r\n"),
		"GET /? Host=a Connection=upgrade Upgrade=x [] keep\nidle" },
	{ "chunks without an end", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"), "more" },
	{ "chunks at the limit", POST("Transfer-Encoding: chunked\r\n\r\n32\r\n" FIFTY "\r\ne\r\n" TEN "0123\r\n0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [" FIFTY TEN "0123] keep\nidle" },
	{ "chunks beyond the limit", POST("Transfer-Encoding: chunked\r\n\r\n32\r\n" FIFTY "\r\nf\r\n"), LARGE },
	{ "a chunk beyond all", POST("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), LARGE },
	{ "a chunk of nine digits", POST("Transfer-Encoding: chunked\r\n\r\n000000001\r\n"), BAD },
	{ "a chunk of no digits", POST("Transfer-Encoding: chunked\r\n\r\n\r\n"), BAD },
	{ "a chunk of a letter", POST("Transfer-Encoding: chunked\r\n\r\ng\r\n"), BAD },
	{ "a chunk with a space", POST("Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n"), BAD },
	{ "a chunk with 0x", POST("Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n"), BAD },
	{ "a negative chunk", POST("Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n"), BAD },
	{ "LF alone behind a size", POST("Transfer-Encoding: chunked\r\n\r\n1\nx\r\n"), BAD },
	{ "LF alone behind a chunk", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n"), BAD },
	{ "a chunk longer than said", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"), BAD },
	{ "CR alone in an extension", POST("Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n"), BAD },
	{ "LF alone in an extension", POST("Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n"), BAD },
	{ "extensions without end", POST("Transfer-Encoding: chunked\r\n\r\n1;" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY), HEADER },
	{ "trailers without end", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nx:" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY), HEADER },
	{ "65 trailers", POST("Transfer-Encoding: chunked\r\n\r\n0\r\n" X8 X8 X8 X8 X8 X8 X8 X8 "x"), HEADER },
	{ "a folded trailer", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nx: 1\r\n 2\r\n\r\n"), BAD },
	{ "a length among the trailers is dropped too", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [] keep\nidle" },
	{ "another coding", POST("Transfer-Encoding: gzip\r\n\r\n"), CODING },
	{ "two codings", POST("Transfer-Encoding: gzip, chunked\r\n\r\n"), CODING },
	{ "two codings, chunked first", POST("Transfer-Encoding: chunked, gzip\r\n\r\n"), CODING },
	{ "identity", POST("Transfer-Encoding: identity\r\n\r\n"), CODING },
	{ "xchunked", POST("Transfer-Encoding: xchunked\r\n\r\n"), CODING },
	{ "an empty coding", POST("Transfer-Encoding:\r\n\r\n"), CODING },
	{ "chunks in 1.0", STR_INIT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), BAD },

	{ "an expectation without body", GET("Expect: 100-continue\r\n"), "GET /? Host=a Expect=100-continue [] keep\nidle" },
	{ "another expectation", POST("Expect: 200-ok\r\nContent-Length: 1\r\n\r\n"), BAD },
	{ "two expectations", POST("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), BAD },
};
/* clang-format on */

static void expect_text(const struct row *row, struct str got, const char *how, size_t cut)
{
	if (!str_eq(got, str_of(row->expected)))
		fail_msg("%s (%s %zu): %.*s", row->name, how, cut, STR_ARG(got));
}

static void the_same_however_it_is_cut(void **state unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str input = rows[i].input;
		struct arena a;
		size_t continues;

		arena_init(&a, (size_t)4 * 1024 * 1024);
		expect_text(&rows[i], read_cut(&a, input, input.n, &continues), "whole", 0);
		expect_text(&rows[i], read_cut(&a, input, SIZE_MAX, &continues), "byte by byte", 0);
		for (size_t cut = 1; cut < input.n; cut++) {
			arena_reset(&a);
			expect_text(&rows[i], read_cut(&a, input, cut, &continues), "cut at", cut);
		}
		arena_finish(&a);
	}
}

/* A request whose head has exactly `n` bytes. */
static struct str head_of(struct arena *a, size_t n, size_t lines)
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

static void limits_of_the_head(void **state unused)
{
	static const struct {
		const char *name;
		size_t n, lines;
		bool fine;
	} heads[] = {
		{ "one byte less", HEAD_LIMIT - 1, 1, true },
		{ "the limit", HEAD_LIMIT, 1, true },
		{ "one byte more", HEAD_LIMIT + 1, 1, false },
	};

	for (size_t i = 0; i < array_len(heads); i++) {
		struct arena a;
		size_t continues;
		struct str got;

		arena_init(&a, ARENA_CALL_LIMIT);
		got = read_cut(&a, head_of(&a, heads[i].n, heads[i].lines), SIZE_MAX, &continues);
		if (str_eq(got, STR(HEADER)) == heads[i].fine)
			fail_msg("%s: %.*s", heads[i].name, STR_ARG(got));
		arena_finish(&a);
	}
}

static void limit_of_lines(void **state unused)
{
	for (size_t lines = REQUEST_HEADERS_MAX - 1; lines <= REQUEST_HEADERS_MAX + 1; lines++) {
		enum refusal why;
		struct http1 *h;
		struct arena a;
		struct str head;
		char *at;
		size_t room;

		arena_init(&a, ARENA_CALL_LIMIT);
		head = head_of(&a, 1000, lines);
		assert_int_equal(http1_open(1000, 0, STR(""), &h), OK);
		assert_int_equal(http1_room(h, &at, &room), OK);
		assert_true(room >= head.n);
		memcpy(at, head.p, head.n);
		http1_got(h, head.n);
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

static void asks_to_continue_once(void **state unused)
{
	static const struct {
		const char *name;
		struct str input;
		size_t continues; /* when the body comes behind the head */
	} waits[] = {
		{ "a body", POST("Expect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc"), 1 },
		{ "chunks", POST("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 1 },
		{ "no body", POST("Expect: 100-continue\r\n\r\n"), 0 },
		{ "1.0 cannot wait",
			STR_INIT("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na"),
			0 },
		{ "too large", POST("Expect: 100-continue\r\nContent-Length: 65\r\n\r\n"), 0 },
	};

	for (size_t i = 0; i < array_len(waits); i++) {
		struct arena a;
		size_t continues;

		arena_init(&a, ARENA_CALL_LIMIT);
		(void)read_cut(&a, waits[i].input, SIZE_MAX, &continues);
		if (continues != waits[i].continues)
			fail_msg("%s: %zu", waits[i].name, continues);
		(void)read_cut(&a, waits[i].input, waits[i].input.n, &continues);
		if (continues != 0)
			fail_msg("%s: asked for what had come", waits[i].name);
		arena_finish(&a);
	}
}

static void put_all(struct http1 *h, struct str s)
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

/* The buffer moves while it grows: what the request points to must move with it. */
static void a_large_body_behind_a_small_request(void **state unused)
{
	static const struct str first = STR_INIT("GET /first HTTP/1.1\r\nHost: a\r\n\r\n"),
				head = STR_INIT(
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
	assert_true(room >= first.n + head.n);
	memcpy(at, first.p, first.n);
	memcpy(at + first.n, head.p, head.n);
	http1_got(h, first.n + head.n);
	assert_int_equal(http1_next(h, &why), HTTP1_REQUEST);
	assert_true(http1_pending(h));
	http1_done(h);
	assert_int_equal(http1_next(h, &why), HTTP1_MORE);
	assert_false(http1_idle(h));
	put_all(h, (struct str){ body, sizeof(body) });
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
	assert_true(room <= 4096); /* what was large is given back */
	http1_close(h);
}

/* 64 KiB in chunks of one byte. */
static void a_body_of_crumbs(void **state unused)
{
	static const struct str head = STR_INIT(
		"PUT / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n");
	static char crumbs[65536 * 6 + 5];
	struct http1 *h;
	enum refusal why;
	char *at;
	size_t room;

	for (size_t i = 0; i < 65536; i++)
		memcpy(crumbs + i * 6, i % 2 ? "1\r\nx\r\n" : "1\r\ny\r\n", 6);
	memcpy(crumbs + sizeof(crumbs) - 5, "0\r\n\r\n", 5);
	assert_int_equal(http1_open(16384, 65536, STR(""), &h), OK);
	assert_int_equal(http1_room(h, &at, &room), OK);
	memcpy(at, head.p, head.n);
	http1_got(h, head.n);
	assert_int_equal(http1_next(h, &why), HTTP1_MORE);
	put_all(h, (struct str){ crumbs, sizeof(crumbs) });
	assert_int_equal(http1_request(h)->body.n, 65536);
	assert_memory_equal(http1_request(h)->body.p, "yxyxyxyx", 8);
	http1_close(h);
	http1_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_however_it_is_cut),
		cmocka_unit_test(limits_of_the_head),
		cmocka_unit_test(limit_of_lines),
		cmocka_unit_test(asks_to_continue_once),
		cmocka_unit_test(a_large_body_behind_a_small_request),
		cmocka_unit_test(a_body_of_crumbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
