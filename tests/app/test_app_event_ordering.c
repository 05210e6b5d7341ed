/* Whatever the order and number of events and polls, the stored status ends as the provider's.
 *
 * Each simulation is one session with random status changes at a provider whose clock differs from ours. Its
 * events arrive late, several times, without a signature of the status, with corrected data only, and during
 * a poll; some polls fail. The use cases are the real ones. The store holds one session and runs the work of
 * every write twice. Arguments: [seed [number of simulations]]; the seed in use is printed. */
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

#define CHANGES_MAX 10
#define ARRIVALS_MAX 48
#define START INT64_C(1767607200000)

static unsigned n_simulations = 120000;
static uint64_t seed = 20261120;

static unsigned random_below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

/* A status change at the provider. */
struct change {
	enum session_status status;
	int64_t at; /* by our clock, in milliseconds */
};

/* Something that happens to the gateway at a time: an event arrives, or a poll is requested. The same event
 * may arrive several times. */
struct arrival {
	int64_t at;
	unsigned change;
	unsigned char event_id; /* 0: a poll */
	bool is_authenticated;
	enum provider_event_topic topic;
	bool done;
};

static struct simulation {
	struct change changes[CHANGES_MAX];
	unsigned n_changes;
	struct arrival arrivals[ARRIVALS_MAX];
	unsigned n_arrivals;
	int64_t skew; /* how far the provider's clock is ahead, in milliseconds */
	int64_t now;
	unsigned polls_in_progress, failures_left;
	/* The content of the store. */
	struct session session;
	struct provider_event_entry events[ARRIVALS_MAX];
	unsigned n_events;
} sim;

/* How often each situation occurred in all simulations. */
static struct {
	unsigned long polls, failed_polls, events_during_poll, requested_polls;
	unsigned long stale, conflicting, duplicates, same_second;
} counts;

/* --- the store --- */

static enum err load_row(struct tx *tx maybe_unused, enum record_kind kind, void *row)
{
	struct provider_event_entry *const entry = row;

	/* The person is known to no tenant, so no events are written for integrators. */
	if (kind == RECORD_USER) {
		((struct user *)row)->wrapped_key = STR("there");
		((struct user *)row)->group_name[0] = '@';
		return OK;
	}
	if (kind == RECORD_ADDRESS || kind == RECORD_ENROLMENT)
		return ERR_NOT_FOUND;
	if (kind == RECORD_SESSION) {
		*(struct session *)row = sim.session;
		return OK;
	}
	assert_int_equal(kind, RECORD_PROVIDER_EVENT);
	for (unsigned i = 0; i < sim.n_events; i++) {
		if (memcmp(&sim.events[i].event_key, &entry->event_key, sizeof(entry->event_key)) != 0)
			continue;
		*entry = sim.events[i];
		return OK;
	}
	return ERR_NOT_FOUND;
}

static enum err save_row(struct tx *tx maybe_unused, enum record_kind kind, const void *row)
{
	if (kind == RECORD_SESSION) {
		sim.session = *(const struct session *)row;
		return OK;
	}
	assert_int_equal(kind, RECORD_PROVIDER_EVENT);
	assert_true(sim.n_events < ARRIVALS_MAX);
	sim.events[sim.n_events++] = *(const struct provider_event_entry *)row;
	return OK;
}

static enum err add_row(struct tx *tx maybe_unused, enum record_kind kind, const void *row maybe_unused)
{
	assert_int_equal(kind, RECORD_AUDIT_ENTRY);
	return OK;
}

static enum err find_rows(struct tx *tx maybe_unused, enum query_kind query, const void *probe maybe_unused,
	struct page page maybe_unused, void *rows, size_t *found)
{
	*found = query == QUERY_SESSION_BY_PROVIDER;
	if (query == QUERY_VERIFICATION_LINKS_OF_USER_BY_COMPLETION)
		return OK;
	assert_int_equal(query, QUERY_SESSION_BY_PROVIDER);
	*(struct session *)rows = sim.session;
	return OK;
}

static enum err transact(
	struct store *store maybe_unused, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	static const struct tx_ops ops = {
		.load = load_row, .save = save_row, .add = add_row, .find = find_rows
	};
	struct tx tx = { .ops = &ops, .arena = arena, .writing = kind != TX_READ };
	const struct session before = sim.session;
	const unsigned n_before = sim.n_events;

	if (kind != TX_READ) { /* the first run is rolled back */
		(void)!work(&tx, arg);
		sim.session = before;
		sim.n_events = n_before;
	}
	const enum err e = work(&tx, arg);
	if (e != OK) {
		sim.session = before;
		sim.n_events = n_before;
	}
	return e;
}

/* --- clock, random generator and provider --- */

static moment now(struct clock *clock maybe_unused)
{
	return (moment){ sim.now };
}

static int64_t ticks(struct clock *clock maybe_unused)
{
	return sim.now;
}

