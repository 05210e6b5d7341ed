#include "store/sql_readers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"
#include "store/sql_loans.h"
#include "store/sql_tx.h"

static_assert(READERS_MAX <= LOANS_MAX, "readers are lent");

struct readers {
	struct sql *first; /* the others are made like it; itself the first of the loans */
	bool is_lent;	   /* the loans have it */
	struct loans *loans;
};

/* From one thread at a time until the loans have the first. */
static enum err open_reader(void *arg, struct sql **out)
{
	struct readers *const r = arg;

	if (r->is_lent)
		return r->first->ops->another(r->first, out);
	r->is_lent = true;
	*out = r->first;
	return OK;
}

static enum err fill(struct readers *r, const struct loans_conf *conf)
{
	TRY(loans_open(conf, &r->loans));
	for (size_t i = 0; i < conf->max && i < READERS_AT_START; i++)
		TRY(loans_widen(r->loans));
	return OK;
}

enum err readers_open(struct sql *first, size_t max, duration wait, struct readers **out)
{
	struct readers *const r = calloc(1, sizeof(*r));
	const struct loans_conf conf = { .open = open_reader, .arg = r, .max = max, .wait = wait };

	if (r == NULL) {
		first->ops->close(first);
		return ERR_INTERNAL;
	}
	r->first = first;
	if (fill(r, &conf) != OK) {
		readers_close(r);
		return ERR_STORAGE;
	}
	*out = r;
	return OK;
}

static enum err read_at_once(struct sql *sql, struct arena *arena, tx_work *work, void *arg)
{
	struct sql_tx tx;
	enum err e;

	TRY(sql->ops->begin(sql, false));
	sql_tx_init(&tx, sql, arena, false);
	e = work(&tx.base, arg);
	if (e == OK)
		e = sql->ops->commit(sql);
	if (e != OK)
		sql->ops->rollback(sql);
	return e;
}

enum err readers_transact(struct readers *r, struct arena *arena, tx_work *work, void *arg)
{
	struct sql *sql;
	enum err e;

	/* Who only reads is in the writer's way no more (store/sql_runner). */
	thread_set_batch_priority(false);
	if (loans_borrow(r->loans, &sql) != OK)
		return ERR_BUSY;
	e = read_at_once(sql, arena, work, arg);
	loans_give_back(r->loans, sql);
	return e;
}

size_t readers_waiting(struct readers *r)
{
	return loans_waiting(r->loans);
}

void readers_close(struct readers *r)
{
	if (r == NULL)
		return;
	if (!r->is_lent)
		r->first->ops->close(r->first);
	loans_close(r->loans);
	free(r);
}
