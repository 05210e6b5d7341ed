#include "webhook/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/lock.h"

struct look_up {
	struct resolver *resolver;
	struct look_up *next;
	uint64_t ticket;
	struct resolved resolved;
	char host[]; /* with a final NUL */
};

struct resolver {
	struct lock lock;
	struct resolver_conf conf;
	struct look_up *done; /* results that were not taken, newest first */
	size_t running;
	bool closed;
};

static void add_address(struct resolved *out, const struct addrinfo *each)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (each->ai_family == AF_INET) {
		memcpy(&v4, each->ai_addr, sizeof(v4));
		out->ips[out->n++] = ip_of_v4((const unsigned char *)&v4.sin_addr);
	} else if (each->ai_family == AF_INET6) {
		memcpy(&v6, each->ai_addr, sizeof(v6));
		memcpy(out->ips[out->n++].bytes, &v6.sin6_addr, IP_BYTES);
	}
}

static void look_up_by_system(void *arg, const char *host, struct resolved *out)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *all;

	(void)arg;
	out->n = 0;
	if (getaddrinfo(host, NULL, &hints, &all) != 0)
		return;
	for (const struct addrinfo *each = all; each != NULL; each = each->ai_next) {
		if (out->n == RESOLVED_MAX) {
			out->n = 0;
			break;
		}
		add_address(out, each);
	}
	freeaddrinfo(all);
}

enum err resolver_open(const struct resolver_conf *conf, struct resolver **out)
{
	struct resolver *const resolver = calloc(1, sizeof(*resolver));

	if (resolver == NULL)
		return ERR_INTERNAL;
	lock_init(&resolver->lock);
	resolver->conf = *conf;
	if (resolver->conf.look_up == NULL)
		resolver->conf.look_up = look_up_by_system;
	*out = resolver;
	return OK;
}

static void wipe_and_free(struct look_up *look_up)
{
	explicit_bzero(look_up->host, strlen(look_up->host));
	free(look_up);
}

static void resolver_free(struct resolver *resolver)
{
	for (struct look_up *each = resolver->done, *next; each != NULL; each = next) {
		next = each->next;
		wipe_and_free(each);
	}
	lock_finish(&resolver->lock);
	free(resolver);
}

void resolver_close(struct resolver *resolver)
{
	bool is_last;

	if (resolver == NULL)
		return;
	lock_acquire(&resolver->lock);
	resolver->closed = true;
	is_last = resolver->running == 0;
	lock_release(&resolver->lock);
	if (is_last)
		resolver_free(resolver);
}

/* The resolver is freed by whoever is last: resolver_close() or a look-up. `notify` is called with the lock
 * held, so that resolver_close() waits for its return. */
static void look_up_run(void *arg)
{
	struct look_up *const look_up = arg;
	struct resolver *const resolver = look_up->resolver;
	bool is_last;

	resolver->conf.look_up(resolver->conf.arg, look_up->host, &look_up->resolved);
	lock_acquire(&resolver->lock);
	look_up->next = resolver->done;
	resolver->done = look_up;
	resolver->running--;
	is_last = resolver->closed && resolver->running == 0;
	if (!resolver->closed)
		resolver->conf.notify(resolver->conf.notify_arg);
	lock_release(&resolver->lock);
	if (is_last)
		resolver_free(resolver);
}

static bool count_look_up(struct resolver *resolver)
{
	lock_acquire(&resolver->lock);
	const bool has_room = resolver->running < RESOLVER_THREADS_MAX;

	resolver->running += has_room;
	lock_release(&resolver->lock);
	return has_room;
}

enum err resolver_start(struct resolver *resolver, struct str host, uint64_t ticket)
{
	struct look_up *const look_up = calloc(1, sizeof(*look_up) + host.n + 1);
	enum err e = ERR_BUSY;

	if (look_up == NULL)
		return ERR_INTERNAL;
	look_up->resolver = resolver;
	look_up->ticket = ticket;
	memcpy(look_up->host, host.p, host.n);
	if (count_look_up(resolver)) {
		e = thread_detach(look_up_run, look_up);
		if (e == OK)
			return OK;
		lock_acquire(&resolver->lock);
		resolver->running--;
		lock_release(&resolver->lock);
	}
	wipe_and_free(look_up);
	return e;
}

bool resolver_take(struct resolver *resolver, uint64_t *ticket, struct resolved *out)
{
	struct look_up *look_up;

	lock_acquire(&resolver->lock);
	look_up = resolver->done;
	if (look_up != NULL)
		resolver->done = look_up->next;
	lock_release(&resolver->lock);
	if (look_up == NULL)
		return false;
	*ticket = look_up->ticket;
	*out = look_up->resolved;
	wipe_and_free(look_up);
	return true;
}
