#include "http/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/log_limit.h"
#include "http/forwarded.h"
#include "http/http1.h"
#include "http/reply_head.h"
#include "http/socket_io.h"
#include "text/ip_node.h"

/* After the last response, input is still read and discarded, up to these limits. Without this, a client that
 * writes its whole body before it reads would get a connection reset instead of e.g. a 413 response. */
#define DRAIN_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define DRAIN_TIME_MAX seconds(1)

/* Response heads up to this size are written to a buffer on the stack, larger ones to the heap. */
#define HEAD_SIZE 1024

/* Size of the value of a Date header with the final NUL, e.g. "Sun, 06 Nov 1994 08:49:37 GMT". */
#define DATE_SIZE 30
#define DATE_COPY_SIZE 25

/* State of a connection while http_connection_run handles it. */
struct connection_state {
	struct http_connection *c;
	const struct server_conf *conf;
	struct http1 *input;
	struct arena arena;
	bool has_begun;		   /* part of a request was received; the rest must arrive before `due` */
	int64_t due;		   /* ticks */
	int64_t date_at;	   /* Unix time in seconds of the text `date` */
	char date[DATE_SIZE];	   /* value of the Date header */
	char client[IP_TEXT_SIZE]; /* text of the address of the client whose request a proxy forwarded */
};

/* What to do next with the connection. */
enum next {
	NEXT_READ,  /* read further input */
	NEXT_DRAIN, /* discard the remaining input, then close */
	NEXT_CLOSE, /* close at once */
};

/* Returns the value of the Date header. It is formatted again only when the second has changed. */
static const char *date_text(struct connection_state *t)
{
	static const char zone[] = " GMT";
	const moment now = t->conf->now();
	char text[MOMENT_RFC5322_SIZE];

	if (t->date_at == now.ms / 1000 && t->date[0] != '\0')
		return t->date;
	moment_rfc5322(now, text);
	memcpy(t->date, text, DATE_COPY_SIZE);
	memcpy(t->date + DATE_COPY_SIZE, zone, sizeof(zone));
	t->date_at = now.ms / 1000;
	return t->date;
}

static bool send_reply(struct connection_state *t, const struct reply *reply,
	const struct reply_options *options, bool with_body)
{
	const size_t room = reply_head_room(reply);
	const bool body = with_body && reply->content_type != NULL && reply_has_length(reply->status);
	char stack_buffer[HEAD_SIZE];
	char *const reply_bytes = room <= sizeof(stack_buffer) ? stack_buffer : malloc(room);
	bool sent = false;

	if (reply_bytes != NULL) {
		const size_t n = reply_head_write(reply, options, reply_bytes);

		sent = socket_write(t->c->fd, t->conf->limits.write, (struct str){ reply_bytes, n },
			body ? reply->body : STR(""));
	}
	if (reply_bytes != stack_buffer)
		free(reply_bytes);
	return sent;
}

static enum next send_refusal(struct connection_state *t, enum refusal refusal)
{
	const struct reply_options options = { .date = date_text(t) };
	struct reply reply = { 0 };

	t->conf->refuse(t->conf->arg, refusal, &t->arena, &reply);
	return send_reply(t, &reply, &options, true) ? NEXT_DRAIN : NEXT_CLOSE;
}

/* Returns whether the server is stopping and this connection has no more input. Requests that have already
 * arrived are still answered. */
static bool is_stopping_and_idle(const struct connection_state *t)
{
	return atomic_load(t->c->stopping) && !http1_pending(t->input) && !socket_has_data(t->c->fd);
}

/* At most once a minute, because a proxy sends the same form with every request. */
static void log_malformed(const struct connection_state *t, const struct forwarded *forwarded)
{
	static struct log_limit limit;
	const bool too_long = forwarded->verdict == FORWARDED_TOO_LONG;
	const int times = log_limit_count(&limit, t->conf->ticks());
	char shape[IP_NODE_SHAPE_SIZE];

	if (times == 0)
		return;
	ip_node_shape(forwarded->element, shape);
	log_event(LOG_WARN, "forwarded_for_malformed", LOG_NUMBER("times", times),
		LOG_TEXT("element_form", too_long ? "" : shape),
		LOG_TEXT("reason",
			too_long
				? "X-Forwarded-For from a trusted proxy names more than 32 proxies"
				: "X-Forwarded-For from a trusted proxy has an element that is no IP address "
				  "(element_form: 9 is a digit, a is a letter)"),
		LOG_TEXT("effect", "these requests count for the proxy's own address"),
		LOG_TEXT("action", "make the proxy append the client's IP address to X-Forwarded-For"));
}

/* A request forwarded by a trusted proxy counts towards the limit of the client's address. If the proxy names
 * no client, or only trusted proxies, no limit applies. If it names something that is no address, the request
 * counts for the proxy's own address. */
static void serve_forwarded(struct connection_state *t, const struct request *request, struct reply *reply)
{
	const struct forwarded forwarded = forwarded_client(request, t->conf->trusted, &t->c->ip);
	const bool counts = forwarded.verdict != FORWARDED_NO_CLIENT;

	ip_write(&forwarded.client, t->client);
	http1_peer_set(t->input, str_of(t->client));
	if (forwarded.verdict == FORWARDED_MALFORMED || forwarded.verdict == FORWARDED_TOO_LONG)
		log_malformed(t, &forwarded);
	if (counts && !t->c->call_begins(t->c, &forwarded.client)) {
		t->conf->refuse(t->conf->arg, REFUSE_FULL, &t->arena, reply);
		return;
	}
	t->conf->serve(t->conf->arg, request, &t->arena, reply);
	/* call_ends must be called before the response is sent: after the response, the client may send its
	 * next request at once, which would be counted in addition to this one. */
	if (counts)
		t->c->call_ends(t->c);
}

