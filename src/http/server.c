#include "http/server.h"

#include <assert.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/connection.h"
#include "http/connection_index.h"
#include "http/lingering_close.h"
#include "http/listener.h"
#include "http/socket_io.h"

/* So many are accepted in a row before those that are turned away are looked after. */
#define ACCEPTS_IN_A_ROW 64
/* So many rows of them still follow a stop: more than the system lets wait. */
#define LAST_ACCEPTS 64
/* How long nobody is accepted when the system has no descriptors left. */
#define SHORT_PAUSE_MS 100

struct connection {
	struct http_connection talk;
	struct server *server;
	struct conn_entry member; /* counted for its other end, or for whose call a proxy hands on */
	char address[IP_TEXT_SIZE];
};

/* Freed by its last holder: the owner, or a connection's thread that outlived a stop that was out of time. */
struct server {
	struct server_conf conf;
	int listener, wake, port;
	struct thread acceptor;
	atomic_bool stopping;
	struct lingering_close farewell; /* the accepting thread's */
	bool is_short;			 /* the accepting thread's: no descriptors left */

	struct lock lock; /* guards what follows, and the two limits of connections in `conf` */
	struct cond gone;
	struct connection_index crowd;
	size_t holders;
	atomic_size_t connections; /* changed under the lock */
};

static void server_free(struct server *s)
{
	cond_finish(&s->gone);
	lock_finish(&s->lock);
	close(s->wake);
	free(s);
}

/* With the lock held; gives it. */
static void let_go(struct server *s)
{
	const bool last = --s->holders == 0;

	lock_release(&s->lock);
	if (last)
		server_free(s);
}

enum err server_open(const struct server_conf *conf, struct server **out)
{
	struct server *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	s->conf = *conf;
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0) {
		free(s);
		return ERR_INTERNAL;
	}
	s->listener = -1;
	s->holders = 1;
	lock_init(&s->lock);
	cond_init(&s->gone);
	e = listener_open(conf->host, conf->port, &s->listener, &s->port);
	if (e == OK)
		e = socket_set_read_timeout(s->listener, conf->limits.idle);
	if (e != OK) {
		server_close(s);
		return e;
	}
	*out = s;
	return OK;
}

int server_port(const struct server *server)
{
	return server->port;
}

void server_limit(struct server *server, size_t connections, size_t connections_per_address)
{
	lock_acquire(&server->lock);
	server->conf.limits.connections = connections;
	server->conf.limits.connections_per_address = connections_per_address;
	lock_release(&server->lock);
}

/* With the lock held. */
static bool has_place_for(const struct server *s, const struct ip *origin)
{
	return connection_index_count(&s->crowd, origin) < s->conf.limits.connections_per_address;
}

/* With the lock held. A trusted proxy speaks for many: only the limit of all holds for it. */
static bool has_place(const struct server *s, const struct connection *newcomer)
{
	if (s->connections >= s->conf.limits.connections)
		return false;
	return newcomer->talk.proxied || has_place_for(s, &newcomer->member.origin);
}

static bool enter(struct connection *c)
{
	struct server *const s = c->server;
	bool in;

	lock_acquire(&s->lock);
	in = has_place(s, c);
	if (in) {
		connection_index_add(&s->crowd, &c->member);
		s->connections++;
		s->holders++;
	}
	lock_release(&s->lock);
	return in;
}

/* Also closes the socket, unless somebody else shall have it. */
static void leave(struct connection *c, bool with_socket)
{
	struct server *const s = c->server;

	lock_acquire(&s->lock);
	connection_index_remove(&c->member);
	s->connections--;
	if (with_socket)
		close(c->talk.fd);
	free(c);
	cond_broadcast(&s->gone);
	let_go(s);
}

static bool call_begins(struct http_connection *talk, const struct ip *client)
{
	struct connection *const c = container_of(talk, struct connection, talk);
	struct server *const s = c->server;
	const struct ip origin = ip_subscriber(client);
	bool in;

	lock_acquire(&s->lock);
	in = has_place_for(s, &origin);
	if (in)
		connection_index_move(&s->crowd, &c->member, &origin);
	lock_release(&s->lock);
	return in;
}

static void call_ends(struct http_connection *talk)
{
	struct connection *const c = container_of(talk, struct connection, talk);
	const struct ip origin = ip_subscriber(&talk->ip);

	lock_acquire(&c->server->lock);
	connection_index_move(&c->server->crowd, &c->member, &origin);
	lock_release(&c->server->lock);
}

static void run_connection(void *arg)
{
	struct connection *const c = arg;

	metric_add(METRIC_CONNECTIONS, 0, 0, 1);
	http_connection_run(&c->talk);
	metric_add(METRIC_CONNECTIONS, 0, 0, -1);
	leave(c, true);
}

static struct connection *connection_of(struct server *s, const struct accepted_conn *newcomer)
{
	struct connection *const c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->server = s;
	c->member.origin = ip_subscriber(&newcomer->ip);
	ip_write(&newcomer->ip, c->address);
	c->talk.conf = &s->conf;
	c->talk.call_begins = call_begins;
	c->talk.call_ends = call_ends;
	c->talk.stopping = &s->stopping;
	c->talk.fd = newcomer->fd;
	c->talk.ip = newcomer->ip;
	c->talk.peer = str_of(c->address);
	c->talk.proxied = s->conf.trusted != NULL && ip_nets_have(s->conf.trusted, &newcomer->ip);
	return c;
}

