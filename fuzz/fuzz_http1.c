/* However a stream of bytes is cut into pieces, the same requests come out of it, the same refusal, and the
 * same end: what a request is does not depend on how it travelled. Small limits, so that short inputs reach
 * them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/http1.h"

#define HEAD_LIMIT 200
#define BODY_LIMIT 48

/* What came out, byte for byte, with lengths in front so that nothing runs together. */
struct record {
	char *p;
	size_t n, room;
};

static void put(struct record *r, const void *p, size_t n)
{
	if (n > r->room - r->n) {
		r->room = (r->room + n) * 2;
		r->p = realloc(r->p, r->room);
		if (r->p == NULL)
			abort();
	}
	if (n > 0)
		memcpy(r->p + r->n, p, n);
	r->n += n;
}

static void put_number(struct record *r, size_t n)
{
	put(r, &n, sizeof(n));
}

static void put_str(struct record *r, struct str s)
{
	put_number(r, s.n);
	put(r, s.p, s.n);
}

static void put_request(struct record *r, const struct http1 *h)
{
	const struct request *const request = http1_request(h);

	if (request->body.n > BODY_LIMIT || request->n_headers > REQUEST_HEADERS_MAX)
		abort();
	put_number(r, request->method);
	put_str(r, request->path);
	put_str(r, request->query);
	put_str(r, request->body);
	for (size_t i = 0; i < request->n_headers; i++) {
		put_str(r, request->headers[i].name);
		put_str(r, request->headers[i].value);
	}
	put_number(r, request->n_headers);
	put_number(r, (size_t)http1_is_http10(h) * 2 + http1_keep_alive(h));
}

/* False when nothing is read any more. */
static bool drain(struct record *r, struct http1 *h)
{
	enum refusal why;

	for (;;) {
		switch (http1_next(h, &why)) {
		case HTTP1_MORE:
			return true;
		case HTTP1_CONTINUE: /* depends on what has come already, and is meant to */
			break;
		case HTTP1_REQUEST:
			put_request(r, h);
			http1_done(h);
			break;
		case HTTP1_REFUSED:
			put_number(r, 1000 + (size_t)why);
			return false;
		}
	}
}

static bool feed(struct record *r, struct http1 *h, const char *p, size_t n)
{
	while (n > 0) {
		size_t room, some;
		char *at;

		if (http1_room(h, &at, &room) != OK || room == 0)
			abort();
		some = n < room ? n : room;
		memcpy(at, p, some);
		http1_got(h, some);
		p += some;
		n -= some;
		if (!drain(r, h))
			return false;
	}
	return true;
}

/* Pieces of `step` bytes, the first of them `first` bytes long. */
static struct record record_of(const char *p, size_t n, size_t first, size_t step)
{
	struct record r = { NULL, 0, 0 };
	struct http1 *h;
	bool on = true;

	if (http1_open(HEAD_LIMIT, BODY_LIMIT, STR("::1"), &h) != OK)
		abort();
	for (size_t at = 0, size = first; on && at < n; at += size, size = step) {
		if (size > n - at)
			size = n - at;
		on = feed(&r, h, p + at, size);
	}
	if (on)
		put_number(&r, 2000 + http1_idle(h));
	http1_close(h);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const p = (const char *)data;
	const size_t first = size > 0 ? 1 + data[size - 1] % size : 1;
	const size_t cuts[][2] = { { first, size + 1 }, { 1, 1 }, { first, 7 } };
	const struct record whole = record_of(p, size, size + 1, size + 1);

	for (size_t i = 0; i < array_len(cuts); i++) {
		const struct record cut = record_of(p, size, cuts[i][0], cuts[i][1]);

		if (cut.n != whole.n || (cut.n > 0 && memcmp(cut.p, whole.p, cut.n) != 0))
			abort();
		free(cut.p);
	}
	free(whole.p);
	return 0;
}
