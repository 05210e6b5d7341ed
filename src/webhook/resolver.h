/* Looks up the addresses of names, each on a thread of its own, because getaddrinfo() may wait for longer
 * than a delivery may take, and its wait cannot be ended. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "text/ip.h"

/* A name with more addresses counts as not resolved, so that each address of a name is judged. */
#define RESOLVED_MAX 64
/* Look-ups that may be running, including those whose result nobody waits for any more. */
#define RESOLVER_THREADS_MAX 256

struct resolved {
	size_t n; /* 0: the name was not resolved */
	struct ip ips[RESOLVED_MAX];
};

struct resolver_conf {
	/* Looks up one name on the thread of the look-up. NULL: getaddrinfo(). Tests pass their own. */
	void (*look_up)(void *arg, const char *host, struct resolved *out);
	void *arg;
	/* Called on the thread of a look-up when its result is there. */
	void (*notify)(void *arg);
	void *notify_arg;
};

struct resolver;

enum err resolver_open(const struct resolver_conf *conf, struct resolver **out) must_use;
/* Does not wait for running look-ups: their threads free what they use. `notify` is not called after the
 * return. Accepts NULL. */
void resolver_close(struct resolver *resolver);
/* Begins a look-up. ERR_BUSY: too many are running. */
enum err resolver_start(struct resolver *resolver, struct str host, uint64_t ticket) must_use;
/* Takes one result. Returns false if there is none. */
bool resolver_take(struct resolver *resolver, uint64_t *ticket, struct resolved *out) must_use;
