#include "http/http1.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <llhttp.h>

#include "base/attr.h"
#include "http/framing.h"
#include "http/scan.h"

#define BUFFER_SIZE_MIN ((size_t)4 * 1024)   /* initial size of the input buffer, in bytes */
#define BUFFER_SIZE_KEPT ((size_t)16 * 1024) /* a larger buffer is shrunk to the minimum after a request */
#define BUFFER_RESERVE ((size_t)64)	     /* bytes of the buffer beyond the largest possible request */

enum phase { HEAD, BODY, CHUNKS, COMPLETE, BROKEN };

struct http1 {
	size_t head_limit, body_limit;
	char *p;
	size_t size;	   /* size of the buffer */
	size_t start, end; /* positions of the content in the buffer */
	size_t at;	   /* bytes before this position in the buffer have been checked */
	size_t body;	   /* position of the body in the buffer */
	size_t length;	   /* of the body in bytes; if chunked, of the part decoded so far */
	enum phase phase;
	bool expects; /* the client waits for 100 Continue */
	bool keep_alive;
	enum refusal reason;
	struct scan scan;
	llhttp_t parser;
	struct request request;
};

/* llhttp calls this function and add_header_value for trailers, too; they ignore trailers. */
static int add_header_name(llhttp_t *parser, const char *at, size_t n)
{
	struct http1 *const h = container_of(parser, struct http1, parser);

	if (h->phase == CHUNKS)
		return 0;
	assert(h->request.n_headers < REQUEST_HEADERS_MAX);
	h->request.headers[h->request.n_headers++] = (struct header){ { at, n }, { at + n, 0 } };
	return 0;
}

static int add_header_value(llhttp_t *parser, const char *at, size_t n)
{
	struct http1 *const h = container_of(parser, struct http1, parser);

	if (h->phase == CHUNKS)
		return 0;
	assert(h->request.n_headers > 0);
	h->request.headers[h->request.n_headers - 1].value = str_trim((struct str){ at, n });
	return 0;
}

/* Decodes a chunked body in place. The decoded bytes are never longer than the input read so far. */
static int add_body_bytes(llhttp_t *parser, const char *at, size_t n)
{
	struct http1 *const h = container_of(parser, struct http1, parser);

	memmove(h->p + h->body + h->length, at, n);
	h->length += n;
	return 0;
}

static int pause_parser(llhttp_t *parser maybe_unused)
{
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_header_field = add_header_name,
	.on_header_value = add_header_value,
	.on_headers_complete = pause_parser,
	.on_body = add_body_bytes,
	.on_message_complete = pause_parser,
};

enum err http1_open(size_t head_limit, size_t body_limit, struct str peer, struct http1 **out)
{
	struct http1 *const h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ERR_INTERNAL;
	h->p = malloc(BUFFER_SIZE_MIN);
	if (h->p == NULL) {
		free(h);
		return ERR_INTERNAL;
	}
	h->size = BUFFER_SIZE_MIN;
	h->head_limit = head_limit;
	h->body_limit = body_limit;
	h->request.peer = peer;
	scan_head(&h->scan, head_limit, body_limit);
	*out = h;
	return OK;
}

void http1_close(struct http1 *h)
{
	if (h == NULL)
		return;
	free(h->p);
	free(h);
}

/* Adjusts a slice of the request after the buffer's content was moved from `from` to `to`. */
static void rebase_slice(struct str *s, const char *from, const char *to)
{
	if (s->p != NULL)
		s->p = to + (s->p - from);
}

static void rebase_request(struct request *r, const char *from, const char *to)
{
	rebase_slice(&r->path, from, to);
	rebase_slice(&r->query, from, to);
	for (size_t i = 0; i < r->n_headers; i++) {
		rebase_slice(&r->headers[i].name, from, to);
		rebase_slice(&r->headers[i].value, from, to);
	}
}

/* Moves the buffer's content to the start of `to`, which is the same buffer or a new one. */
static void compact_to(struct http1 *h, char *to)
{
	const size_t offset = h->start;

	memmove(to, h->p + offset, h->end - offset);
	rebase_request(&h->request, h->p + offset, to);
	h->start = 0;
	h->end -= offset;
	h->at -= offset;
	h->body -= h->body > 0 ? offset : 0;
}

static enum err resize_buffer(struct http1 *h, size_t size)
{
	char *const p = malloc(size);

