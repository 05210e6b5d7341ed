#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"
#include "domain/event.h"

static event_type_set set_of(const char *words)
{
	event_type_set set = 0;

	assert_true(event_types_parse(str_of(words), &set));
	return set;
}

static void type_is_named_by_itself_a_prefix_or_a_star(void **state)
{
	(void)state;
	assert_int_equal(set_of("kyc.approved"), EVENT_TYPE_BIT(EVENT_KYC_APPROVED));
	assert_int_equal(set_of("session.*"),
		EVENT_TYPE_BIT(EVENT_SESSION_CREATED) | EVENT_TYPE_BIT(EVENT_SESSION_UPDATED));
	assert_int_equal(set_of("email.failed,kyc.expired"),
		EVENT_TYPE_BIT(EVENT_EMAIL_FAILED) | EVENT_TYPE_BIT(EVENT_KYC_EXPIRED));
	for (int type = EVENT_NONE + 1; type < EVENT_TYPE_COUNT; type++) {
		assert_true(event_types_have(set_of("*"), (enum event_type)type));
		assert_true(event_types_have(
			set_of(event_type_name((enum event_type)type)), (enum event_type)type));
	}
	assert_false(event_types_have(set_of("*"), EVENT_NONE));
}

static void unknown_words_are_refused(void **state)
{
	static const char *const bad[] = { "", "kyc", "kyc.", "kyc.*x", ".*", "**", "kyc.approved,",
		",kyc.approved", "kyc.approved,,kyc.expired", "kyc.Approved", " kyc.approved", "none.*",
		"k.*" };
	event_type_set set;

	(void)state;
	for (size_t i = 0; i < array_len(bad); i++)
		assert_false(event_types_parse(str_of(bad[i]), &set));
}

static void the_first_unknown_word_is_named(void **state)
{
	static const struct {
		const char *words, *unknown;
	} rows[] = { { "kyc", "kyc" }, { "kyc.*,nothing.*,none", "nothing.*" }, { "user.erased,*", "" },
		{ "*,", "" }, { "kyc.approved,kyc.Approved", "kyc.Approved" } };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_true(str_eq(event_types_unknown(str_of(rows[i].words)), str_of(rows[i].unknown)));
}

static void number_of_words_is_bounded(void **state)
{
	char words[2 * (EVENT_TYPE_WORDS_MAX + 1)];
	event_type_set set;

	(void)state;
	for (size_t i = 0; i < sizeof(words); i++)
		words[i] = i % 2 == 0 ? '*' : ',';
	assert_true(event_types_parse((struct str){ words, 2 * EVENT_TYPE_WORDS_MAX - 1 }, &set));
	assert_false(event_types_parse((struct str){ words, 2 * EVENT_TYPE_WORDS_MAX + 1 }, &set));
}

static void sequence_grows_with_the_time_and_without_it(void **state)
{
	(void)state;
	assert_int_equal(event_next_sequence(0, (moment){ 1000 }), 1000);
	assert_int_equal(event_next_sequence(999, (moment){ 1000 }), 1000);
	assert_int_equal(event_next_sequence(1000, (moment){ 1000 }), 1001);
	assert_int_equal(event_next_sequence(5000, (moment){ 1000 }), 5001);
}

static void overall_status_has_an_event_type_of_its_own(void **state)
{
	(void)state;
	for (int s = OVERALL_PENDING; s < OVERALL_STATUS_COUNT; s++) {
		const enum event_type type = event_type_of_status((enum overall_status)s);
		char name[32];

		if (s == OVERALL_PENDING) {
			assert_int_equal(type, EVENT_NONE);
			continue;
		}
		(void)snprintf(name, sizeof(name), "kyc.%s", overall_status_name((enum overall_status)s));
		assert_string_equal(event_type_name(type), name);
	}
}

static void overall_status_follows_the_session(void **state)
{
	enum overall_status parsed;

	(void)state;
	for (int s = 0; s < STATUS_COUNT; s++) {
		const enum overall_status status = overall_status_of((enum session_status)s);

		assert_string_equal(
			overall_status_name(status), session_status_api_name((enum session_status)s));
		assert_true(overall_status_parse(str_of(overall_status_name(status)), &parsed));
		assert_int_equal(parsed, status);
	}
	assert_false(overall_status_parse(STR("Approved"), &parsed));
	assert_false(overall_status_parse(STR(""), &parsed));
}

static void shown_id_is_read_with_its_prefix_only(void **state)
{
	char id[ID_SIZE], shown[SHOWN_ID_SIZE], read[ID_SIZE];

	(void)state;
	id_make((moment){ 1234567 }, (const unsigned char[ID_RANDOM_BYTES]){ 1, 2, 3 }, id);
	shown_id_write(EVENT_ID_PREFIX, id, shown);
	assert_memory_equal(shown, "evt_", 4);
	assert_true(shown_id_read(EVENT_ID_PREFIX, str_of(shown), read));
	assert_string_equal(read, id);
	assert_false(shown_id_read(PUBLIC_USER_ID_PREFIX, str_of(shown), read));
	assert_false(shown_id_read(EVENT_ID_PREFIX, str_of(id), read));
	assert_false(shown_id_read(EVENT_ID_PREFIX, STR("evt_"), read));
	shown[8] = '!';
	assert_false(shown_id_read(EVENT_ID_PREFIX, str_of(shown), read));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_is_named_by_itself_a_prefix_or_a_star),
		cmocka_unit_test(unknown_words_are_refused),
		cmocka_unit_test(the_first_unknown_word_is_named),
		cmocka_unit_test(number_of_words_is_bounded),
		cmocka_unit_test(sequence_grows_with_the_time_and_without_it),
		cmocka_unit_test(overall_status_has_an_event_type_of_its_own),
		cmocka_unit_test(overall_status_follows_the_session),
		cmocka_unit_test(shown_id_is_read_with_its_prefix_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
