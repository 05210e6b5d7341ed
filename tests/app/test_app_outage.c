/* Recovery from an outage: while the gateway is down for minutes or days, the status of a thousand sessions
 * changes at Didit. Afterwards reconciliation corrects them all within the limits of Didit's API. The test
 * uses the real client of each API version over a real connection to the sandbox, which enforces the same
 * limits. The clock is advanced by the test. */
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
#define DECIDED (MANY / 5) /* sessions that are approved before the outage */
#define READS_MAX 16000
#define WORKFLOW "00000000-0000-4000-8000-000000000004"

struct check {
	struct provider_ref ref;
	char page[64];			/* path of the session's page in the sandbox */
	enum session_status new_status; /* set at Didit during the outage */
};

struct outage_test {
	struct app_fixture fx;
	struct server *server;
	struct sandbox *sandbox;
	struct reconcile reconcile;
	struct user user;
	struct check checks[MANY];
	/* Times at which the sandbox received requests for a decision, in ticks of the test's clock. */
	_Atomic int64_t reads[READS_MAX];
	atomic_size_t n_reads, refused;
};

/* --- the sandbox server --- */

static int64_t real_ticks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static moment fixed_time(void)
{
	return (moment){ FIXTURE_NOW };
}

static void serve(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	struct outage_test *const t = arg;

	if (str_ends(request->path, STR("/decision/"))) {
		const size_t n = atomic_fetch_add(&t->n_reads, 1);

		if (n < READS_MAX)
			atomic_store(&t->reads[n], world_ticks(&t->fx.world));
	}
	sandbox_serve(t->sandbox, request, request->path, a, reply);
	atomic_fetch_add(&t->refused, reply->status == 429);
}

static void served(void *arg)
{
	sandbox_served(((struct outage_test *)arg)->sandbox);
}

static void refuse(void *arg maybe_unused, enum refusal refusal maybe_unused, struct arena *a maybe_unused,
	struct reply *reply)
{
	*reply = (struct reply){ .status = 503 };
}

static struct str open_sandbox(struct outage_test *t)
{
	const struct server_conf conf = { .host = STR("127.0.0.1"),
		.port = STR("0"),
		.limits = { (size_t)16 * 1024, (size_t)64 * 1024, seconds(10), seconds(60), seconds(10), 64,
			64 },
		.serve = serve,
		.refuse = refuse,
		.served = served,
		.arg = t,
		.ticks = real_ticks,
		.now = fixed_time };
	struct sandbox_conf sandbox_conf = {
		.clock = t->fx.world.clock, .random = t->fx.world.random, .brand = STR("kycd")
	};

	assert_int_equal(server_open(&conf, &t->server), OK);
	sandbox_conf.base_url = arena_printf(&t->fx.arena, "http://127.0.0.1:%d", server_port(t->server));
	assert_int_equal(sandbox_open(&sandbox_conf, &t->sandbox), OK);
	assert_int_equal(server_start(t->server), OK);
	return sandbox_conf.base_url;
}

static void open_provider(struct outage_test *t, const char *version)
{
	const struct str base_url = open_sandbox(t);
	const struct didit_conf conf = { .version = str_of(version),
		.base_url = base_url,
		.auth_url = base_url,
		.client_id = STR("sandbox"),
		.client_secret = STR("sandbox"),
		.api_key = STR("sandbox"),
		.session_hosts = { str_from(base_url, strlen("http://")) },
		.n_session_hosts = 1,
		.limit = seconds(10),
		.clock = t->fx.world.clock };
	struct provider *didit;

	assert_int_equal(didit_provider_open(&conf, &didit), OK);
	assert_int_equal(
		throttled_provider_open(didit, t->fx.world.clock, seconds(10), &t->fx.world.provider), OK);
}

static struct outage_test *outage_test_open(const char *version)
{
	struct outage_test *const t = calloc(1, sizeof(*t));

	assert_non_null(t);
	fixture_open(&t->fx);
	const struct caller shop = fixture_add_tenant(&t->fx, "shop", NULL, NO_QUOTA);
	fixture_verify_email(&t->fx, &shop, ANA);
	t->user = fixture_user(&t->fx, &shop, ANA);
	open_provider(t, version);
	fixture_advance_clock(&t->fx, minutes(5));
	assert_int_equal(reconcile_begin(&t->fx.world, &t->fx.arena, &t->reconcile), OK);
	return t;
}

