/* The gateway was down for minutes or for days, and a thousand sessions changed at Didit meanwhile: all are
 * right afterwards, and Didit was never asked for more than it allows. The client of each version is the real
 * one, on a real connection to the sandbox, which keeps its own account of its limits; the clock is moved. */
#include "app/session/reconcile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/session/decision.h"
#include "http/server.h"
#include "kit/app_fixture.h"
#include "provider/didit_provider.h"
#include "provider/throttled_provider.h"
#include "sandbox/server/sandbox.h"
#include "text/json.h"

#define ANA "ana.exemplo@example.com"
#define MANY 1000
#define DECIDED (MANY / 5) /* of them, before the outage */
#define READS_MAX 16000
#define WORKFLOW "00000000-0000-4000-8000-000000000004"

struct check {
	struct provider_ref ref;
	char page[64];		     /* below the sandbox's root */
	enum session_status becomes; /* during the outage */
};

struct runtime {
	struct app_fixture fx; /* first: fixture_setup's state is one, too */
	struct server *server;
	struct sandbox *sandbox;
	struct reconcile reconcile;
	struct user user;
	struct check checks[MANY];
	/* The sandbox's door: when decisions were asked for, in ticks. */
	_Atomic int64_t reads[READS_MAX];
	atomic_size_t n_reads, refused;
};

/* --- the sandbox and its door --- */

static int64_t real_ticks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static moment some_date(void)
{
	return (moment){ FIXTURE_NOW };
}

static void serve(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct runtime *const h = arg;

	if (str_ends(request->path, STR("/decision/"))) {
		const size_t n = atomic_fetch_add(&h->n_reads, 1);

		if (n < READS_MAX)
			atomic_store(&h->reads[n], world_ticks(&h->fx.world));
	}
	sandbox_serve(h->sandbox, request, request->path, a, reply);
	atomic_fetch_add(&h->refused, reply->status == 429);
}

static void served(void *arg)
{
	sandbox_served(((struct runtime *)arg)->sandbox);
}

static void refuse(void *arg maybe_unused, enum refusal refusal maybe_unused, struct arena *a maybe_unused,
	struct reply *reply)
{
	*reply = (struct reply){ .status = 503 };
}

static struct str open_sandbox(struct runtime *h)
{
	const struct server_conf conf = { .host = STR("127.0.0.1"),
		.port = STR("0"),
		.limits = { (size_t)16 * 1024, (size_t)64 * 1024, seconds(10), seconds(60), seconds(10), 64,
			64 },
		.serve = serve,
		.refuse = refuse,
		.served = served,
		.arg = h,
		.ticks = real_ticks,
		.now = some_date };
	struct sandbox_conf own = {
		.clock = h->fx.world.clock, .random = h->fx.world.random, .brand = STR("kycd")
	};

	assert_int_equal(server_open(&conf, &h->server), OK);
	own.base_url = arena_printf(&h->fx.arena, "http://127.0.0.1:%d", server_port(h->server));
	assert_int_equal(sandbox_open(&own, &h->sandbox), OK);
	assert_int_equal(server_start(h->server), OK);
	return own.base_url;
}

static void open_provider(struct runtime *h, const char *version)
{
	const struct str base = open_sandbox(h);
	const struct didit_conf conf = { .version = str_of(version),
		.base_url = base,
		.auth_url = base,
		.client_id = STR("sandbox"),
		.client_secret = STR("sandbox"),
		.api_key = STR("sandbox"),
		.session_hosts = { str_from(base, strlen("http://")) },
		.n_session_hosts = 1,
		.limit = seconds(10),
		.clock = h->fx.world.clock };
	struct provider *didit;

	assert_int_equal(didit_provider_open(&conf, &didit), OK);
	assert_int_equal(
		throttled_provider_open(didit, h->fx.world.clock, seconds(10), &h->fx.world.provider), OK);
}

static struct runtime *house_open(const char *version)
{
	struct runtime *const h = calloc(1, sizeof(*h));

