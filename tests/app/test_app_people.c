/* app/person/people and person_timeline: pages of people, one person, and what happened to the person. */
#include "app/person/people.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/person/person_timeline.h"
#include "base/attr.h"
#include "base/buf.h"
#include "kit/app_fixture.h"

#define PEOPLE 5
#define ANA "ana.exemplo@example.com"

static void email_of(int i, char out[32])
{
	(void)snprintf(out, 32, "p%d@example.com", i);
}

/* Registers PEOPLE people, one per second. */
static void prepare_people(struct app_fixture *fx, const struct caller *caller)
{
	char email[32];

	for (int i = 0; i < PEOPLE; i++) {
		email_of(i, email);
		(void)fixture_prepare(fx, caller, email);
		fixture_advance_clock(fx, seconds(1));
	}
}

static struct people_page list(struct app_fixture *fx, const struct people_params *params)
{
	struct people_page page;

	assert_int_equal(people_list(&fx->world, &fx->arena, params, &page), OK);
	return page;
}

static struct public_user_id public_id(
	struct app_fixture *fx, const struct caller *caller, const char *address)
{
	return fixture_enrolment(fx, caller, address).public_user_id;
}

static void assert_is(const struct person_summary *person, const struct public_user_id *id)
{
	assert_string_equal(person->ids.user_id.text, id->text);
}

/* A page with one person less than there are, with all of them, and with room for one more. */
static void pages_are_newest_first_and_end_where_the_limit_says(void **state)
{
	static const struct {
		size_t limit, n;
		bool has_more;
	} rows[] = { { 1, 1, true }, { PEOPLE - 1, PEOPLE - 1, true }, { PEOPLE, PEOPLE, false },
		{ PEOPLE + 1, PEOPLE, false } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	char email[32];

	prepare_people(fx, &shop);
	(void)fixture_prepare(fx, &bank, ANA);
	for (size_t r = 0; r < array_len(rows); r++) {
		const struct people_params params = { .tenant = &shop.tenant, .limit = rows[r].limit };
		const struct people_page page = list(fx, &params);

		printf("# limit %zu\n", rows[r].limit);
		assert_int_equal(page.n, rows[r].n);
		assert_int_equal(page.has_more, rows[r].has_more);
		for (size_t i = 0; i < page.n; i++) {
			email_of(PEOPLE - 1 - (int)i, email);
			const struct public_user_id id = public_id(fx, &shop, email);

			assert_is(&page.people[i], &id);
		}
		assert_string_equal(page.next_after.text, page.people[page.n - 1].ids.user_id.text);
	}
}

static void pages_that_follow_each_other_have_everybody_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct people_params params = { .tenant = &shop.tenant, .limit = 2 };
	struct people_page page = { .has_more = true };
	char email[32];
	int seen = 0;

	prepare_people(fx, &shop);
	while (page.has_more) {
		page = list(fx, &params);
		for (size_t i = 0; i < page.n; i++, seen++) {
			email_of(PEOPLE - 1 - seen, email);
			const struct public_user_id id = public_id(fx, &shop, email);

			assert_is(&page.people[i], &id);
		}
		params.after = page.next_after;
	}
	assert_int_equal(seen, PEOPLE);
	page = list(fx, &params);
	assert_int_equal(page.n, 0);
	assert_string_equal(page.next_after.text, params.after.text);
}

static void status_and_reference_select_people(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct people_params params = { .tenant = &shop.tenant, .limit = PEOPLE, .has_status = true };

	prepare_people(fx, &shop);
	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	for (int status = OVERALL_PENDING; status < OVERALL_STATUS_COUNT; status++) {
		params.status = (enum overall_status)status;
		const size_t n = status == OVERALL_PENDING ? PEOPLE : status == OVERALL_APPROVED ? 1 : 0;

		printf("# %s\n", overall_status_name(params.status));
		assert_int_equal(list(fx, &params).n, n);
	}
	fixture_set_reference(fx, &shop, ANA, "customer 4711");
	fixture_set_reference(fx, &shop, "p1@example.com", "customer 4711");
	params = (struct people_params){
		.tenant = &shop.tenant, .limit = PEOPLE, .reference = STR("customer 4711")
	};
	assert_int_equal(list(fx, &params).n, 2);
	params.has_status = true;
	params.status = OVERALL_APPROVED;
	const struct people_page page = list(fx, &params);
	assert_int_equal(page.n, 1);
	assert_true(str_eq(page.people[0].ids.reference, STR("customer 4711")));
	params.reference = STR("customer 471");
	assert_int_equal(list(fx, &params).n, 0);
}

