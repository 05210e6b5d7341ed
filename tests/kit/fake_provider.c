#include "kit/fake_provider.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"

/* A `create` call that is held continues after this number of seconds, so that a broken test ends too. */
#define HOLD_MAX_S 30
#define WAKE_MS 50

struct fake_provider {
	struct provider base;
	struct lock lock;
	struct cond changed;
	bool holding;
	bool can_find, found;
	size_t creates, reads, finds, sessions, waiting;
	struct fake_verdicts verdicts;
	struct provider_session found_session;
	struct session_search search;
	enum poll_priority last_priority;
	duration retry_after;
	struct provider_failure failure;
	struct session_snapshot snapshot;
	enum provider_event_parse_result result;
	struct provider_event event;
	char vendor_data[256];
};

static const struct provider_ops fake_provider_ops;

static struct fake_provider *fake_provider_from_base(struct provider *provider)
{
	assert(provider->ops == &fake_provider_ops);
	return container_of(provider, struct fake_provider, base);
}

static const char *fake_provider_version(struct provider *provider)
{
	(void)provider;
	return "v1";
}

/* The caller holds the lock. */
static void wait_for_release(struct fake_provider *p)
{
	p->waiting++;
	cond_broadcast(&p->changed);
	for (int i = 0; p->holding && i < HOLD_MAX_S * 1000 / WAKE_MS; i++)
		(void)cond_wait_for(&p->changed, &p->lock, milliseconds(WAKE_MS));
	p->waiting--;
}

/* The caller holds the lock. */
static enum err new_session(struct fake_provider *p, struct arena *a, struct provider_session *created)
{
	struct provider_session fresh = { .status = STATUS_NOT_STARTED };

	p->sessions++;
	fresh.url = arena_printf(a, "https://provider.test/session/%zu", p->sessions);
	if (fresh.url.p == NULL)
		return ERR_INTERNAL;
	(void)snprintf(fresh.ref.text, sizeof(fresh.ref.text), "scripted-%zu", p->sessions);
	*created = fresh;
	return OK;
}

/* Stores the person id and returns the stored copy. The caller holds the lock. */
static struct str save_person_id(struct fake_provider *p, struct str vendor_data)
{
	(void)snprintf(p->vendor_data, sizeof(p->vendor_data), "%.*s", STR_ARG(vendor_data));
	return str_of(p->vendor_data);
}

static enum err error_of_cause(enum provider_cause cause)
{
	return cause == PROVIDER_PAUSED ? ERR_BUSY : ERR_UPSTREAM;
}

static enum err fake_provider_create(struct provider *provider, const struct session_params *params,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	enum err e;

	lock_acquire(&p->lock);
	p->creates++;
	(void)save_person_id(p, params->vendor_data);
	if (p->holding)
		wait_for_release(p);
	*failure = p->failure;
	e = p->failure.cause == PROVIDER_OK ? new_session(p, a, created) : error_of_cause(p->failure.cause);
	lock_release(&p->lock);
	return e;
}

static enum err fake_provider_poll(struct provider *provider, const struct poll_params *params,
	struct arena *a, struct session_snapshot *snapshot, struct provider_failure *failure)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	struct session_snapshot fresh;

	(void)a;
	lock_acquire(&p->lock);
	p->reads++;
	p->last_priority = params->priority;
	fresh = p->snapshot;
	*failure = p->failure;
	lock_release(&p->lock);
	if (failure->cause == PROVIDER_OK &&
		!str_copy_to(params->ref, fresh.ref.text, sizeof(fresh.ref.text)))
		failure->cause = PROVIDER_UNKNOWN_SESSION;
	if (failure->cause != PROVIDER_OK)
		return error_of_cause(failure->cause);
	*snapshot = fresh;
	return OK;
}

static enum err fake_provider_find(struct provider *provider, const struct session_search *search,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	enum err e;

	(void)a;
	lock_acquire(&p->lock);
	assert(p->can_find);
	p->finds++;
	p->search = *search;
	p->search.vendor_data = save_person_id(p, search->vendor_data);
	*failure = p->failure;
	if (p->failure.cause != PROVIDER_OK)
		e = error_of_cause(p->failure.cause);
	else
		e = p->found ? OK : ERR_NOT_FOUND;
	if (e == OK)
		*created = p->found_session;
	lock_release(&p->lock);
	return e;
}

static enum err fake_provider_decide(
	struct provider *provider, const struct verdict_params *params, struct provider_failure *failure)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	p->verdicts.n++;
	p->verdicts.status = params->status;
	(void)snprintf(p->verdicts.ref, sizeof(p->verdicts.ref), "%.*s", STR_ARG(params->ref));
	(void)snprintf(p->verdicts.comment, sizeof(p->verdicts.comment), "%.*s", STR_ARG(params->comment));
	*failure = p->failure;
	if (p->verdicts.during)
		p->verdicts.during(p->verdicts.arg);
	return failure->cause == PROVIDER_OK ? OK : error_of_cause(failure->cause);
}

