#include "kit/fake_provider.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/lock.h"

/* A creation that is never released ends by itself, so that a broken test ends too. */
#define HOLD_MAX_S 30
#define WAKE_MS 50

struct scripted_provider {
	struct provider base;
	struct lock lock;
	struct cond changed;
	bool holding;
	bool can_find, found;
	size_t creates, reads, finds, sessions, waiting;
	struct provider_session left; /* what a search finds */
	struct session_search search;
	enum poll_priority whom;
	duration pause;
	enum provider_cause cause;
	struct session_snapshot snapshot;
	enum provider_event_parse_result verdict;
	struct provider_event event;
	char vendor_data[256];
};

static const struct provider_ops scripted_ops;

static struct scripted_provider *mine(struct provider *provider)
{
	assert(provider->ops == &scripted_ops);
	return container_of(provider, struct scripted_provider, base);
}

static const char *fake_provider_version(struct provider *provider)
{
	(void)provider;
	return "v1";
}

/* With the lock held. */
static void wait_for_release(struct scripted_provider *p)
{
	p->waiting++;
	cond_broadcast(&p->changed);
	for (int i = 0; p->holding && i < HOLD_MAX_S * 1000 / WAKE_MS; i++)
		(void)cond_wait_for(&p->changed, &p->lock, milliseconds(WAKE_MS));
	p->waiting--;
}

/* With the lock held. */
static enum err make(struct scripted_provider *p, struct arena *a, struct provider_session *created)
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

/* With the lock held. */
static struct str keep_person(struct scripted_provider *p, struct str vendor_data)
{
	(void)snprintf(p->vendor_data, sizeof(p->vendor_data), "%.*s", STR_ARG(vendor_data));
	return str_of(p->vendor_data);
}

static enum err failure(enum provider_cause cause)
{
	return cause == PROVIDER_PAUSED ? ERR_BUSY : ERR_UPSTREAM;
}

static enum err fake_provider_create(struct provider *provider, const struct session_params *params,
	struct arena *a, struct provider_session *created, enum provider_cause *cause)
{
	struct scripted_provider *p = mine(provider);
	enum err e;

	lock_acquire(&p->lock);
	p->creates++;
	(void)keep_person(p, params->vendor_data);
	if (p->holding)
		wait_for_release(p);
	*cause = p->cause;
	e = p->cause == PROVIDER_OK ? make(p, a, created) : failure(p->cause);
	lock_release(&p->lock);
	return e;
}

static enum err fake_provider_read(struct provider *provider, const struct poll_params *params,
	struct arena *a, struct session_snapshot *snapshot, enum provider_cause *cause)
{
	struct scripted_provider *p = mine(provider);
	struct session_snapshot fresh;

	(void)a;
	lock_acquire(&p->lock);
	p->reads++;
	p->whom = params->priority;
	fresh = p->snapshot;
	*cause = p->cause;
	lock_release(&p->lock);
	if (*cause == PROVIDER_OK && !str_copy_to(params->ref, fresh.ref.text, sizeof(fresh.ref.text)))
		*cause = PROVIDER_UNKNOWN_SESSION;
	if (*cause != PROVIDER_OK)
		return failure(*cause);
	*snapshot = fresh;
	return OK;
}

static enum err fake_provider_find(struct provider *provider, const struct session_search *search,
	struct arena *a, struct provider_session *created, enum provider_cause *cause)
{
	struct scripted_provider *p = mine(provider);
	enum err e;

	(void)a;
	lock_acquire(&p->lock);
	assert(p->can_find);
	p->finds++;
	p->search = *search;
	p->search.vendor_data = keep_person(p, search->vendor_data);
	*cause = p->cause;
	if (p->cause != PROVIDER_OK)
		e = failure(p->cause);
	else
		e = p->found ? OK : ERR_NOT_FOUND;
	if (e == OK)
		*created = p->left;
	lock_release(&p->lock);
	return e;
}

static bool fake_provider_can_find(struct provider *provider)
{
	struct scripted_provider *p = mine(provider);
	bool can;

	lock_acquire(&p->lock);
	can = p->can_find;
	lock_release(&p->lock);
	return can;
}

static duration fake_provider_wait(struct provider *provider)
{
	struct scripted_provider *p = mine(provider);
	duration wait;

	lock_acquire(&p->lock);
	wait = p->pause;
	lock_release(&p->lock);
	return wait;
}

