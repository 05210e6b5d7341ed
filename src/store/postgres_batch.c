#include "store/postgres_batch.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"

enum turn { LEADS, ANSWERED, ALONE, LOST };

/* On the stack of who asks. */
struct asker {
	struct asker *next;
	struct postgres **line;
	const char *name;
	const struct postgres_parameters *parameters;
	bool called; /* under the lock; from then on it is waited for, however long that takes */
	enum turn turn;
	struct latch told;
};

struct batch {
	span patience;
	struct lock lock;
	/* Under the lock: */
	struct asker *waiting, **end;
	size_t n_waiting, leaders;
};

enum err batch_open(span patience, struct batch **out)
{
	struct batch *const b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_INTERNAL;
	b->patience = patience;
	b->end = &b->waiting;
	lock_init(&b->lock);
	*out = b;
	return OK;
}

void batch_close(struct batch *b)
{
	if (b == NULL)
		return;
	assert(b->leaders == 0 && b->n_waiting == 0);
	lock_finish(&b->lock);
	free(b);
}

static void enqueue(struct batch *b, struct asker *a)
{
	*b->end = a;
	b->end = &a->next;
	b->n_waiting++;
}

static void dequeue(struct batch *b, struct asker *a)
{
	struct asker **at = &b->waiting;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	if (*at == NULL)
		b->end = at;
	b->n_waiting--;
}

/* Under the lock: who waits for longest; NULL: nobody does. */
static struct asker *call_next(struct batch *b)
{
	struct asker *const a = b->waiting;

	if (a == NULL)
		return NULL;
	dequeue(b, a);
	a->called = true;
	return a;
}

static void tell(struct asker *a, enum turn turn)
{
	a->turn = turn;
	latch_set(&a->told);
}

static enum err ask_alone(struct asker *a, struct postgres_failure *failure)
{
	struct postgres_answer answer;

	postgres_send(*a->line, a->name, a->parameters);
	postgres_keep(*a->line, 1);
	return postgres_round(*a->line, &answer, failure);
}

static size_t gather(struct batch *b, struct asker *all[BATCH_MOST])
{
	size_t n = 1;

	lock_take(&b->lock);
	while (n < BATCH_MOST && (all[n] = call_next(b)) != NULL)
		n++;
	lock_give(&b->lock);
	return n;
}

static enum err ask_all(struct asker *const all[BATCH_MOST], size_t n, struct postgres_failure *failure)
{
	struct postgres *const line = *all[0]->line;
	struct postgres_answer answer;

	for (size_t i = 0; i < n; i++)
		postgres_send(line, all[i]->name, all[i]->parameters);
	postgres_keep(line, n);
	TRY(postgres_round(line, &answer, failure));
	for (size_t i = 1; i < n; i++)
		postgres_hand_over(line, i, *all[i]->line);
	return OK;
}

/* Our answer stays with us. */
static void swap_lines(struct asker *me, struct asker *next)
{
	struct postgres *const line = *me->line;

	*me->line = *next->line;
	*next->line = line;
	postgres_hand_over(line, 0, *me->line);
}

static void pass_on(struct batch *b, struct asker *me, bool is_good)
{
	struct asker *next;

	lock_take(&b->lock);
	next = call_next(b);
	b->leaders -= next == NULL;
	lock_give(&b->lock);
	if (next == NULL)
		return;
	if (is_good)
		swap_lines(me, next);
	tell(next, LEADS);
}

/* The next round begins before those of this one are woken: there are more of them than processors. */
static enum err lead(struct batch *b, struct asker *me, struct postgres_failure *failure)
{
	struct asker *all[BATCH_MOST] = { me };
	const size_t n = gather(b, all);
	const enum err e = ask_all(all, n, failure);

	pass_on(b, me, e == OK);
	for (size_t i = 1; i < n; i++)
		tell(all[i], e == OK ? ANSWERED : failure->lost ? LOST : ALONE);
	/* It may have been another's question that failed. */
	return e != OK && !failure->lost && n > 1 ? ask_alone(me, failure) : e;
}

static bool leads_at_once(struct batch *b, struct asker *a)
{
	bool leads;

	lock_take(&b->lock);
	leads = b->leaders < BATCH_LEADERS;
	if (leads)
		b->leaders++;
	else
		enqueue(b, a);
	lock_give(&b->lock);
	return leads;
}

/* Whom a leader wakes does not interrupt it: it has others to wake. */
static enum turn turn_of(struct batch *b, struct asker *a)
{
	bool called;

	if (leads_at_once(b, a))
		return LEADS;
	thread_stand_aside(true);
	if (latch_wait_for(&a->told, b->patience))
		return a->turn;
	lock_take(&b->lock);
	called = a->called;
	if (!called)
		dequeue(b, a);
	lock_give(&b->lock);
	if (!called)
		return ALONE;
	latch_wait(&a->told);
	return a->turn;
}

enum err batch_ask(struct batch *b, struct postgres **line, const char *name,
	const struct postgres_parameters *parameters, struct postgres_failure *failure)
{
	struct asker me = { .line = line, .name = name, .parameters = parameters };

	switch (b != NULL ? turn_of(b, &me) : ALONE) {
	case LEADS:
		return lead(b, &me, failure);
	case ANSWERED:
		return OK;
	case ALONE:
		return ask_alone(&me, failure);
	case LOST:
		break;
	}
	*failure = (struct postgres_failure){ .lost = true };
	return ERR_STORAGE;
}

size_t batch_waiting(struct batch *b)
{
	size_t n;

	lock_take(&b->lock);
	n = b->n_waiting;
	lock_give(&b->lock);
	return n;
}
