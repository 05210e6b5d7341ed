#include "sandbox/webhooks/event_queue.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/log.h"
#include "sandbox/webhooks/queued_event.h"

#define ATTEMPTS_MAX 3

/* The address of this variable identifies the current thread, for events that are held. */
static _Thread_local char this_thread;

static int64_t queue_ticks(const struct event_queue *event_queue)
{
	return event_queue->conf.clock->ops->ticks(event_queue->conf.clock);
}

static moment queue_now(const struct event_queue *event_queue)
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

static void event_list_append(struct queued_event **list, struct queued_event *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

/* Removes the event `*at` from its list. `at` is the link to it: the list's head or the `next` of the event
 * before. */
static struct queued_event *event_queue_detach(struct event_queue *event_queue, struct queued_event **at)
{
	struct queued_event *const entry = *at;

	*at = entry->next;
	event_queue->n--;
	return entry;
}

/* Called for an event that will not be sent again. If it was stored, the next commit deletes its stored copy.
 * The caller holds the lock. */
static void event_queue_dispose(struct event_queue *event_queue, struct queued_event *entry)
{
	if (!entry->is_stored) {
		free(entry);
		return;
	}
	entry->next = event_queue->to_delete;
	event_queue->to_delete = entry;
}

/* Returns the link to the event that was added first, or NULL if the queue is empty. */
static struct queued_event **event_queue_oldest(struct event_queue *event_queue)
{
	struct queued_event **found = event_queue->unsent ? &event_queue->unsent : NULL;

	for (struct queued_event **at = &event_queue->delayed; *at; at = &(*at)->next)
		if (!found || (*at)->serial < (*found)->serial)
			found = at;
	return found;
}

/* The caller holds the lock. */
static void event_queue_drop_oldest_if_full(struct event_queue *event_queue)
{
	struct queued_event **at;

	while (event_queue->n >= event_queue->conf.max && (at = event_queue_oldest(event_queue))) {
		log_event(LOG_WARN, "sandbox_event_dropped", LOG_WORD("reason", "queue_full"),
			LOG_NUMBER("waiting", (int64_t)event_queue->n));
		event_queue_dispose(event_queue, event_queue_detach(event_queue, at));
	}
}

/* Wakes the queue's thread. If it is not waiting now, the new value of `changes` makes it check the queue
 * again before it waits. The caller holds the lock. */
static void event_queue_wake(struct event_queue *event_queue)
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
	entry->due = queue_ticks(event_queue) + EVENT_HOLD_MAX.ms;
	lock_acquire(&event_queue->lock);
	event_queue_drop_oldest_if_full(event_queue);
	entry->serial = ++event_queue->last_serial;
	event_list_append(&event_queue->unsent, entry);
	event_queue->n++;
	event_queue_wake(event_queue);
	lock_release(&event_queue->lock);
}

void event_queue_release(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);
	for (struct queued_event *entry = event_queue->unsent; entry; entry = entry->next)
		if (entry->holder == &this_thread)
			entry->holder = NULL;
	event_queue_wake(event_queue);
	lock_release(&event_queue->lock);
}

size_t event_queue_waiting(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);

	const size_t n = event_queue->n;

	lock_release(&event_queue->lock);
	return n;
}

/* Returns true if the events have the same session and URL. Such events must be sent in order. */
static bool is_same_session_and_url(const struct queued_event *a, const struct queued_event *b)
{
	return str_eq(a->event.session, b->event.session) && str_eq(a->event.url, b->event.url);
}

static bool is_held(const struct queued_event *entry, int64_t ticks)
{
	return entry->holder && ticks < entry->due;
}

/* Returns true if `entry` must wait, because an earlier event with the same session and URL is still
 * unsent. */
static bool is_behind_another(const struct event_queue *event_queue, const struct queued_event *entry)
{
	for (const struct queued_event *other = event_queue->unsent; other != entry; other = other->next)
		if (is_same_session_and_url(other, entry))
			return true;
	return false;
}

/* Limits `wait` to at most `ms` milliseconds. */
static void wait_at_most(duration *wait, int64_t ms)
{
	if (ms < wait->ms)
		wait->ms = ms;
}

/* Returns the milliseconds until a delayed event may be sent. 0 or less means now. */
static int64_t delayed_time_left(const struct event_queue *event_queue, const struct queued_event *entry)
{
	if (moment_is_unset(entry->retry_at))
		return entry->due - queue_ticks(event_queue);
	return moment_diff(queue_now(event_queue), entry->retry_at).ms;
}

/* Returns the link to an event that may be sent now. If there is none, returns NULL and shortens `wait` to
 * the time until one may be sent. The caller holds the lock. */
static struct queued_event **event_queue_pick(struct event_queue *event_queue, duration *wait)
{
	const int64_t ticks = queue_ticks(event_queue);

	for (struct queued_event **at = &event_queue->unsent; *at; at = &(*at)->next) {
		if (is_held(*at, ticks))
			wait_at_most(wait, (*at)->due - ticks);
		else if (!is_behind_another(event_queue, *at))
			return at;
	}
	for (struct queued_event **at = &event_queue->delayed; *at; at = &(*at)->next) {
		const int64_t left = delayed_time_left(event_queue, *at);

		if (left <= 0)
			return at;
		wait_at_most(wait, left);
	}
	return NULL;
}

static void event_queue_delay(struct event_queue *event_queue, struct queued_event *entry, duration delay)
{
	entry->due = queue_ticks(event_queue) + delay.ms;
	event_list_append(&event_queue->delayed, entry);
	event_queue->n++;
}