static enum err fill_random(struct random *random maybe_unused, void *bytes, size_t n)
{
	memset(bytes, 7, n);
	return OK;
}

static enum session_status provider_status(void)
{
	unsigned i = sim.n_changes - 1;

	while (i > 0 && sim.changes[i].at > sim.now)
		i--;
	return sim.changes[i].status;
}

static void process_event(struct arrival *arrival);

/* Returns the session's status as it is at the beginning or at the end of this call. During the call time
 * passes, and an event may be processed. */
static enum err provider_poll(struct provider *provider maybe_unused,
	const struct poll_params *params maybe_unused, struct arena *a maybe_unused,
	struct session_snapshot *snapshot, struct provider_failure *failure)
{
	const bool at_beginning = random_below(2) == 0;
	enum session_status status = provider_status();

	if (sim.failures_left > 0 && random_below(8) == 0) {
		sim.failures_left--;
		counts.failed_polls++;
		failure->cause = PROVIDER_UNREACHABLE;
		return ERR_UPSTREAM;
	}
	counts.polls++;
	sim.now += random_below(3) == 0 ? random_below(400) : 0;
	sim.polls_in_progress++;
	for (unsigned i = 0; i < sim.n_arrivals && sim.polls_in_progress == 1; i++)
		if (!sim.arrivals[i].done && sim.arrivals[i].at <= sim.now && sim.arrivals[i].event_id > 0) {
			counts.events_during_poll++;
			process_event(&sim.arrivals[i]);
			break;
		}
	sim.polls_in_progress--;
	if (!at_beginning)
		status = provider_status();
	failure->cause = PROVIDER_OK;
	*snapshot = (struct session_snapshot){ .ref = { "s" }, .status = status };
	return OK;
}

static const struct clock_ops clock_ops = { .now = now, .ticks = ticks };
static const struct random_ops random_ops = { .fill = fill_random };
static const struct store_ops store_ops = { .transact = transact };
static const struct provider_ops provider_ops = { .poll = provider_poll };
static struct clock the_clock = { .ops = &clock_ops };
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

/* --- the simulation --- */

static void make_changes(int64_t max_interval)
{
	int64_t at = START;

	sim.n_changes = 0;
	for (enum session_status s = STATUS_NOT_STARTED; sim.n_changes < CHANGES_MAX;) {
		const unsigned n = session_transition_count(s);

		sim.changes[sim.n_changes++] = (struct change){ s, at };
		if (n == 0)
			return;
		s = session_transitions[s][random_below(n)];
		at += 1 + random_below((unsigned)max_interval);
	}
}

/* Returns a random delay of up to ten minutes. */
static int64_t random_delay(void)
{
	static const unsigned max_delays[] = { 1, 300, 3000, 100000, 600000 };

	return random_below(max_delays[random_below(array_len(max_delays))]);
}

static void add_arrivals(struct arrival first, int64_t from)
{
	const unsigned copies = 1 + (random_below(3) == 0 ? random_below(3) : 0);

	for (unsigned c = 0; c < copies && sim.n_arrivals < ARRIVALS_MAX; c++) {
		first.at = from + random_delay();
		sim.arrivals[sim.n_arrivals++] = first;
	}
}

static int by_time(const void *left, const void *right)
{
	const struct arrival *const a = left, *const b = right;

	return (a->at > b->at) - (a->at < b->at);
}

static void make_arrivals(void)
{
	unsigned char event_id = 0;

	sim.n_arrivals = 0;
	for (unsigned i = 0; i < sim.n_changes; i++) {
		add_arrivals((struct arrival){ .change = i,
				     .event_id = ++event_id,
				     .is_authenticated = random_below(6) != 0 },
			sim.changes[i].at);
		if (random_below(8) == 0)
			add_arrivals((struct arrival){ .change = i,
					     .event_id = ++event_id,
					     .is_authenticated = true,
					     .topic = random_below(2) ? TOPIC_DATA : TOPIC_NOT_TRACKED },
				sim.changes[i].at);
		if (random_below(8) == 0)
			add_arrivals((struct arrival){ .event_id = 0 }, sim.changes[i].at);
	}
	qsort(sim.arrivals, sim.n_arrivals, sizeof(sim.arrivals[0]), by_time);
}

static struct provider_event event_of(const struct arrival *arrival)
{
	const struct change *const change = &sim.changes[arrival->change];
	struct provider_event event = { .topic = arrival->topic,
		.ref = { "s" },
		.status_text = str_of(session_status_provider_name(change->status)),
		.status_known = true,
		.status = change->status,
		.kind = STR("status.updated"),
		.sent_at = { (change->at + sim.skew) / 1000 * 1000 },
		.is_authenticated = arrival->is_authenticated };

	event.event_key.bytes[0] = arrival->event_id;
	/* The status in the body may be forged. */
	if (!arrival->is_authenticated)
		event.status = (enum session_status)(STATUS_NOT_STARTED + random_below(STATUS_COUNT - 1));
	return event;
}

