#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "sandbox/calls.h"
#include "sandbox/deliveries.h"
#include "sandbox/didit_v1.h"
#include "sandbox/didit_v3.h"
#include "sandbox/keeping.h"
#include "sandbox/page_calls.h"
#include "sandbox/post.h"
#include "sandbox/progress.h"
#include "sandbox/registration.h"
#include "sandbox/version.h"

#define SESSIONS_DEFAULT 10000
#define EVENTS_DEFAULT 1000
#define SLOW_FOR seconds(30)
/* Sessions that run out in one second, at most: the rest follows in the next. */
#define LAPSES_AT_ONCE 200

struct sandbox {
	struct lock lock; /* over the site's state and faults, and `stopping` */
	struct cond stop;
	bool stopping;
	struct site site;
	struct keeping keeping;
	struct poster *poster;
	char *texts;
};

static int post(void *arg, const struct event *event)
{
	const struct sandbox *const sandbox = arg;

	struct clock *const clock = sandbox->site.clock;
	const int64_t begun = clock->ops->ticks(clock);
	struct delivery delivery = { .at = clock->ops->now(clock),
		.destination = event->destination,
		.session = event->session,
		.url = event->url,
		.body = event->body };

	delivery.status = poster_send(sandbox->poster, event);
	delivery.answered = clock->ops->ticks(clock) - begun;
	deliveries_note(sandbox->site.deliveries, &delivery);
	return delivery.status;
}

static moment wall_clock(const struct sandbox *sandbox)
{
	return sandbox->site.clock->ops->now(sandbox->site.clock);
}

/* With the lock held: what was changed since the last time outlasts the program from here on. */
static enum err keep(struct sandbox *sandbox)
{
	const enum err e = keeping_save(&sandbox->keeping, sandbox->site.state, sandbox->site.events);

	if (e != OK)
		log_event(LOG_ERROR, "sandbox_not_kept", LOG_WORD("why", err_name(e)));
	return e;
}

/* Ends the sessions whose time is over. */
static void lapse_sessions(void *arg)
{
	struct sandbox *const sandbox = arg;
	struct sandbox_session *session = NULL;
	int n = 0;

	lock_acquire(&sandbox->lock);
	while (n < LAPSES_AT_ONCE && (session = state_next(sandbox->site.state, session))) {
		const enum didit_status before = session->status;

		progress_lapse(&sandbox->site, session, wall_clock(sandbox), false);
		n += session->status != before;
	}
	if (n)
		(void)keep(sandbox);
	lock_release(&sandbox->lock);
}

static enum err must_use keep_conf(struct sandbox *sandbox, const struct sandbox_conf *conf)
{
	const size_t n = conf->base_url.n + conf->brand.n;

	if (!str_starts(conf->base_url, STR("http")) || str_ends(conf->base_url, STR("/")))
		return ERR_INPUT;
	sandbox->texts = malloc(n);
	if (!sandbox->texts)
		return ERR_INTERNAL;
	memcpy(sandbox->texts, conf->base_url.p, conf->base_url.n);
	memcpy(sandbox->texts + conf->base_url.n, conf->brand.p, conf->brand.n);
	sandbox->site.base_url = (struct str){ sandbox->texts, conf->base_url.n };
	sandbox->site.brand = (struct str){ sandbox->texts + conf->base_url.n, conf->brand.n };
	sandbox->site.clock = conf->clock;
	sandbox->site.random = conf->random;
	sandbox->site.versions[SANDBOX_V1] = &didit_v1;
	sandbox->site.versions[SANDBOX_V2] = &didit_v2;
	sandbox->site.versions[SANDBOX_V3] = &didit_v3;
	return OK;
}

static enum err must_use build(struct sandbox *sandbox, const struct sandbox_conf *conf)
{
	const struct events_conf events = {
		.clock = conf->clock,
		.max = conf->events_max > 0 ? (size_t)conf->events_max : EVENTS_DEFAULT,
		.post = post,
		.each_second = lapse_sessions,
		.arg = sandbox,
		.kv = conf->kv,
	};

	TRY(keep_conf(sandbox, conf));
	TRY(state_open(conf->sessions_max > 0 ? (size_t)conf->sessions_max : SESSIONS_DEFAULT,
		&sandbox->site.state));
	TRY(rates_open(&sandbox->site.rates));
	TRY(deliveries_open(&sandbox->site.deliveries));
	TRY(poster_open(conf->clock, conf->allow_private, &sandbox->poster));
	TRY(events_open(&events, &sandbox->site.events));
	sandbox->keeping.kv = conf->kv;
	return keeping_load(&sandbox->keeping, sandbox->site.state, sandbox->site.events) == OK ? OK
												: ERR_STORAGE;
}

enum err sandbox_open(const struct sandbox_conf *conf, struct sandbox **out)
{
	struct sandbox *const sandbox = calloc(1, sizeof(*sandbox));

	if (!sandbox)
		return ERR_INTERNAL;
	lock_init(&sandbox->lock);
	cond_init(&sandbox->stop);

	const enum err e = build(sandbox, conf);

	if (e != OK) {
		sandbox_close(sandbox);
		return e;
	}
	*out = sandbox;
	return OK;
}

void sandbox_close(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	events_close(sandbox->site.events);
	poster_close(sandbox->poster);
	state_close(sandbox->site.state);
	rates_close(sandbox->site.rates);
	deliveries_close(sandbox->site.deliveries);
	cond_finish(&sandbox->stop);
	lock_finish(&sandbox->lock);
	free(sandbox->texts);
	free(sandbox);
}

