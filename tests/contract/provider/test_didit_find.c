#include "fake_didit.h"

/* Half past midnight, 2026-01-05. */
#define SINCE_MS ((int64_t)1767573000000)

static enum err find(struct fake_didit *f, struct provider_session *created, enum provider_cause *cause)
{
	const struct session_search search = { STR("person-1"), { SINCE_MS }, seconds(5) };

	return f->provider->ops->find(f->provider, &search, &f->arena, created, cause);
}

static void only_later_versions_have_a_list(void **state)
{
	struct fake_didit *f = *state;

	assert_int_equal(f->provider->ops->can_find(f->provider), !fake_is_v1());
}

/* One item of the list, as didit-api.md 4.4 shows it. */
#define ITEM(id, status, whose, created)                                                                     \
	"{\"session_id\":\"" id "\",\"session_kind\":\"user\",\"session_number\":118,\"status\":\"" status   \
	"\",\"vendor_data\":\"" whose "\",\"full_name\":null,\"country\":null,\"created_at\":\"" created     \
	"\"}"
#define LIST(items) "{\"count\":1,\"next\":null,\"previous\":null,\"results\":[" items "]}"

static const struct {
	const char *name, *body;
	bool found; /* "s-1" */
} lists[] = {
	{ "nothing", LIST(""), false },
	{ "one", LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:30:00.000000Z")), true },
	{ "in progress", LIST(ITEM("s-1", "In Progress", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "resubmitted", LIST(ITEM("s-1", "Resubmitted", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "awaiting", LIST(ITEM("s-1", "Awaiting User", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "in review", LIST(ITEM("s-1", "In Review", "person-1", "2026-01-05T00:31:00Z")), true },
	{ "with an offset", LIST(ITEM("s-1", "In Review", "person-1", "2026-01-05T01:31:00+01:00")), true },
	{ "approved", LIST(ITEM("s-1", "Approved", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "expired", LIST(ITEM("s-1", "Expired", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "ours", LIST(ITEM("s-1", "Creating", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "unknown status", LIST(ITEM("s-1", "Great", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "another's", LIST(ITEM("s-1", "Not Started", "person-2", "2026-01-05T00:31:00Z")), false },
	{ "another's in part", LIST(ITEM("s-1", "Not Started", "person-11", "2026-01-05T00:31:00Z")), false },
	{ "nobody's",
		LIST("{\"session_id\":\"s-1\",\"status\":\"Not Started\","
		     "\"created_at\":\"2026-01-05T00:31:00Z\"}"),
		false },
	{ "a company's",
		LIST("{\"session_id\":\"s-1\",\"session_kind\":\"business\",\"status\":\"Not Started\","
		     "\"vendor_data\":\"person-1\",\"created_at\":\"2026-01-05T00:31:00Z\"}"),
		false },
	{ "within the clocks", LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:25:00.000Z")),
		true },
	{ "too old", LIST(ITEM("s-1", "Not Started", "person-1", "2026-01-05T00:24:59.999Z")), false },
	{ "of no time", LIST(ITEM("s-1", "Not Started", "person-1", "yesterday")), false },
	{ "a bad id", LIST(ITEM("../x", "Not Started", "person-1", "2026-01-05T00:31:00Z")), false },
	{ "the newest of three",
		LIST(ITEM("s-0", "Not Started", "person-1", "2026-01-05T00:31:00Z") "," ITEM(
			"s-1", "Not Started", "person-1", "2026-01-05T00:31:00.001Z") "," ITEM("s-2",
			"Not Started", "person-1", "2026-01-05T00:30:59Z")),
		true },
	{ "no items", LIST("null,7,[],\"s-1\",{}"), false },
};

static void the_newest_open_session_of_the_person_is_found(void **state)
{
	struct fake_didit *f = *state;

	if (fake_is_v1())
		return;
	for (size_t i = 0; i < array_len(lists); i++) {
		enum provider_cause cause = PROVIDER_REFUSED;
		struct provider_session created = { .status = STATUS_ABANDONED };

		fake_says(f, &f->list, (struct said){ .body = lists[i].body });
		const enum err e = find(f, &created, &cause);
		if (e != (lists[i].found ? OK : ERR_NOT_FOUND) || cause != PROVIDER_OK)
			fail_msg("%s: %s %s", lists[i].name, err_name(e), provider_cause_name(cause));
		if (!lists[i].found)
			continue;
		assert_string_equal(created.ref.text, "s-1");
		/* as the session itself says, which is asked for its URL */
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
	struct said list, session;
	enum provider_cause cause; /* FINE: it is decided by now, ERR_NOT_FOUND */
} troubles[] = {
	{ "a list that is none", { .body = "[]" }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "HTML", { .body = "<html>" }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, { 0 }, PROVIDER_INVALID_RESPONSE },
	{ "no results", { .body = "{\"count\":0}" }, { 0 }, PROVIDER_UNUSABLE },
	{ "results that are none", { .body = "{\"results\":{}}" }, { 0 }, PROVIDER_UNUSABLE },
	{ "forbidden", { .status = 403, .body = "{}" }, { 0 }, PROVIDER_REFUSED },
	{ "elsewhere", { .status = 301, .body = "" }, { 0 }, PROVIDER_REFUSED },
	{ "too often", { .status = 429, .body = "{}" }, { 0 }, PROVIDER_LIMIT },
	{ "down", { .status = 502, .body = "<html>" }, { 0 }, PROVIDER_UNREACHABLE },
	{ "gone meanwhile", { .body = ONE }, { .status = 404, .body = "{}" }, PROVIDER_UNKNOWN_SESSION },
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
	{ "decided by now", { .body = ONE },
		{ .body = "{\"session_id\":\"s-1\",\"status\":\"Declined\","
			  "\"session_url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\"}" },
		PROVIDER_OK },
};

static void what_is_no_list_is_no_answer(void **state)
{
	struct fake_didit *f = *state;

	if (fake_is_v1())
		return;
	for (size_t i = 0; i < array_len(troubles); i++) {
		struct provider_session created = { .url = STR("untouched") };
		enum provider_cause cause = PROVIDER_CREDITS;

		fake_says(f, &f->list, troubles[i].list);
		fake_says(f, &f->read, troubles[i].session);
		const enum err e = find(f, &created, &cause);
		if (e != (troubles[i].cause == PROVIDER_OK ? ERR_NOT_FOUND : ERR_UPSTREAM) ||
			cause != troubles[i].cause)
			fail_msg("%s: %s %s", troubles[i].name, err_name(e), provider_cause_name(cause));
		assert_true(str_eq(created.url, STR("untouched")));
	}
}

#define FOREIGN ITEM("s-9", "Not Started", "person-9", "2026-01-05T00:31:00Z")

static void pages_are_turned_and_have_an_end(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	if (fake_is_v1())
		return;
	/* Where `next` leads is not followed: it is a page of ours that is asked for. */
	fake_says(f, &f->list,
		(struct said){
			.body = "{\"count\":999,\"next\":\"https://evil.example/?offset=50\",\"results\":[" FOREIGN
				"]}" });
	assert_int_equal(find(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNUSABLE);
	assert_int_equal(atomic_load(&f->lists), 4);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last_list, "?limit=50&offset=150&"));
	lock_release(&f->lock);
	/* An empty page is the last one, whatever it says. */
	fake_says(f, &f->list,
		(struct said){ .body = "{\"count\":999,\"next\":\"https://evil.example/\",\"results\":[]}" });
	assert_int_equal(find(f, &created, &cause), ERR_NOT_FOUND);
	assert_int_equal(atomic_load(&f->lists), 5);
}

static void a_search_has_one_limit_for_all_its_pages(void **state)
{
	struct fake_didit *f = *state;
	const struct session_search search = { STR("person-1"), { SINCE_MS }, milliseconds(200) };
	const int64_t began = fake_ticks(&f->clock);
	enum provider_cause cause;
	struct provider_session created;

	if (fake_is_v1())
		return;
	fake_says(f, &f->list, (struct said){ .silent = true });
	assert_int_equal(
		f->provider->ops->find(f->provider, &search, &f->arena, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_true(fake_ticks(&f->clock) - began < 3000);
	assert_int_equal(atomic_load(&f->lists), 1);
}

static void what_the_person_is_called_is_quoted(void **state)
{
	struct fake_didit *f = *state;
	const struct session_search search = { STR("a&b=c d/?"), { SINCE_MS }, seconds(5) };
	enum provider_cause cause;
	struct provider_session created;

	if (fake_is_v1())
		return;
	assert_int_equal(
		f->provider->ops->find(f->provider, &search, &f->arena, &created, &cause), ERR_NOT_FOUND);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last_list, "&vendor_data=a%26b%3Dc%20d%2F%3F&status="));
	lock_release(&f->lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(only_later_versions_have_a_list),
		DIDIT_TEST(the_newest_open_session_of_the_person_is_found),
		DIDIT_TEST(what_is_no_list_is_no_answer),
		DIDIT_TEST(pages_are_turned_and_have_an_end),
		DIDIT_TEST(a_search_has_one_limit_for_all_its_pages),
		DIDIT_TEST(what_the_person_is_called_is_quoted),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}
