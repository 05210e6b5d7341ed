/* HTTP load on loopback over keep-alive connections, at full speed or at a fixed rate. At full speed each
 * thread serves many connections, and each connection has one request in progress. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_SIZE 8192

struct reply_text {
	int status;
	const char *body; /* terminated by '\0' */
	size_t n;
};

/* `write` writes request number `i`, with its headers and body, and returns its length. `accept` checks the
 * reply to request `i` and returns false if it is wrong. Several threads call both functions at the same
 * time, but with different `i`. */
struct requests {
	size_t (*write)(void *arg, size_t i, char out[REQUEST_SIZE]);
	bool (*accept)(void *arg, size_t i, const struct reply_text *reply);
	void *arg;
};

struct load_params {
	long port;
	int threads, connections;
	size_t n;	  /* number of requests */
	int64_t until;	  /* no request starts after this time (see nanos()); 0: no limit */
	uint32_t *micros; /* receives the duration of each request; n elements; may be NULL */
};

int64_t nanos(void); /* monotonic time in nanoseconds */
/* Writes a POST request with this JSON body and returns its length. */
size_t write_post(char out[REQUEST_SIZE], const char *key, const char *path, const char *body);
/* Sends the requests at full speed and returns how many were answered. Exits the program when a connection
 * fails or a reply is wrong. */
size_t load_at_full_speed(const struct load_params *params, const struct requests *requests);
/* Sends the requests at a fixed rate, with one connection per thread. Request `i` is due `i / per_second`
 * seconds after the start and its duration is measured from then, so that a late reply also counts for the
 * requests that it delays. */
void load_at_rate(const struct load_params *params, const struct requests *requests, long per_second);

/* Prints the message and errno, and exits with 1. */
void die(const char *what);
/* Prints NAME_p50 and NAME_p99. Sorts `micros`. */
void print_durations(const char *name, uint32_t *micros, size_t n);
