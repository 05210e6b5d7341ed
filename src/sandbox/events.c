#include "sandbox/events.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/log.h"
#include "sandbox/queued.h"

#define ATTEMPTS_MAX 3

/* Its address tells one thread from another. */
static _Thread_local char this_thread;

static int64_t ticks_now(const struct events *events)
{
	return events->conf.clock->ops->ticks(events->conf.clock);
}

static moment now(const struct events *events)
{
	return events->conf.clock->ops->now(events->conf.clock);
}

enum err events_open(const struct events_conf *conf, struct events **out)
{
	struct events *const events = calloc(1, sizeof(*events));

	if (!events)
		return ERR_INTERNAL;
	events->conf = *conf;
	lock_init(&events->lock);
	cond_init(&events->wake);
	*out = events;
	return OK;
}

static void append(struct entry **list, struct entry *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

/* Takes what a link of a list points to out of it. */
static struct entry *detach(struct events *events, struct entry **at)
{
	struct entry *const entry = *at;

	*at = entry->next;
	events->n--;
	return entry;
}

/* With the lock held: it is done, and so it is on the shelf, at the next commit. */
static void forget(struct events *events, struct entry *entry)
{
	if (!entry->on_shelf) {
		free(entry);
		return;
	}
	entry->next = events->gone;
	events->gone = entry;
}

/* The link to the one that was made first; NULL when there is none. */
static struct entry **oldest(struct events *events)
{
	struct entry **found = events->first ? &events->first : NULL;

	for (struct entry **at = &events->waiting; *at; at = &(*at)->next)
		if (!found || (*at)->serial < (*found)->serial)
			found = at;
	return found;
}

static void make_room(struct events *events)
{
	struct entry **at;

	while (events->n >= events->conf.max && (at = oldest(events))) {
		log_event(LOG_WARN, "sandbox_event_dropped", LOG_WORD("why", "queue_full"),
			LOG_NUMBER("waiting", (int64_t)events->n));
		forget(events, detach(events, at));
	}
}

/* With the lock held. The counter is for a thread that is not asleep yet. */
static void wake_up(struct events *events)
{
	events->changes++;
	cond_broadcast(&events->wake);
}

void events_add(struct events *events, const struct event *event, enum fault fault, bool held)
{
	struct entry *const entry = queued_copy(event);

	if (!entry) {
		log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("why", "no_memory"));
		return;
	}
	entry->fault = fault;
	entry->holder = held ? &this_thread : NULL;
	entry->due = ticks_now(events) + EVENT_HOLD_MAX.ms;
	lock_acquire(&events->lock);
	make_room(events);
	entry->serial = ++events->serials;
	append(&events->first, entry);
	events->n++;
	wake_up(events);
	lock_release(&events->lock);
}

void events_release(struct events *events)
{
	lock_acquire(&events->lock);
	for (struct entry *entry = events->first; entry; entry = entry->next)
		if (entry->holder == &this_thread)
			entry->holder = NULL;
	wake_up(events);
	lock_release(&events->lock);
}

size_t events_waiting(struct events *events)
{
	lock_acquire(&events->lock);

	const size_t n = events->n;

	lock_release(&events->lock);
	return n;
}

static bool same_way(const struct entry *a, const struct entry *b)
{
	return str_eq(a->event.session, b->event.session) && str_eq(a->event.url, b->event.url);
}

static bool is_held(const struct entry *entry, int64_t ticks)
{
	return entry->holder && ticks < entry->due;
}

/* All before `entry` are held themselves, or wait behind one that is. */
static bool is_behind_another(const struct events *events, const struct entry *entry)
{
	for (const struct entry *other = events->first; other != entry; other = other->next)
		if (same_way(other, entry))
			return true;
	return false;
}

static void at_most(duration *wait, int64_t ms)
{
	if (ms < wait->ms)
		wait->ms = ms;
}

/* Of one that waits, in milliseconds. */
static int64_t time_left(const struct events *events, const struct entry *entry)
{
	if (moment_is_unset(entry->retry_at))
		return entry->due - ticks_now(events);
	return moment_diff(now(events), entry->retry_at).ms;
}

/* The link to what may go now; NULL, and after how long to look again. */
static struct entry **pick(struct events *events, duration *wait)
{
	const int64_t ticks = ticks_now(events);

	for (struct entry **at = &events->first; *at; at = &(*at)->next) {
		if (is_held(*at, ticks))
			at_most(wait, (*at)->due - ticks);
		else if (!is_behind_another(events, *at))
			return at;
	}
	for (struct entry **at = &events->waiting; *at; at = &(*at)->next) {
		const int64_t left = time_left(events, *at);

		if (left <= 0)
			return at;
		at_most(wait, left);
	}
	return NULL;
}

static void set_aside(struct events *events, struct entry *entry, duration delay)
{
	entry->due = ticks_now(events) + delay.ms;
	append(&events->waiting, entry);
	events->n++;
}

