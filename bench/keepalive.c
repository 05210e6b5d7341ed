#include "keepalive.h"

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
	fprintf(stderr, "bench: %s: %s\n", what, errno ? strerror(errno) : "wrong");
	exit(1);
}

int64_t nanos(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void print_times(const char *name, uint32_t *micros, size_t n)
{
	qsort(micros, n, sizeof(micros[0]), by_size);
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

struct run {
	const struct drive *d;
	const struct requests *requests;
	int connections;
	int64_t start, interval;
	atomic_size_t *next, *answered;
};

struct line {
	int fd;
	size_t i, n;
	int64_t began;
	char text[REPLY_SIZE];
};

static int dial(long port)
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

static void ask(const struct run *run, struct line *line, size_t i, int64_t began)
{
	char text[REQUEST_SIZE];
	const size_t n = run->requests->write(run->requests->arg, i, text);

	*line = (struct line){ .fd = line->fd, .i = i, .began = began };
	if (send(line->fd, text, n, MSG_NOSIGNAL) != (ssize_t)n)
		die("send");
}

/* More of an answer. True: it is whole. */
static bool hear(const struct run *run, struct line *line)
{
	const ssize_t got = recv(line->fd, line->text + line->n, REPLY_SIZE - 1 - line->n, 0);
	const char *body, *length;

	if (got <= 0)
		die("a connection was closed");
	line->n += (size_t)got;
	line->text[line->n] = '\0';
	body = strstr(line->text, "\r\n\r\n");
	length = strcasestr(line->text, "\r\nContent-Length: ");
	if (body == NULL || length == NULL)
		return false;
	body += 4;
	const size_t n = strtoul(length + 18, NULL, 10);
	if (line->n < (size_t)(body - line->text) + n)
		return false;

	const struct reply_text reply = { (int)strtol(line->text + 9, NULL, 10), body, n };
	if (run->d->micros)
		run->d->micros[line->i] = (uint32_t)((nanos() - line->began) / 1000);
	errno = 0;
	if (!run->requests->take(run->requests->arg, line->i, &reply))
		die(line->text);
	atomic_fetch_add(run->answered, 1);
	return true;
}

/* False: none is left, or the time is over. */
static bool ask_next(const struct run *run, struct line *line)
{
	const int64_t now = nanos();

	if (run->d->until && now >= run->d->until)
		return false;
	const size_t i = atomic_fetch_add(run->next, 1);
	if (i >= run->d->n)
		return false;
	ask(run, line, i, now);
	return true;
}

static void *serve_many(void *arg)
{
	const struct run *const run = arg;
	struct line *const lines = calloc((size_t)run->connections, sizeof(*lines));
	const int poll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[64];
	int busy = 0;

	if (lines == NULL || poll < 0)
		die("epoll");
	for (int i = 0; i < run->connections; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &lines[i] };

		lines[i].fd = dial(run->d->port);
		if (epoll_ctl(poll, EPOLL_CTL_ADD, lines[i].fd, &event) != 0)
			die("epoll");
		busy += ask_next(run, &lines[i]);
	}
	while (busy > 0) {
		const int n = epoll_wait(poll, events, 64, 10000);

		if (n <= 0)
			die("no answer in ten seconds");
		for (int i = 0; i < n; i++)
			if (hear(run, events[i].data.ptr) && !ask_next(run, events[i].data.ptr))
				busy--;
	}
	for (int i = 0; i < run->connections; i++)
		close(lines[i].fd);
	close(poll);
	free(lines);
	return NULL;
}

static void sleep_until(int64_t at)
{
	const struct timespec t = { at / 1000000000, at % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static void *serve_one(void *arg)
{
	const struct run *const run = arg;
	struct line *const line = calloc(1, sizeof(*line));

	if (line == NULL)
		die("memory");
	line->fd = dial(run->d->port);
	for (size_t i; (i = atomic_fetch_add(run->next, 1)) < run->d->n;) {
		const int64_t due = run->start + (int64_t)i * run->interval;

		sleep_until(due);
		ask(run, line, i, due);
		while (!hear(run, line))
			;
	}
	close(line->fd);
	free(line);
	return NULL;
}

static size_t run_threads(const struct drive *d, const struct requests *requests, int64_t interval)
{
	pthread_t threads[THREADS_MAX];
	atomic_size_t next = 0, answered = 0;
	struct run run = { d, requests, d->connections / d->threads, nanos(), interval, &next, &answered };

	if (run.connections < 1)
		run.connections = 1;
	for (int i = 0; i < d->threads; i++)
		if (pthread_create(&threads[i], NULL, interval ? serve_one : serve_many, &run) != 0)
			die("thread");
	for (int i = 0; i < d->threads; i++)
		(void)pthread_join(threads[i], NULL);
	return answered;
}

size_t drive(const struct drive *d, const struct requests *requests)
{
	return run_threads(d, requests, 0);
}

void drive_steadily(const struct drive *d, const struct requests *requests, long per_second)
{
	(void)run_threads(d, requests, 1000000000 / per_second);
}
