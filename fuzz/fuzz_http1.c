/* Property: the requests read, the reason for a rejection and the final state do not depend on how the input
 * is split into pieces. The limits are small, so that short inputs reach them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "http/http1.h"

#define HEAD_LIMIT 200
#define BODY_LIMIT 48

/* All results of an input as bytes; texts are preceded by their lengths, so that the encoding is unambiguous.
 */
struct result {
	char *p;
	size_t n, room;
};

static void append(struct result *r, const void *p, size_t n)
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

static void append_number(struct result *r, size_t n)
{
	append(r, &n, sizeof(n));
}

static void append_str(struct result *r, struct str s)
{
	append_number(r, s.n);
	append(r, s.p, s.n);
}

static void append_request(struct result *r, const struct http1 *h)
{
	const struct request *const request = http1_request(h);

	if (request->body.n > BODY_LIMIT || request->n_headers > REQUEST_HEADERS_MAX)
		abort();
	append_number(r, request->method);
	append_str(r, request->path);
	append_str(r, request->query);
	append_str(r, request->body);
	for (size_t i = 0; i < request->n_headers; i++) {
		append_str(r, request->headers[i].name);
		append_str(r, request->headers[i].value);
	}
	append_number(r, request->n_headers);
	append_number(r, (size_t)http1_is_http10(h) * 2 + http1_keep_alive(h));
}

/* Processes all input received so far. Returns false after a refusal. */
static bool process_all(struct result *r, struct http1 *h)
{
	enum refusal why;

	for (;;) {
		switch (http1_next(h, &why)) {
		case HTTP1_MORE:
			return true;
		case HTTP1_CONTINUE: /* not recorded; it depends on how much of the body has arrived */
			break;
		case HTTP1_REQUEST:
			append_request(r, h);
			http1_done(h);
			break;
		case HTTP1_REFUSED:
			append_number(r, 1000 + (size_t)why);
			return false;
		}
	}
}

static bool feed_input(struct result *r, struct http1 *h, const char *p, size_t n)
{
	while (n > 0) {
		size_t room, piece_size;
		char *at;

		if (http1_room(h, &at, &room) != OK || room == 0)
			abort();
		piece_size = n < room ? n : room;
		memcpy(at, p, piece_size);
		http1_got(h, piece_size);
		p += piece_size;
		n -= piece_size;
		if (!process_all(r, h))
			return false;
	}
	return true;
}

/* Parses the input in pieces of `step` bytes; the first piece has `first` bytes. */
static struct result parse_in_pieces(const char *p, size_t n, size_t first, size_t step)
{
	struct result r = { NULL, 0, 0 };
	struct http1 *h;
	bool has_more = true;

	if (http1_open(HEAD_LIMIT, BODY_LIMIT, STR("::1"), &h) != OK)
		abort();
	for (size_t at = 0, size = first; has_more && at < n; at += size, size = step) {
		if (size > n - at)
			size = n - at;
		has_more = feed_input(&r, h, p + at, size);
	}
	if (has_more)
		append_number(&r, 2000 + http1_idle(h));
	http1_close(h);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *const p = (const char *)data;
	const size_t first = size > 0 ? 1 + data[size - 1] % size : 1;
	const size_t splits[][2] = { { first, size + 1 }, { 1, 1 }, { first, 7 } };
	const struct result unsplit = parse_in_pieces(p, size, size + 1, size + 1);

	for (size_t i = 0; i < array_len(splits); i++) {
		const struct result split = parse_in_pieces(p, size, splits[i][0], splits[i][1]);

		if (split.n != unsplit.n || (split.n > 0 && memcmp(split.p, unsplit.p, split.n) != 0))
			abort();
		free(split.p);
	}
	free(unsplit.p);
	return 0;
}
