#include "http_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_SIZE 16384
#define THREADS_MAX 64

void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, errno ? strerror(errno) : "unexpected value");
	exit(1);
}

int64_t nanos(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare_uint32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void print_durations(const char *name, uint32_t *micros, size_t n)
{
	qsort(micros, n, sizeof(micros[0]), compare_uint32);
	printf("%s_p50 %.3f ms\n", name, micros[n / 2] / 1000.0);
	printf("%s_p99 %.3f ms\n", name, micros[n - n / 100 - 1] / 1000.0);
}

size_t write_post(char out[REQUEST_SIZE], const char *key, const char *path, const char *body)
{
	const int n = snprintf(out, REQUEST_SIZE,
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: %s\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n\r\n%s",
		path, key, strlen(body), body);

	if (n < 0 || n >= REQUEST_SIZE)
		die("a request is too long");
	return (size_t)n;
}

struct load_run {
	const struct load_params *params;
	const struct requests *requests;
	int connections;
	int64_t start, interval;
	atomic_size_t *next, *answered;
};

struct connection {
	int fd;
	size_t i, n;
	int64_t began;
	char text[REPLY_SIZE];
};

static int connect_to(long port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		die("connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void send_request(const struct load_run *run, struct connection *connection, size_t i, int64_t began)
{
	char text[REQUEST_SIZE];
	const size_t n = run->requests->write(run->requests->arg, i, text);

	*connection = (struct connection){ .fd = connection->fd, .i = i, .began = began };
	if (send(connection->fd, text, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send");
}

/* Receives the next bytes of a reply. Returns true when the reply is complete. */
static bool receive_reply(const struct load_run *run, struct connection *connection)
{
	const ssize_t got = recv(
		connection->fd, connection->text + connection->n, REPLY_SIZE - 1 - connection->n, 0);
	const char *body, *length;

	if (got <= 0)
		die("a connection was closed");
	connection->n += (size_t)got;
	connection->text[connection->n] = '\0';
	body = strstr(connection->text, "\r\n\r\n");
	length = strcasestr(connection->text, "\r\nContent-Length: ");
	if (body == NULL || length == NULL)
		return false;
	body += 4;
	const size_t n = strtoul(length + 18, NULL, 10);
	if (connection->n < (size_t)(body - connection->text) + n)
		return false;

	const struct reply_text reply = { (int)strtol(connection->text + 9, NULL, 10), body, n };
	if (run->params->micros)
		run->params->micros[connection->i] = (uint32_t)((nanos() - connection->began) / 1000);
	errno = 0;
	if (!run->requests->accept(run->requests->arg, connection->i, &reply))
		die(connection->text);
	atomic_fetch_add(run->answered, 1);
	return true;
}

/* Sends the next request on this connection. Returns false if no request is left or the time is over. */
static bool send_next_request(const struct load_run *run, struct connection *connection)
{
	const int64_t now = nanos();

	if (run->params->until && now >= run->params->until)
		return false;
	const size_t i = atomic_fetch_add(run->next, 1);
	if (i >= run->params->n)
		return false;
	send_request(run, connection, i, now);
	return true;
}

static void *run_connections(void *arg)
{
	const struct load_run *const run = arg;
	struct connection *const connections = calloc((size_t)run->connections, sizeof(*connections));
	const int poll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[64];
	int busy = 0;

	if (connections == NULL || poll < 0)
		die("epoll");
	for (int i = 0; i < run->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &connections[i] };

		connections[i].fd = connect_to(run->params->port);
		if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event) != 0)
			die("epoll");
		busy += send_next_request(run, &connections[i]);
	}
	while (busy > 0) {
		const int n = epoll_wait(poll, events, 64, 10000);

		if (n <= 0)
			die("no reply within ten seconds");
		for (int i = 0; i < n; i++)
			if (receive_reply(run, events[i].data.ptr) &&
				!send_next_request(run, events[i].data.ptr))
				busy--;
	}
	for (int i = 0; i < run->connections; i++)
		close(connections[i].fd);
	close(poll);
	free(connections);
	return NULL;
}

static void sleep_until(int64_t at)
{
	const struct timespec t = { at / 1000000000, at % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *run_at_rate(void *arg)
{
	const struct load_run *const run = arg;
	struct connection *const connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		die("memory");
	connection->fd = connect_to(run->params->port);
	for (size_t i; (i = atomic_fetch_add(run->next, 1)) < run->params->n;) {
		const int64_t due = run->start + (int64_t)i * run->interval;

		sleep_until(due);
		send_request(run, connection, i, due);
		while (!receive_reply(run, connection))
			;
	}
	close(connection->fd);
	free(connection);
	return NULL;
}

static size_t run_threads(const struct load_params *params, const struct requests *requests, int64_t interval)
{
	pthread_t threads[THREADS_MAX];
	atomic_size_t next = 0, answered = 0;
	struct load_run run = { params, requests, params->connections / params->threads, nanos(), interval,
		&next, &answered };

	if (run.connections < 1)
		run.connections = 1;
	for (int i = 0; i < params->threads; i++)
		if (pthread_create(&threads[i], NULL, interval ? run_at_rate : run_connections, &run) != 0)
			die("thread");
	for (int i = 0; i < params->threads; i++)
		(void)pthread_join(threads[i], NULL);
	return answered;
}

size_t load_at_full_speed(const struct load_params *params, const struct requests *requests)
{
	return run_threads(params, requests, 0);
}

void load_at_rate(const struct load_params *params, const struct requests *requests, long per_second)
{
	(void)run_threads(params, requests, 1000000000 / per_second);
}