	if (p == NULL)
		return ERR_INTERNAL;
	compact_to(h, p);
	free(h->p);
	h->p = p;
	h->size = size;
	return OK;
}

enum err http1_room(struct http1 *h, char **at, size_t *n)
{
	const size_t most = h->head_limit + h->body_limit + BUFFER_RESERVE;

	if (h->phase == CHUNKS && h->at == h->end)
		h->at = h->end = h->body + h->length;
	if (h->end == h->size && h->start > 0)
		compact_to(h, h->p);
	if (h->size - h->end < h->size / 4 && h->size < most)
		TRY(resize_buffer(h, h->size * 2 < most ? h->size * 2 : most));
	assert(h->end < h->size);
	*at = h->p + h->end;
	*n = h->size - h->end;
	return OK;
}

void http1_got(struct http1 *h, size_t n)
{
	assert(n <= h->size - h->end);
	h->end += n;
}

static enum http1_verdict reject(struct http1 *h, enum refusal reason, enum refusal *why)
{
	h->phase = BROKEN;
	h->keep_alive = false;
	*why = h->reason = reason;
	return HTTP1_REFUSED;
}

static enum method method_of(struct str name)
{
	enum method m = METHOD_GET;

	while (m < METHOD_OTHER && !str_eq(name, method_name(m)))
		m++;
	return m;
}

/* Parses the head with llhttp. The method is replaced by POST, so that llhttp accepts unknown methods and
 * does not treat CONNECT and the methods of other protocols specially. */
static llhttp_errno_t parse_head(struct http1 *h, struct str input)
{
	static const struct str stand_in = STR_INIT("POST");
	const struct str rest = str_from(input, h->scan.method_end);

	h->request.n_headers = 0;
	llhttp_init(&h->parser, HTTP_REQUEST, &settings);
	if (llhttp_execute(&h->parser, stand_in.p, stand_in.n) != HPE_OK)
		return HPE_INTERNAL;
	return llhttp_execute(&h->parser, rest.p, rest.n);
}

/* Returns whether llhttp rejected the Content-Length because it does not fit into 64 bits. That is the case
 * if llhttp rejected a value that is a number. */
static bool is_length_overflow(const struct request *r, struct str input)
{
	struct str rest, value;

	if (r->n_headers == 0)
		return false;
	rest = str_from(input, (size_t)(r->headers[r->n_headers - 1].name.p - input.p));
	str_cut(&rest, ':', &value);
	str_cut(&rest, '\r', &value);
	return length_is_number(str_trim(value));
}

static enum refusal refusal_of(const struct http1 *h, llhttp_errno_t error, struct str input)
{
	if (error == HPE_INVALID_TRANSFER_ENCODING)
		return REFUSE_NOT_IMPLEMENTED;
	if (error == HPE_INVALID_CONTENT_LENGTH && is_length_overflow(&h->request, input))
		return REFUSE_PAYLOAD;
	return REFUSE_BAD_REQUEST;
}

/* Compares the results of llhttp and of kycd's own checks. A request on which they differ is rejected. */
static bool parsers_agree(const struct http1 *h, const struct framing *f, struct str input)
{
	const uint64_t length = f->chunked ? 0 : f->length;

	return ((h->parser.flags & F_CHUNKED) != 0) == f->chunked && h->parser.content_length == length &&
	       h->request.n_headers == h->scan.lines && llhttp_get_error_pos(&h->parser) == input.p + input.n;
}

static void expect_body(struct http1 *h, const struct framing *f)
{
	h->body = h->at;
	h->length = f->length;
	h->expects = f->expects;
	h->phase = BODY;
	if (!f->chunked)
		return;
	h->phase = CHUNKS;
	llhttp_resume(&h->parser);
	scan_chunks(&h->scan);
}

/* Processes a complete head, which ends at position h->at of the buffer. */
static bool process_head(struct http1 *h, enum refusal *why)
{
	struct request *const r = &h->request;
	const struct str input = { h->p + h->at - h->scan.counted, h->scan.counted };
	const size_t target = h->scan.method_end + 1;
	const llhttp_errno_t error = parse_head(h, input);
	struct framing framing;

	if (error != HPE_PAUSED) {
		*why = refusal_of(h, error, input);
		return false;
	}
	if (!framing_read(r, h->scan.minor, h->body_limit, &framing, why))
		return false;
	*why = REFUSE_BAD_REQUEST;
	r->method = method_of((struct str){ input.p, h->scan.method_end });
	if (!target_read((struct str){ input.p + target, h->scan.target_end - target }, r->method, &r->path,
		    &r->query))
		return false;
	if (!parsers_agree(h, &framing, input))
		return false;
	h->keep_alive = llhttp_should_keep_alive(&h->parser) != 0;
	expect_body(h, &framing);
	return true;
}