static enum provider_event_parse_result fake_provider_take(struct provider *provider,
	const struct provider_webhook *webhook, moment now, struct arena *a, struct provider_event *event)
{
	struct scripted_provider *p = mine(provider);
	enum provider_event_parse_result verdict;

	(void)webhook;
	(void)now;
	(void)a;
	lock_acquire(&p->lock);
	verdict = p->verdict;
	if (verdict == EVENT_PARSE_OK)
		*event = p->event;
	lock_release(&p->lock);
	return verdict;
}

static void fake_provider_close(struct provider *provider)
{
	struct scripted_provider *p;

	if (provider == NULL)
		return;
	p = mine(provider);
	cond_finish(&p->changed);
	lock_finish(&p->lock);
	free(p);
}

static const struct provider_ops scripted_ops = {
	.version = fake_provider_version,
	.create = fake_provider_create,
	.read = fake_provider_read,
	.find = fake_provider_find,
	.can_find = fake_provider_can_find,
	.pause = fake_provider_wait,
	.parse_event = fake_provider_take,
	.close = fake_provider_close,
};

enum err fake_provider_open(struct provider **out)
{
	struct scripted_provider *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return ERR_INTERNAL;
	p->base.ops = &scripted_ops;
	p->snapshot.status = STATUS_NOT_STARTED;
	p->verdict = EVENT_PARSE_BAD_SIGNATURE;
	p->pause = seconds(1);
	lock_init(&p->lock);
	cond_init(&p->changed);
	*out = &p->base;
	return OK;
}

size_t fake_provider_creates(struct provider *provider)
{
	struct scripted_provider *p = mine(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->creates;
	lock_release(&p->lock);
	return n;
}

size_t fake_provider_reads(struct provider *provider)
{
	struct scripted_provider *p = mine(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->reads;
	lock_release(&p->lock);
	return n;
}

size_t fake_provider_finds(struct provider *provider)
{
	struct scripted_provider *p = mine(provider);
	size_t n;

	lock_acquire(&p->lock);
	n = p->finds;
	lock_release(&p->lock);
	return n;
}

struct session_search fake_provider_search(struct provider *provider)
{
	return mine(provider)->search;
}

enum poll_priority fake_provider_read_for(struct provider *provider)
{
	return mine(provider)->whom;
}

struct str fake_provider_person(struct provider *provider)
{
	return str_of(mine(provider)->vendor_data);
}

void fake_provider_fail(struct provider *provider, enum provider_cause cause)
{
	struct scripted_provider *p = mine(provider);

	lock_acquire(&p->lock);
	p->cause = cause;
	lock_release(&p->lock);
}

static void set_holding(struct scripted_provider *p, bool holding)
{
	lock_acquire(&p->lock);
	p->holding = holding;
	cond_broadcast(&p->changed);
	lock_release(&p->lock);
}

void fake_provider_hold(struct provider *provider)
{
	set_holding(mine(provider), true);
}

void fake_provider_release(struct provider *provider)
{
	set_holding(mine(provider), false);
}

bool fake_provider_await(struct provider *provider, size_t n, duration limit)
{
	struct scripted_provider *p = mine(provider);
	bool reached;

	lock_acquire(&p->lock);
	for (int64_t left = limit.ms; p->waiting < n && left > 0; left -= WAKE_MS)
		(void)cond_wait_for(&p->changed, &p->lock, milliseconds(WAKE_MS));
	reached = p->waiting >= n;
	lock_release(&p->lock);
	return reached;
}

void fake_provider_reading(struct provider *provider, const struct session_snapshot *snapshot)
{
	struct scripted_provider *p = mine(provider);

	lock_acquire(&p->lock);
	p->snapshot = *snapshot;
	lock_release(&p->lock);
}

void fake_provider_left(struct provider *provider, const struct provider_session *created)
{
	struct scripted_provider *p = mine(provider);

	lock_acquire(&p->lock);
	p->can_find = true;
	p->found = created != NULL;
	if (created != NULL)
		p->left = *created;
	lock_release(&p->lock);
}

void fake_provider_pause(struct provider *provider, duration wait)
{
	struct scripted_provider *p = mine(provider);

	lock_acquire(&p->lock);
	p->pause = wait;
	lock_release(&p->lock);
}

void fake_provider_event(struct provider *provider, enum provider_event_parse_result verdict,
	const struct provider_event *event)
{
	struct scripted_provider *p = mine(provider);

	assert(verdict != EVENT_PARSE_OK || event != NULL);
	lock_acquire(&p->lock);
	p->verdict = verdict;
	if (event != NULL)
		p->event = *event;
	lock_release(&p->lock);
}
