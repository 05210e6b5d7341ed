#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "sandbox/state/state.h"

static struct sandbox_session *add_session(struct state *sandbox_state, int n)
{
	struct sandbox_session draft = { .vendor_data = STR("user-42"),
		.callback = STR("https://a.example/") };
	struct sandbox_session *session = NULL;

	(void)snprintf(draft.id, sizeof(draft.id), "id-%d", n);
	(void)snprintf(draft.token, sizeof(draft.token), "token-%u", (unsigned)n % 1000000u);
	assert_int_equal(state_add(sandbox_state, &draft, &session), OK);
	return session;
}

static bool has_session(struct state *sandbox_state, int n)
{
	char id[32], token[32];

	(void)snprintf(id, sizeof(id), "id-%d", n);
	(void)snprintf(token, sizeof(token), "token-%u", (unsigned)n % 1000000u);

	const struct sandbox_session *const session = state_by_id(sandbox_state, str_of(id));

	assert_ptr_equal(session, state_by_token(sandbox_state, str_of(token)));
	return session;
}

static void added_sessions_are_found(void **state)
{
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(5000, &sandbox_state), OK);
	for (int i = 1; i <= 5000; i++)
		assert_int_equal(add_session(sandbox_state, i)->number, i);
	for (int i = 1; i <= 5000; i++)
		assert_true(has_session(sandbox_state, i));
	assert_false(has_session(sandbox_state, 5001));
	assert_int_equal(state_count(sandbox_state), 5000);
	state_close(sandbox_state);
}

static void texts_are_copied(void **state)
{
	char text[] = "user-42";
	struct sandbox_session draft = { .id = "i", .token = "t", .vendor_data = { text, 7 } }, *session;
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(5, &sandbox_state), OK);
	assert_int_equal(state_add(sandbox_state, &draft, &session), OK);
	memset(text, 'x', sizeof(text));
	assert_true(str_eq(session->vendor_data, STR("user-42")));
	assert_null(session->callback.p);
	state_close(sandbox_state);
}

static void ids_and_tokens_are_unique(void **state)
{
	struct sandbox_session draft = { .id = "id-1", .token = "other" }, *session = NULL;
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(5, &sandbox_state), OK);
	(void)add_session(sandbox_state, 1);
	assert_int_equal(state_add(sandbox_state, &draft, &session), ERR_CONFLICT);
	assert_null(session);
	memcpy(draft.id, "other", 6);
	memcpy(draft.token, "token-1", 8);
	assert_int_equal(state_add(sandbox_state, &draft, &session), ERR_CONFLICT);
	state_close(sandbox_state);
}

static void oldest_finished_session_is_evicted_first(void **state)
{
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(3, &sandbox_state), OK);
	(void)add_session(sandbox_state, 1);
	add_session(sandbox_state, 2)->status = DIDIT_APPROVED;
	add_session(sandbox_state, 3)->status = DIDIT_DECLINED;
	(void)add_session(sandbox_state, 4);
	assert_true(has_session(sandbox_state, 1) && !has_session(sandbox_state, 2) &&
		    has_session(sandbox_state, 3) && has_session(sandbox_state, 4));
	(void)add_session(sandbox_state, 5);
	assert_true(has_session(sandbox_state, 1) && !has_session(sandbox_state, 3) &&
		    has_session(sandbox_state, 4) && has_session(sandbox_state, 5));
	(void)add_session(sandbox_state, 6); /* no session is finished: the oldest is evicted */
	assert_true(!has_session(sandbox_state, 1) && has_session(sandbox_state, 4) &&
		    has_session(sandbox_state, 5) && has_session(sandbox_state, 6));
	assert_int_equal(state_count(sandbox_state), 3);
	state_close(sandbox_state);
}

