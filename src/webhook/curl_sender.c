#include "webhook/curl_sender.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "webhook/transfer.h"

/* Idle connections that are kept open for a next request. */
#define CONNECTIONS_MAX 64L

struct curl_sender {
	struct webhook_sender base;
	struct clock *clock;
	struct transfer_conf conf;
	char *ca_file; /* NULL: the system's */
	struct resolver *resolver;
	CURLM *multi;
	atomic_bool woken;
	uint64_t last_ticket;
	size_t n;
	struct transfer *transfers[WEBHOOK_TRANSFERS_MAX];
};

static const struct webhook_sender_ops curl_sender_ops;

static struct curl_sender *curl_sender_from_base(struct webhook_sender *sender)
{
	assert(sender->ops == &curl_sender_ops);
	return container_of(sender, struct curl_sender, base);
}

static int64_t sender_ticks(const struct curl_sender *s)
{
	return s->clock->ops->ticks(s->clock);
}

static void on_resolved(void *arg)
{
	struct curl_sender *const s = arg;

	(void)curl_multi_wakeup(s->multi);
}

/* Sends the request, now that the addresses of its host are known. */
static void begin_transfer(struct curl_sender *s, struct transfer *t, const struct resolved *resolved)
{
	if (!transfer_prepare(t, resolved, sender_ticks(s)))
		return;
	if (curl_multi_add_handle(s->multi, t->curl) == CURLM_OK)
		t->state = TRANSFER_RUNNING;
	else
		transfer_fail(t, WEBHOOK_ERROR_INTERNAL, sender_ticks(s));
}

static void resolve(struct curl_sender *s, struct transfer *t)
{
	struct resolved literal;

	if (t->url.is_literal) {
		literal.n = 1;
		literal.ips[0] = t->url.ip;
		begin_transfer(s, t, &literal);
	} else if (resolver_start(s->resolver, t->url.host, t->ticket) != OK) {
		transfer_fail(t, WEBHOOK_ERROR_INTERNAL, sender_ticks(s));
	}
}

static enum err sender_start(struct webhook_sender *sender, const struct webhook_transfer *request)
{
	struct curl_sender *const s = curl_sender_from_base(sender);
	struct transfer *t;

	if (s->n == WEBHOOK_TRANSFERS_MAX)
		return ERR_BUSY;
	t = transfer_new(request, &s->conf, ++s->last_ticket, sender_ticks(s));
	if (t == NULL)
		return ERR_INTERNAL;
	s->transfers[s->n++] = t;
	if (t->state == TRANSFER_RESOLVING)
		resolve(s, t);
	return OK;
}

static struct transfer *find_resolving(struct curl_sender *s, uint64_t ticket)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->transfers[i]->ticket == ticket && s->transfers[i]->state == TRANSFER_RESOLVING)
			return s->transfers[i];
	return NULL;
}

static void take_resolved(struct curl_sender *s)
{
	struct resolved resolved;
	uint64_t ticket;

	while (resolver_take(s->resolver, &ticket, &resolved)) {
		/* A transfer whose time limit is over, or that was aborted, is not found. */
		struct transfer *const t = find_resolving(s, ticket);

		if (t != NULL)
			begin_transfer(s, t, &resolved);
	}
}

/* Ends look-ups that take too long. Shortens `wait` to the time until the next one does. */
static void end_late_look_ups(struct curl_sender *s, int64_t ticks, int64_t *wait)
{
	for (size_t i = 0; i < s->n; i++) {
		struct transfer *const t = s->transfers[i];
		const int64_t left = t->started + s->conf.connect_limit.ms - ticks;

		if (t->state != TRANSFER_RESOLVING)
			continue;
		if (left <= 0)
			transfer_fail(t, WEBHOOK_ERROR_NAME_NOT_RESOLVED, ticks);
		else if (left < *wait)
			*wait = left;
	}
}

static void perform(struct curl_sender *s)
{
	CURLMsg *message;
	int running, queued;

	(void)curl_multi_perform(s->multi, &running);
	while ((message = curl_multi_info_read(s->multi, &queued)) != NULL) {
		CURL *const curl = message->easy_handle;
		const CURLcode code = message->data.result;
		char *private = NULL;

		if (message->msg != CURLMSG_DONE ||
			curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private) != CURLE_OK)
			continue;
		(void)curl_multi_remove_handle(s->multi, curl);
		transfer_end((struct transfer *)(void *)private, code, s->clock->ops->machine_now(s->clock),
			sender_ticks(s));
	}
}

