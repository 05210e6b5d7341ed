#include "sandbox/server/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "sandbox/api/didit_v1.h"
#include "sandbox/api/didit_v3.h"
#include "sandbox/api/own_destination.h"
#include "sandbox/api/pages.h"
#include "sandbox/api/transitions.h"
#include "sandbox/request/api_version.h"
#include "sandbox/server/console_paths.h"
#include "sandbox/server/persistence.h"
#include "sandbox/server/routes.h"
#include "sandbox/webhooks/deliveries.h"
#include "sandbox/webhooks/sender.h"

#define SESSIONS_DEFAULT 10000
#define EVENTS_DEFAULT 1000
#define SLOW_FOR seconds(30)
/* How many sessions one call of expire_sessions lets expire at most, to limit how long it holds the lock. The
 * call one second later continues. */
#define EXPIRE_BATCH 200

struct sandbox {
	struct lock lock; /* protects `ctx`, `persistence` and `stopping` */
	struct cond stop; /* signalled when `stopping` is set */
	bool stopping;
	struct sandbox_ctx ctx;
	struct persistence persistence;
	struct webhook_sender *sender;
	char *texts; /* base URL and brand */
};

static int deliver_event(void *arg, const struct webhook_event *event)
{
	const struct sandbox *const sandbox = arg;

	struct clock *const clock = sandbox->ctx.clock;
	const int64_t started = clock->ops->ticks(clock);
	struct delivery delivery = { .at = clock->ops->now(clock),
		.destination = event->destination,
		.session = event->session,
		.url = event->url,
		.body = event->body };

	delivery.status = webhook_sender_send(sandbox->sender, event);
	delivery.response_ms = clock->ops->ticks(clock) - started;
	deliveries_add(sandbox->ctx.deliveries, &delivery);
	return delivery.status;
}

static moment sandbox_now(const struct sandbox *sandbox)
{
	return sandbox->ctx.clock->ops->now(sandbox->ctx.clock);
}

/* Stores all changes since the latest save. The caller holds the lock. */
static enum err sandbox_save(struct sandbox *sandbox)
{
	const enum err e = persistence_save(
		&sandbox->persistence, sandbox->ctx.state, sandbox->ctx.event_queue);

	if (e != OK)
		log_event(LOG_ERROR, "sandbox_save_failed", LOG_WORD("reason", err_name(e)));
	return e;
}

/* Called every second: expires the sessions whose link or document has expired. */
static void expire_sessions(void *arg)
{
	struct sandbox *const sandbox = arg;
	struct sandbox_session *session = NULL;
	int n = 0;

	lock_acquire(&sandbox->lock);
	while (n < EXPIRE_BATCH && (session = state_next(sandbox->ctx.state, session))) {
		const enum didit_status before = session->status;

		session_expire(&sandbox->ctx, session, sandbox_now(sandbox), false);
		n += session->status != before;
	}
	if (n)
		(void)sandbox_save(sandbox);
	lock_release(&sandbox->lock);
}

static enum err must_use sandbox_copy_conf(struct sandbox *sandbox, const struct sandbox_conf *conf)
{
	const size_t n = conf->base_url.n + conf->brand.n;

	if (!str_starts(conf->base_url, STR("http")) || str_ends(conf->base_url, STR("/")))
		return ERR_INPUT;
	sandbox->texts = malloc(n);
	if (!sandbox->texts)
		return ERR_INTERNAL;
	memcpy(sandbox->texts, conf->base_url.p, conf->base_url.n);
	memcpy(sandbox->texts + conf->base_url.n, conf->brand.p, conf->brand.n);
	sandbox->ctx.base_url = (struct str){ sandbox->texts, conf->base_url.n };
	sandbox->ctx.brand = (struct str){ sandbox->texts + conf->base_url.n, conf->brand.n };
	sandbox->ctx.clock = conf->clock;
	sandbox->ctx.random = conf->random;
	sandbox->ctx.versions[SANDBOX_V1] = &didit_v1;
	sandbox->ctx.versions[SANDBOX_V2] = &didit_v2;
	sandbox->ctx.versions[SANDBOX_V3] = &didit_v3;
	return OK;
}

