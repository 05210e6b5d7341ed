#include "app/core/instances.h"

#include "base/attr.h"

/* Rows that one clean-up removes at most. */
#define CLEAN_MAX 64

/* Copies the printable ASCII characters at the beginning of `s`, as many as there is room for. */
static void copy_beginning(struct str s, char *out, size_t size)
{
	size_t n = 0;

	for (; n < s.n && n < size - 1 && s.p[n] > ' ' && s.p[n] <= '~'; n++)
		out[n] = s.p[n];
	out[n] = '\0';
}

static enum err save_sign(struct tx *tx, void *arg)
{
	const struct world *const world = arg;
	struct server_instance self = { .id = world->instance };
	moment now;

	TRY(store_clock(tx, &now));
	const enum err e = store_load_instance(tx, &self);
	if (e == ERR_NOT_FOUND)
		self.started_at = now;
	else
		TRY(e);
	copy_beginning(world->host, self.host, sizeof(self.host));
	copy_beginning(world->version, self.version, sizeof(self.version));
	self.seen_at = now;
	return store_save_instance(tx, &self);
}

enum err instance_sign(const struct world *world, struct arena *a, int64_t *due_at)
{
	const int64_t ticks = world_ticks(world);

	if (*due_at != 0 && ticks < *due_at)
		return OK;
	*due_at = ticks + INSTANCE_SIGN_INTERVAL.ms;
	return store_transact(world->store, TX_WRITE, a, save_sign, (void *)(uintptr_t)world);
}

static enum err remove_self(struct tx *tx, void *arg)
{
	const struct world *const world = arg;

	return store_remove_instance(tx, &(const struct server_instance){ .id = world->instance });
}

enum err instance_leave(const struct world *world, struct arena *a)
{
	return store_transact(world->store, TX_WRITE, a, remove_self, (void *)(uintptr_t)world);
}

struct old_rows {
	struct server_instance rows[INSTANCES_MAX + CLEAN_MAX];
	struct instance_id ids[INSTANCES_MAX + CLEAN_MAX];
	size_t n;
};

/* The rows are sorted by their sign of life, so those to remove are the last ones. */
static enum err find_old(struct tx *tx, void *arg)
{
	struct old_rows *const old = arg;
	moment now;
	size_t n;

	old->n = 0;
	TRY(store_clock(tx, &now));
	TRY(store_find(tx, QUERY_INSTANCES, old->rows, page_of(0, array_len(old->rows)), old->rows, &n));
	for (size_t i = 0; i < n; i++) {
		const moment end = moment_add(old->rows[i].seen_at, INSTANCE_KEPT);

		if (i >= INSTANCES_MAX || !moment_is_before(now, end))
			old->ids[old->n++] = old->rows[i].id;
	}
	return OK;
}

static enum err remove_old(struct tx *tx, void *arg)
{
	const struct old_rows *const old = arg;

	for (size_t i = 0; i < old->n; i++)
		TRY(store_remove_instance(tx, &(const struct server_instance){ .id = old->ids[i] }));
	return OK;
}

enum err instance_clean(const struct world *world, struct arena *a)
{
	struct old_rows *const old = arena_new(a, struct old_rows);

	if (old == NULL)
		return ERR_INTERNAL;
	TRY(store_transact(world->store, TX_READ, a, find_old, old));
	return old->n > 0 ? store_transact(world->store, TX_WRITE, a, remove_old, old) : OK;
}

enum err instance_list(struct tx *tx, struct server_instance rows[INSTANCES_MAX], size_t *n, moment *now)
{
	const struct server_instance probe = { .id = { "" } };

	TRY(store_clock(tx, now));
	return store_find(tx, QUERY_INSTANCES, &probe, page_of(0, INSTANCES_MAX), rows, n);
}
