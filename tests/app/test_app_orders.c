/* Any order and repetition of events, with readings in between, ends in the provider's state. A made-up
 * session lives through a random life at a made-up provider, whose clock is not ours; its events come late,
 * twice, with a signature by a few words only, about facts alone, and while a question is out; some questions
 * fail. The use cases are the real ones, on a store of one session that runs every writing work twice. The
 * seed is printed; another one, and another number of lives, may be given as arguments. */
#include "app/session/provider_event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/core/caller.h"
#include "app/session/decision.h"
#include "base/attr.h"
#include "kit/session_model.h"

#define FACTS_MAX 10
#define POSTS_MAX 48 /* deliveries, repetitions included */
#define START INT64_C(1767607200000)

static unsigned lives = 120000;
static uint64_t seed = 20261120;

static unsigned up_to(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

struct fact {
	enum session_status status;
	int64_t at; /* our clock, to the millisecond */
};

/* What comes to us at a time: an event, or, without a letter, the wish for a reading. */
struct post {
	int64_t at;
	unsigned fact;
	unsigned char letter; /* the event's id; 0: a reading */
	bool believed;
	enum provider_event_topic news;
	bool done;
};

static struct life {
	struct fact facts[FACTS_MAX];
	unsigned n;
	struct post posts[POSTS_MAX];
	unsigned n_posts;
	int64_t skew; /* the provider's clock is ahead by this much */
	int64_t now;
	unsigned questions_out, failures_left;
	/* What the store holds. */
	struct session session;
	struct provider_event_entry events[POSTS_MAX];
	unsigned n_events;
} life;

static struct {
	unsigned long asked, stale, doubtful, overtaken, failed, repeated, crowded, read_between;
} seen;

/* --- the store --- */

static enum err load(struct tx *tx maybe_unused, enum record_kind kind, void *row)
{
	struct provider_event_entry *const entry = row;

	if (kind == RECORD_USER) {
		((struct user *)row)->wrapped_key = STR("there");
		return OK;
	}
	if (kind == RECORD_SESSION) {
		*(struct session *)row = life.session;
		return OK;
	}
	assert_int_equal(kind, RECORD_PROVIDER_EVENT);
	for (unsigned i = 0; i < life.n_events; i++) {
		if (memcmp(&life.events[i].event_key, &entry->event_key, sizeof(entry->event_key)) != 0)
			continue;
		*entry = life.events[i];
		return OK;
	}
	return ERR_NOT_FOUND;
}

static enum err save(struct tx *tx maybe_unused, enum record_kind kind, const void *row)
{
	if (kind == RECORD_SESSION) {
		life.session = *(const struct session *)row;
		return OK;
	}
	assert_int_equal(kind, RECORD_PROVIDER_EVENT);
	assert_true(life.n_events < POSTS_MAX);
	life.events[life.n_events++] = *(const struct provider_event_entry *)row;
	return OK;
}

static enum err add(struct tx *tx maybe_unused, enum record_kind kind, const void *row maybe_unused)
{
	assert_int_equal(kind, RECORD_AUDIT_ENTRY);
	return OK;
}

static enum err find(struct tx *tx maybe_unused, enum query_kind query, const void *probe maybe_unused,
	struct page page maybe_unused, void *rows, size_t *found)
{
	assert_int_equal(query, QUERY_SESSION_BY_PROVIDER);
	*(struct session *)rows = life.session;
	*found = 1;
	return OK;
}

static enum err transact(
	struct store *store maybe_unused, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	static const struct tx_ops ops = { .load = load, .save = save, .add = add, .find = find };
	struct tx tx = { .ops = &ops, .arena = arena, .writing = kind != TX_READ };
	const struct session before = life.session;
	const unsigned n_before = life.n_events;

	if (kind != TX_READ) { /* undone, and once more */
		(void)!work(&tx, arg);
		life.session = before;
		life.n_events = n_before;
	}
	const enum err e = work(&tx, arg);
	if (e != OK) {
		life.session = before;
		life.n_events = n_before;
	}
	return e;
}

/* --- clock, luck and provider --- */

static moment now(struct clock *clock maybe_unused)
{
	return (moment){ life.now };
}

static int64_t ticks(struct clock *clock maybe_unused)
{
	return life.now;
}

static enum err fill(struct random *random maybe_unused, void *bytes, size_t n)
{
	memset(bytes, 7, n);
	return OK;
}

static enum session_status truth(void)
{
	unsigned i = life.n - 1;

	while (i > 0 && life.facts[i].at > life.now)
		i--;
	return life.facts[i].status;
}

static void come_in(struct post *post);

/* The answer is true at some moment while the question was out; meanwhile time goes on, and events come in.
 */
static enum err ask(struct provider *provider maybe_unused, const struct poll_params *params maybe_unused,
	struct arena *a maybe_unused, struct session_snapshot *snapshot, enum provider_cause *cause)
{
	const bool early = up_to(2) == 0;
	enum session_status said = truth();

	if (life.failures_left > 0 && up_to(8) == 0) {
		life.failures_left--;
		seen.failed++;
		*cause = PROVIDER_UNREACHABLE;
		return ERR_UPSTREAM;
	}
	seen.asked++;
	life.now += up_to(3) == 0 ? up_to(400) : 0;
	life.questions_out++;
	for (unsigned i = 0; i < life.n_posts && life.questions_out == 1; i++)
		if (!life.posts[i].done && life.posts[i].at <= life.now && life.posts[i].letter > 0) {
			seen.overtaken++;
			come_in(&life.posts[i]);
			break;
		}
	life.questions_out--;
	if (!early)
		said = truth();
	*cause = PROVIDER_OK;
	*snapshot = (struct session_snapshot){ .ref = { "s" }, .status = said };
	return OK;
}

static const struct clock_ops clock_ops = { .now = now, .ticks = ticks };
static const struct random_ops random_ops = { .fill = fill };
static const struct store_ops store_ops = { .transact = transact };
static const struct provider_ops provider_ops = { .read = ask };
static struct clock the_clock = { &clock_ops };
static struct random the_random = { &random_ops };
static struct store the_store = { .ops = &store_ops };
static struct provider the_provider = { &provider_ops };
static const struct rules the_rules = { .reconcile_after = { 120000 } };
static struct world world = { .clock = &the_clock,
	.random = &the_random,
	.store = &the_store,
	.provider = &the_provider,
	.rules = &the_rules };
static const struct actor the_actor = { .kind = ACTOR_PROVIDER };

/* --- a life --- */

static void live(int64_t pace)
{
	int64_t at = START;

	life.n = 0;
	for (enum session_status s = STATUS_NOT_STARTED; life.n < FACTS_MAX;) {
		const unsigned n = session_transition_count(s);

		life.facts[life.n++] = (struct fact){ s, at };
		if (n == 0)
			return;
		s = session_transitions[s][up_to(n)];
		at += 1 + up_to((unsigned)pace);
	}
}

/* At once, or up to ten minutes later. */
static int64_t delay(void)
{
	static const unsigned longest[] = { 1, 300, 3000, 100000, 600000 };

	return up_to(longest[up_to(array_len(longest))]);
}

static void post(struct post first, int64_t from)
{
	const unsigned copies = 1 + (up_to(3) == 0 ? up_to(3) : 0);

	for (unsigned c = 0; c < copies && life.n_posts < POSTS_MAX; c++) {
		first.at = from + delay();
		life.posts[life.n_posts++] = first;
	}
}

static int by_time(const void *left, const void *right)
{
	const struct post *const a = left, *const b = right;

	return (a->at > b->at) - (a->at < b->at);
}

static void post_all(void)
{
	unsigned char letter = 0;

	life.n_posts = 0;
	for (unsigned i = 0; i < life.n; i++) {
		post((struct post){ .fact = i, .letter = ++letter, .believed = up_to(6) != 0 },
			life.facts[i].at);
		if (up_to(8) == 0)
			post((struct post){ .fact = i,
				     .letter = ++letter,
				     .believed = true,
				     .news = up_to(2) ? TOPIC_DATA : TOPIC_NOT_TRACKED },
				life.facts[i].at);
		if (up_to(8) == 0)
			post((struct post){ .letter = 0 }, life.facts[i].at);
	}
	qsort(life.posts, life.n_posts, sizeof(life.posts[0]), by_time);
}

static struct provider_event notice_of(const struct post *p)
{
	const struct fact *const fact = &life.facts[p->fact];
	struct provider_event n = { .topic = p->news,
		.ref = { "s" },
		.status_text = str_of(session_status_provider_name(fact->status)),
		.status_known = true,
		.status = fact->status,
		.kind = STR("status.updated"),
		.sent_at = { (fact->at + life.skew) / 1000 * 1000 },
		.is_authenticated = p->believed };

	n.event_key.bytes[0] = p->letter;
	if (!p->believed) /* a body that anybody may have written */
		n.status = (enum session_status)(STATUS_NOT_STARTED + up_to(STATUS_COUNT - 1));
	return n;
}

/* An event whose question fails comes again. */
static void come_in(struct post *p)
{
	const struct provider_event event = notice_of(p);
	enum provider_event_verdict verdict = PROVIDER_EVENT_MUST_POLL;

	p->done = true;
	for (int tries = 0; tries < 12; tries++) {
		const enum err e = provider_event_process(&world, &the_actor, &event, seconds(3), &verdict);

		if (e == OK)
			break;
		assert_true(e == ERR_UPSTREAM || e == ERR_BUSY);
		life.now += 60000;
	}
	assert_true(verdict == PROVIDER_EVENT_RECORDED || verdict == PROVIDER_EVENT_DUPLICATE);
	if (verdict == PROVIDER_EVENT_DUPLICATE) {
		seen.repeated++;
		return;
	}
	seen.stale += life.events[life.n_events - 1].outcome == EVENT_OUTCOME_STALE;
	seen.doubtful += life.events[life.n_events - 1].outcome == EVENT_OUTCOME_NEEDS_POLL;
}

static void read_now(void)
{
	const struct poll_params params = { STR("s"), seconds(3), POLL_FOR_CALLER };
	enum provider_cause cause;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	(void)!app_poll_session(&world, &a, &the_actor, &params, &cause);
	arena_finish(&a);
}

static void tell(unsigned number)
{
	print_message("# life %u, clock ahead by %lld ms\n", number, (long long)life.skew);
	for (unsigned i = 0; i < life.n; i++)
		print_message("# %lld: %s\n", (long long)(life.facts[i].at - START),
			session_status_provider_name(life.facts[i].status));
	for (unsigned i = 0; i < life.n_posts; i++)
		print_message("# %lld: letter %u of fact %u, %s, news %d\n",
			(long long)(life.posts[i].at - START), life.posts[i].letter, life.posts[i].fact,
			life.posts[i].believed ? "believed" : "not believed", (int)life.posts[i].news);
}

/* Two facts within one second of the provider's clock: their events tell the same time. */
static bool is_crowded(void)
{
	for (unsigned i = 1; i < life.n; i++)
		if ((life.facts[i].at + life.skew) / 1000 == (life.facts[i - 1].at + life.skew) / 1000)
			return true;
	return false;
}

static void any_order_ends_in_the_providers_state(void **state maybe_unused)
{
	static const int64_t paces[] = { 300, 1500, 20000, 400000 };

	print_message("# seed %llu, %u lives\n", (unsigned long long)seed, lives);
	for (unsigned i = 0; i < lives; i++) {
		live(paces[i % array_len(paces)]);
		post_all();
		life.skew = (int64_t)up_to(400000) - 200000;
		life.now = START;
		life.failures_left = 3;
		life.n_events = 0;
		life.session = (struct session){ .provider_ref = { "s" },
			.status = STATUS_NOT_STARTED,
			.created_at = { START },
			.last_update_at = { START } };
		for (unsigned p = 0; p < life.n_posts; p++) {
			struct post *const post = &life.posts[p];

			life.now = life.now < post->at ? post->at : life.now;
			if (post->letter == 0)
				read_now();
			else if (!post->done)
				come_in(post);
			seen.read_between += post->letter == 0;
		}
		seen.crowded += is_crowded();
		if (life.session.status != life.facts[life.n - 1].status) {
			tell(i);
			fail_msg("life %u ends as %s", i, session_status_provider_name(life.session.status));
		}
	}
	print_message("# asked %lu, failed %lu, stale %lu, doubtful %lu, repeated %lu, overtaken %lu\n",
		seen.asked, seen.failed, seen.stale, seen.doubtful, seen.repeated, seen.overtaken);
	print_message("# %lu within a second, %lu readings between\n", seen.crowded, seen.read_between);
	/* or the lives were too calm to show anything */
	assert_true(seen.stale > lives / 4 && seen.doubtful > lives / 4 && seen.repeated > lives / 4);
	assert_true(seen.crowded > lives / 4 && seen.read_between > lives / 4);
	assert_true(seen.asked > lives && seen.failed > lives / 16 && seen.overtaken > lives / 64);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_ends_in_the_providers_state),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10) | 1;
	if (argc > 2)
		lives = (unsigned)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