static void iteration_is_from_oldest_to_newest(void **state)
{
	struct sandbox_session *session = NULL;
	struct state *sandbox_state;
	int64_t last = 0;
	int n = 0;

	(void)state;
	assert_int_equal(state_open(10, &sandbox_state), OK);
	for (int i = 1; i <= 4; i++)
		(void)add_session(sandbox_state, i);
	state_remove(sandbox_state, state_by_id(sandbox_state, STR("id-1")));
	state_remove(sandbox_state, state_by_id(sandbox_state, STR("id-3")));
	while ((session = state_next(sandbox_state, session))) {
		assert_true(session->number > last);
		last = session->number;
		n++;
	}
	assert_int_equal(n, 2);
	assert_int_equal(last, 4);
	state_remove(sandbox_state, state_by_id(sandbox_state, STR("id-4")));
	state_remove(sandbox_state, state_by_id(sandbox_state, STR("id-2")));
	assert_null(state_next(sandbox_state, NULL));
	assert_int_equal(add_session(sandbox_state, 5)->number, 5);
	state_close(sandbox_state);
}

static void newest_reviews_are_kept(void **state)
{
	struct state *sandbox_state;
	int n = 0;

	(void)state;
	assert_int_equal(state_open(5, &sandbox_state), OK);
	struct sandbox_session *const session = add_session(sandbox_state, 1);

	for (int i = 1; i <= REVIEWS_MAX + 2; i++)
		assert_int_equal(state_review(session, DIDIT_APPROVED, STR("because"), (moment){ i }), OK);
	for (const struct sandbox_review *review = session->reviews; review; review = review->next) {
		n++;
		assert_int_equal(review->at.ms, n + 2);
		assert_true(str_eq(review->comment, STR("because")));
	}
	assert_int_equal(n, REVIEWS_MAX);
	state_close(sandbox_state);
}

static void tokens_are_valid_until_they_expire_or_are_displaced(void **state)
{
	const unsigned char token[32] = { 1 }, other_token[32] = { 2 };
	const moment expires_at = { 5000 };
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(5, &sandbox_state), OK);
	assert_false(state_token_holds(sandbox_state, token, (moment){ 1 }));
	state_token_add(sandbox_state, token, expires_at);
	assert_true(state_token_holds(sandbox_state, token, (moment){ 4999 }));
	assert_false(state_token_holds(sandbox_state, token, (moment){ 5000 }));
	assert_false(state_token_holds(sandbox_state, token, (moment){ 5001 }));
	assert_false(state_token_holds(sandbox_state, other_token, (moment){ 1 }));
	for (int i = 0; i < 255; i++)
		state_token_add(sandbox_state, other_token, expires_at);
	assert_true(state_token_holds(sandbox_state, token, (moment){ 1 }));
	state_token_add(sandbox_state, other_token, expires_at); /* the 257th token displaces the first */
	assert_false(state_token_holds(sandbox_state, token, (moment){ 1 }));
	state_close(sandbox_state);
}

static void set_texts_replaces_the_texts(void **state)
{
	struct sandbox_session draft = { .id = "i",
		.token = "t",
		.vendor_data = STR("user-42"),
		.callback = STR("https://a.example/") },
			       *session;
	struct state *sandbox_state;

	(void)state;
	assert_int_equal(state_open(5, &sandbox_state), OK);
	assert_int_equal(state_add(sandbox_state, &draft, &session), OK);
	draft = *session; /* its texts point into the session */
	draft.metadata = STR("{\"plan\":\"basic\"}");
	draft.callback = STR("https://b.example/a/longer/one");
	assert_int_equal(state_set_texts(session, &draft), OK);
	assert_true(str_eq(session->vendor_data, STR("user-42")));
	assert_true(str_eq(session->callback, STR("https://b.example/a/longer/one")));
	assert_true(str_eq(session->metadata, STR("{\"plan\":\"basic\"}")));
	assert_null(session->expected_details.p);
	state_close(sandbox_state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(added_sessions_are_found),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(ids_and_tokens_are_unique),
		cmocka_unit_test(oldest_finished_session_is_evicted_first),
		cmocka_unit_test(iteration_is_from_oldest_to_newest),
		cmocka_unit_test(newest_reviews_are_kept),
		cmocka_unit_test(tokens_are_valid_until_they_expire_or_are_displaced),
		cmocka_unit_test(set_texts_replaces_the_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
