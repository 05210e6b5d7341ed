/* Inputs of http1 and the expected results. A result has one line per request (method, path?query, headers,
 * [body], then "1.0" for HTTP/1.0 and "keep" if the connection may stay open), then the final state: "idle"
 * (no input left), "more" (incomplete request) or "refused" with the number of the enum refusal. Limits: 256
 * bytes for the head, 64 for the body. */
#pragma once

#include "base/str.h"

#define HEAD_LIMIT 256
#define BODY_LIMIT 64

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
	{ "empty", STR_INIT(""), "idle" },
	{ "a plain request", GET(""), PLAIN },
	{ "one empty line before the request", STR_INIT("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), PLAIN },
	{ "only an empty line", STR_INIT("\r\n"), "idle" },
	{ "two empty lines before the request", STR_INIT("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), BAD },
	{ "incomplete request", STR_INIT("GET / HTTP/1.1\r\nHo"), "more" },
	{ "CR before the request", STR_INIT("\rGET / HTTP/1.1\r\n"), BAD },
	{ "LF before the request", STR_INIT("\nGET / HTTP/1.1\r\n"), BAD },
	{ "space before the request", STR_INIT(" GET / HTTP/1.1\r\n"), BAD },
	{ "two requests", STR_INIT("GET /a HTTP/1.1\r\n" HOST "\r\nHEAD /b?c=d HTTP/1.1\r\n" HOST "\r\n"),
		"GET /a? Host=a [] keep\nHEAD /b?c=d Host=a [] keep\nidle" },
	{ "a request after Connection: close is still parsed", STR_INIT("GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
		"GET /? Host=a Connection=close []\nGET /? [] 1.0\nidle" },

	{ "unknown method", LINE("BREW / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "methods are case-sensitive", LINE("get / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "a method of punctuation", LINE("!#$ / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "a method that llhttp treats specially", LINE("SOURCE / HTTP/1.1"), "OTHER /? Host=a [] keep\nidle" },
	{ "CONNECT to an authority", LINE("CONNECT a:80 HTTP/1.1"), BAD },
	{ "the HTTP/2 preface", STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), VERSION },
	{ "a method with an invalid character", LINE("GE(T / HTTP/1.1"), BAD },
	{ "a TLS record", STR_INIT("\x16\x03\x01\x02\x00\x01\x00"), BAD },

	{ "HTTP/1.0 without Host", STR_INIT("GET / HTTP/1.0\r\n\r\n"), "GET /? [] 1.0\nidle" },
	{ "HTTP/1.0 with keep-alive", STR_INIT("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET /? Connection=Keep-Alive [] 1.0 keep\nidle" },
	{ "close in a list of Connection options", GET("Connection: x, close\r\n"), "GET /? Host=a Connection=x, close []\nidle" },
	{ "HTTP/1.2", LINE("GET / HTTP/1.2"), VERSION },
	{ "HTTP/2.0", LINE("GET / HTTP/2.0"), VERSION },
	{ "HTTP/0.9 with a version", LINE("GET / HTTP/0.9"), VERSION },
	{ "HTTP/0.9 without a version", STR_INIT("GET /\r\n"), BAD },
	{ "HTTP/1.10", LINE("GET / HTTP/1.10"), BAD },
	{ "HTTP/1.", LINE("GET / HTTP/1."), BAD },
	{ "http", LINE("GET / http/1.1"), BAD },
	{ "HTTP/x.1", LINE("GET / HTTP/x.1"), BAD },
	{ "space after the version", LINE("GET / HTTP/1.1 "), BAD },
	{ "no version", LINE("GET / "), BAD },

	{ "query", LINE("GET /a?b=c?d HTTP/1.1"), "GET /a?b=c?d Host=a [] keep\nidle" },
	{ "empty query", LINE("GET /a? HTTP/1.1"), "GET /a? Host=a [] keep\nidle" },
	{ "absolute form", LINE("GET http://b:80/a?c HTTP/1.1"), "GET /a?c Host=a [] keep\nidle" },
	{ "absolute form without a path", LINE("GET HTTPS://b HTTP/1.1"), "GET /? Host=a [] keep\nidle" },
	{ "absolute form with only a query", LINE("GET http://b?c HTTP/1.1"), "GET /?c Host=a [] keep\nidle" },
	{ "absolute form without a host", LINE("GET http:///a HTTP/1.1"), BAD },
	{ "another scheme", LINE("GET ftp://b/a HTTP/1.1"), BAD },
	{ "star for OPTIONS", LINE("OPTIONS * HTTP/1.1"), "OPTIONS *? Host=a [] keep\nidle" },
	{ "star for GET", LINE("GET * HTTP/1.1"), BAD },
	{ "target without a slash", LINE("GET a HTTP/1.1"), BAD },
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

	{ "white space around a value", GET("x: \t b c\t \r\n"), "GET /? Host=a x=b c [] keep\nidle" },
	{ "empty values", GET("x:\r\ny: \r\nz:1\r\n"), "GET /? Host=a x= y= z=1 [] keep\nidle" },
	{ "a value with non-ASCII bytes", GET("x: \xc3\xa4\r\n"), "GET /? Host=a x=\xc3\xa4 [] keep\nidle" },
	{ "space before the colon", GET("x : 1\r\n"), BAD },
	{ "tab before the colon", GET("x\t: 1\r\n"), BAD },
	{ "empty name", GET(": 1\r\n"), BAD },
	{ "no colon", GET("x\r\n"), BAD },
	{ "header folded by a space", GET("x: 1\r\n 2\r\n"), BAD },
	{ "header folded by a tab", GET("x: 1\r\n\t2\r\n"), BAD },
	{ "first header folded", STR_INIT("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), BAD },
	{ "bare LF after the request line", STR_INIT("GET / HTTP/1.1\n" HOST "\r\n"), BAD },
	{ "bare LF after a header", STR_INIT("GET / HTTP/1.1\r\nHost: a\n\r\n"), BAD },
	{ "bare LF at the end", STR_INIT("GET / HTTP/1.1\r\n" HOST "\n"), BAD },
	{ "bare CR after a header", STR_INIT("GET / HTTP/1.1\r\nHost: a\rx: 1\r\n\r\n"), BAD },
	{ "bare CR at the end", STR_INIT("GET / HTTP/1.1\r\n" HOST "\rx"), BAD },
	{ "CR CR LF", STR_INIT("GET / HTTP/1.1\r\r\n"), BAD },
	{ "NUL in a name", GET("x\0y: 1\r\n"), BAD },
	{ "NUL in a value", GET("x: 1\0\r\n"), BAD },
	{ "a control in a value", GET("x: \x01\r\n"), BAD },
	{ "a name with non-ASCII bytes", GET("\xc3\xa4: 1\r\n"), BAD },
	{ "a name in brackets", GET("(x): 1\r\n"), BAD },

	{ "no Host header", STR_INIT("GET / HTTP/1.1\r\n\r\n"), BAD },
	{ "two Host headers", GET("host: a\r\n"), BAD },
	{ "two Host headers in HTTP/1.0", STR_INIT("GET / HTTP/1.0\r\n" HOST HOST "\r\n"), BAD },
	{ "empty Host header", STR_INIT("GET / HTTP/1.1\r\nHost:\r\n\r\n"), "GET /? Host= [] keep\nidle" },
	{ "a host with a path", STR_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), BAD },
	{ "a host with a space", STR_INIT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), BAD },
	{ "a host with its port", STR_INIT("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), "GET /? Host=[::1]:8080 [] keep\nidle" },

	{ "a body", POST("Content-Length: 3\r\n\r\nabc"), "POST /? Host=a Content-Length=3 [abc] keep\nidle" },
	{ "a body and another request", POST("Content-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n"),
		"POST /? Host=a Content-Length=3 [abc] keep\nGET /? [] 1.0\nidle" },
	{ "incomplete body", POST("Content-Length: 3\r\n\r\nab"), "more" },
	{ "body of length 0", POST("Content-Length: 0\r\n\r\n"), "POST /? Host=a Content-Length=0 [] keep\nidle" },
	{ "GET with a body", GET("Content-Length: 1\r\n"), "more" },
	{ "leading zeros", POST("Content-Length: 003\r\n\r\nabc"), "POST /? Host=a Content-Length=003 [abc] keep\nidle" },
	{ "body of the maximum size", POST("Content-Length: 64\r\n\r\n" FIFTY TEN "0123"),
		"POST /? Host=a Content-Length=64 [" FIFTY TEN "0123] keep\nidle" },
	{ "body above the limit is refused before it is read", POST("Content-Length: 65\r\n\r\n"), LARGE },
	{ "a length above 64 bits", POST("Content-Length: 99999999999999999999999\r\n\r\n"), LARGE },
	{ "no length", POST("Content-Length:\r\n\r\n"), BAD },
	{ "length -1", POST("Content-Length: -1\r\n\r\n"), BAD },
	{ "length +1", POST("Content-Length: +1\r\n\r\n"), BAD },
	{ "length 0x1", POST("Content-Length: 0x1\r\n\r\n"), BAD },
	{ "length 1 1", POST("Content-Length: 1 1\r\n\r\n"), BAD },
	{ "length 1,1", POST("Content-Length: 1,1\r\n\r\n"), BAD },
	{ "two lengths", POST("Content-Length: 1\r\nContent-Length: 1\r\n\r\na"), BAD },
	{ "Content-Length and Transfer-Encoding", POST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), BAD },
	{ "Transfer-Encoding and Content-Length", POST("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"), BAD },

	{ "chunked body", POST("Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=Chunked [abcde] keep\nidle" },
	{ "chunked body of length 0", POST("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "POST /? Host=a Transfer-Encoding=chunked [] keep\nidle" },
	{ "chunks and another request", POST("Transfer-Encoding: chunked\r\n\r\nA\r\n" TEN "\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [" TEN "] keep\nGET /? [] 1.0\nidle" },
	{ "chunk extensions are ignored", POST("Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n0;d\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [x] keep\nidle" },
	{ "an extension that llhttp rejects, before a chunk that is too large", POST("Transfer-Encoding: chunked\r\n\r\n1;\x9f\r\nx\r\nfff\r\n"), BAD },
	{ "trailers are ignored", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\ny: z\r\nv: w\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [x] keep\nidle" },
	{ "Upgrade is ignored, with chunks", POST("Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
		"POST /? Host=a Connection=upgrade Upgrade=x Transfer-Encoding=chunked [x] keep\nidle" },
	{ "Upgrade is ignored", GET("Connection: upgrade\r\nUpgrade: x\r\n"),
		"GET /? Host=a Connection=upgrade Upgrade=x [] keep\nidle" },
	{ "incomplete chunked body", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"), "more" },
	{ "chunks of the maximum total size", POST("Transfer-Encoding: chunked\r\n\r\n32\r\n" FIFTY "\r\ne\r\n" TEN "0123\r\n0\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [" FIFTY TEN "0123] keep\nidle" },
	{ "chunks above the limit", POST("Transfer-Encoding: chunked\r\n\r\n32\r\n" FIFTY "\r\nf\r\n"), LARGE },
	{ "a chunk size of 32 bits", POST("Transfer-Encoding: chunked\r\n\r\nffffffff\r\n"), LARGE },
	{ "a chunk size of nine digits", POST("Transfer-Encoding: chunked\r\n\r\n000000001\r\n"), BAD },
	{ "a chunk size without digits", POST("Transfer-Encoding: chunked\r\n\r\n\r\n"), BAD },
	{ "a chunk size that is not hexadecimal", POST("Transfer-Encoding: chunked\r\n\r\ng\r\n"), BAD },
	{ "a chunk size with a space", POST("Transfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n"), BAD },
	{ "a chunk size with 0x", POST("Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n"), BAD },
	{ "a negative chunk size", POST("Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n"), BAD },
	{ "bare LF after a size", POST("Transfer-Encoding: chunked\r\n\r\n1\nx\r\n"), BAD },
	{ "bare LF after a chunk", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n"), BAD },
	{ "a chunk longer than its size", POST("Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"), BAD },
	{ "bare CR in an extension", POST("Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n"), BAD },
	{ "bare LF in an extension", POST("Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n"), BAD },
	{ "extension longer than the limit", POST("Transfer-Encoding: chunked\r\n\r\n1;" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY), HEADER },
	{ "trailer longer than the limit", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nx:" FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY), HEADER },
	{ "65 trailers", POST("Transfer-Encoding: chunked\r\n\r\n0\r\n" X8 X8 X8 X8 X8 X8 X8 X8 "x"), HEADER },
	{ "a folded trailer", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nx: 1\r\n 2\r\n\r\n"), BAD },
	{ "Content-Length in a trailer is ignored", POST("Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n"),
		"POST /? Host=a Transfer-Encoding=chunked [] keep\nidle" },
	{ "another coding", POST("Transfer-Encoding: gzip\r\n\r\n"), CODING },
	{ "two codings", POST("Transfer-Encoding: gzip, chunked\r\n\r\n"), CODING },
	{ "two codings, chunked first", POST("Transfer-Encoding: chunked, gzip\r\n\r\n"), CODING },
	{ "identity", POST("Transfer-Encoding: identity\r\n\r\n"), CODING },
	{ "xchunked", POST("Transfer-Encoding: xchunked\r\n\r\n"), CODING },
	{ "an empty coding", POST("Transfer-Encoding:\r\n\r\n"), CODING },
	{ "chunks in HTTP/1.0", STR_INIT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), BAD },

	{ "an expectation without a body", GET("Expect: 100-continue\r\n"), "GET /? Host=a Expect=100-continue [] keep\nidle" },
	{ "another expectation", POST("Expect: 200-ok\r\nContent-Length: 1\r\n\r\n"), BAD },
	{ "two expectations", POST("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), BAD },
};
/* clang-format on */