static void outage_test_close(struct outage_test *t)
{
	t->fx.world.provider->ops->close(t->fx.world.provider);
	assert_true(server_stop(t->server, seconds(5)));
	server_close(t->server);
	sandbox_stop(t->sandbox);
	sandbox_close(t->sandbox);
	fixture_close(&t->fx);
	free(t);
}

/* --- actions in the sandbox --- */

static void send_to_sandbox(struct outage_test *t, const char *path, enum method method, const char *scenario)
{
	const struct str json = STR("application/json");
	struct request request = { .method = method, .path = str_of(path), .body = str_of(scenario) };
	struct reply reply = { .status = 0 };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	request.headers[request.n_headers++] = (struct header){ STR("content-type"), json };
	request.headers[request.n_headers++] = (struct header){ STR("x-api-key"), STR("sandbox") };
	sandbox_serve(t->sandbox, &request, request.path, &a, &reply);
	sandbox_served(t->sandbox);
	if (reply.status != 200)
		fail_msg("%s: %d %.*s", path, reply.status, STR_ARG(reply.body));
	arena_finish(&a);
}

static void submit(struct outage_test *t, const struct check *check, const char *scenario)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "%s/submit", check->page);
	send_to_sandbox(t, path, METHOD_POST, scenario);
}

/* Declines an approved session, as an operator does in Didit's console. */
static void decline_approved(struct outage_test *t, const struct check *check)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/v3/session/%s/update-status/", check->ref.text);
	send_to_sandbox(t, path, METHOD_PATCH, "{\"new_status\":\"Declined\"}");
}

/* Each session belongs to another person, because Didit returns a person's open session again. */
static void create_session(struct outage_test *t, struct check *check)
{
	struct provider *const provider = t->fx.world.provider;
	const bool is_v1 = strcmp(provider->ops->version(provider), "v1") == 0;
	const struct session_params params = {
		.vendor_data = arena_printf(&t->fx.arena, "user-%td", check - t->checks),
		.callback = STR("https://shop.test/back"),
		.features = is_v1 ? STR("") : STR(WORKFLOW),
	};
	struct provider_failure failure = { .cause = PROVIDER_OK };
	struct provider_session created;

	assert_int_equal(provider->ops->create(provider, &params, &t->fx.arena, &created, &failure), OK);
	check->ref = created.ref;
	const char *const page = strstr(created.url.p, "/session/");
	assert_non_null(page);
	assert_true(str_copy_to(str_of(page), check->page, sizeof(check->page)));
	arena_reset(&t->fx.arena);
}