/* After a link, the e-mail's former id leads to the same person, and the list has the person once. */
static void linked_addresses_are_one_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);
	const struct people_params params = { .tenant = &shop.tenant, .limit = PEOPLE };
	struct person_request request = { .tenant = &shop.tenant, .with_addresses = true };
	struct person_details of_email, of_wallet;

	fixture_verify_email(fx, &shop, ANA);
	fixture_link(fx, &shop, &wallet, ANA);
	assert_int_equal(list(fx, &params).n, 1);
	request.id = public_id(fx, &shop, ANA);
	assert_int_equal(person_details_load(&fx->world, &fx->arena, &request, &of_email), OK);
	request.id = public_id(fx, &shop, wallet.wallet.text);
	assert_int_equal(person_details_load(&fx->world, &fx->arena, &request, &of_wallet), OK);
	assert_string_equal(of_email.summary.ids.user_id.text, request.id.text);
	assert_string_equal(of_wallet.summary.ids.user_id.text, request.id.text);
	assert_true(str_eq(of_wallet.email, STR(ANA)));
	assert_true(str_eq(of_wallet.wallet, str_of(wallet.wallet.text)));
}

static void person_of_another_tenant_does_not_exist(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	struct timeline_params timeline = { .tenant = &bank.tenant, .limit = 1 };
	struct person_request request = { .tenant = &bank.tenant };
	struct person_details details;
	struct timeline_page page;

	fixture_verify_email(fx, &shop, ANA);
	request.id = timeline.person = public_id(fx, &shop, ANA);
	assert_int_equal(person_details_load(&fx->world, &fx->arena, &request, &details), ERR_NOT_FOUND);
	assert_int_equal(person_timeline_read(&fx->world, &fx->arena, &timeline, &page), ERR_NOT_FOUND);
}

/* Reads the timeline in pages of `limit` rows, and appends the types. */
static struct str timeline_types(struct app_fixture *fx, const struct caller *caller,
	const struct public_user_id *person, size_t limit)
{
	struct timeline_params params = { .tenant = &caller->tenant, .person = *person, .limit = limit };
	struct timeline_page page = { .has_more = true };
	struct buf text;
	struct str out;

	buf_init(&text, &fx->arena);
	while (page.has_more) {
		assert_int_equal(person_timeline_read(&fx->world, &fx->arena, &params, &page), OK);
		assert_true(page.n <= limit);
		for (size_t i = 0; i < page.n; i++)
			buf_printf(&text, "%s ", page.rows[i].type);
		params.after = page.next_after;
	}
	assert_int_equal(buf_done(&text, &out), OK);
	printf("# %.*s\n", STR_ARG(out));
	return out;
}

/* Checks that the timeline has each of the steps once and no others, whatever the limit of a page. Steps of
 * the same millisecond are in any order. */
static void assert_steps(struct app_fixture *fx, const struct caller *caller, const char *address,
	const char *const *steps, size_t n)
{
	const struct public_user_id id = public_id(fx, caller, address);
	const struct str all = timeline_types(fx, caller, &id, TIMELINE_LIMIT_MAX);
	size_t length = 0;

	for (size_t i = 0; i < n; i++) {
		if (!memmem(all.p, all.n, steps[i], strlen(steps[i])))
			fail_msg("%s is missing", steps[i]);
		length += strlen(steps[i]) + 1;
	}
	assert_int_equal(all.n, length);
	for (size_t limit = 1; limit <= n + 1; limit++)
		assert_true(str_eq(timeline_types(fx, caller, &id, limit), all));
}

static void timeline_tells_each_tenant_what_happened_with_it(void **state)
{
	static const char *const of_shop[] = { "user.prepared", "email.code_requested", "user.email_verified",
		"session.created", "session.updated" };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	(void)fixture_prepare(fx, &bank, ANA);
	assert_steps(fx, &shop, ANA, of_shop, array_len(of_shop));
	assert_steps(fx, &bank, ANA, of_shop, 1);
}

/* Both users of a linked person have entries. A step of both is told once. */
static void timeline_has_the_steps_of_both_addresses(void **state)
{
	static const char *const steps[] = { "user.prepared", "user.prepared", "user.wallet_verified",
		"link.requested", "email.code_requested", "user.email_verified", "user.linked" };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fixture_link(fx, &shop, &wallet, ANA);
	assert_steps(fx, &shop, ANA, steps, array_len(steps));
	assert_steps(fx, &shop, wallet.wallet.text, steps, array_len(steps));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(pages_are_newest_first_and_end_where_the_limit_says),
		TEST(pages_that_follow_each_other_have_everybody_once),
		TEST(status_and_reference_select_people),
		TEST(linked_addresses_are_one_person),
		TEST(person_of_another_tenant_does_not_exist),
		TEST(timeline_tells_each_tenant_what_happened_with_it),
		TEST(timeline_has_the_steps_of_both_addresses),
	};

	return cmocka_run_group_tests_name("app_people", tests, NULL, NULL);
}