/* With the lock held: what the faults ask for before an attempt. True: it is not sent now. */
static bool troubled(struct events *events, struct entry *entry)
{
	const enum fault fault = entry->fault;

	if (fault != FAULT_LATE && fault != FAULT_OUT_OF_ORDER && fault != FAULT_DROP)
		return false;
	if (fault == FAULT_DROP) {
		log_event(LOG_INFO, "sandbox_event_dropped", LOG_WORD("why", "fault"));
		forget(events, entry);
		return true;
	}
	entry->fault = FAULT_NONE;
	entry->after_next = fault == FAULT_OUT_OF_ORDER;
	set_aside(events, entry, EVENT_LATE_BY);
	return true;
}

/* An event went out: those that wait only for that may follow. */
static void let_followers_go(struct events *events)
{
	for (struct entry *entry = events->waiting; entry; entry = entry->next) {
		if (!entry->after_next)
			continue;
		entry->after_next = false;
		entry->due = ticks_now(events);
	}
}

static bool worth_a_retry(int status)
{
	return status == 0 || status == 404 || status >= 500;
}

/* With the lock held, after an attempt. */
static void settle(struct events *events, struct entry *entry, int status)
{
	if (status >= 200 && status < 300) {
		forget(events, entry);
		return;
	}

	const bool last = entry->attempts >= ATTEMPTS_MAX || (events->stopping && !events->conf.kv);
	const bool again = worth_a_retry(status) && !last;

	log_event(LOG_WARN, "sandbox_event_refused", LOG_NUMBER("status", status),
		LOG_NUMBER("attempt", entry->attempts), LOG_WORD("again", again ? "yes" : "no"));
	if (!again) {
		forget(events, entry);
		return;
	}
	entry->changed = true;
	entry->retry_at = moment_add(now(events), entry->attempts == 1 ? EVENT_RETRY_1 : EVENT_RETRY_2);
	append(&events->waiting, entry);
	events->n++;
}

/* What a step changed. A call that makes events writes them with the rest of what it changed. */
static void keep(struct events *events)
{
	struct kv_store *const kv = events->conf.kv;

	if (!kv)
		return;
	kv->ops->begin(kv);
	events_write(events);
	events_written(events, kv->ops->commit(kv) == OK);
}

bool events_step(struct events *events, duration *wait)
{
	lock_acquire(&events->lock);

	struct entry **const at = pick(events, wait);

	if (!at) {
		lock_release(&events->lock);
		return false;
	}

	struct entry *const entry = detach(events, at);

	if (!troubled(events, entry)) {
		const int copies = entry->fault == FAULT_TWICE ? 2 : 1;
		int status = 0;

		entry->fault = FAULT_NONE;
		entry->attempts++;
		lock_release(&events->lock);
		for (int i = 0; i < copies; i++)
			status = events->conf.post(events->conf.arg, &entry->event);
		lock_acquire(&events->lock);
		let_followers_go(events);
		settle(events, entry, status);
	}
	lock_release(&events->lock);
	keep(events);
	return true;
}

static void tell_the_second(struct events *events)
{
	const int64_t ticks = ticks_now(events);

	if (!events->conf.each_second || ticks < events->next_second)
		return;
	events->next_second = ticks + 1000;
	events->conf.each_second(events->conf.arg);
}

static void run(void *arg)
{
	struct events *const events = arg;

	lock_acquire(&events->lock);
	while (!events->stopping) {
		const uint64_t seen = events->changes;
		duration wait = seconds(1);

		lock_release(&events->lock);
		tell_the_second(events);
		const bool sent = events_step(events, &wait);
		lock_acquire(&events->lock);
		if (!sent && !events->stopping && seen == events->changes)
			(void)cond_wait_for(&events->wake, &events->lock, wait);
	}
	lock_release(&events->lock);
}

enum err events_start(struct events *events)
{
	events->stopping = false;
	return thread_start(&events->thread, run, events);
}

static void free_list(struct entry **list)
{
	while (*list) {
		struct entry *const entry = *list;

		*list = entry->next;
		free(entry);
	}
}

/* What is on the shelf stays there. */
static void drop_all(struct events *events)
{
	lock_acquire(&events->lock);
	if (events->n)
		log_event(LOG_INFO, "sandbox_events_left", LOG_NUMBER("n", (int64_t)events->n));
	free_list(&events->first);
	free_list(&events->waiting);
	free_list(&events->gone);
	free_list(&events->going);
	events->n = 0;
	lock_release(&events->lock);
}

void events_stop(struct events *events)
{
	lock_acquire(&events->lock);
	events->stopping = true;
	cond_broadcast(&events->wake);
	lock_release(&events->lock);
	thread_join(&events->thread);
	drop_all(events);
}

void events_close(struct events *events)
{
	if (!events)
		return;
	drop_all(events);
	cond_finish(&events->wake);
	lock_finish(&events->lock);
	free(events);
}
