#include "store/postgres/connections.h"

#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/pool.h"

/* Events that are logged at their 1st, 2nd, 4th, 8th … occurrence. */
enum connection_event { EVENT_LOST, EVENT_REPLACED, EVENT_LIMITED, EVENT_WAITED, EVENT_COUNT };

struct connections {
	struct connections_conf conf;
	struct pool *pool;
	struct thread opener;
	struct lock lock;
	/* The lock protects: */
	struct cond wake_opener;
	bool wanted, stopping;
	/* `not_before` is the time of the next attempt to connect, `pause` the pause before it. `pause` is 0
	 * if the last attempt succeeded. */
	int64_t not_before, pause;
	bool unavailable; /* database_unavailable was logged */
	int64_t counts[EVENT_COUNT];
};

/* Counts an event. Returns the number of its occurrences if this one must be logged, otherwise 0. */
static int64_t count_event(struct connections *c, enum connection_event event)
{
	int64_t n;

	lock_acquire(&c->lock);
	n = ++c->counts[event];
	lock_release(&c->lock);
	return (n & (n - 1)) == 0 ? n : 0;
}

/* Returns whether the thread may try to connect now. After each failed attempt there is a pause. */
static bool may_connect(struct connections *c)
{
	bool may;

	lock_acquire(&c->lock);
	may = c->pause == 0 || c->conf.micros() >= c->not_before;
	lock_release(&c->lock);
	return may;
}

/* Records whether an attempt to connect succeeded, and sets the pause before the next one. */
static void record_attempt(struct connections *c, bool connected)
{
	int64_t next;

	lock_acquire(&c->lock);
	next = c->pause == 0 ? RECONNECT_DELAY_MIN : 2 * c->pause;
	c->pause = connected ? 0 : next < RECONNECT_DELAY_MAX ? next : RECONNECT_DELAY_MAX;
	c->not_before = c->conf.micros() + c->pause;
	lock_release(&c->lock);
}

static bool set_unavailable(struct connections *c, bool unavailable)
{
	bool changed;

	lock_acquire(&c->lock);
	changed = c->unavailable != unavailable;
	c->unavailable = unavailable;
	lock_release(&c->lock);
	return changed;
}

/* Logs that the server refused a new connection. The pool still counts that connection as open, so it is
 * subtracted here. */
static void log_refused(struct connections *c, struct str reason)
{
	const size_t open = pool_open_items(c->pool) - 1;
	int64_t n;

	if (open == 0) {
		if (set_unavailable(c, true))
			log_event(LOG_ERROR, "database_unavailable", LOG_TEXT("reason", reason.p),
				LOG_TEXT("effect",
					"requests get 503 until it is available again; kycd keeps trying"));
		return;
	}
	n = count_event(c, EVENT_LIMITED);
	if (n > 0)
		log_event(LOG_WARN, "connections_limited", LOG_NUMBER("open", (int64_t)open),
			LOG_NUMBER("allowed", (int64_t)c->conf.max), LOG_NUMBER("times", n),
			LOG_TEXT("reason", reason.p),
			LOG_TEXT("effect", "calls share the connections that are open"));
}

static void close_connection(void *item)
{
	struct sql *const sql = item;

	sql->ops->close(sql);
}

static enum err open_connection(void *arg, void **out)
{
	struct connections *const c = arg;
	struct str reason = STR("out of memory");
	struct arena arena;
	struct sql *sql;
	enum err e;

	if (!may_connect(c))
		return ERR_BUSY;
	arena_init(&arena, ARENA_CALL_LIMIT);
	e = c->conf.open(c->conf.arg, &arena, &sql, &reason);
	record_attempt(c, e == OK);
	if (e != OK)
		log_refused(c, reason);
	arena_finish(&arena);
	if (e != OK)
		return ERR_BUSY;
	sql->opened_at = c->conf.micros();
	*out = sql;
	if (set_unavailable(c, false))
		log_event(LOG_INFO, "database_available");
	return OK;
}

