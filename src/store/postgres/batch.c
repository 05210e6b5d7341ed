#include "store/postgres/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"

enum turn { LEADS, ANSWERED, ALONE, FAILED };

/* On the stack of who asks. */
struct asker {
	struct asker *next;
	struct postgres **line;
	const struct batch_query *query;
	struct batch_answer *out;
	struct postgres_failure *failure;
	bool called; /* under the lock; from then on it is waited for, however long that takes */
	enum turn turn;
	struct latch told;
};

struct batch {
	duration patience;
	struct lock lock;
	/* Under the lock: */
	struct asker *waiting, **end;
	size_t n_waiting, leaders;
};

enum err batch_open(duration patience, struct batch **out)
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

/* As far as they ask the same. */
static size_t gather(struct batch *b, struct asker *all[BATCH_MAX])
{
	size_t n = 1;

	lock_acquire(&b->lock);
	while (n < BATCH_MAX && b->waiting != NULL && b->waiting->query->what == all[0]->query->what)
		all[n++] = call_next(b);
	lock_release(&b->lock);
	return n;
}

/* Each has the rows with its number. */
static enum err share_out(struct asker *const all[BATCH_MAX], size_t n, const struct postgres_answer *answer)
{
	size_t row = 0;

	for (size_t i = 0; i < n; i++) {
		struct postgres_answer *const own = &all[i]->out->rows;

		*own = (struct postgres_answer){ .result = answer->result, .first = row };
		while (row < answer->rows &&
			postgres_number_read(postgres_value(answer, row, 0)) == (int64_t)i + 1)
			row++;
		own->rows = row - own->first;
		if (own->rows == 0)
			return ERR_STORAGE;
	}
	return row == answer->rows ? OK : ERR_STORAGE;
}

static enum err ask_for(struct asker *const all[BATCH_MAX], size_t n, struct postgres_failure *failure)
{
	struct postgres *const line = *all[0]->line;
	const void *probes[BATCH_MAX];
	struct postgres_arrays arrays;
	struct postgres_answer answer;
	struct postgres_shared *shared;

	*failure = (struct postgres_failure){ .lost = false };
	for (size_t i = 0; i < n; i++)
		probes[i] = all[i]->query->probe;
	if (!postgres_arrays_write(all[0]->query->what, probes, n, &arrays))
		return ERR_INTERNAL;
	postgres_send(line, all[0]->query->name, &arrays.parameters);
	TRY(postgres_round(line, &answer, failure));
	TRY(share_out(all, n, &answer));
	shared = postgres_share(line, n);
	for (size_t i = 0; i < n; i++)
		all[i]->out->shared = shared;
	return shared != NULL ? OK : ERR_INTERNAL;
}

static enum err ask_alone(struct asker *me)
{
	struct asker *const all[BATCH_MAX] = { me };

	return ask_for(all, 1, me->failure);
}

static void swap_lines(struct asker *me, struct asker *next)
{
	struct postgres *const line = *me->line;

	*me->line = *next->line;
	*next->line = line;
}

static void pass_on(struct batch *b, struct asker *me, bool is_good)
{
	struct asker *next;

	lock_acquire(&b->lock);
	next = call_next(b);
	b->leaders -= next == NULL;
	lock_release(&b->lock);
	if (next == NULL)
		return;
	if (is_good)
		swap_lines(me, next);
	tell(next, LEADS);
}

/* What the server has against whoever asks this: it is read-only, the text cannot be run, something is used
 * up, it takes too long. */
static const char *const against_all[] = { "25006", "42", "53", "55P03", "57014" };

/* Anything else came of one question, or of the leader's own connection: the others ask alone. */
static bool is_everybodys(const struct postgres_failure *failure)
{
	if (failure->lost)
		return failure->timed_out;
	for (size_t i = 0; i < array_len(against_all); i++) {
		if (strncmp(failure->sqlstate, against_all[i], strlen(against_all[i])) == 0)
			return true;
	}
	return false;
}

/* The next round begins before those of this one are woken: there are more of them than processors. */
static enum err lead(struct batch *b, struct asker *me)
{
	struct asker *all[BATCH_MAX] = { me };
	const size_t n = gather(b, all);
	const enum err e = ask_for(all, n, me->failure);
	const bool is_ours = e != OK && is_everybodys(me->failure);

	pass_on(b, me, e == OK);
	for (size_t i = 1; i < n; i++) {
		if (is_ours)
			*all[i]->failure = *me->failure;
		tell(all[i], e == OK ? ANSWERED : is_ours ? FAILED : ALONE);
	}
	return e != OK && !is_ours && !me->failure->lost && n > 1 ? ask_alone(me) : e;
}

static bool leads_at_once(struct batch *b, struct asker *a)
{
	bool leads;

	lock_acquire(&b->lock);
	leads = b->leaders < BATCH_LEADERS;
	if (leads)
		b->leaders++;
	else
		enqueue(b, a);
	lock_release(&b->lock);
	return leads;
}

/* Whom a leader wakes does not interrupt it: it has others to wake. */
static enum turn turn_of(struct batch *b, struct asker *a)
{
	bool called;

	if (leads_at_once(b, a))
		return LEADS;
	thread_set_batch_priority(true);
	if (latch_wait_for(&a->told, b->patience))
		return a->turn;
	lock_acquire(&b->lock);
	called = a->called;
	if (!called)
		dequeue(b, a);
	lock_release(&b->lock);
	if (!called)
		return ALONE;
	latch_wait(&a->told);
	return a->turn;
}

enum err batch_ask(struct batch *b, struct postgres **line, const struct batch_query *query,
	struct batch_answer *out, struct postgres_failure *failure)
{
	struct asker me = { .line = line, .query = query, .out = out, .failure = failure };

	assert(postgres_room(*line) == POSTGRES_ROUND_MAX);
	switch (b != NULL ? turn_of(b, &me) : ALONE) {
	case LEADS:
		return lead(b, &me);
	case ANSWERED:
		return OK;
	case ALONE:
		return ask_alone(&me);
	case FAILED:
		break;
	}
	return ERR_STORAGE;
}

size_t batch_waiting(struct batch *b)
{
	size_t n;

	lock_acquire(&b->lock);
	n = b->n_waiting;
	lock_release(&b->lock);
	return n;
}
