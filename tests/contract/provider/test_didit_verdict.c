/* Tests of `decide`: the request that sends an operator's decision to Didit, and what the response means. */
#include "fake_didit.h"

static enum err decide(struct fake_didit *f, const char *ref, struct str comment)
{
	const struct verdict_params params = { str_of(ref), STATUS_DECLINED, comment, seconds(5) };

	return f->provider->ops->decide(f->provider, &params, &f->failure);
}

static void assert_sent(struct fake_didit *f, const char *part)
{
	lock_acquire(&f->lock);
	if (strstr(f->last, part) == NULL)
		fail_msg("%s is not in %s", part, f->last);
	lock_release(&f->lock);
}

static void decision_is_sent_with_its_comment(void **state)
{
	struct fake_didit *f = *state;

	assert_int_equal(decide(f, "s-1", STR("document_expired: \"old\"")), OK);
	assert_int_equal(f->failure.cause, PROVIDER_OK);
	assert_sent(f, "PATCH /base/" FAKE_VERSION "/session/s-1/update-status/ HTTP/1.1\r\n");
	assert_sent(f, "\r\nContent-Type: application/json\r\n");
	assert_sent(f, fake_is_v1() ? "\r\nAuthorization: Bearer token-" : "\r\nx-api-key: " FAKE_KEY "\r\n");
	assert_sent(f, "{\"new_status\":\"Declined\",\"comment\":\"document_expired: \\\"old\\\"\"}");
	assert_int_equal(atomic_load(&f->others), 0);
}

static void empty_comment_is_omitted(void **state)
{
	struct fake_didit *f = *state;

	assert_int_equal(decide(f, "s-1", STR("")), OK);
	assert_sent(f, "\r\n\r\n{\"new_status\":\"Declined\"}");
}

static const struct {
	struct fake_response response;
	enum provider_cause cause;
} failures[] = {
	{ { .status = 400, .body = "{\"detail\":\"The session cannot be changed.\"}" }, PROVIDER_REFUSED },
	{ { .status = 403, .body = "{\"detail\":\"Forbidden\"}" }, PROVIDER_REFUSED },
	{ { .status = 404, .body = "{\"detail\":\"Not found.\"}" }, PROVIDER_UNKNOWN_SESSION },
	{ { .status = 429, .body = "{}" }, PROVIDER_LIMIT },
	{ { .status = 502, .body = "<html>" }, PROVIDER_UNREACHABLE },
	{ { .body = "<html>" }, PROVIDER_INVALID_RESPONSE },
};

static void other_responses_are_failures(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(failures); i++) {
		fake_set_response(f, &f->read, failures[i].response);
		assert_int_equal(decide(f, "s-1", STR("")), ERR_UPSTREAM);
		assert_int_equal(f->failure.cause, failures[i].cause);
	}
}

static void malformed_session_id_sends_no_request(void **state)
{
	struct fake_didit *f = *state;

	assert_int_equal(decide(f, "../x", STR("")), ERR_UPSTREAM);
	assert_int_equal(f->failure.cause, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(atomic_load(&f->reads), 0);
	assert_int_equal(atomic_load(&f->others), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(decision_is_sent_with_its_comment),
		DIDIT_TEST(empty_comment_is_omitted),
		DIDIT_TEST(other_responses_are_failures),
		DIDIT_TEST(malformed_session_id_sends_no_request),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
