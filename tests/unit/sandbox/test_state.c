#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "sandbox/state/state.h"

static struct sandbox_session *add(struct state *all, int n)
{
	struct sandbox_session draft = { .vendor_data = STR("user-42"),
		.callback = STR("https://a.example/") };
	struct sandbox_session *session = NULL;

	(void)snprintf(draft.id, sizeof(draft.id), "id-%d", n);
	(void)snprintf(draft.token, sizeof(draft.token), "token-%u", (unsigned)n % 1000000u);
	assert_int_equal(state_add(all, &draft, &session), OK);
	return session;
}

static bool has(struct state *all, int n)
{
	char id[32], token[32];

	(void)snprintf(id, sizeof(id), "id-%d", n);
	(void)snprintf(token, sizeof(token), "token-%u", (unsigned)n % 1000000u);

	const struct sandbox_session *const session = state_by_id(all, str_of(id));

	assert_ptr_equal(session, state_by_token(all, str_of(token)));
	return session;
}

static void what_was_added_is_found(void **state)
{
	struct state *all;

	(void)state;
	assert_int_equal(state_open(5000, &all), OK);
	for (int i = 1; i <= 5000; i++)
		assert_int_equal(add(all, i)->number, i);
	for (int i = 1; i <= 5000; i++)
		assert_true(has(all, i));
	assert_false(has(all, 5001));
	assert_int_equal(state_count(all), 5000);
	state_close(all);
}

static void texts_are_copies(void **state)
{
	char text[] = "user-42";
	struct sandbox_session draft = { .id = "i", .token = "t", .vendor_data = { text, 7 } }, *session;
	struct state *all;

	(void)state;
	assert_int_equal(state_open(5, &all), OK);
	assert_int_equal(state_add(all, &draft, &session), OK);
	memset(text, 'x', sizeof(text));
	assert_true(str_eq(session->vendor_data, STR("user-42")));
	assert_null(session->callback.p);
	state_close(all);
}

static void an_id_comes_once(void **state)
{
	struct sandbox_session draft = { .id = "id-1", .token = "other" }, *session = NULL;
	struct state *all;

	(void)state;
	assert_int_equal(state_open(5, &all), OK);
	(void)add(all, 1);
	assert_int_equal(state_add(all, &draft, &session), ERR_CONFLICT);
	assert_null(session);
	memcpy(draft.id, "other", 6);
	memcpy(draft.token, "token-1", 8);
	assert_int_equal(state_add(all, &draft, &session), ERR_CONFLICT);
	state_close(all);
}

static void the_oldest_finished_one_goes_first(void **state)
{
	struct state *all;

	(void)state;
	assert_int_equal(state_open(3, &all), OK);
	(void)add(all, 1);
	add(all, 2)->status = DIDIT_APPROVED;
	add(all, 3)->status = DIDIT_DECLINED;
	(void)add(all, 4);
	assert_true(has(all, 1) && !has(all, 2) && has(all, 3) && has(all, 4));
	(void)add(all, 5);
	assert_true(has(all, 1) && !has(all, 3) && has(all, 4) && has(all, 5));
	(void)add(all, 6); /* none is finished */
	assert_true(!has(all, 1) && has(all, 4) && has(all, 5) && has(all, 6));
	assert_int_equal(state_count(all), 3);
	state_close(all);
}

static void a_walk_goes_from_old_to_new(void **state)
{
	struct sandbox_session *session = NULL;
	struct state *all;
	int64_t last = 0;
	int n = 0;

	(void)state;
	assert_int_equal(state_open(10, &all), OK);
	for (int i = 1; i <= 4; i++)
		(void)add(all, i);
	state_drop(all, state_by_id(all, STR("id-1")));
	state_drop(all, state_by_id(all, STR("id-3")));
	while ((session = state_next(all, session))) {
		assert_true(session->number > last);
		last = session->number;
		n++;
	}
	assert_int_equal(n, 2);
	assert_int_equal(last, 4);
	state_drop(all, state_by_id(all, STR("id-4")));
	state_drop(all, state_by_id(all, STR("id-2")));
	assert_null(state_next(all, NULL));
	assert_int_equal(add(all, 5)->number, 5);
	state_close(all);
}

static void the_last_reviews_are_kept(void **state)
{
	struct state *all;
	int n = 0;

	(void)state;
	assert_int_equal(state_open(5, &all), OK);
	struct sandbox_session *const session = add(all, 1);

	for (int i = 1; i <= REVIEWS_MAX + 2; i++)
		assert_int_equal(state_review(session, DIDIT_APPROVED, STR("because"), (moment){ i }), OK);
	for (const struct review *review = session->reviews; review; review = review->next) {
		n++;
		assert_int_equal(review->at.ms, n + 2);
		assert_true(str_eq(review->comment, STR("because")));
	}
	assert_int_equal(n, REVIEWS_MAX);
	state_close(all);
}

static void tokens_hold_until_their_time(void **state)
{
	const unsigned char mine[32] = { 1 }, other[32] = { 2 };
	const moment until = { 5000 };
	struct state *all;

	(void)state;
	assert_int_equal(state_open(5, &all), OK);
	assert_false(state_token_holds(all, mine, (moment){ 1 }));
	state_token_add(all, mine, until);
	assert_true(state_token_holds(all, mine, (moment){ 4999 }));
	assert_false(state_token_holds(all, mine, (moment){ 5000 }));
	assert_false(state_token_holds(all, mine, (moment){ 5001 }));
	assert_false(state_token_holds(all, other, (moment){ 1 }));
	for (int i = 0; i < 255; i++)
		state_token_add(all, other, until);
	assert_true(state_token_holds(all, mine, (moment){ 1 }));
	state_token_add(all, other, until); /* the 257th */
	assert_false(state_token_holds(all, mine, (moment){ 1 }));
	state_close(all);
}

static void new_words_take_the_place_of_old_ones(void **state)
{
	struct sandbox_session draft = { .id = "i",
		.token = "t",
		.vendor_data = STR("user-42"),
		.callback = STR("https://a.example/") },
			       *session;
	struct state *all;

	(void)state;
	assert_int_equal(state_open(5, &all), OK);
	assert_int_equal(state_add(all, &draft, &session), OK);
	draft = *session; /* its texts are the session's own */
	draft.metadata = STR("{\"plan\":\"basic\"}");
	draft.callback = STR("https://b.example/a/longer/one");
	assert_int_equal(state_set_texts(session, &draft), OK);
	assert_true(str_eq(session->vendor_data, STR("user-42")));
	assert_true(str_eq(session->callback, STR("https://b.example/a/longer/one")));
	assert_true(str_eq(session->metadata, STR("{\"plan\":\"basic\"}")));
	assert_null(session->expected_details.p);
	state_close(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(texts_are_copies),
		cmocka_unit_test(an_id_comes_once),
		cmocka_unit_test(the_oldest_finished_one_goes_first),
		cmocka_unit_test(a_walk_goes_from_old_to_new),
		cmocka_unit_test(the_last_reviews_are_kept),
		cmocka_unit_test(tokens_hold_until_their_time),
		cmocka_unit_test(new_words_take_the_place_of_old_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
