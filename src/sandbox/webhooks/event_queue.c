#include "sandbox/webhooks/event_queue.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/log.h"
#include "sandbox/webhooks/queued_event.h"

#define ATTEMPTS_MAX 3

/* Its address tells one thread from another. */
static _Thread_local char this_thread;

static int64_t ticks_now(const struct event_queue *event_queue)
{
	return event_queue->conf.clock->ops->ticks(event_queue->conf.clock);
}

static moment now(const struct event_queue *event_queue)
{
	return event_queue->conf.clock->ops->now(event_queue->conf.clock);
}

enum err event_queue_open(const struct event_queue_conf *conf, struct event_queue **out)
{
	struct event_queue *const event_queue = calloc(1, sizeof(*event_queue));

	if (!event_queue)
		return ERR_INTERNAL;
	event_queue->conf = *conf;
	lock_init(&event_queue->lock);
	cond_init(&event_queue->wake);
	*out = event_queue;
	return OK;
}

static void append(struct queued_event **list, struct queued_event *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

/* Takes what a link of a list points to out of it. */
static struct queued_event *detach(struct event_queue *event_queue, struct queued_event **at)
{
	struct queued_event *const entry = *at;

	*at = entry->next;
	event_queue->n--;
	return entry;
}

/* With the lock held: it is done, and so it is on the shelf, at the next commit. */
static void forget(struct event_queue *event_queue, struct queued_event *entry)
{
	if (!entry->is_stored) {
		free(entry);
		return;
	}
	entry->next = event_queue->gone;
	event_queue->gone = entry;
}

/* The link to the one that was made first; NULL when there is none. */
static struct queued_event **oldest(struct event_queue *event_queue)
{
	struct queued_event **found = event_queue->first ? &event_queue->first : NULL;

	for (struct queued_event **at = &event_queue->waiting; *at; at = &(*at)->next)
		if (!found || (*at)->serial < (*found)->serial)
			found = at;
	return found;
}

static void make_room(struct event_queue *event_queue)
{
	struct queued_event **at;

	while (event_queue->n >= event_queue->conf.max && (at = oldest(event_queue))) {
		log_event(LOG_WARN, "sandbox_event_dropped", LOG_WORD("reason", "queue_full"),
			LOG_NUMBER("waiting", (int64_t)event_queue->n));
		forget(event_queue, detach(event_queue, at));
	}
}

/* With the lock held. The counter is for a thread that is not asleep yet. */
static void wake_up(struct event_queue *event_queue)
{
	event_queue->changes++;
	cond_broadcast(&event_queue->wake);
}

void event_queue_add(
	struct event_queue *event_queue, const struct webhook_event *event, enum fault fault, bool held)
{
	struct queued_event *const entry = queued_event_copy(event);

	if (!entry) {
		log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("reason", "no_memory"));
		return;
	}
	entry->fault = fault;
	entry->holder = held ? &this_thread : NULL;
	entry->due = ticks_now(event_queue) + EVENT_HOLD_MAX.ms;
	lock_acquire(&event_queue->lock);
	make_room(event_queue);
	entry->serial = ++event_queue->serials;
	append(&event_queue->first, entry);
	event_queue->n++;
	wake_up(event_queue);
	lock_release(&event_queue->lock);
}

void event_queue_release(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);
	for (struct queued_event *entry = event_queue->first; entry; entry = entry->next)
		if (entry->holder == &this_thread)
			entry->holder = NULL;
	wake_up(event_queue);
	lock_release(&event_queue->lock);
}

size_t event_queue_waiting(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);

	const size_t n = event_queue->n;

	lock_release(&event_queue->lock);
	return n;
}

static bool same_way(const struct queued_event *a, const struct queued_event *b)
{
	return str_eq(a->event.session, b->event.session) && str_eq(a->event.url, b->event.url);
}

static bool is_held(const struct queued_event *entry, int64_t ticks)
{
	return entry->holder && ticks < entry->due;
}