static enum next serve_request(struct connection_state *t)
{
	const struct request *const request = http1_request(t->input);
	const bool head_only = request->method == METHOD_HEAD;
	struct reply_options options = { .is_http10 = http1_is_http10(t->input), .date = date_text(t) };
	struct reply reply = { 0 };
	bool sent;

	if (t->c->proxied)
		serve_forwarded(t, request, &reply);
	else
		t->conf->serve(t->conf->arg, request, &t->arena, &reply);
	options.keep_alive = http1_keep_alive(t->input) && !reply.close && !is_stopping_and_idle(t);
	sent = send_reply(t, &reply, &options, !head_only);
	/* The callback is called even if the response could not be sent, because the effects of the request
	 * must take place. */
	if (t->conf->served != NULL)
		t->conf->served(t->conf->arg);
	http1_done(t->input);
	arena_reset(&t->arena);
	t->has_begun = false;
	return !sent ? NEXT_CLOSE : options.keep_alive ? NEXT_READ : NEXT_DRAIN;
}

static enum next send_100_continue(struct connection_state *t)
{
	return socket_write(t->c->fd, t->conf->limits.write, STR("HTTP/1.1 100 Continue\r\n\r\n"), STR(""))
		       ? NEXT_READ
		       : NEXT_CLOSE;
}

/* Waits for the first byte of a request. server_stop shuts down the reading side of connections that are idle
 * at that moment; a connection that becomes idle later shuts down its own reading side here. Bytes that were
 * received already can still be read. */
static enum socket_result read_idle(struct connection_state *t, char *at, size_t room, size_t *n)
{
	enum socket_result verdict;

	atomic_store(&t->c->idle, true);
	if (atomic_load(t->c->stopping) && !socket_has_data(t->c->fd))
		shutdown(t->c->fd, SHUT_RD);
	verdict = socket_read(t->c->fd, at, room, n);
	atomic_store(&t->c->idle, false);
	return verdict;
}

static enum socket_result read_rest(struct connection_state *t, char *at, size_t room, size_t *n)
{
	const int64_t now = t->conf->ticks();

	if (!t->has_begun)
		t->due = now + t->conf->limits.request.ms;
	t->has_begun = true;
	if (now >= t->due)
		return SOCKET_TIMEOUT;
	return socket_read_within(t->c->fd, milliseconds(t->due - now), at, room, n);
}

static enum next read_input(struct connection_state *t)
{
	const bool idle = http1_idle(t->input);
	enum socket_result verdict;
	size_t room, n = 0;
	char *at;

	if (http1_room(t->input, &at, &room) != OK) {
		log_event(LOG_ERROR, "connection_oom");
		return NEXT_CLOSE;
	}
	verdict = idle ? read_idle(t, at, room, &n) : read_rest(t, at, room, &n);
	http1_got(t->input, n);
	if (verdict == SOCKET_BYTES)
		return NEXT_READ;
	if (idle || verdict == SOCKET_BROKEN)
		return NEXT_CLOSE;
	if (verdict == SOCKET_TIMEOUT)
		return t->conf->ticks() < t->due ? NEXT_READ : send_refusal(t, REFUSE_TIMEOUT);
	/* The input ended inside a request: the client closed the connection, or the server is stopping. */
	return send_refusal(t, atomic_load(t->c->stopping) ? REFUSE_FULL : REFUSE_BAD_REQUEST);
}

/*~ 2. Each connection has its own thread, so the code is sequential. Bytes are read until a request is
 * complete (http/http1 checks each byte before llhttp parses it). Ambiguous requests are rejected. */
static enum next process_input(struct connection_state *t)
{
	enum refusal why = REFUSE_BAD_REQUEST;

	switch (http1_next(t->input, &why)) {
	case HTTP1_MORE:
		return read_input(t);
	case HTTP1_CONTINUE:
		return send_100_continue(t);
	case HTTP1_REQUEST:
		return serve_request(t);
	case HTTP1_REFUSED:
		return send_refusal(t, why);
	}
	return NEXT_CLOSE;
}

void http_connection_run(struct http_connection *c)
{
	const struct server_limits *const limits = &c->conf->limits;
	struct connection_state t = { .c = c, .conf = c->conf };
	enum next next = NEXT_READ;

	if (http1_open(limits->header_bytes, limits->body_bytes, c->peer, &t.input) != OK) {
		log_event(LOG_ERROR, "connection_oom");
		return;
	}
	arena_init(&t.arena, c->conf->call_bytes > 0 ? c->conf->call_bytes : ARENA_CALL_LIMIT);
	while (next == NEXT_READ)
		next = process_input(&t);
	arena_finish(&t.arena);
	http1_close(t.input);
	if (next != NEXT_DRAIN)
		return;
	atomic_store(&c->idle, true);
	socket_drain(c->fd, DRAIN_BYTES_MAX, DRAIN_TIME_MAX, c->conf->ticks);
}

void http_connection_refuse(int fd, const struct server_conf *conf, enum refusal refusal)
{
	struct http_connection c = { .conf = conf, .fd = fd };
	struct connection_state t = { .c = &c, .conf = conf };

	arena_init(&t.arena, ARENA_CALL_LIMIT);
	/* This does not block: nothing was written to the socket before, so the response fits into its send
	 * buffer. */
	(void)send_refusal(&t, refusal);
	arena_finish(&t.arena);
	shutdown(fd, SHUT_WR);
}
