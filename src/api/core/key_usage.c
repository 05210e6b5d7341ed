#include "api/core/key_usage.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/lock.h"
#include "port/store.h"

struct used_key {
	struct key_id id;
	moment minute;
};

struct used_keys {
	struct used_key rows[KEY_USAGE_MAX];
	size_t n;
};

struct key_usage {
	struct lock lock;
	struct used_keys waiting;
	atomic_bool has_waiting; /* lets most calls return without taking the lock */
	int64_t pause_until;	 /* no write before this time, in ticks; set after a failure of the store */
};

enum err key_usage_open(struct key_usage **out)
{
	struct key_usage *const usage = calloc(1, sizeof(*usage));

	if (!usage)
		return ERR_INTERNAL;
	lock_init(&usage->lock);
	usage->pause_until = INT64_MIN;
	*out = usage;
	return OK;
}

void key_usage_close(struct key_usage *usage)
{
	if (!usage)
		return;
	lock_finish(&usage->lock);
	free(usage);
}

moment key_usage_minute(moment t)
{
	return (moment){ t.ms - t.ms % minutes(1).ms };
}

/* The caller holds the lock. */
static bool add_row(struct key_usage *usage, const struct used_key *row)
{
	if (usage->waiting.n == KEY_USAGE_MAX)
		return false;
	usage->waiting.rows[usage->waiting.n++] = *row;
	atomic_store(&usage->has_waiting, true);
	return true;
}

bool key_usage_add(struct key_usage *usage, const struct key_id *id, moment minute)
{
	const struct used_key row = { *id, minute };

	lock_acquire(&usage->lock);
	const bool added = add_row(usage, &row);
	lock_release(&usage->lock);
	return added;
}

static struct used_keys take_waiting(struct key_usage *usage, int64_t now)
{
	struct used_keys taken = { .n = 0 };

	lock_acquire(&usage->lock);
	if (now >= usage->pause_until) {
		taken = usage->waiting;
		usage->waiting.n = 0;
		atomic_store(&usage->has_waiting, false);
	}
	lock_release(&usage->lock);
	return taken;
}

static void put_back(struct key_usage *usage, const struct used_keys *taken, int64_t now)
{
	lock_acquire(&usage->lock);
	for (size_t i = 0; i < taken->n; i++)
		(void)add_row(usage, &taken->rows[i]);
	usage->pause_until = now + KEY_USAGE_PAUSE.ms;
	lock_release(&usage->lock);
}

/* Saves the minutes. May run more than once, because the store can run a writing transaction again. */
static enum err save_minutes(struct tx *tx, void *arg)
{
	const struct used_keys *const used = arg;

	for (size_t i = 0; i < used->n; i++) {
		struct api_key key = { .id = used->rows[i].id };
		const enum err e = store_load_api_key(tx, &key);

		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		if (!moment_is_before(key.last_used_at, used->rows[i].minute))
			continue;
		key.last_used_at = used->rows[i].minute;
		TRY(store_save_api_key(tx, &key));
	}
	return OK;
}

void key_usage_write(struct key_usage *usage, const struct world *world)
{
	struct arena a;

	if (!atomic_load(&usage->has_waiting))
		return;
	struct used_keys taken = take_waiting(usage, world_ticks(world));
	if (taken.n == 0)
		return;
	arena_init(&a, ARENA_CALL_LIMIT);
	if (store_transact(world->store, TX_WRITE_LOW_PRIORITY, &a, save_minutes, &taken) != OK)
		put_back(usage, &taken, world_ticks(world));
	arena_finish(&a);
}
