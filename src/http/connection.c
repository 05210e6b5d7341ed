#include "http/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/forwarded.h"
#include "http/http1.h"
#include "http/reply_head.h"
#include "http/socket_io.h"

/* What is still read after our last answer. A client that writes its whole body before it reads would
 * otherwise find a reset where a 413 was said; 4 MiB are a moment's reading, and a flood ends there. */
#define LEAVE_BYTES ((size_t)4 * 1024 * 1024)
#define LEAVE_LIMIT seconds(1)

/* Heads up to here are written on the stack. */
#define HEAD_SIZE 1024

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define DATE_SIZE 30
#define DATE_FRONT 25

/* What a conversation needs only while it runs. */
struct talk {
	struct http_connection *c;
	const struct server_conf *conf;
	struct http1 *input;
	struct arena arena;
	bool begun;	 /* bytes of a request are there, and it is due at `due` */
	int64_t due;	 /* ticks */
	int64_t date_at; /* seconds that `date` says */
	char date[DATE_SIZE];
	char client[IP_TEXT_SIZE]; /* of a request that a proxy handed on */
};

enum next { GO_ON, LEAVE, HANG_UP };

/* Once a second the text is made anew. */
static const char *date_text(struct talk *t)
{
	static const char zone[] = " GMT";
	const moment now = t->conf->now();
	char text[MOMENT_RFC5322_SIZE];

	if (t->date_at == now.ms / 1000 && t->date[0] != '\0')
		return t->date;
	moment_rfc5322(now, text);
	memcpy(t->date, text, DATE_FRONT);
	memcpy(t->date + DATE_FRONT, zone, sizeof(zone));
	t->date_at = now.ms / 1000;
	return t->date;
}

static bool respond(
	struct talk *t, const struct reply *reply, const struct reply_terms *terms, bool with_body)
{
	const size_t room = reply_head_room(reply);
	const bool body = with_body && reply->content_type != NULL && reply_has_length(reply->status);
	char small[HEAD_SIZE];
	char *const head = room <= sizeof(small) ? small : malloc(room);
	bool said = false;

	if (head != NULL) {
		const size_t n = reply_head_write(reply, terms, head);

		said = socket_write(t->c->fd, t->conf->limits.write, (struct str){ head, n },
			body ? reply->body : STR(""));
	}
	if (head != small)
		free(head);
	return said;
}

static enum next refuse(struct talk *t, enum refusal refusal)
{
	const struct reply_terms terms = { .date = date_text(t) };
	struct reply reply = { 0 };

	t->conf->refuse(t->conf->arg, refusal, &t->arena, &reply);
	return respond(t, &reply, &terms, true) ? LEAVE : HANG_UP;
}

/* While the server stops, what has already come is still answered. */
static bool last_one(const struct talk *t)
{
	return atomic_load(t->c->stopping) && !http1_pending(t->input) && !socket_has_data(t->c->fd);
}

/* A proxy that names nobody still speaks for many. */
static void serve_forwarded(struct talk *t, const struct request *request, struct reply *reply)
{
	const struct ip client = forwarded_client(request, t->conf->trusted, &t->c->ip);
	const bool counts = !ip_nets_have(t->conf->trusted, &client);

	ip_write(&client, t->client);
	http1_peer_set(t->input, str_of(t->client));
	if (counts && !t->c->call_begins(t->c, &client)) {
		t->conf->refuse(t->conf->arg, REFUSE_FULL, &t->arena, reply);
		return;
	}
	t->conf->serve(t->conf->arg, request, &t->arena, reply);
	/* Before the answer leaves: who has it may ask again at once. */
	if (counts)
		t->c->call_ends(t->c);
}

static enum next serve(struct talk *t)
{
	const struct request *const request = http1_request(t->input);
	const bool head_only = request->method == METHOD_HEAD;
	struct reply_terms terms = { .is_http10 = http1_is_http10(t->input), .date = date_text(t) };
	struct reply reply = { 0 };
	bool said;

	if (t->c->proxied)
		serve_forwarded(t, request, &reply);
	else
		t->conf->serve(t->conf->arg, request, &t->arena, &reply);
	terms.keep_alive = http1_keep_alive(t->input) && !reply.close && !last_one(t);
	said = respond(t, &reply, &terms, !head_only);
	/* Also when the client is gone: what follows from the call must happen all the same. */
	if (t->conf->served != NULL)
		t->conf->served(t->conf->arg);
	http1_done(t->input);
	arena_reset(&t->arena);
	t->begun = false;
	return !said ? HANG_UP : terms.keep_alive ? GO_ON : LEAVE;
}