static bool fake_provider_can_find(struct provider *provider)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	bool can;

	lock_acquire(&p->lock);
	can = p->can_find;
	lock_release(&p->lock);
	return can;
}

static duration fake_provider_retry_after(struct provider *provider)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	duration wait;

	lock_acquire(&p->lock);
	wait = p->retry_after;
	lock_release(&p->lock);
	return wait;
}

static enum provider_event_parse_result fake_provider_parse_event(struct provider *provider,
	const struct provider_webhook *webhook, moment now, struct arena *a, struct provider_event *event)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	enum provider_event_parse_result result;

	(void)webhook;
	(void)now;
	(void)a;
	lock_acquire(&p->lock);
	result = p->result;
	if (result == EVENT_PARSE_OK)
		*event = p->event;
	lock_release(&p->lock);
	return result;
}

static void fake_provider_close(struct provider *provider)
{
	struct fake_provider *p;

	if (provider == NULL)
		return;
	p = fake_provider_from_base(provider);
	cond_finish(&p->changed);
	lock_finish(&p->lock);
	free(p);
}

static const struct provider_ops fake_provider_ops = {
	.version = fake_provider_version,
	.create = fake_provider_create,
	.poll = fake_provider_poll,
	.find = fake_provider_find,
	.can_find = fake_provider_can_find,
	.decide = fake_provider_decide,
	.pause = fake_provider_retry_after,
	.parse_event = fake_provider_parse_event,
	.close = fake_provider_close,
};

enum err fake_provider_open(struct provider **out)
{
	struct fake_provider *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_INTERNAL;
	p->base.ops = &fake_provider_ops;
	p->snapshot.status = STATUS_NOT_STARTED;
	p->result = EVENT_PARSE_BAD_SIGNATURE;
	p->retry_after = seconds(1);
	lock_init(&p->lock);
	cond_init(&p->changed);
	*out = &p->base;
	return OK;
}

size_t fake_provider_create_count(struct provider *provider)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->creates;
	lock_release(&p->lock);
	return n;
}

size_t fake_provider_poll_count(struct provider *provider)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->reads;
	lock_release(&p->lock);
	return n;
}

size_t fake_provider_find_count(struct provider *provider)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->finds;
	lock_release(&p->lock);
	return n;
}

struct fake_verdicts *fake_provider_verdicts(struct provider *provider)
{
	return &fake_provider_from_base(provider)->verdicts;
}

struct session_search fake_provider_last_search(struct provider *provider)
{
	return fake_provider_from_base(provider)->search;
}

enum poll_priority fake_provider_last_priority(struct provider *provider)
{
	return fake_provider_from_base(provider)->last_priority;
}

struct str fake_provider_last_person_id(struct provider *provider)
{
	return str_of(fake_provider_from_base(provider)->vendor_data);
}

void fake_provider_set_failure(struct provider *provider, enum provider_cause cause)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	lock_acquire(&p->lock);
	p->failure = (struct provider_failure){ .cause = cause };
	lock_release(&p->lock);
}

void fake_provider_set_failure_details(struct provider *provider, const struct provider_failure *failure)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	lock_acquire(&p->lock);
	p->failure = *failure;
	lock_release(&p->lock);
}

static void set_holding(struct fake_provider *p, bool holding)
{
	lock_acquire(&p->lock);
	p->holding = holding;
	cond_broadcast(&p->changed);
	lock_release(&p->lock);
}

void fake_provider_hold_creates(struct provider *provider)
{
	set_holding(fake_provider_from_base(provider), true);
}

void fake_provider_release_creates(struct provider *provider)
{
	set_holding(fake_provider_from_base(provider), false);
}

bool fake_provider_wait_for_creates(struct provider *provider, size_t n, duration limit)
{
	struct fake_provider *p = fake_provider_from_base(provider);
	bool reached;

	lock_acquire(&p->lock);
	for (int64_t left = limit.ms; p->waiting < n && left > 0; left -= WAKE_MS)
		(void)cond_wait_for(&p->changed, &p->lock, milliseconds(WAKE_MS));
	reached = p->waiting >= n;
	lock_release(&p->lock);
	return reached;
}

void fake_provider_set_snapshot(struct provider *provider, const struct session_snapshot *snapshot)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	lock_acquire(&p->lock);
	p->snapshot = *snapshot;
	lock_release(&p->lock);
}

void fake_provider_set_found_session(struct provider *provider, const struct provider_session *session)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	lock_acquire(&p->lock);
	p->can_find = true;
	p->found = session != NULL;
	if (session != NULL)
		p->found_session = *session;
	lock_release(&p->lock);
}

void fake_provider_set_retry_after(struct provider *provider, duration wait)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	lock_acquire(&p->lock);
	p->retry_after = wait;
	lock_release(&p->lock);
}

void fake_provider_set_event(struct provider *provider, enum provider_event_parse_result result,
	const struct provider_event *event)
{
	struct fake_provider *p = fake_provider_from_base(provider);

	assert(result != EVENT_PARSE_OK || event != NULL);
	lock_acquire(&p->lock);
	p->result = result;
	if (event != NULL)
		p->event = *event;
	lock_release(&p->lock);
}