/* Creates the sessions: the first DECIDED are approved, the pages of the others are opened. */
static void create_sessions(struct outage_test *t)
{
	for (int i = 0; i < MANY; i++) {
		struct check *const check = &t->checks[i];

		if (i % 200 == 0)
			/* Stays within the limit of created sessions per minute. */
			fixture_advance_clock(&t->fx, minutes(1));
		create_session(t, check);
		send_to_sandbox(t, check->page, METHOD_GET, "");
		if (i < DECIDED)
			submit(t, check, "{\"scenario\":\"approve\"}");
	}
	for (int i = 0; i < MANY; i++) {
		struct session s = { .user_id = t->user.id,
			.provider_ref = t->checks[i].ref,
			.status = i < DECIDED ? STATUS_APPROVED : STATUS_IN_PROGRESS,
			.created_at = world_now(&t->fx.world),
			.last_update_at = world_now(&t->fx.world) };

		(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
		s.next_poll_at = session_next_poll_at(&s, t->fx.rules.reconcile_after);
		fixture_save(&t->fx, RECORD_SESSION, &s);
	}
}

static void change_all_sessions(struct outage_test *t)
{
	static const struct {
		const char *scenario;
		enum session_status status;
	} results[] = {
		{ "{\"scenario\":\"approve\"}", STATUS_APPROVED },
		{ "{\"scenario\":\"decline_document_blocklist\"}", STATUS_DECLINED },
		{ "{\"scenario\":\"review_face_match_borderline\"}", STATUS_IN_REVIEW },
		{ "{\"scenario\":\"decline_liveness_attack\"}", STATUS_DECLINED },
	};

	for (size_t i = 0; i < MANY; i++) {
		struct check *const check = &t->checks[i];

		check->new_status = i < DECIDED ? STATUS_DECLINED : results[i % array_len(results)].status;
		if (i % 250 == 249)
			/* Stays within the limit of status updates per minute. */
			fixture_advance_clock(&t->fx, minutes(1));
		if (i < DECIDED)
			decline_approved(t, check);
		else
			submit(t, check, results[i % array_len(results)].scenario);
	}
}

/* --- the gateway --- */

static void run_outage(struct outage_test *t, duration length)
{
	const moment end = moment_add(world_now(&t->fx.world), length);

	assert_int_equal(reconcile_heartbeat(&t->fx.world, &t->fx.arena), OK);
	change_all_sessions(t);
	fixture_advance_clock(&t->fx, moment_diff(world_now(&t->fx.world), end));
	assert_int_equal(reconcile_begin(&t->fx.world, &t->fx.arena, &t->reconcile), OK);
}

/* Loads session `i`. Its texts are valid until the next call. */
static struct session load_session(struct outage_test *t, int i)
{
	struct session s = { .id = { "" } };

	arena_reset(&t->fx.arena);
	(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
	fixture_load(&t->fx, RECORD_SESSION, &s);
	return s;
}

static bool all_are_correct(struct outage_test *t)
{
	for (int i = 0; i < MANY; i++)
		if (load_session(t, i).status != t->checks[i].new_status)
			return false;
	return true;
}

/* Polls one session after another until the budget is used up or no session is due. */
static void poll_within_budget(struct outage_test *t)
{
	enum reconcile_verdict verdict;

	do {
		assert_int_equal(reconcile_step(&t->fx.world, &t->fx.arena, &t->reconcile, &verdict), OK);
		arena_reset(&t->fx.arena);
	} while (verdict == RECONCILE_READ);
}

/* Reconciles every five seconds until all statuses are correct; returns the minutes needed. */
static int64_t reconcile_until_correct(struct outage_test *t)
{
	for (int64_t minute = 1; minute <= 60; minute++) {
		for (int i = 0; i < 12; i++) {
			poll_within_budget(t);
			fixture_advance_clock(&t->fx, seconds(5));
		}
		if (all_are_correct(t))
			return minute;
	}
	fail_msg("sessions are not reconciled after an hour");
	return 0;
}

static void assert_within_budget(struct outage_test *t, size_t budget)
{
	const size_t n = atomic_load(&t->n_reads);

	assert_in_range(n, MANY, READS_MAX);
	assert_int_equal(atomic_load(&t->refused), 0);
	for (size_t i = budget; i < n; i++)
		assert_true(t->reads[i] - t->reads[i - budget] >= 60000);
}

static void assert_decisions_stored(struct outage_test *t)
{
	for (int i = 0; i < MANY; i++) {
		const struct session s = load_session(t, i);

		assert_true(s.sealed_decision.n > 0);
		assert_int_equal(s.blocklisted, i >= DECIDED && i % 4 == 1);
	}
}

static void sessions_are_reconciled_after_an_outage_within_the_budget(void **state maybe_unused)
{
	static const struct {
		const char *name;
		duration length;
		size_t budget; /* polls per minute that Didit allows */
		/* Upper bound of the time until all statuses are correct. Reconciliation gets only the part
		 * of the budget that is not reserved for polls that a caller waits for. */
		int64_t minutes;
	} rows[] = {
		{ "v1", { INT64_C(3) * 86400000 }, 80, MANY / 60 + 2 },
		/* Sessions in review become due again during the reconciliation. */
		{ "v2", { INT64_C(6) * 60000 }, 80, 30 },
		{ "v3", { INT64_C(6) * 60000 }, 160, 15 },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct outage_test *const t = outage_test_open(rows[i].name);

		create_sessions(t);
		run_outage(t, rows[i].length);
		assert_false(all_are_correct(t));
		const int64_t took = reconcile_until_correct(t);
		print_message("# %s, down for %lld s: reconciled after %lld min, with %zu polls\n",
			rows[i].name, (long long)(rows[i].length.ms / 1000), (long long)took,
			atomic_load(&t->n_reads));
		assert_in_range(took, 1, rows[i].minutes);
		assert_within_budget(t, rows[i].budget);
		assert_decisions_stored(t);
		outage_test_close(t);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(
		sessions_are_reconciled_after_an_outage_within_the_budget) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