/* Moves the results of ended transfers to `results`, in the order in which the transfers were started. */
static size_t take_results(
	struct curl_sender *s, struct arena *a, struct webhook_transfer_result *results, size_t max)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct transfer *const t = s->transfers[i];

		if (t->state != TRANSFER_ENDED || n == max) {
			s->transfers[kept++] = t;
			continue;
		}
		results[n++] = transfer_result(t, a);
		transfer_free(t);
	}
	s->n = kept;
	return n;
}

static size_t sender_poll(struct webhook_sender *sender, duration limit, struct arena *a,
	struct webhook_transfer_result *results, size_t max)
{
	struct curl_sender *const s = curl_sender_from_base(sender);
	const int64_t end = sender_ticks(s) + limit.ms;

	for (;;) {
		int64_t wait;
		size_t n;

		take_resolved(s);
		perform(s);
		wait = end - sender_ticks(s);
		end_late_look_ups(s, sender_ticks(s), &wait);
		n = take_results(s, a, results, max);
		if (atomic_exchange(&s->woken, false) || n > 0 || wait <= 0)
			return n;
		(void)curl_multi_poll(s->multi, NULL, 0, wait < INT_MAX ? (int)wait : INT_MAX, NULL);
	}
}

static void sender_wake(struct webhook_sender *sender)
{
	struct curl_sender *const s = curl_sender_from_base(sender);

	atomic_store(&s->woken, true);
	(void)curl_multi_wakeup(s->multi);
}

static size_t sender_in_flight(struct webhook_sender *sender)
{
	return curl_sender_from_base(sender)->n;
}

static void sender_abort_all(struct webhook_sender *sender)
{
	struct curl_sender *const s = curl_sender_from_base(sender);

	for (size_t i = 0; i < s->n; i++) {
		if (s->transfers[i]->state == TRANSFER_RUNNING)
			(void)curl_multi_remove_handle(s->multi, s->transfers[i]->curl);
		transfer_free(s->transfers[i]);
	}
	s->n = 0;
}

/* The resolver is closed first, because its threads wake the multi handle. */
static void sender_close(struct webhook_sender *sender)
{
	struct curl_sender *s;

	if (sender == NULL)
		return;
	s = curl_sender_from_base(sender);
	sender_abort_all(sender);
	resolver_close(s->resolver);
	if (s->multi != NULL)
		(void)curl_multi_cleanup(s->multi);
	free(s->ca_file);
	free(s);
}

static const struct webhook_sender_ops curl_sender_ops = {
	.start = sender_start,
	.poll = sender_poll,
	.wake = sender_wake,
	.in_flight = sender_in_flight,
	.abort_all = sender_abort_all,
	.close = sender_close,
};

static enum err curl_sender_init(struct curl_sender *s, const struct curl_sender_conf *conf)
{
	const struct resolver_conf resolver = { conf->look_up, conf->look_up_arg, on_resolved, s };

	s->clock = conf->clock;
	s->conf = (struct transfer_conf){ .rules = conf->rules,
		.connect_limit = conf->connect_limit.ms > 0 ? conf->connect_limit : WEBHOOK_CONNECT_LIMIT,
		.limit = conf->limit.ms > 0 ? conf->limit : WEBHOOK_LIMIT,
		.reroute = conf->reroute,
		.reroute_arg = conf->reroute_arg };
	s->multi = curl_multi_init();
	if (s->multi == NULL ||
		curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX) != CURLM_OK)
		return ERR_INTERNAL;
	if (conf->ca_file.n > 0 && (s->ca_file = strndup(conf->ca_file.p, conf->ca_file.n)) == NULL)
		return ERR_INTERNAL;
	s->conf.ca_file = s->ca_file;
	return resolver_open(&resolver, &s->resolver);
}

enum err curl_sender_open(const struct curl_sender_conf *conf, struct webhook_sender **out)
{
	struct curl_sender *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	s->base.ops = &curl_sender_ops;
	e = curl_sender_init(s, conf);
	if (e != OK) {
		sender_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}
