/* What is stored of provider events and decisions, and for how long. */
#include "app/session/provider_event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "../unit/provider/decision_examples.h"
#include "app/person/person.h"
#include "kit/app_fixture.h"
#include "provider/didit_decision.h"
#include "text/encode.h"
#include "text/json.h"

#define ANA "ana.exemplo@example.com"

static struct caller tenant_with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	return shop;
}

/* Returns a new event about session "scripted-1". */
static struct provider_event event_at(enum session_status status, int64_t sent)
{
	static unsigned char number;
	struct provider_event event = { .ref = { "scripted-1" },
		.is_authenticated = true,
		.status_text = str_of(session_status_provider_name(status)),
		.status_known = true,
		.status = status,
		.kind = STR("status.updated"),
		.sent_at = { sent } };

	event.event_key.bytes[0] = ++number;
	return event;
}

static void process_event(struct app_fixture *fx, const struct provider_event *event)
{
	static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };
	enum provider_event_verdict verdict;

	assert_int_equal(
		provider_event_process(&fx->world, &provider_actor, event, seconds(3), &verdict), OK);
	assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
}

static bool load_body(
	struct app_fixture *fx, const struct provider_event *event, struct provider_event_body *out)
{
	*out = (struct provider_event_body){ .event_key = event->event_key };
	return fixture_try_load(fx, RECORD_PROVIDER_EVENT_BODY, out);
}

static void event_body_is_stored_encrypted_until_its_retention_ends(void **state)
{
	static const struct {
		int64_t keep_ms, after_ms;
		bool stored;
	} rows[] = { { 0, 0, false }, { 1000, 0, true }, { 1000, 999, true }, { 1000, 1000, false },
		{ 1000, 1001, false }, { 604800000, 604799999, true }, { 604800000, 604800000, false } };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct user user = fixture_user(fx, &shop, ANA);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_IN_PROGRESS, world_now(&fx->world).ms);
		const struct str raw = STR("{\"full_name\":\"Ana Exemplo\"}");
		struct provider_event_body body;
		char row[65];
		struct str plain;

		fx->rules.keep_events = milliseconds(rows[i].keep_ms);
		event.raw = raw;
		process_event(fx, &event);
		assert_int_equal(load_body(fx, &event, &body), rows[i].keep_ms > 0);
		if (rows[i].keep_ms > 0) {
			const struct sealed_field field = { "event_bodies", "sealed", row };

			hex_write(event.event_key.bytes, 32, row);
			assert_null(memmem(body.sealed_body.p, body.sealed_body.n, "Ana", 3));
			assert_int_equal(
				user_unseal(&fx->world, &fx->arena, &user, &field, body.sealed_body, &plain),
				OK);
			assert_true(str_eq(plain, raw));
			/* An encrypted body is bound to its row and cannot be decrypted as another row's
			 * body. */
			row[0] ^= 1;
			assert_int_equal(
				user_unseal(&fx->world, &fx->arena, &user, &field, body.sealed_body, &plain),
				ERR_INPUT);
		}
		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		assert_int_equal(provider_event_clean(&fx->world), OK);
		assert_int_equal(load_body(fx, &event, &body), rows[i].stored);
		assert_true(fixture_try_load(fx, RECORD_PROVIDER_EVENT,
			&(struct provider_event_entry){ .event_key = event.event_key }));
		/* With 0, stored bodies are deleted at the next clean-up. */
		fx->rules.keep_events = milliseconds(0);
		assert_int_equal(provider_event_clean(&fx->world), OK);
		assert_false(load_body(fx, &event, &body));
	}
}

/* Processes an event with that decision; returns the session and decrypts the stored decision to `kept`. */
static struct session process_decision(
	struct app_fixture *fx, const struct caller *shop, struct str json, struct str *kept)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct provider_event event = event_at(STATUS_APPROVED, world_now(&fx->world).ms);
	const struct user user = fixture_user(fx, shop, ANA);

	fixture_advance_clock(fx, seconds(1));
	event.has_decision = true;
	assert_int_equal(json_parse(json, true, &document), OK);
	assert_int_equal(decision_read(document, &fx->arena, &event.decision), OK);
	process_event(fx, &event);
	const struct session session = fixture_latest_session(fx, shop, ANA);
	const struct sealed_field field = { "sessions", "decision", session.id.text };
	assert_int_equal(
		user_unseal(&fx->world, &fx->arena, &user, &field, session.sealed_decision, kept), OK);
	return session;
}

/* clang-format off */
#define ADDRESS(platform, brand, model) \
	"[{\"ip_address\":\"203.0.113.24\",\"ip_country\":\"Portugal\",\"ip_state\":\"Lisbon\",\"ip_city\":\"Lisbon\"," \
	"\"platform\":\"" platform "\",\"device_brand\":" brand ",\"device_model\":" model "," \
	"\"is_vpn_or_tor\":false,\"is_data_center\":false}]\n"
#define PHONE ADDRESS("mobile", "\"Samsung\"", "\"Galaxy S23\"")
/* clang-format on */