/* The pool's `request`. */
static void wake_opener(void *arg)
{
	struct connections *const c = arg;

	lock_acquire(&c->lock);
	c->wanted = true;
	cond_signal(&c->wake_opener);
	lock_release(&c->lock);
}

/* Waits until a caller needs a new connection. Returns false when the thread must end. */
static bool wait_until_wanted(struct connections *c)
{
	bool stopping;

	lock_acquire(&c->lock);
	while (!c->wanted && !c->stopping)
		cond_wait(&c->wake_opener, &c->lock);
	c->wanted = false;
	stopping = c->stopping;
	lock_release(&c->lock);
	return !stopping;
}

static void run_opener(void *arg)
{
	struct connections *const c = arg;

	while (wait_until_wanted(c)) {
		while (pool_waiting(c->pool) > 0 && pool_open_items(c->pool) < c->conf.max)
			if (pool_grow(c->pool) != OK)
				break;
	}
}

static enum err open_pool(struct connections *c)
{
	const struct pool_conf conf = { .open = open_connection,
		.close = close_connection,
		.request = wake_opener,
		.arg = c,
		.max = c->conf.max,
		.max_waiting = c->conf.queue > 0 ? c->conf.queue : MULTI_WRITER_QUEUE };

	TRY(pool_open(&conf, &c->pool));
	TRY(pool_grow(c->pool));
	return thread_start(&c->opener, run_opener, c);
}

enum err connections_open(const struct connections_conf *conf, struct connections **out)
{
	struct connections *const c = calloc(1, sizeof(*c));
	enum err e;

	if (c == NULL)
		return ERR_INTERNAL;
	c->conf = *conf;
	if (c->conf.max == 0)
		c->conf.max = PG_CONNECTIONS;
	lock_init(&c->lock);
	cond_init(&c->wake_opener);
	e = open_pool(c);
	if (e != OK) {
		connections_close(c);
		return e;
	}
	*out = c;
	return OK;
}

void connections_close(struct connections *c)
{
	if (c == NULL)
		return;
	lock_acquire(&c->lock);
	c->stopping = true;
	cond_signal(&c->wake_opener);
	lock_release(&c->lock);
	thread_join(&c->opener);
	pool_close(c->pool);
	cond_finish(&c->wake_opener);
	lock_finish(&c->lock);
	free(c);
}

enum err connections_acquire(struct connections *c, duration *left, struct sql **out)
{
	void *item = NULL;
	const enum err e = pool_acquire(c->pool, left, &item);
	const int64_t n = e != OK && left->ms == 0 ? count_event(c, EVENT_WAITED) : 0;

	if (n > 0)
		log_event(LOG_WARN, "connection_wait_failed",
			LOG_NUMBER("open", (int64_t)pool_open_items(c->pool)),
			LOG_NUMBER("allowed", (int64_t)c->conf.max), LOG_NUMBER("times", n),
			LOG_TEXT("effect", "calls that find no free connection in time get 503"));
	*out = item;
	return e;
}

void connections_release(struct connections *c, struct sql *sql)
{
	pool_release(c->pool, sql);
}

/* Logs the lost connection although its loss seldom affects callers, because their transactions are run
 * again: an operator should find the cause. */
void connections_discard(struct connections *c, struct sql *sql)
{
	const int64_t n = count_event(c, EVENT_LOST);

	pool_discard(c->pool, sql, true);
	if (n > 0)
		log_event(LOG_WARN, "connection_lost", LOG_NUMBER("times", n));
}

/* The age may be that of another connection, because store/postgres/batch exchanges connections between
 * callers. That does no harm, because the age only limits how often connections are replaced. */
bool connections_replace(struct connections *c, struct sql *sql)
{
	int64_t n;

	if (c->conf.micros() - sql->opened_at < CONNECTION_AGE_MIN)
		return false;
	pool_discard(c->pool, sql, false);
	n = count_event(c, EVENT_REPLACED);
	if (n > 0)
		log_event(LOG_WARN, "connection_replaced", LOG_NUMBER("times", n));
	return true;
}

size_t connections_waiting(struct connections *c)
{
	return pool_waiting(c->pool);
}