enum err sandbox_start(struct sandbox *sandbox)
{
	sandbox->stopping = false;
	return events_start(sandbox->site.events);
}

void sandbox_stop(struct sandbox *sandbox)
{
	lock_acquire(&sandbox->lock);
	sandbox->stopping = true;
	cond_broadcast(&sandbox->stop);
	lock_release(&sandbox->lock);
	events_stop(sandbox->site.events);
}

static const struct didit_version *version_named(const struct site *site, struct str name)
{
	for (size_t i = 0; i < SANDBOX_VERSIONS; i++)
		if (site->versions[i] && str_eq(site->versions[i]->name, name))
			return site->versions[i];
	return NULL;
}

enum err sandbox_register(struct sandbox *sandbox, struct str url, struct str secret, struct str version)
{
	const struct didit_version *const known = version_named(&sandbox->site, version);
	enum err e = ERR_INPUT;

	lock_acquire(&sandbox->lock);
	if (known)
		e = registration_set(&sandbox->site, url, secret, known->id, wall_clock(sandbox));
	if (e == OK)
		e = keep(sandbox);
	lock_release(&sandbox->lock);
	return e;
}

enum err sandbox_unregister(struct sandbox *sandbox)
{
	lock_acquire(&sandbox->lock);
	registration_drop(&sandbox->site);

	const enum err e = keep(sandbox);

	lock_release(&sandbox->lock);
	return e;
}

enum err sandbox_faults_add(struct sandbox *sandbox, struct str what, int64_t times)
{
	lock_acquire(&sandbox->lock);

	const enum err e = faults_add(&sandbox->site.faults, what, times);

	lock_release(&sandbox->lock);
	return e;
}

/* Django's APPEND_SLASH: a path that only lacks its slash is sent there, whatever the method. False: it is
 * unknown. */
static bool redirected(struct visit *visit, struct str path)
{
	const struct str slashed = arena_printf(visit->arena, "%.*s/", STR_ARG(path));
	struct route_match match;
	struct buf url;
	struct str location;

	if (!slashed.p || str_ends(path, STR("/")) ||
		router_match(&calls_router, visit->arena, visit->request->method, slashed, &match) ==
			ROUTE_UNKNOWN)
		return false;
	buf_init(&url, visit->arena);
	buf_add(&url, visit->site->base_url);
	location_write(&url, slashed);
	if (visit->request->query.n) {
		buf_char(&url, '?');
		location_write(&url, visit->request->query);
	}
	if (buf_done(&url, &location) != OK)
		return false;
	visit_say_empty(visit, 301);
	reply_header(visit->reply, STR("Location"), location);
	return true;
}

/* With the lock held; gives it up while it waits. */
static void be_slow(struct sandbox *sandbox)
{
	struct clock *const clock = sandbox->site.clock;
	const int64_t end = clock->ops->ticks(clock) + SLOW_FOR.ms;

	while (!sandbox->stopping) {
		const int64_t left = end - clock->ops->ticks(clock);

		if (left <= 0 || !cond_wait_for(&sandbox->stop, &sandbox->lock, milliseconds(left)))
			return;
	}
}

static void serve_call(struct sandbox *sandbox, const struct call *call, struct visit *visit)
{
	const enum fault fault = call->troubles == TROUBLED ? faults_for_call(&sandbox->site.faults)
							    : FAULT_NONE;

	if (fault == FAULT_SLOW) {
		be_slow(sandbox);
		visit->now = wall_clock(sandbox);
	}
	visit->version = call->version;
	visit->errors = call->version ? call->version->errors : ERRORS_PLAIN;
	if (fault == FAULT_ERROR)
		visit_say_detail(visit, 500, "A fault that was asked for.");
	else if (call_in_time(call, visit) && (!call->allowed || call->allowed(visit)))
		call->serve(visit);
}

static void refuse_method(struct visit *visit, const struct route_match *match)
{
	const struct str allow = arena_copy(visit->arena, str_of(match->allow));

	visit_say_detail(visit, 405, "Method not allowed.");
	if (allow.p)
		reply_header(visit->reply, STR("Allow"), allow);
}

static void dispatch(struct sandbox *sandbox, struct visit *visit, struct str path)
{
	struct route_match match;

	switch (router_match(&calls_router, visit->arena, visit->request->method, path, &match)) {
	case ROUTE_FOUND:
		memcpy(visit->params, match.params, sizeof(visit->params));
		lock_acquire(&sandbox->lock);
		serve_call(sandbox, call_at(match.index), visit);
		if (keep(sandbox) != OK) {
			*visit->reply = (struct reply){ 0 };
			visit_say_detail(visit, 500, "It could not be kept.");
		}
		lock_release(&sandbox->lock);
		return;
	case ROUTE_METHOD:
		refuse_method(visit, &match);
		return;
	case ROUTE_UNKNOWN:
		break;
	}
	if (!redirected(visit, path))
		visit_say_detail(visit, 404, "Not found.");
}

void sandbox_serve(struct sandbox *sandbox, const struct request *request, struct str path,
	struct arena *arena, struct reply *reply)
{
	struct visit visit = {
		.site = &sandbox->site,
		.request = request,
		.arena = arena,
		.reply = reply,
		.now = wall_clock(sandbox),
	};

	*reply = (struct reply){ 0 };
	dispatch(sandbox, &visit, path);
	reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

void sandbox_served(struct sandbox *sandbox)
{
	events_release(sandbox->site.events);
}
