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

/* Maximum number of connections accepted at a time, before the lingering connections are processed again. */
#define ACCEPTS_PER_POLL 64
/* When the server stops, ACCEPTS_PER_POLL connections are accepted at most this many times. Together these
 * are all connections that can wait in the kernel's queue. */
#define ACCEPT_ROUNDS_AT_STOP 64
/* For how many milliseconds no connections are accepted after the system had no file descriptors left. */
#define ACCEPT_PAUSE_MS 100

struct server_connection {
	struct http_connection http;
	struct server *server;
	/* Counts the connection for the address of its other end or, while a request of a trusted proxy is
	 * served, for the client's address. */
	struct conn_entry entry;
	char address[IP_TEXT_SIZE];
};

/* Reference-counted: referenced by its owner and by the thread of each connection, because a thread can still
 * run after server_stop reached its time limit. */
struct server {
	struct server_conf conf;
	int listener, wake, port;
	struct thread acceptor;
	atomic_bool stopping;
	struct lingering_close lingering; /* used by the accepting thread only */
	bool no_descriptors; /* the system has no file descriptors left; used by the accepting thread only */

	struct lock lock; /* guards the following members and the two connection limits in `conf` */
	struct cond connection_closed;
	struct connection_index by_address;
	size_t refs;
	atomic_size_t connections; /* number of open connections; changed only with the lock held */
};

static void server_free(struct server *s)
{
	cond_finish(&s->connection_closed);
	lock_finish(&s->lock);
	close(s->wake);
	free(s);
}

/* Drops a reference, releases the lock, and frees the server after the last reference. The caller holds the
 * lock. */