/* Applies a fault that delays or drops the event. Returns true if the event must not be sent now. The caller
 * holds the lock. */
static bool event_apply_fault(struct event_queue *event_queue, struct queued_event *entry)
{
	const enum fault fault = entry->fault;

	if (fault != FAULT_LATE && fault != FAULT_OUT_OF_ORDER && fault != FAULT_DROP)
		return false;
	if (fault == FAULT_DROP) {
		log_event(LOG_INFO, "sandbox_event_dropped", LOG_WORD("reason", "fault"));
		event_queue_dispose(event_queue, entry);
		return true;
	}
	entry->fault = FAULT_NONE;
	entry->after_next = fault == FAULT_OUT_OF_ORDER;
	event_queue_delay(event_queue, entry, EVENT_LATE_BY);
	return true;
}

/* Called after an event was sent: events with FAULT_OUT_OF_ORDER have waited for that and may be sent now. */
static void event_queue_end_overtaking(struct event_queue *event_queue)
{
	for (struct queued_event *entry = event_queue->delayed; entry; entry = entry->next) {
		if (!entry->after_next)
			continue;
		entry->after_next = false;
		entry->due = queue_ticks(event_queue);
	}
}

static bool status_allows_retry(int status)
{
	return status == 0 || status == 404 || status >= 500;
}

/* Handles the result of an attempt: removes the event or schedules a retry. The caller holds the lock. */
static void event_queue_finish_attempt(
	struct event_queue *event_queue, struct queued_event *entry, int status)
{
	if (status >= 200 && status < 300) {
		event_queue_dispose(event_queue, entry);
		return;
	}

	const bool last = entry->attempts >= ATTEMPTS_MAX || (event_queue->stopping && !event_queue->conf.kv);
	const bool again = status_allows_retry(status) && !last && !entry->is_removed;

	log_event(LOG_WARN, "sandbox_webhook_rejected", LOG_NUMBER("status", status),
		LOG_NUMBER("attempt", entry->attempts), LOG_WORD("will_retry", again ? "yes" : "no"));
	if (!again) {
		event_queue_dispose(event_queue, entry);
		return;
	}
	entry->changed = true;
	entry->retry_at = moment_add(
		queue_now(event_queue), entry->attempts == 1 ? EVENT_RETRY_1 : EVENT_RETRY_2);
	event_list_append(&event_queue->delayed, entry);
	event_queue->n++;
}

/* Stores the changes that event_queue_step has made. Events of an API call are stored with that call's other
 * changes. */
static void event_queue_save(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;

	if (!kv)
		return;
	kv->ops->begin(kv);

	const uint64_t commit = event_queue_put_changes(event_queue);

	event_queue_commit_done(event_queue, commit, kv->ops->commit(kv) == OK);
}

bool event_queue_step(struct event_queue *event_queue, duration *wait)
{
	lock_acquire(&event_queue->lock);

	struct queued_event **const at = event_queue_pick(event_queue, wait);

	if (!at) {
		lock_release(&event_queue->lock);
		return false;
	}

	struct queued_event *const entry = event_queue_detach(event_queue, at);

	if (!event_apply_fault(event_queue, entry)) {
		const int copies = entry->fault == FAULT_TWICE ? 2 : 1;
		int status = 0;

		entry->fault = FAULT_NONE;
		entry->attempts++;
		event_queue->sending = entry;
		lock_release(&event_queue->lock);
		for (int i = 0; i < copies; i++)
			status = event_queue->conf.post(event_queue->conf.arg, &entry->event);
		lock_acquire(&event_queue->lock);
		event_queue->sending = NULL;
		event_queue_end_overtaking(event_queue);
		event_queue_finish_attempt(event_queue, entry, status);
	}
	lock_release(&event_queue->lock);
	event_queue_save(event_queue);
	return true;
}

static void event_queue_call_each_second(struct event_queue *event_queue)
{
	const int64_t ticks = queue_ticks(event_queue);

	if (!event_queue->conf.each_second || ticks < event_queue->next_second)
		return;
	event_queue->next_second = ticks + 1000;
	event_queue->conf.each_second(event_queue->conf.arg);
}

static void event_queue_thread(void *arg)
{
	struct event_queue *const event_queue = arg;

	lock_acquire(&event_queue->lock);
	while (!event_queue->stopping) {
		const uint64_t seen = event_queue->changes;
		duration wait = seconds(1);

		lock_release(&event_queue->lock);
		event_queue_call_each_second(event_queue);
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
	return thread_start(&event_queue->thread, event_queue_thread, event_queue);
}

static void event_list_free(struct queued_event **list)
{
	while (*list) {
		struct queued_event *const entry = *list;

		*list = entry->next;
		free(entry);
	}
}

/* Frees all events. Their stored copies remain, and are loaded after a restart. */
static void event_queue_free_all(struct event_queue *event_queue)
{
	lock_acquire(&event_queue->lock);
	if (event_queue->n)
		log_event(LOG_INFO, "sandbox_events_discarded", LOG_NUMBER("count", (int64_t)event_queue->n));
	event_list_free(&event_queue->unsent);
	event_list_free(&event_queue->delayed);
	event_list_free(&event_queue->to_delete);
	event_list_free(&event_queue->deleting);
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
	event_queue_free_all(event_queue);
}

void event_queue_close(struct event_queue *event_queue)
{
	if (!event_queue)
		return;
	event_queue_free_all(event_queue);
	cond_finish(&event_queue->wake);
	lock_finish(&event_queue->lock);
	free(event_queue);
}
