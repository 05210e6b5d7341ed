#include <stdlib.h>

#include "sandbox/events.h"
#include "sandbox/queued.h"

#define KIND "event"
/* Of one event as it is written: its body is escaped once more. */
#define WRITING_LIMIT ((size_t)1024 * 1024)

static void append(struct entry **list, struct entry *entry)
{
	while (*list)
		list = &(*list)->next;
	entry->next = NULL;
	*list = entry;
}

static enum err take(void *arg, int64_t key, struct str bytes)
{
	struct events *const events = arg;
	struct entry *entry = NULL;

	if (key <= 0)
		return ERR_INPUT;
	TRY(queued_read(bytes, &entry));
	entry->serial = (uint64_t)key;
	if (entry->serial > events->serials)
		events->serials = entry->serial;
	append(moment_is_unset(entry->retry_at) ? &events->first : &events->waiting, entry);
	events->n++;
	return OK;
}

enum err events_load(struct events *events)
{
	struct kv_store *const kv = events->conf.kv;

	return kv ? kv->ops->each(kv, KIND, take, events) : OK;
}

static void write_list(struct events *events, struct entry *list, struct arena *a)
{
	struct kv_store *const kv = events->conf.kv;

	for (struct entry *entry = list; entry; entry = entry->next) {
		struct str bytes;

		if (!entry->changed)
			continue;
		/* One that is too large to be written is sent all the same. */
		if (queued_write(a, entry, &bytes) == OK) {
			kv->ops->put(kv, KIND, (int64_t)entry->serial, bytes);
			entry->on_shelf = true;
		}
		entry->changed = false;
		arena_reset(a);
	}
}

void events_write(struct events *events)
{
	struct kv_store *const kv = events->conf.kv;
	struct arena a;

	arena_init(&a, WRITING_LIMIT);
	lock_acquire(&events->lock);
	write_list(events, events->first, &a);
	write_list(events, events->waiting, &a);
	while (events->gone) {
		struct entry *const entry = events->gone;

		events->gone = entry->next;
		entry->next = events->going;
		events->going = entry;
		kv->ops->drop(kv, KIND, (int64_t)entry->serial);
	}
	lock_release(&events->lock);
	arena_finish(&a);
}

/* The next commit shall have all of it again. */
static void once_more(struct events *events)
{
	for (struct entry *entry = events->first; entry; entry = entry->next)
		entry->changed = true;
	for (struct entry *entry = events->waiting; entry; entry = entry->next)
		entry->changed = true;
	while (events->going) {
		struct entry *const entry = events->going;

		events->going = entry->next;
		entry->next = events->gone;
		events->gone = entry;
	}
}

void events_written(struct events *events, bool done)
{
	lock_acquire(&events->lock);
	if (!done)
		once_more(events);
	while (events->going) {
		struct entry *const entry = events->going;

		events->going = entry->next;
		free(entry);
	}
	lock_release(&events->lock);
}

/* Takes them out of the list, in their order. */
static void take_out(struct events *events, struct entry **list, struct str url, struct entry **out)
{
	while (*list) {
		struct entry *const entry = *list;

		if (!str_eq(entry->event.url, url)) {
			list = &entry->next;
			continue;
		}
		*list = entry->next;
		events->n--;
		append(out, entry);
	}
}

void events_forget(
	struct events *events, struct str url, void (*forgotten)(void *arg, struct str session), void *arg)
{
	struct entry *out = NULL;

	lock_acquire(&events->lock);
	take_out(events, &events->first, url, &out);
	take_out(events, &events->waiting, url, &out);
	lock_release(&events->lock);
	while (out) {
		struct entry *const entry = out;

		out = entry->next;
		forgotten(arg, entry->event.session);
		if (!entry->on_shelf) {
			free(entry);
			continue;
		}
		lock_acquire(&events->lock);
		entry->next = events->gone;
		events->gone = entry;
		lock_release(&events->lock);
	}
}
