#include <stdlib.h>

#include "sandbox/webhooks/event_queue.h"
#include "sandbox/webhooks/queued_event.h"

#define KIND "event"
/* Of one event as it is written: its body is escaped once more. */
#define WRITING_LIMIT ((size_t)1024 * 1024)

static void append(struct queued_event **list, struct queued_event *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

static enum err take(void *arg, int64_t key, struct str bytes)
{
	struct event_queue *const event_queue = arg;
	struct queued_event *entry = NULL;

	if (key <= 0)
		return ERR_INPUT;
	TRY(queued_event_decode(bytes, &entry));
	entry->serial = (uint64_t)key;
	if (entry->serial > event_queue->serials)
		event_queue->serials = entry->serial;
	append(moment_is_unset(entry->retry_at) ? &event_queue->first : &event_queue->waiting, entry);
	event_queue->n++;
	return OK;
}

enum err event_queue_load(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;

	return kv ? kv->ops->each(kv, KIND, take, event_queue) : OK;
}

static void write_list(struct event_queue *event_queue, struct queued_event *list, struct arena *a)
{
	struct kv_store *const kv = event_queue->conf.kv;

	for (struct queued_event *entry = list; entry; entry = entry->next) {
		struct str bytes;

		if (!entry->changed)
			continue;
		/* One that is too large to be written is sent all the same. */
		if (queued_event_encode(a, entry, &bytes) == OK) {
			kv->ops->put(kv, KIND, (int64_t)entry->serial, bytes);
			entry->is_stored = true;
		}
		entry->changed = false;
		arena_reset(a);
	}
}

void event_queue_put_changes(struct event_queue *event_queue)
{
	struct kv_store *const kv = event_queue->conf.kv;
	struct arena a;

	arena_init(&a, WRITING_LIMIT);
	lock_acquire(&event_queue->lock);
	write_list(event_queue, event_queue->first, &a);
	write_list(event_queue, event_queue->waiting, &a);
	while (event_queue->gone) {
		struct queued_event *const entry = event_queue->gone;

		event_queue->gone = entry->next;
		entry->next = event_queue->going;
		event_queue->going = entry;
		kv->ops->drop(kv, KIND, (int64_t)entry->serial);
	}
	lock_release(&event_queue->lock);
	arena_finish(&a);
}

/* The next commit shall have all of it again. */
static void once_more(struct event_queue *event_queue)
{
	for (struct queued_event *entry = event_queue->first; entry; entry = entry->next)
		entry->changed = true;
	for (struct queued_event *entry = event_queue->waiting; entry; entry = entry->next)
		entry->changed = true;
	while (event_queue->going) {
		struct queued_event *const entry = event_queue->going;

		event_queue->going = entry->next;
		entry->next = event_queue->gone;
		event_queue->gone = entry;
	}
}

void event_queue_commit_done(struct event_queue *event_queue, bool done)
{
	lock_acquire(&event_queue->lock);
	if (!done)
		once_more(event_queue);
	while (event_queue->going) {
		struct queued_event *const entry = event_queue->going;

		event_queue->going = entry->next;
		free(entry);
	}
	lock_release(&event_queue->lock);
}

/* Takes them out of the list, in their order. */
static void take_out(struct event_queue *event_queue, struct queued_event **list, struct str url,
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
		append(out, entry);
	}
}

void event_queue_remove_url(struct event_queue *event_queue, struct str url,
	void (*forgotten)(void *arg, struct str session), void *arg)
{
	struct queued_event *out = NULL;

	lock_acquire(&event_queue->lock);
	take_out(event_queue, &event_queue->first, url, &out);
	take_out(event_queue, &event_queue->waiting, url, &out);
	lock_release(&event_queue->lock);
	while (out) {
		struct queued_event *const entry = out;

		out = entry->next;
		forgotten(arg, entry->event.session);
		if (!entry->is_stored) {
			free(entry);
			continue;
		}
		lock_acquire(&event_queue->lock);
		entry->next = event_queue->gone;
		event_queue->gone = entry;
		lock_release(&event_queue->lock);
	}
}