/* All before `entry` are held themselves, or wait behind one that is. */
static bool is_behind_another(const struct event_queue *event_queue, const struct queued_event *entry)
{
	for (const struct queued_event *other = event_queue->first; other != entry; other = other->next)
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
static int64_t time_left(const struct event_queue *event_queue, const struct queued_event *entry)
{
	if (moment_is_unset(entry->retry_at))
		return entry->due - ticks_now(event_queue);
	return moment_diff(now(event_queue), entry->retry_at).ms;
}

/* The link to what may go now; NULL, and after how long to look again. */
static struct queued_event **pick(struct event_queue *event_queue, duration *wait)
{
	const int64_t ticks = ticks_now(event_queue);

	for (struct queued_event **at = &event_queue->first; *at; at = &(*at)->next) {
		if (is_held(*at, ticks))
			at_most(wait, (*at)->due - ticks);
		else if (!is_behind_another(event_queue, *at))
			return at;
	}
	for (struct queued_event **at = &event_queue->waiting; *at; at = &(*at)->next) {
		const int64_t left = time_left(event_queue, *at);

		if (left <= 0)
			return at;
		at_most(wait, left);
	}
	return NULL;
}

static void set_aside(struct event_queue *event_queue, struct queued_event *entry, duration delay)
{
	entry->due = ticks_now(event_queue) + delay.ms;
	append(&event_queue->waiting, entry);
	event_queue->n++;
}

/* With the lock held: what the faults ask for before an attempt. True: it is not sent now. */
static bool troubled(struct event_queue *event_queue, struct queued_event *entry)
{
	const enum fault fault = entry->fault;

	if (fault != FAULT_LATE && fault != FAULT_OUT_OF_ORDER && fault != FAULT_DROP)
		return false;
	if (fault == FAULT_DROP) {
		log_event(LOG_INFO, "sandbox_event_dropped", LOG_WORD("reason", "fault"));
		forget(event_queue, entry);
		return true;
	}
	entry->fault = FAULT_NONE;
	entry->after_next = fault == FAULT_OUT_OF_ORDER;
	set_aside(event_queue, entry, EVENT_LATE_BY);
	return true;
}

/* An event went out: those that wait only for that may follow. */
static void let_followers_go(struct event_queue *event_queue)
{
	for (struct queued_event *entry = event_queue->waiting; entry; entry = entry->next) {
		if (!entry->after_next)
			continue;
		entry->after_next = false;
		entry->due = ticks_now(event_queue);
	}
}

static bool worth_a_retry(int status)
{
	return status == 0 || status == 404 || status >= 500;
}

/* With the lock held, after an attempt. */
static void settle(struct event_queue *event_queue, struct queued_event *entry, int status)
{
	if (status >= 200 && status < 300) {
		forget(event_queue, entry);
		return;
	}

	const bool last = entry->attempts >= ATTEMPTS_MAX || (event_queue->stopping && !event_queue->conf.kv);
	const bool again = worth_a_retry(status) && !last;

	log_event(LOG_WARN, "sandbox_webhook_rejected", LOG_NUMBER("status", status),
		LOG_NUMBER("attempt", entry->attempts), LOG_WORD("will_retry", again ? "yes" : "no"));
	if (!again) {
		forget(event_queue, entry);
		return;
	}
	entry->changed = true;
	entry->retry_at = moment_add(now(event_queue), entry->attempts == 1 ? EVENT_RETRY_1 : EVENT_RETRY_2);
	append(&event_queue->waiting, entry);
	event_queue->n++;
}

/* What a step changed. A call that makes events writes them with the rest of what it changed. */
static void keep(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;

	if (!kv)
		return;
	kv->ops->begin(kv);
	event_queue_put_changes(event_queue);
	event_queue_commit_done(event_queue, kv->ops->commit(kv) == OK);
}

bool event_queue_step(struct event_queue *event_queue, duration *wait)
{
	lock_acquire(&event_queue->lock);

	struct queued_event **const at = pick(event_queue, wait);

	if (!at) {
		lock_release(&event_queue->lock);
		return false;
	}

	struct queued_event *const entry = detach(event_queue, at);

	if (!troubled(event_queue, entry)) {
		const int copies = entry->fault == FAULT_TWICE ? 2 : 1;
		int status = 0;

		entry->fault = FAULT_NONE;
		entry->attempts++;
		lock_release(&event_queue->lock);
		for (int i = 0; i < copies; i++)
			status = event_queue->conf.post(event_queue->conf.arg, &entry->event);
		lock_acquire(&event_queue->lock);
		let_followers_go(event_queue);
		settle(event_queue, entry, status);
	}
	lock_release(&event_queue->lock);
	keep(event_queue);
	return true;
}

static void tell_the_second(struct event_queue *event_queue)
{
	const int64_t ticks = ticks_now(event_queue);

	if (!event_queue->conf.each_second || ticks < event_queue->next_second)
		return;
	event_queue->next_second = ticks + 1000;
	event_queue->conf.each_second(event_queue->conf.arg);
}

static void run(void *arg)
{
	struct event_queue *const event_queue = arg;

	lock_acquire(&event_queue->lock);
	while (!event_queue->stopping) {
		const uint64_t seen = event_queue->changes;
		duration wait = seconds(1);

		lock_release(&event_queue->lock);
		tell_the_second(event_queue);
		const bool sent = event_queue_step(event_queue, &wait);
		lock_acquire(&event_queue->lock);
		if (!sent && !event_queue->stopping && seen == event_queue->changes)
			(void)cond_wait_for(&event_queue->wake, &event_queue->lock, wait);
	}
	lock_release(&event_queue->lock);
}

enum err event_queue_start(struct event_queue *event_queue)
{
	event_queue->stopping = false;
	return thread_start(&event_queue->thread, run, event_queue);
}

static void free_list(struct queued_event **list)
{
	while (*list) {
		struct queued_event *const entry = *list;

		*list = entry->next;
		free(entry);
	}
}

/* What is on the shelf stays there. */
static void drop_all(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);
	if (event_queue->n)
		log_event(LOG_INFO, "sandbox_events_discarded", LOG_NUMBER("count", (int64_t)event_queue->n));
	free_list(&event_queue->first);
	free_list(&event_queue->waiting);
	free_list(&event_queue->gone);
	free_list(&event_queue->going);
	event_queue->n = 0;
	lock_release(&event_queue->lock);
}

void event_queue_stop(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);
	event_queue->stopping = true;
	cond_broadcast(&event_queue->wake);
	lock_release(&event_queue->lock);
	thread_join(&event_queue->thread);
	drop_all(event_queue);
}

void event_queue_close(struct event_queue *event_queue)
{
	if (!event_queue)
		return;
	drop_all(event_queue);
	cond_finish(&event_queue->wake);
	lock_finish(&event_queue->lock);
	free(event_queue);
}