	assert_non_null(h);
	fixture_open(&h->fx);
	const struct caller shop = fixture_add_tenant(&h->fx, "shop", NULL, NO_QUOTA);
	fixture_verify_email(&h->fx, &shop, ANA);
	h->user = fixture_user(&h->fx, &shop, ANA);
	open_provider(h, version);
	fixture_advance_clock(&h->fx, minutes(5)); /* ticks begin somewhere */
	assert_int_equal(reconcile_begin(&h->fx.world, &h->fx.arena, &h->reconcile), OK);
	return h;
}

static void house_close(struct runtime *h)
{
	h->fx.world.provider->ops->close(h->fx.world.provider);
	assert_true(server_stop(h->server, seconds(5)));
	server_close(h->server);
	sandbox_stop(h->sandbox);
	sandbox_close(h->sandbox);
	fixture_close(&h->fx);
	free(h);
}

/* --- what people do there --- */

static void visit(struct runtime *h, const char *path, enum method method, const char *scenario)
{
	const struct str json = STR("application/json");
	struct request request = { .method = method, .path = str_of(path), .body = str_of(scenario) };
	struct reply reply = { .status = 0 };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	request.headers[request.n_headers++] = (struct header){ STR("content-type"), json };
	request.headers[request.n_headers++] = (struct header){ STR("x-api-key"), STR("sandbox") };
	sandbox_serve(h->sandbox, &request, request.path, &a, &reply);
	sandbox_served(h->sandbox);
	if (reply.status != 200)
		fail_msg("%s: %d %.*s", path, reply.status, STR_ARG(reply.body));
	arena_finish(&a);
}

static void submit(struct runtime *h, const struct check *check, const char *scenario)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/submit", check->page);
	visit(h, path, METHOD_POST, scenario);
}

/* Somebody at the console takes an approval back. */
static void withdraw(struct runtime *h, const struct check *check)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/v3/session/%s/update-status/", check->ref.text);
	visit(h, path, METHOD_PATCH, "{\"new_status\":\"Declined\"}");
}

/* Everybody for themselves: Didit gives one person's open session again. */
static void order(struct runtime *h, struct check *check)
{
	struct provider *const provider = h->fx.world.provider;
	const bool is_v1 = strcmp(provider->ops->version(provider), "v1") == 0;
	const struct session_params params = {
		.vendor_data = arena_printf(&h->fx.arena, "user-%td", check - h->checks),
		.callback = STR("https://shop.test/back"),
		.features = is_v1 ? STR("") : STR(WORKFLOW),
	};
	enum provider_cause cause = PROVIDER_OK;
	struct provider_session created;

	assert_int_equal(provider->ops->create(provider, &params, &h->fx.arena, &created, &cause), OK);
	check->ref = created.ref;
	const char *const page = strstr(created.url.p, "/session/");
	assert_non_null(page);
	assert_true(str_copy_to(str_of(page), check->page, sizeof(check->page)));
	arena_reset(&h->fx.arena);
}