/* Processes the event. If its poll fails, the provider sends it again a minute later. */
static void process_event(struct arrival *arrival)
{
	const struct provider_event event = event_of(arrival);
	enum provider_event_verdict verdict = PROVIDER_EVENT_MUST_POLL;

	arrival->done = true;
	for (int tries = 0; tries < 12; tries++) {
		const enum err e = provider_event_process(&world, &the_actor, &event, seconds(3), &verdict);

		if (e == OK)
			break;
		assert_true(e == ERR_UPSTREAM || e == ERR_BUSY);
		sim.now += 60000;
	}
	assert_true(verdict == PROVIDER_EVENT_RECORDED || verdict == PROVIDER_EVENT_DUPLICATE);
	if (verdict == PROVIDER_EVENT_DUPLICATE) {
		counts.duplicates++;
		return;
	}
	counts.stale += sim.events[sim.n_events - 1].outcome == EVENT_OUTCOME_STALE;
	counts.conflicting += sim.events[sim.n_events - 1].outcome == EVENT_OUTCOME_NEEDS_POLL;
}

static void poll_now(void)
{
	const struct poll_params params = { STR("s"), seconds(3), POLL_FOR_CALLER };
	enum provider_cause cause;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	(void)!app_poll_session(&world, &a, &the_actor, &params, &cause);
	arena_finish(&a);
}

static void print_simulation(unsigned number)
{
	print_message("# simulation %u, provider's clock ahead by %lld ms\n", number, (long long)sim.skew);
	for (unsigned i = 0; i < sim.n_changes; i++)
		print_message("# %lld: %s\n", (long long)(sim.changes[i].at - START),
			session_status_provider_name(sim.changes[i].status));
	for (unsigned i = 0; i < sim.n_arrivals; i++)
		print_message("# %lld: event %u about change %u, %s, topic %d\n",
			(long long)(sim.arrivals[i].at - START), sim.arrivals[i].event_id,
			sim.arrivals[i].change,
			sim.arrivals[i].is_authenticated ? "authenticated" : "not authenticated",
			(int)sim.arrivals[i].topic);
}

/* True if two changes are in the same second of the provider's clock, so that their events have the same
 * time. */
static bool has_changes_in_same_second(void)
{
	for (unsigned i = 1; i < sim.n_changes; i++)
		if ((sim.changes[i].at + sim.skew) / 1000 == (sim.changes[i - 1].at + sim.skew) / 1000)
			return true;
	return false;
}

static void stored_status_ends_as_the_providers(void **state maybe_unused)
{
	static const int64_t max_intervals[] = { 300, 1500, 20000, 400000 };

	print_message("# seed %llu, %u simulations\n", (unsigned long long)seed, n_simulations);
	for (unsigned i = 0; i < n_simulations; i++) {
		make_changes(max_intervals[i % array_len(max_intervals)]);
		make_arrivals();
		sim.skew = (int64_t)random_below(400000) - 200000;
		sim.now = START;
		sim.failures_left = 3;
		sim.n_events = 0;
		sim.session = (struct session){ .provider_ref = { "s" },
			.status = STATUS_NOT_STARTED,
			.created_at = { START },
			.last_update_at = { START } };
		for (unsigned p = 0; p < sim.n_arrivals; p++) {
			struct arrival *const arrival = &sim.arrivals[p];

			sim.now = sim.now < arrival->at ? arrival->at : sim.now;
			if (arrival->event_id == 0)
				poll_now();
			else if (!arrival->done)
				process_event(arrival);
			counts.requested_polls += arrival->event_id == 0;
		}
		counts.same_second += has_changes_in_same_second();
		if (sim.session.status != sim.changes[sim.n_changes - 1].status) {
			print_simulation(i);
			fail_msg("simulation %u ends with the wrong status %s", i,
				session_status_provider_name(sim.session.status));
		}
	}
	print_message("# polls %lu, failed %lu, requested %lu, events processed during one %lu\n",
		counts.polls, counts.failed_polls, counts.requested_polls, counts.events_during_poll);
	print_message("# events: stale %lu, conflicting %lu, duplicates %lu, same second %lu\n", counts.stale,
		counts.conflicting, counts.duplicates, counts.same_second);
	/* Asserts that the difficult situations (stale, conflicting and repeated events, changes within one
	 * second, failed polls) occurred often enough. */
	assert_true(counts.stale > n_simulations / 4 && counts.conflicting > n_simulations / 4 &&
		    counts.duplicates > n_simulations / 4);
	assert_true(counts.same_second > n_simulations / 4 && counts.requested_polls > n_simulations / 4);
	assert_true(counts.polls > n_simulations && counts.failed_polls > n_simulations / 16 &&
		    counts.events_during_poll > n_simulations / 64);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stored_status_ends_as_the_providers),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10) | 1;
	if (argc > 2)
		n_simulations = (unsigned)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