static enum err must_use sandbox_build(struct sandbox *sandbox, const struct sandbox_conf *conf)
{
	const struct event_queue_conf events = {
		.clock = conf->clock,
		.max = conf->events_max > 0 ? (size_t)conf->events_max : EVENTS_DEFAULT,
		.post = deliver_event,
		.each_second = expire_sessions,
		.arg = sandbox,
		.kv = conf->kv,
	};

	TRY(sandbox_copy_conf(sandbox, conf));
	TRY(state_open(
		conf->sessions_max > 0 ? (size_t)conf->sessions_max : SESSIONS_DEFAULT, &sandbox->ctx.state));
	TRY(rates_open(&sandbox->ctx.rates));
	TRY(deliveries_open(&sandbox->ctx.deliveries));
	TRY(webhook_sender_open(conf->clock, conf->allow_private, &sandbox->sender));
	TRY(event_queue_open(&events, &sandbox->ctx.event_queue));
	sandbox->persistence.kv = conf->kv;
	sandbox->persistence.workflows = &sandbox->ctx.workflows;
	return persistence_load(&sandbox->persistence, sandbox->ctx.state, sandbox->ctx.event_queue) == OK
		       ? OK
		       : ERR_STORAGE;
}

enum err sandbox_open(const struct sandbox_conf *conf, struct sandbox **out)
{
	struct sandbox *const sandbox = calloc(1, sizeof(*sandbox));

	if (!sandbox)
		return ERR_INTERNAL;
	lock_init(&sandbox->lock);
	cond_init(&sandbox->stop);

	const enum err e = sandbox_build(sandbox, conf);

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
	event_queue_close(sandbox->ctx.event_queue);
	webhook_sender_close(sandbox->sender);
	state_close(sandbox->ctx.state);
	rates_close(sandbox->ctx.rates);
	deliveries_close(sandbox->ctx.deliveries);
	cond_finish(&sandbox->stop);
	lock_finish(&sandbox->lock);
	free(sandbox->texts);
	free(sandbox);
}

enum err sandbox_start(struct sandbox *sandbox)
{
	sandbox->stopping = false;
	return event_queue_start(sandbox->ctx.event_queue);
}

void sandbox_stop(struct sandbox *sandbox)
{
	lock_acquire(&sandbox->lock);
	sandbox->stopping = true;
	cond_broadcast(&sandbox->stop);
	lock_release(&sandbox->lock);
	event_queue_stop(sandbox->ctx.event_queue);
}

static const struct sandbox_api_version *version_find(const struct sandbox_ctx *sandbox, struct str name)
{
	for (size_t i = 0; i < SANDBOX_VERSIONS; i++)
		if (sandbox->versions[i] && str_eq(sandbox->versions[i]->name, name))
			return sandbox->versions[i];
	return NULL;
}

enum err sandbox_register(struct sandbox *sandbox, struct str url, struct str secret, struct str version)
{
	const struct sandbox_api_version *const api_version = version_find(&sandbox->ctx, version);
	enum err e = ERR_INPUT;

	lock_acquire(&sandbox->lock);
	if (api_version)
		e = own_destination_set(&sandbox->ctx, url, secret, api_version->id, sandbox_now(sandbox));
	if (e == OK)
		e = sandbox_save(sandbox);
	lock_release(&sandbox->lock);
	return e;
}

enum err sandbox_unregister(struct sandbox *sandbox)
{
	lock_acquire(&sandbox->lock);
	own_destination_remove(&sandbox->ctx);

	const enum err e = sandbox_save(sandbox);

	lock_release(&sandbox->lock);
	return e;
}

enum err sandbox_faults_add(struct sandbox *sandbox, struct str what, int64_t times)
{
	lock_acquire(&sandbox->lock);

	const enum err e = faults_add(&sandbox->ctx.faults, what, times);

	lock_release(&sandbox->lock);
	return e;
}

/* If only the trailing slash of the path is missing, redirects to the path with the slash, for all methods,
 * like Django's APPEND_SLASH. Returns false if the path with the slash is unknown, too. */