/* The example decisions of didit-api.md contain names, documents and pictures, none of which may be stored.
 */
static void only_ip_analysis_warnings_and_results_of_a_decision_are_stored(void **state)
{
	static const struct {
		const char *name, *json, *features, *kept;
	} rows[] = {
		{ "v1", decision_example_v1, "OCR + FACE + AML",
			PHONE
			"[{\"feature\":\"AML\",\"risk\":\"POSSIBLE_MATCH_FOUND\"}]"
			"\n[{\"feature\":\"KYC\",\"status\":\"Approved\"},{\"feature\":\"FACE\",\"status\":\"Approved\"},{\"feature\":\"LOCATION\",\"status\":\"Approved\"},{\"feature\":\"AML\",\"status\":\"In Review\"}]" },
		{ "v2", decision_example_v2, "1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80",
			ADDRESS("desktop", "null",
				"null") "[]"
					"\n[{\"feature\":\"IP_ANALYSIS\",\"status\":\"Approved\"},{\"feature\":\"ID_VERIFICATION\",\"status\":\"\"},{\"feature\":\"LIVENESS\",\"status\":\"\"}]" },
		{ "v3", decision_example_v3, "1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80@3",
			PHONE
			"[{\"feature\":\"LIVENESS\",\"risk\":\"FACE_IN_BLOCKLIST\"}]"
			"\n[{\"feature\":\"ID_VERIFICATION\",\"status\":\"Approved\"},{\"feature\":\"LIVENESS\",\"status\":\"Declined\"},{\"feature\":\"FACE_MATCH\",\"status\":\"Approved\"},{\"feature\":\"AML\",\"status\":\"Approved\"},{\"feature\":\"IP_ANALYSIS\",\"status\":\"Approved\"}]" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str kept;
		const struct session session = process_decision(fx, &shop, str_of(rows[i].json), &kept);

		if (!str_eq(kept, str_of(rows[i].kept)))
			fail_msg("%s: %.*s instead of %s", rows[i].name, STR_ARG(kept), rows[i].kept);
		assert_string_equal(session.features, rows[i].features);
	}
}

static void features_follow_the_last_report_but_keep_the_workflow_version(void **state)
{
	static const struct {
		struct str json;
		const char *features, *results;
	} rows[] = {
		{ STR_INIT("{}"), "", "[]" },
		{ STR_INIT("{\"features\":\"OCR\"}"), "OCR", "[]" },
		{ STR_INIT("{}"), "OCR", "[]" },
		{ STR_INIT("{\"features\":\"OCR + FACE\"}"), "OCR + FACE", "[]" },
		{ STR_INIT("{\"features\":\"OCR\"}"), "OCR", "[]" },
		{ STR_INIT("{\"workflow_id\":\"w-1\",\"features\":[\"NFC\"]}"), "w-1",
			"[{\"feature\":\"NFC\",\"status\":\"\"}]" },
		{ STR_INIT("{\"workflow_id\":\"w-1\",\"workflow_version\":12}"), "w-1@12", "[]" },
		{ STR_INIT("{\"workflow_id\":\"w-1\"}"), "w-1@12", "[]" },
		{ STR_INIT("{\"workflow_id\":\"w-1\",\"workflow_version\":1}"), "w-1@1", "[]" },
		{ STR_INIT("{\"workflow_id\":\"w-2\"}"), "w-2", "[]" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str kept;

		assert_string_equal(
			process_decision(fx, &shop, rows[i].json, &kept).features, rows[i].features);
		assert_true(str_eq(kept, arena_printf(&fx->arena, "[]\n[]\n%s", rows[i].results)));
	}
}

static void clean_up_deletes_a_bounded_number_of_bodies_per_run(void **state)
{
	enum { BODIES = 300, BATCH = 256 };
	struct app_fixture *const fx = *state;
	struct provider_event_body *const rows = arena_array(&fx->arena, struct provider_event_body, BODIES);
	const struct provider_event_body probe = { .received_at = { FIXTURE_NOW } };

	assert_non_null(rows);
	fx->rules.keep_events = seconds(1);
	for (unsigned i = 0; i < BODIES; i++) {
		const struct provider_event_body body = {
			.event_key = { { (unsigned char)i, (unsigned char)(i >> 8) } },
			.received_at = { FIXTURE_NOW }
		};

		fixture_save(fx, RECORD_PROVIDER_EVENT_BODY, &body);
	}
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(provider_event_clean(&fx->world), OK);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_UNTIL, &probe, rows, BODIES), BODIES - BATCH);
	assert_int_equal(provider_event_clean(&fx->world), OK);
	assert_int_equal(fixture_find(fx, QUERY_EVENT_BODIES_UNTIL, &probe, rows, BODIES), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(only_ip_analysis_warnings_and_results_of_a_decision_are_stored),
		TEST(features_follow_the_last_report_but_keep_the_workflow_version),
		TEST(event_body_is_stored_encrypted_until_its_retention_ends),
		TEST(clean_up_deletes_a_bounded_number_of_bodies_per_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