static enum next let_continue(struct talk *t)
{
	return socket_write(t->c->fd, t->conf->limits.write, STR("HTTP/1.1 100 Continue\r\n\r\n"), STR(""))
		       ? GO_ON
		       : HANG_UP;
}

/* Waits for a first byte. Who stops the server shuts our reading side when it finds us here; who comes here
 * later does it alone. Bytes that are there already are read all the same. */
static enum socket_result read_idle(struct talk *t, char *at, size_t room, size_t *n)
{
	enum socket_result verdict;

	atomic_store(&t->c->idle, true);
	if (atomic_load(t->c->stopping) && !socket_has_data(t->c->fd))
		shutdown(t->c->fd, SHUT_RD);
	verdict = socket_read(t->c->fd, at, room, n);
	atomic_store(&t->c->idle, false);
	return verdict;
}

static enum socket_result read_rest(struct talk *t, char *at, size_t room, size_t *n)
{
	const int64_t now = t->conf->ticks();

	if (!t->begun)
		t->due = now + t->conf->limits.request.ms;
	t->begun = true;
	if (now >= t->due)
		return SOCKET_TIMEOUT;
	return socket_read_within(t->c->fd, milliseconds(t->due - now), at, room, n);
}

static enum next read_more(struct talk *t)
{
	const bool idle = http1_idle(t->input);
	enum socket_result verdict;
	size_t room, n = 0;
	char *at;

	if (http1_room(t->input, &at, &room) != OK) {
		log_event(LOG_ERROR, "connection_oom");
		return HANG_UP;
	}
	verdict = idle ? read_idle(t, at, room, &n) : read_rest(t, at, room, &n);
	http1_got(t->input, n);
	if (verdict == SOCKET_BYTES)
		return GO_ON;
	if (idle || verdict == SOCKET_BROKEN)
		return HANG_UP;
	if (verdict == SOCKET_TIMEOUT)
		return t->conf->ticks() < t->due ? GO_ON : refuse(t, REFUSE_TIMEOUT);
	/* Half a request: the client ended it, or our own stop did. */
	return refuse(t, atomic_load(t->c->stopping) ? REFUSE_FULL : REFUSE_BAD_REQUEST);
}

/*~ 2. A connection has a thread of its own, so what follows reads from top to bottom. Bytes come in until
 * they are one whole request (http/http1 looks at every byte before llhttp does); what is ambiguous is
 * refused. */
static enum next step(struct talk *t)
{
	enum refusal why = REFUSE_BAD_REQUEST;

	switch (http1_next(t->input, &why)) {
	case HTTP1_MORE:
		return read_more(t);
	case HTTP1_CONTINUE:
		return let_continue(t);
	case HTTP1_REQUEST:
		return serve(t);
	case HTTP1_REFUSED:
		return refuse(t, why);
	}
	return HANG_UP;
}

void http_connection_run(struct http_connection *c)
{
	const struct server_limits *const limits = &c->conf->limits;
	struct talk t = { .c = c, .conf = c->conf };
	enum next next = GO_ON;

	if (http1_open(limits->header_bytes, limits->body_bytes, c->peer, &t.input) != OK) {
		log_event(LOG_ERROR, "connection_oom");
		return;
	}
	arena_init(&t.arena, ARENA_CALL_LIMIT);
	while (next == GO_ON)
		next = step(&t);
	arena_finish(&t.arena);
	http1_close(t.input);
	if (next != LEAVE)
		return;
	atomic_store(&c->idle, true);
	socket_drain(c->fd, LEAVE_BYTES, LEAVE_LIMIT, c->conf->ticks);
}

void http_connection_refuse(int fd, const struct server_conf *conf, enum refusal refusal)
{
	struct http_connection c = { .conf = conf, .fd = fd };
	struct talk t = { .c = &c, .conf = conf };

	arena_init(&t.arena, ARENA_CALL_LIMIT);
	/* Nothing was written to this socket before, so the answer fits into its buffer. */
	(void)refuse(&t, refusal);
	arena_finish(&t.arena);
	shutdown(fd, SHUT_WR);
}