static bool welcome(struct server *s, const struct accepted_conn *newcomer)
{
	struct connection *const c = connection_of(s, newcomer);

	if (c == NULL)
		return false;
	if (!enter(c)) {
		free(c);
		return false;
	}
	if (thread_detach(run_connection, c) == OK)
		return true;
	leave(c, false);
	return false;
}

static void turn_away(struct server *s, int fd)
{
	http_connection_refuse(fd, &s->conf, REFUSE_FULL);
	lingering_close_add(&s->farewell, fd, s->conf.ticks());
}

/* Said once for each time that it begins. Those who are already turned away make room. */
static void note_short(struct server *s, bool is_short, int error)
{
	if (is_short && !s->is_short)
		log_event(LOG_ERROR, "accept_failed", LOG_NUMBER("errno", error));
	if (is_short)
		lingering_close_finish(&s->farewell);
	s->is_short = is_short;
}

static enum accept_result accept_some(struct server *s, int most)
{
	enum accept_result knock = ACCEPT_NONE;
	struct accepted_conn newcomer;
	int error = 0;

	for (int i = 0; i < most; i++) {
		knock = listener_accept(s->listener, &newcomer, &error);
		if (knock == ACCEPT_NONE || knock == ACCEPT_NO_RESOURCES)
			break;
		if (knock == ACCEPT_OK && !welcome(s, &newcomer))
			turn_away(s, newcomer.fd);
	}
	note_short(s, knock == ACCEPT_NO_RESOURCES, error);
	return knock;
}

static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void accept_until_stopped(void *arg)
{
	enum { WAKE, DOOR, FIRST };
	struct server *const s = arg;
	struct pollfd polls[FIRST + LINGERING_CLOSE_MAX] = {
		[WAKE] = { .fd = s->wake, .events = POLLIN },
		[DOOR] = { .events = POLLIN },
	};

	while (!atomic_load(&s->stopping)) {
		const int wait = lingering_close_polls(&s->farewell, s->conf.ticks(), polls + FIRST);

		polls[DOOR].fd = s->is_short ? -1 : s->listener;
		(void)poll(polls, FIRST + s->farewell.n, s->is_short ? sooner(wait, SHORT_PAUSE_MS) : wait);
		lingering_close_process(&s->farewell, s->conf.ticks(), polls + FIRST);
		(void)accept_some(s, ACCEPTS_IN_A_ROW);
	}
	/* Who had come before the stop is let in; what they have asked already is answered. */
	for (int i = 0; i < LAST_ACCEPTS; i++) {
		if (accept_some(s, ACCEPTS_IN_A_ROW) != ACCEPT_OK)
			break;
	}
	lingering_close_finish(&s->farewell);
}

enum err server_start(struct server *server)
{
	return thread_start(&server->acceptor, accept_until_stopped, server);
}

/* With the lock held, as the next. */
static void shut_idle(struct conn_entry *m, void *arg)
{
	const struct connection *const c = container_of(m, struct connection, member);

	(void)arg;
	if (atomic_load(&c->talk.idle) && !socket_has_data(c->talk.fd))
		shutdown(c->talk.fd, SHUT_RD);
}

static void shut(struct conn_entry *m, void *arg)
{
	(void)arg;
	shutdown(container_of(m, struct connection, member)->talk.fd, SHUT_RDWR);
}

static void stop_accepting(struct server *s)
{
	const uint64_t one = 1;

	atomic_store(&s->stopping, true);
	/* An eventfd that is full is awake already. */
	if (write(s->wake, &one, sizeof(one)) < 0)
		assert(s->wake >= 0);
	thread_join(&s->acceptor);
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
}

bool server_stop(struct server *server, duration limit)
{
	const int64_t end = server->conf.ticks() + limit.ms;
	int64_t left = limit.ms;
	bool ended;

	stop_accepting(server);
	lock_acquire(&server->lock);
	/* What nobody has asked anything of ends at once. */
	connection_index_each(&server->crowd, shut_idle, NULL);
	while (server->connections > 0 && left > 0) {
		(void)cond_wait_for(&server->gone, &server->lock, milliseconds(left));
		left = end - server->conf.ticks();
	}
	ended = server->connections == 0;
	if (!ended) {
		log_event(LOG_WARN, "connections_cut", LOG_NUMBER("count", (int64_t)server->connections));
		connection_index_each(&server->crowd, shut, NULL);
	}
	lock_release(&server->lock);
	return ended;
}

void server_close(struct server *server)
{
	if (server == NULL)
		return;
	if (server->acceptor.running)
		(void)server_stop(server, milliseconds(0));
	if (server->listener >= 0)
		close(server->listener);
	server->listener = -1;
	lock_acquire(&server->lock);
	let_go(server);
}

size_t server_connections(const struct server *server)
{
	return atomic_load(&server->connections);
}