static enum http1_verdict next_head(struct http1 *h, enum refusal *why)
{
	size_t used;
	const enum scan_verdict verdict = scan_bytes(&h->scan, h->p + h->at, h->end - h->at, &used, why);

	h->at += used;
	if (verdict == SCAN_MORE)
		return HTTP1_MORE;
	if (verdict == SCAN_REFUSED || !process_head(h, why))
		return reject(h, *why, why);
	return http1_next(h, why);
}

static enum http1_verdict complete_request(struct http1 *h)
{
	h->phase = COMPLETE;
	h->request.body = (struct str){ h->p + h->body, h->length };
	return HTTP1_REQUEST;
}

static enum http1_verdict wait_for_body(struct http1 *h, bool started)
{
	const bool needs_continue = h->expects && !started;

	h->expects = false;
	return needs_continue ? HTTP1_CONTINUE : HTTP1_MORE;
}

static enum http1_verdict next_body(struct http1 *h, enum refusal *why maybe_unused)
{
	if (h->end - h->body < h->length)
		return wait_for_body(h, h->end > h->body);
	h->at = h->body + h->length;
	return complete_request(h);
}

/* llhttp decodes the bytes that http/scan accepted. Both must find the end of the body at the same byte. */
static enum http1_verdict next_chunks(struct http1 *h, enum refusal *why)
{
	const char *const from = h->p + h->at;
	size_t used;
	const enum scan_verdict verdict = scan_bytes(&h->scan, from, h->end - h->at, &used, why);
	const llhttp_errno_t error = llhttp_execute(&h->parser, from, used);

	h->at += used;
	if (error != (verdict == SCAN_DONE ? HPE_PAUSED : HPE_OK) || h->length != h->scan.body)
		return reject(h, REFUSE_BAD_REQUEST, why);
	if (verdict == SCAN_REFUSED)
		return reject(h, *why, why);
	return verdict == SCAN_DONE ? complete_request(h) : wait_for_body(h, used > 0);
}

static enum http1_verdict next_complete(struct http1 *h maybe_unused, enum refusal *why maybe_unused)
{
	return HTTP1_REQUEST;
}

static enum http1_verdict next_broken(struct http1 *h, enum refusal *why)
{
	*why = h->reason;
	return HTTP1_REFUSED;
}

enum http1_verdict http1_next(struct http1 *h, enum refusal *why)
{
	static enum http1_verdict (*const steps[])(struct http1 * h, enum refusal * why) = {
		[HEAD] = next_head,
		[BODY] = next_body,
		[CHUNKS] = next_chunks,
		[COMPLETE] = next_complete,
		[BROKEN] = next_broken,
	};

	return steps[h->phase](h, why);
}

const struct request *http1_request(const struct http1 *h)
{
	assert(h->phase == COMPLETE);
	return &h->request;
}

void http1_peer_set(struct http1 *h, struct str peer)
{
	h->request.peer = peer;
}

bool http1_keep_alive(const struct http1 *h)
{
	return h->keep_alive;
}

bool http1_is_http10(const struct http1 *h)
{
	return h->scan.minor == 0;
}

bool http1_pending(const struct http1 *h)
{
	return h->end > h->at;
}

void http1_done(struct http1 *h)
{
	assert(h->phase == COMPLETE);
	h->phase = HEAD;
	h->start = h->at;
	h->body = h->length = 0;
	h->request.n_headers = 0;
	h->request.path = h->request.query = h->request.body = (struct str){ NULL, 0 };
	scan_head(&h->scan, h->head_limit, h->body_limit);
	if (h->start < h->end)
		return;
	h->start = h->end = h->at = 0;
	/* If there is no memory for a small buffer, the large one is kept. */
	if (h->size > BUFFER_SIZE_KEPT && resize_buffer(h, BUFFER_SIZE_MIN) != OK)
		return;
}

bool http1_idle(const struct http1 *h)
{
	return h->phase == HEAD && h->at == h->end && scan_at_start(&h->scan);
}