static void server_unref_unlock(struct server *s)
{
	const bool last = --s->refs == 0;

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
	s->refs = 1;
	lock_init(&s->lock);
	cond_init(&s->connection_closed);
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

/* The caller holds the lock. */
static bool address_has_capacity(const struct server *s, const struct ip *origin)
{
	return connection_index_count(&s->by_address, origin) < s->conf.limits.connections_per_address;
}

/* The limit per address does not apply to trusted proxies, because they forward the requests of many clients.
 * The caller holds the lock. */
static bool server_has_capacity(const struct server *s, const struct server_connection *accepted)
{
	if (s->connections >= s->conf.limits.connections)
		return false;
	return accepted->http.proxied || address_has_capacity(s, &accepted->entry.origin);
}

static bool connection_register(struct server_connection *c)
{
	struct server *const s = c->server;
	bool admitted;

	lock_acquire(&s->lock);
	admitted = server_has_capacity(s, c);
	if (admitted) {
		connection_index_add(&s->by_address, &c->entry);
		s->connections++;
		s->refs++;
	}
	lock_release(&s->lock);
	return admitted;
}

/* Removes the connection from the server and frees it. If `with_socket` is true, also closes its socket. */
static void connection_unregister(struct server_connection *c, bool with_socket)
{
	struct server *const s = c->server;

	lock_acquire(&s->lock);
	connection_index_remove(&c->entry);
	s->connections--;
	if (with_socket)
		close(c->http.fd);
	free(c);
	cond_broadcast(&s->connection_closed);
	server_unref_unlock(s);
}

static bool on_call_begin(struct http_connection *http, const struct ip *client)
{
	struct server_connection *const c = container_of(http, struct server_connection, http);
	struct server *const s = c->server;
	const struct ip origin = ip_subscriber(client);
	bool admitted;

	lock_acquire(&s->lock);
	admitted = address_has_capacity(s, &origin);
	if (admitted) {
		connection_index_move(&s->by_address, &c->entry, &origin);
		c->entry.is_exempt = false;
	}
	lock_release(&s->lock);
	return admitted;
}

static void on_call_end(struct http_connection *http)
{
	struct server_connection *const c = container_of(http, struct server_connection, http);
	const struct ip origin = ip_subscriber(&http->ip);

	lock_acquire(&c->server->lock);
	connection_index_move(&c->server->by_address, &c->entry, &origin);
	c->entry.is_exempt = true;
	lock_release(&c->server->lock);
}

static void connection_main(void *arg)
{
	struct server_connection *const c = arg;

	metric_add(METRIC_CONNECTIONS, 0, 0, 1);
	http_connection_run(&c->http);
	metric_add(METRIC_CONNECTIONS, 0, 0, -1);
	connection_unregister(c, true);
}

static struct server_connection *connection_new(struct server *s, const struct accepted_conn *accepted)
{
	struct server_connection *const c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->server = s;
	c->entry.origin = ip_subscriber(&accepted->ip);
	ip_write(&accepted->ip, c->address);
	c->http.conf = &s->conf;
	c->http.call_begins = on_call_begin;
	c->http.call_ends = on_call_end;
	c->http.stopping = &s->stopping;
	c->http.fd = accepted->fd;
	c->http.ip = accepted->ip;
	c->http.peer = str_of(c->address);
	c->http.proxied = s->conf.trusted != NULL && ip_nets_have(s->conf.trusted, &accepted->ip);
	c->entry.is_exempt = c->http.proxied;
	return c;
}

static bool connection_start(struct server *s, const struct accepted_conn *accepted)
{
	struct server_connection *const c = connection_new(s, accepted);

	if (c == NULL)
		return false;
	if (!connection_register(c)) {
		free(c);
		return false;
	}
	if (thread_detach(connection_main, c) == OK)
		return true;
	connection_unregister(c, false);
	return false;
}

static void refuse_connection(struct server *s, int fd)
{
	http_connection_refuse(fd, &s->conf, REFUSE_FULL);
	lingering_close_add(&s->lingering, fd, s->conf.ticks());
}

/* Called after each attempt to accept a connection. Logs when a shortage of file descriptors begins. During a
 * shortage, closes the lingering connections to free descriptors. */
static void set_no_descriptors(struct server *s, bool no_descriptors, int error)
{
	if (no_descriptors && !s->no_descriptors)
		log_event(LOG_ERROR, "accept_failed", LOG_NUMBER("errno", error));
	if (no_descriptors)
		lingering_close_finish(&s->lingering);
	s->no_descriptors = no_descriptors;
}

static enum accept_result accept_connections(struct server *s, int most)
{
	enum accept_result result = ACCEPT_NONE;
	struct accepted_conn accepted;
	int error = 0;

	for (int i = 0; i < most; i++) {
		result = listener_accept(s->listener, &accepted, &error);
		if (result == ACCEPT_NONE || result == ACCEPT_NO_RESOURCES)
			break;
		if (result == ACCEPT_OK && !connection_start(s, &accepted))
			refuse_connection(s, accepted.fd);
	}
	set_no_descriptors(s, result == ACCEPT_NO_RESOURCES, error);
	return result;
}

static int min_timeout(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void acceptor_main(void *arg)
{
	enum { WAKE, LISTENER, FIRST };
	struct server *const s = arg;
	struct pollfd polls[FIRST + LINGERING_CLOSE_MAX] = {
		[WAKE] = { .fd = s->wake, .events = POLLIN },
		[LISTENER] = { .events = POLLIN },
	};

	while (!atomic_load(&s->stopping)) {
		const int wait = lingering_close_polls(&s->lingering, s->conf.ticks(), polls + FIRST);

		polls[LISTENER].fd = s->no_descriptors ? -1 : s->listener;
		(void)poll(polls, FIRST + s->lingering.n,
			s->no_descriptors ? min_timeout(wait, ACCEPT_PAUSE_MS) : wait);
		lingering_close_process(&s->lingering, s->conf.ticks(), polls + FIRST);
		(void)accept_connections(s, ACCEPTS_PER_POLL);
	}
	/* Connections that were waiting when the stop began are still accepted, and requests that they have
	 * sent are answered. */
	for (int i = 0; i < ACCEPT_ROUNDS_AT_STOP; i++) {
		if (accept_connections(s, ACCEPTS_PER_POLL) != ACCEPT_OK)
			break;
	}
	lingering_close_finish(&s->lingering);
}

enum err server_start(struct server *server)
{
	return thread_start(&server->acceptor, acceptor_main, server);
}

/* The caller holds the lock. */
static void shutdown_if_idle(struct conn_entry *entry, void *arg)
{
	const struct server_connection *const c = container_of(entry, struct server_connection, entry);

	(void)arg;
	if (atomic_load(&c->http.idle) && !socket_has_data(c->http.fd))
		shutdown(c->http.fd, SHUT_RD);
}

static void shutdown_connection(struct conn_entry *entry, void *arg)
{
	(void)arg;
	shutdown(container_of(entry, struct server_connection, entry)->http.fd, SHUT_RDWR);
}

static void stop_accepting(struct server *s)
{
	const uint64_t one = 1;

	atomic_store(&s->stopping, true);
	/* If the write fails, the eventfd's counter is full, and the acceptor wakes up anyway. */
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
	/* Connections without a request in progress are closed at once. */
	connection_index_each(&server->by_address, shutdown_if_idle, NULL);
	while (server->connections > 0 && left > 0) {
		(void)cond_wait_for(&server->connection_closed, &server->lock, milliseconds(left));
		left = end - server->conf.ticks();
	}
	ended = server->connections == 0;
	if (!ended) {
		log_event(LOG_WARN, "connections_cut", LOG_NUMBER("count", (int64_t)server->connections));
		connection_index_each(&server->by_address, shutdown_connection, NULL);
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
	server_unref_unlock(server);
}

size_t server_connections(const struct server *server)
{
	return atomic_load(&server->connections);
}
