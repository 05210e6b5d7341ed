/* Requests over connections that stay open, on loopback, as fast as the answers come or at a steady pace. One
 * thread serves many connections, each of which has one request under way. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_SIZE 8192

struct reply_text {
	int status;
	const char *body; /* ends with a 0 */
	size_t n;
};

/* `write` makes request number `i`, head and body, and returns its length; `take` judges the answer. Both are
 * called by several threads at once, each `i` by one. */
struct requests {
	size_t (*write)(void *arg, size_t i, char out[REQUEST_SIZE]);
	bool (*take)(void *arg, size_t i, const struct reply_text *reply);
	void *arg;
};

struct drive {
	long port;
	int threads, connections;
	size_t n;	  /* requests in all */
	int64_t until;	  /* of nanos(): none is begun later; 0: no end but n */
	uint32_t *micros; /* of each request, room for n; may be NULL */
};

int64_t nanos(void);
/* A POST with this body. */
size_t write_post(char out[REQUEST_SIZE], const char *key, const char *path, const char *body);
/* Ends the program when a connection fails or an answer was not taken. Returns how many were answered. */
size_t drive(const struct drive *d, const struct requests *requests);
/* One connection a thread; request `i` is due `i / per_second` after the start, and its time counts from
 * then: what waits for a late answer counts as late itself. */
void drive_steadily(const struct drive *d, const struct requests *requests, long per_second);

void die(const char *what);
int by_size(const void *a, const void *b);
/* Sorts them; prints NAME_p50 and NAME_p99. */
void print_times(const char *name, uint32_t *micros, size_t n);