/* A thousand sessions, of which some are approved by now and the others were visited. */
static void have_sessions(struct runtime *h)
{
	for (int i = 0; i < MANY; i++) {
		struct check *const check = &h->checks[i];

		if (i % 200 == 0)
			fixture_advance_clock(&h->fx, minutes(1)); /* so many orders a minute */
		order(h, check);
		visit(h, check->page, METHOD_GET, "");
		if (i < DECIDED)
			submit(h, check, "{\"scenario\":\"approve\"}");
	}
	for (int i = 0; i < MANY; i++) {
		struct session s = { .user_id = h->user.id,
			.provider_ref = h->checks[i].ref,
			.status = i < DECIDED ? STATUS_APPROVED : STATUS_IN_PROGRESS,
			.created_at = world_now(&h->fx.world),
			.last_update_at = world_now(&h->fx.world) };

		(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
		s.next_poll_at = session_next_poll_at(&s, h->fx.rules.reconcile_after);
		fixture_save(&h->fx, RECORD_SESSION, &s);
	}
}

static void all_change(struct runtime *h)
{
	static const struct {
		const char *scenario;
		enum session_status status;
	} ends[] = {
		{ "{\"scenario\":\"approve\"}", STATUS_APPROVED },
		{ "{\"scenario\":\"decline_document_blocklist\"}", STATUS_DECLINED },
		{ "{\"scenario\":\"review_face_match_borderline\"}", STATUS_IN_REVIEW },
		{ "{\"scenario\":\"decline_liveness_attack\"}", STATUS_DECLINED },
	};

	for (size_t i = 0; i < MANY; i++) {
		struct check *const check = &h->checks[i];

		check->becomes = i < DECIDED ? STATUS_DECLINED : ends[i % array_len(ends)].status;
		if (i % 250 == 249)
			fixture_advance_clock(&h->fx, minutes(1)); /* so many hands a minute */
		if (i < DECIDED)
			withdraw(h, check);
		else
			submit(h, check, ends[i % array_len(ends)].scenario);
	}
}

/* --- the gateway --- */

static void outage(struct runtime *h, duration length)
{
	const moment end = moment_add(world_now(&h->fx.world), length);

	assert_int_equal(reconcile_heartbeat(&h->fx.world, &h->fx.arena), OK);
	all_change(h);
	fixture_advance_clock(&h->fx, moment_diff(world_now(&h->fx.world), end));
	assert_int_equal(reconcile_begin(&h->fx.world, &h->fx.arena, &h->reconcile), OK);
}

/* Its texts live until the next one. */
static struct session stored(struct runtime *h, int i)
{
	struct session s = { .id = { "" } };

	arena_reset(&h->fx.arena);
	(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
	fixture_load(&h->fx, RECORD_SESSION, &s);
	return s;
}

static bool all_are_right(struct runtime *h)
{
	for (int i = 0; i < MANY; i++)
		if (stored(h, i).status != h->checks[i].becomes)
			return false;
	return true;
}

/* All that the budget has room for at this moment. */
static void steps(struct runtime *h)
{
	enum reconcile_verdict verdict;

	do {
		assert_int_equal(reconcile_step(&h->fx.world, &h->fx.arena, &h->reconcile, &verdict), OK);
		arena_reset(&h->fx.arena);
	} while (verdict == RECONCILE_READ);
}

/* Five seconds at a time until all are right; the minutes it took. */
static int64_t work(struct runtime *h)
{
	for (int64_t minute = 1; minute <= 60; minute++) {
		for (int i = 0; i < 12; i++) {
			steps(h);
			fixture_advance_clock(&h->fx, seconds(5));
		}
		if (all_are_right(h))
			return minute;
	}
	fail_msg("not right in an hour");
	return 0;
}

static void was_within(struct runtime *h, size_t budget)
{
	const size_t n = atomic_load(&h->n_reads);

	assert_in_range(n, MANY, READS_MAX);
	assert_int_equal(atomic_load(&h->refused), 0);
	for (size_t i = budget; i < n; i++)
		assert_true(h->reads[i] - h->reads[i - budget] >= 60000);
}

static void what_is_kept_is_right(struct runtime *h)
{
	for (int i = 0; i < MANY; i++) {
		const struct session s = stored(h, i);

		assert_true(s.sealed_decision.n > 0);
		assert_int_equal(s.blocklisted, i >= DECIDED && i % 4 == 1);
	}
}

static void after_an_outage_all_are_right(void **state maybe_unused)
{
	static const struct {
		const char *name;
		duration length;
		size_t budget;	 /* readings a minute */
		int64_t minutes; /* until the last is read, by what is left to those that are due */
	} rows[] = {
		{ "v1", { INT64_C(3) * 86400000 }, 80, MANY / 60 + 2 },
		{ "v2", { INT64_C(6) * 60000 }, 80, 30 }, /* those in review are due again meanwhile */
		{ "v3", { INT64_C(6) * 60000 }, 160, 15 },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct runtime *const h = house_open(rows[i].name);

		have_sessions(h);
		outage(h, rows[i].length);
		assert_false(all_are_right(h));
		const int64_t took = work(h);
		print_message("# %s, down for %lld s: right after %lld min, by %zu readings\n", rows[i].name,
			(long long)(rows[i].length.ms / 1000), (long long)took, atomic_load(&h->n_reads));
		assert_in_range(took, 1, rows[i].minutes);
		was_within(h, rows[i].budget);
		what_is_kept_is_right(h);
		house_close(h);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(after_an_outage_all_are_right) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
