#include <stdlib.h>

#include "sandbox/state/destinations.h"
#include "sandbox/webhooks/event_queue.h"
#include "sandbox/webhooks/queued_event.h"

/* The kind of the rows in the kv store. Each event is one row, whose key is the event's serial number. */
#define EVENT_KIND "event"
/* Size limit in bytes of one stored event. The event's JSON body is stored as a JSON string, which is longer
 * because of escaping. */
#define EVENT_JSON_MAX ((size_t)1024 * 1024)

static void event_list_append(struct queued_event **list, struct queued_event *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

static enum err load_stored_event(void *arg, int64_t key, struct str bytes)
{
	struct event_queue *const event_queue = arg;
	struct queued_event *entry = NULL;

	if (key <= 0)
		return ERR_INPUT;
	TRY(queued_event_decode(bytes, &entry));
	entry->serial = (uint64_t)key;
	if (entry->serial > event_queue->last_serial)
		event_queue->last_serial = entry->serial;
	event_list_append(
		moment_is_unset(entry->retry_at) ? &event_queue->unsent : &event_queue->delayed, entry);
	event_queue->n++;
	return OK;
}

enum err event_queue_load(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;

	return kv ? kv->ops->each(kv, EVENT_KIND, load_stored_event, event_queue) : OK;
}

static void put_changed_events(struct event_queue *event_queue, struct queued_event *list, struct arena *a)
{
	struct kv_store *const kv = event_queue->conf.kv;

	for (struct queued_event *entry = list; entry; entry = entry->next) {
		struct str bytes;

		if (!entry->changed)
			continue;
		/* An event that is too large to be stored is sent nevertheless, but lost at a restart. */
		if (queued_event_encode(a, entry, &bytes) == OK) {
			kv->ops->put(kv, EVENT_KIND, (int64_t)entry->serial, bytes);
			entry->is_stored = true;
		}
		entry->changed = false;
		arena_reset(a);
	}
}

uint64_t event_queue_put_changes(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;
	struct arena a;

	arena_init(&a, EVENT_JSON_MAX);
	lock_acquire(&event_queue->lock);

	const uint64_t commit = ++event_queue->commits;

	put_changed_events(event_queue, event_queue->unsent, &a);
	put_changed_events(event_queue, event_queue->delayed, &a);
	while (event_queue->to_delete) {
		struct queued_event *const entry = event_queue->to_delete;

		event_queue->to_delete = entry->next;
		entry->next = event_queue->deleting;
		entry->commit = commit;
		event_queue->deleting = entry;
		kv->ops->drop(kv, EVENT_KIND, (int64_t)entry->serial);
	}
	lock_release(&event_queue->lock);
	arena_finish(&a);
	return commit;
}

/* Called after a failed commit: the next commit must write all events again. */
static void mark_all_changed(struct event_queue *event_queue)
{
	for (struct queued_event *entry = event_queue->unsent; entry; entry = entry->next)
		entry->changed = true;
	for (struct queued_event *entry = event_queue->delayed; entry; entry = entry->next)
		entry->changed = true;
}

/* Finishes or repeats only the deletions of this commit, because a commit of another thread may be in
 * progress. */
void event_queue_commit_done(struct event_queue *event_queue, uint64_t commit, bool committed)
{
	struct queued_event **at = &event_queue->deleting;

	lock_acquire(&event_queue->lock);
	if (!committed)
		mark_all_changed(event_queue);
	while (*at) {
		struct queued_event *const entry = *at;

		if (entry->commit != commit) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		if (committed) {
			free(entry);
			continue;
		}
		entry->next = event_queue->to_delete;
		event_queue->to_delete = entry;
	}
	lock_release(&event_queue->lock);
}

/* Moves the events for `url` from `list` to the end of `out` and keeps their order. */
static void move_events_of_url(struct event_queue *event_queue, struct queued_event **list, struct str url,
	struct queued_event **out)
{
	while (*list) {
		struct queued_event *const entry = *list;

		if (!str_eq(entry->event.url, url)) {
			list = &entry->next;
			continue;
		}
		*list = entry->next;
		event_queue->n--;
		event_list_append(out, entry);
	}
}

/* If an event for `url` is being sent, marks it as removed, copies its session and returns true. The session
 * is copied because the event may be freed as soon as the lock is released. */
static bool remove_sending(struct event_queue *event_queue, struct str url, char *session, size_t size)
{
	struct queued_event *const entry = event_queue->sending;

	if (!entry || entry->is_removed || !str_eq(entry->event.url, url) ||
		!str_copy_to(entry->event.session, session, size))
		return false;
	entry->is_removed = true;
	return true;
}

void event_queue_remove_url(struct event_queue *event_queue, struct str url,
	void (*removed)(void *arg, struct str session), void *arg)
{
	char sending_session[UUID_SIZE];
	struct queued_event *out = NULL;

	lock_acquire(&event_queue->lock);

	const bool is_sending = remove_sending(event_queue, url, sending_session, sizeof(sending_session));

	move_events_of_url(event_queue, &event_queue->unsent, url, &out);
	move_events_of_url(event_queue, &event_queue->delayed, url, &out);
	lock_release(&event_queue->lock);
	if (is_sending)
		removed(arg, str_of(sending_session));
	while (out) {
		struct queued_event *const entry = out;

		out = entry->next;
		removed(arg, entry->event.session);
		if (!entry->is_stored) {
			free(entry);
			continue;
		}
		lock_acquire(&event_queue->lock);
		entry->next = event_queue->to_delete;
		event_queue->to_delete = entry;
		lock_release(&event_queue->lock);
	}
}
