/* TCP server for tests: listens on a free port of 127.0.0.1 and calls a function for each connection, on a
 * thread per connection. Accepts at most TINY_CONNECTIONS connections in total. */
#pragma once

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/lock.h"

#define TINY_CONNECTIONS 128
#define TINY_REQUEST_MAX 65536

struct tiny_server;

struct tiny_connection {
	struct tiny_server *server;
	int fd;
	struct thread thread;
	char kept[TINY_REQUEST_MAX]; /* bytes received but not consumed yet */
	size_t n_kept;
};

struct tiny_server {
	void (*serve)(struct tiny_connection *connection);
	void *script; /* context for `serve` */
	int fd, port;
	struct thread thread;
	struct tiny_connection *connections[TINY_CONNECTIONS];
	atomic_size_t accepted;
};

static inline void tiny_connection_run(void *arg)
{
	struct tiny_connection *connection = arg;

	connection->server->serve(connection);
	shutdown(connection->fd, SHUT_RDWR);
}

static inline void tiny_accept_all(void *arg)
{
	struct tiny_server *server = arg;

	for (size_t i = 0; i < TINY_CONNECTIONS; i++) {
		const int fd = accept(server->fd, NULL, NULL);
		struct tiny_connection *connection;

		if (fd < 0)
			return;
		connection = calloc(1, sizeof(*connection));
		assert(connection != NULL);
		connection->server = server;
		connection->fd = fd;
		server->connections[i] = connection;
		atomic_store(&server->accepted, i + 1);
		if (thread_start(&connection->thread, tiny_connection_run, connection) != OK)
			abort();
	}
}

static inline void tiny_start(
	struct tiny_server *server, void (*serve)(struct tiny_connection *), void *script)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(address);

	memset(server, 0, sizeof(*server));
	server->serve = serve;
	server->script = script;
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->fd < 0 || bind(server->fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(server->fd, TINY_CONNECTIONS) != 0 ||
		getsockname(server->fd, (struct sockaddr *)&address, &n) != 0)
		abort();
	server->port = ntohs(address.sin_port);
	if (thread_start(&server->thread, tiny_accept_all, server) != OK)
		abort();
}

static inline void tiny_stop(struct tiny_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	thread_join(&server->thread);
	close(server->fd);
	for (size_t i = 0; i < atomic_load(&server->accepted); i++) {
		shutdown(server->connections[i]->fd, SHUT_RDWR);
		thread_join(&server->connections[i]->thread);
		close(server->connections[i]->fd);
		free(server->connections[i]);
	}
}

static inline bool tiny_send(struct tiny_connection *connection, const char *bytes, size_t n)
{
	while (n > 0) {
		const ssize_t sent = send(connection->fd, bytes, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

static inline bool tiny_send_text(struct tiny_connection *connection, const char *text)
{
	return tiny_send(connection, text, strlen(text));
}

/* Waits until the client closes the connection or the server is stopped. */
static inline void tiny_wait_for_end(struct tiny_connection *connection)
{
	char byte;

	while (recv(connection->fd, &byte, 1, 0) > 0)
		;
}

/* Receives until `mark` is in the buffer. Returns the position after it; 0: the connection ended or the
 * buffer is full. */
static inline size_t tiny_until(struct tiny_connection *connection, const char *mark)
{
	for (;;) {
		const char *found = memmem(connection->kept, connection->n_kept, mark, strlen(mark));
		ssize_t got;

		if (found != NULL)
			return (size_t)(found - connection->kept) + strlen(mark);
		if (connection->n_kept >= sizeof(connection->kept) - 1)
			return 0;
		got = recv(connection->fd, connection->kept + connection->n_kept,
			sizeof(connection->kept) - 1 - connection->n_kept, 0);
		if (got <= 0)
			return 0;
		connection->n_kept += (size_t)got;
		connection->kept[connection->n_kept] = '\0';
	}
}

static inline void tiny_drop(struct tiny_connection *connection, size_t n)
{
	memmove(connection->kept, connection->kept + n, connection->n_kept - n);
	connection->n_kept -= n;
	connection->kept[connection->n_kept] = '\0';
}

/* Reads one line with its line end into `line`, truncated to `size`. Returns false at the end of the
 * connection. */
static inline bool tiny_line(struct tiny_connection *connection, char *line, size_t size)
{
	const size_t n = tiny_until(connection, "\n");
	const size_t taken = n < size ? n : size - 1;

	if (n == 0)
		return false;
	memcpy(line, connection->kept, taken);
	line[taken] = '\0';
	tiny_drop(connection, n);
	return true;
}

/* Reads one HTTP request, head and body, into `request`, NUL-terminated and truncated to `size`. Returns
 * false at the end of the connection. */
static inline bool tiny_request(struct tiny_connection *connection, char *request, size_t size)
{
	const size_t response_head = tiny_until(connection, "\r\n\r\n");
	const char *length;
	size_t whole = response_head, taken;

	if (response_head == 0)
		return false;
	length = strcasestr(connection->kept, "\r\nContent-Length:");
	if (length != NULL && length < connection->kept + response_head)
		whole += (size_t)strtoul(length + 17, NULL, 10);
	while (connection->n_kept < whole) {
		const ssize_t got = recv(connection->fd, connection->kept + connection->n_kept,
			sizeof(connection->kept) - 1 - connection->n_kept, 0);

		if (got <= 0)
			return false;
		connection->n_kept += (size_t)got;
	}
	taken = whole < size ? whole : size - 1;
	memcpy(request, connection->kept, taken);
	request[taken] = '\0';
	tiny_drop(connection, whole);
	return true;
}

static inline bool tiny_reply(
	struct tiny_connection *connection, int status, const char *type, const char *body)
{
	char response_head[256];

	snprintf(response_head, sizeof(response_head),
		"HTTP/1.1 %d Status\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status, type,
		strlen(body));
	return tiny_send_text(connection, response_head) && tiny_send_text(connection, body);
}