static bool respond_slash_redirect(struct request_ctx *ctx, struct str path)
{
	const struct str slashed = arena_printf(ctx->arena, "%.*s/", STR_ARG(path));
	struct route_match match;
	struct buf url;
	struct str location;

	if (!slashed.p || str_ends(path, STR("/")) ||
		router_match(&sandbox_router, ctx->arena, ctx->request->method, slashed, &match) ==
			ROUTE_UNKNOWN)
		return false;
	buf_init(&url, ctx->arena);
	buf_add(&url, ctx->sandbox->base_url);
	location_write(&url, slashed);
	if (ctx->request->query.n) {
		buf_char(&url, '?');
		location_write(&url, ctx->request->query);
	}
	if (buf_done(&url, &location) != OK)
		return false;
	respond_empty(ctx, 301);
	reply_header(ctx->reply, STR("Location"), location);
	return true;
}

/* Waits for the delay of FAULT_SLOW, or until the sandbox is stopped. The caller holds the lock, which is
 * released while waiting. */
static void wait_for_slow_fault(struct sandbox *sandbox)
{
	struct clock *const clock = sandbox->ctx.clock;
	const int64_t end = clock->ops->ticks(clock) + SLOW_FOR.ms;

	while (!sandbox->stopping) {
		const int64_t left = end - clock->ops->ticks(clock);

		if (left <= 0 || !cond_wait_for(&sandbox->stop, &sandbox->lock, milliseconds(left)))
			return;
	}
}

static void serve_route(struct sandbox *sandbox, const struct sandbox_route *route, struct request_ctx *ctx)
{
	const enum fault fault = route->faults == FAULTS_APPLY ? faults_for_call(&sandbox->ctx.faults)
							       : FAULT_NONE;

	if (fault == FAULT_SLOW) {
		wait_for_slow_fault(sandbox);
		ctx->now = sandbox_now(sandbox);
	}
	ctx->version = route->version;
	ctx->errors = route->version ? route->version->errors : ERRORS_PLAIN;
	if (fault == FAULT_ERROR)
		respond_detail(ctx, 500, "A fault that was asked for.");
	else if (route_check_rate(route, ctx) && (!route->allowed || route->allowed(ctx)))
		route->serve(ctx);
}

static void respond_method_not_allowed(struct request_ctx *ctx, const struct route_match *match)
{
	const struct str allow = arena_copy(ctx->arena, str_of(match->allow));

	respond_detail(ctx, 405, "Method not allowed.");
	if (allow.p)
		reply_header(ctx->reply, STR("Allow"), allow);
}

static void sandbox_dispatch(struct sandbox *sandbox, struct request_ctx *ctx, struct str path)
{
	struct route_match match;

	switch (router_match(&sandbox_router, ctx->arena, ctx->request->method, path, &match)) {
	case ROUTE_FOUND:
		memcpy(ctx->params, match.params, sizeof(ctx->params));
		lock_acquire(&sandbox->lock);
		serve_route(sandbox, sandbox_route_at(match.index), ctx);
		if (sandbox_save(sandbox) != OK) {
			*ctx->reply = (struct reply){ 0 };
			respond_detail(ctx, 500, "It could not be kept.");
		}
		lock_release(&sandbox->lock);
		return;
	case ROUTE_METHOD:
		respond_method_not_allowed(ctx, &match);
		return;
	case ROUTE_UNKNOWN:
		break;
	}
	if (!respond_slash_redirect(ctx, path))
		respond_detail(ctx, 404, "Not found.");
}

void sandbox_serve(struct sandbox *sandbox, const struct request *request, struct str path,
	struct arena *arena, struct reply *reply)
{
	struct request_ctx ctx = {
		.sandbox = &sandbox->ctx,
		.request = request,
		.arena = arena,
		.reply = reply,
		.now = sandbox_now(sandbox),
	};

	*reply = (struct reply){ 0 };
	sandbox_dispatch(sandbox, &ctx, console_path_resolve(arena, path));
	if (!reply_has_header(reply, STR("Cache-Control")))
		reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

void sandbox_served(struct sandbox *sandbox)
{
	event_queue_release(sandbox->ctx.event_queue);
}
