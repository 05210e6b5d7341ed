#include "fake_didit.h"

/* 2026-01-05T00:30:00Z */
#define SINCE_MS ((int64_t)1767573000000)

static enum err find(struct fake_didit *f, struct provider_session *created, enum provider_cause *cause)
{
	const struct session_search search = { STR("person-1"), { SINCE_MS }, seconds(5) };

	const enum err e = f->provider->ops->find(f->provider, &search, &f->arena, created, &f->failure);

	*cause = f->failure.cause;
	return e;
}

static void only_v2_and_v3_can_find_sessions(void **state)
{
	struct fake_didit *f = *state;

	assert_int_equal(f->provider->ops->can_find(f->provider), !fake_is_v1());
}

/* An item of Didit's session list (didit-api.md 4.4). */
#define ITEM(id, status, vendor_data, created)                                                               \
	"{\"session_id\":\"" id "\",\"session_kind\":\"user\",\"session_number\":118,\"status\":\"" status   \
	"\",\"vendor_data\":\"" vendor_data                                                                  \
	"\",\"full_name\":null,\"country\":null,\"created_at\":\"" created "\"}"
#define LIST(items) "{\"count\":1,\"next\":null,\"previous\":null,\"results\":[" items "]}"

static const struct {
	const char *name, *body;
	bool found; /* true: "s-1" must be found; false: no session must be found */
} lists[] = {
	{ "empty list", LIST(""), false },
	{ "one session", LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:30:00.000000Z")), true },
	{ "in progress", LIST(ITEM("s-1", "In Progress", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "resubmitted", LIST(ITEM("s-1", "Resubmitted", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "awaiting user", LIST(ITEM("s-1", "Awaiting User", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "in review", LIST(ITEM("s-1", "In Review", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "time with an offset", LIST(ITEM("s-1", "In Review", "person-1", "2026-01-05T01:31:00+01:00")),
		true },
	{ "approved", LIST(ITEM("s-1", "Approved", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "expired", LIST(ITEM("s-1", "Expired", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "status that only kycd uses", LIST(ITEM("s-1", "Creating", "person-1", "2026-01-05T00:31:00Z")),
		false },
	{ "unknown status", LIST(ITEM("s-1", "Great", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "another person's session", LIST(ITEM("s-1", "Not Started", "person-2", "2026-01-05T00:31:00Z")),
		false },
	{ "person id that begins with the one searched",
		LIST(ITEM("s-1", "Not Started", "person-11", "2026-01-05T00:31:00Z")), false },
	{ "session without a person",
		LIST("{\"session_id\":\"s-1\",\"status\":\"Not Started\","
		     "\"created_at\":\"2026-01-05T00:31:00Z\"}"),
		false },
	{ "business session",
		LIST("{\"session_id\":\"s-1\",\"session_kind\":\"business\",\"status\":\"Not Started\","
		     "\"vendor_data\":\"person-1\",\"created_at\":\"2026-01-05T00:31:00Z\"}"),
		false },
	{ "five minutes earlier, within the clock tolerance",
		LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:25:00.000Z")), true },
	{ "too old", LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:24:59.999Z")), false },
	{ "invalid time", LIST(ITEM("s-1", "Not Started", "person-1", "yesterday")), false },
	{ "invalid id", LIST(ITEM("../x", "Not Started", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "the newest of three",
		LIST(ITEM("s-0", "Not Started", "person-1", "2026-01-05T00:31:00Z") "," ITEM(
			"s-1", "Not Started", "person-1", "2026-01-05T00:31:00.001Z") "," ITEM("s-2",
			"Not Started", "person-1", "2026-01-05T00:30:59Z")),
		true },
	{ "items that are no objects", LIST("null,7,[],\"s-1\",{}"), false },
};

static void newest_open_session_of_the_person_is_found(void **state)
{
	struct fake_didit *f = *state;

	if (fake_is_v1())
		return;
	for (size_t i = 0; i < array_len(lists); i++) {
		enum provider_cause cause = PROVIDER_REFUSED;
		struct provider_session created = { .status = STATUS_ABANDONED };

		fake_set_response(f, &f->list, (struct fake_response){ .body = lists[i].body });
		const enum err e = find(f, &created, &cause);
		if (e != (lists[i].found ? OK : ERR_NOT_FOUND) || cause != PROVIDER_OK)
			fail_msg("%s: %s %s", lists[i].name, err_name(e), provider_cause_name(cause));
		if (!lists[i].found)
			continue;
		assert_string_equal(created.ref.text, "s-1");
		/* The status is from the decision of the session, which kycd requests to get the session's
		 * URL. */
		assert_int_equal(created.status, STATUS_IN_REVIEW);
		assert_true(str_ends(created.url, STR("/s/x")));
	}
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last_list,
		"GET /base/v3/sessions/?limit=50&offset=0&vendor_data=person-1&status=Not%20Started%2CIn%20Progress%2C"
		"Awaiting%20User%2CResubmitted%2CIn%20Review HTTP/1.1\r\n"));
	assert_non_null(strstr(f->last_list, "\r\nx-api-key: " FAKE_KEY "\r\n"));
	lock_release(&f->lock);
	assert_int_equal(atomic_load(&f->others), 0);
}

#define ONE LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:31:00Z"))

static const struct {
	const char *name;
	struct fake_response list, session;
	/* Expected cause. PROVIDER_OK: the search returns ERR_NOT_FOUND; otherwise it returns ERR_UPSTREAM.
	 */
	enum provider_cause cause;
} failures[] = {
	{ "response is an array", { .body = "[]" }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "HTML", { .body = "<html>" }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "no results", { .body = "{\"count\":0}" }, { 0 }, PROVIDER_UNUSABLE },
	{ "results is an object", { .body = "{\"results\":{}}" }, { 0 }, PROVIDER_UNUSABLE },
	{ "forbidden", { .status = 403, .body = "{}" }, { 0 }, PROVIDER_REFUSED },
	{ "redirect", { .status = 301, .body = "" }, { 0 }, PROVIDER_REFUSED },
	{ "rate limit", { .status = 429, .body = "{}" }, { 0 }, PROVIDER_LIMIT },
	{ "bad gateway", { .status = 502, .body = "<html>" }, { 0 }, PROVIDER_UNREACHABLE },
	{ "session deleted in the meantime", { .body = ONE }, { .status = 404, .body = "{}" },
		PROVIDER_UNKNOWN_SESSION },
	{ "a session of another id", { .body = ONE }, { .body = "{\"session_id\":\"s-2\"}" },
		PROVIDER_UNUSABLE },
	{ "a session of another person", { .body = ONE },
		{ .body = "{\"session_id\":\"s-1\",\"status\":\"In Progress\",\"vendor_data\":\"person-2\","
			  "\"session_url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\"}" },
		PROVIDER_UNUSABLE },
	{ "a session without a URL", { .body = ONE },
		{ .body = "{\"session_id\":\"s-1\",\"status\":\"In Progress\"}" }, PROVIDER_UNUSABLE },
	{ "a foreign URL", { .body = ONE },
		{ .body = "{\"session_id\":\"s-1\",\"status\":\"In Progress\","
			  "\"session_url\":\"https://evil.example/s\"}" },
		PROVIDER_UNUSABLE },
	{ "session decided in the meantime", { .body = ONE },
		{ .body = "{\"session_id\":\"s-1\",\"status\":\"Declined\","
			  "\"session_url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\"}" },
		PROVIDER_OK },
};

static void invalid_list_or_session_is_an_error(void **state)
{
	struct fake_didit *f = *state;

	if (fake_is_v1())
		return;
	for (size_t i = 0; i < array_len(failures); i++) {
		struct provider_session created = { .url = STR("untouched") };
		enum provider_cause cause = PROVIDER_CREDITS;

		fake_set_response(f, &f->list, failures[i].list);
		fake_set_response(f, &f->read, failures[i].session);
		const enum err e = find(f, &created, &cause);
		if (e != (failures[i].cause == PROVIDER_OK ? ERR_NOT_FOUND : ERR_UPSTREAM) ||
			cause != failures[i].cause)
			fail_msg("%s: %s %s", failures[i].name, err_name(e), provider_cause_name(cause));
		assert_true(str_eq(created.url, STR("untouched")));
	}
}

#define FOREIGN ITEM("s-9", "Not Started", "person-9", "2026-01-05T00:31:00Z")

static void at_most_four_pages_are_read(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	if (fake_is_v1())
		return;
	/* The URL in `next` is not used. The offset of the next request is computed from the page number. */
	fake_set_response(f, &f->list,
		(struct fake_response){
			.body = "{\"count\":999,\"next\":\"https://evil.example/?offset=50\",\"results\":[" FOREIGN
				"]}" });
	assert_int_equal(find(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNUSABLE);
	assert_int_equal(atomic_load(&f->lists), 4);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last_list, "?limit=50&offset=150&"));
	lock_release(&f->lock);
	/* An empty page is the last one, even if it has a `next`. */
	fake_set_response(f, &f->list,
		(struct fake_response){
			.body = "{\"count\":999,\"next\":\"https://evil.example/\",\"results\":[]}" });
	assert_int_equal(find(f, &created, &cause), ERR_NOT_FOUND);
	assert_int_equal(atomic_load(&f->lists), 5);
}

static void search_ends_at_its_time_limit(void **state)
{
	struct fake_didit *f = *state;
	const struct session_search search = { STR("person-1"), { SINCE_MS }, milliseconds(200) };
	const int64_t started = fake_ticks(&f->clock);
	struct provider_session created;

	if (fake_is_v1())
		return;
	fake_set_response(f, &f->list, (struct fake_response){ .silent = true });
	assert_int_equal(
		f->provider->ops->find(f->provider, &search, &f->arena, &created, &f->failure), ERR_UPSTREAM);
	assert_int_equal(f->failure.cause, PROVIDER_UNREACHABLE);
	assert_true(fake_ticks(&f->clock) - started < 3000);
	assert_int_equal(atomic_load(&f->lists), 1);
}

static void person_id_is_percent_encoded(void **state)
{
	struct fake_didit *f = *state;
	const struct session_search search = { STR("a&b=c d/?"), { SINCE_MS }, seconds(5) };
	struct provider_session created;

	if (fake_is_v1())
		return;
	assert_int_equal(f->provider->ops->find(f->provider, &search, &f->arena, &created, &f->failure),
		ERR_NOT_FOUND);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last_list, "&vendor_data=a%26b%3Dc%20d%2F%3F&status="));
	lock_release(&f->lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(only_v2_and_v3_can_find_sessions),
		DIDIT_TEST(newest_open_session_of_the_person_is_found),
		DIDIT_TEST(invalid_list_or_session_is_an_error),
		DIDIT_TEST(at_most_four_pages_are_read),
		DIDIT_TEST(search_ends_at_its_time_limit),
		DIDIT_TEST(person_id_is_percent_encoded),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
