#include "../../unit/provider/decision_examples.h"
#include "fake_didit.h"
#include "text/encode.h"

static void decision_is_read(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;

	fake_set_response(f, &f->read,
		(struct fake_response){
			.body = "{\"session_id\":\"s-1\",\"status\":\"Declined\",\"kyc\":{\"first_name\":\"Ana\"},"
				"\"location\":{\"ip_address\":\"203.0.113.24\",\"ip_country\":\"Portugal\"},"
				"\"warnings\":[{\"feature\":\"KYC\",\"risk\":\"ID_DOCUMENT_IN_BLOCKLIST\"}]}" });
	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), OK);
	assert_int_equal(cause, PROVIDER_OK);
	assert_string_equal(snapshot.ref.text, "s-1");
	assert_int_equal(snapshot.status, STATUS_DECLINED);
	assert_true(snapshot.has_decision);
	assert_true(snapshot.decision.blocklisted);
	assert_int_equal(snapshot.decision.n_ips, 1);
	assert_string_equal(snapshot.decision.ips[0].fields[IP_COUNTRY].p, "\"Portugal\"");
	assert_string_equal(snapshot.decision.ips[0].fields[IP_VPN].p, "null");
}

static void case_of_status_and_session_id_does_not_matter(void **state)
{
	static const struct {
		const char *status;
		enum session_status expected;
	} rows[] = { { "APPROVED", STATUS_APPROVED }, { "declined", STATUS_DECLINED },
		{ "IN_REVIEW", STATUS_IN_REVIEW }, { "KYC EXPIRED", STATUS_KYC_EXPIRED } };
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		enum provider_cause cause;
		struct session_snapshot snapshot;
		char body[200];

		(void)snprintf(body, sizeof(body),
			"{\"session_id\":\"7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5B\",\"status\":\"%s\"}",
			rows[i].status);
		fake_set_response(f, &f->read, (struct fake_response){ .body = body });
		assert_int_equal(
			fake_read(f, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", seconds(10), &snapshot, &cause),
			OK);
		assert_int_equal(snapshot.status, rows[i].expected);
		assert_string_equal(snapshot.ref.text, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	}
}

/* Reads the example decision that Didit documents for each version. */
static void documented_decision_is_read(void **state)
{
	static const struct {
		const char *version, *json, *brand;
		enum session_status status;
		size_t n_warnings;
		bool blocklisted;
	} rows[] = {
		{ "v1", decision_example_v1, "\"Samsung\"", STATUS_IN_REVIEW, 1, false },
		{ "v2", decision_example_v2, "null", STATUS_IN_PROGRESS, 0, false },
		{ "v3", decision_example_v3, "\"Samsung\"", STATUS_DECLINED, 1, true },
	};
	const char id[] = "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b";
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		enum provider_cause cause;
		struct session_snapshot snapshot;

		if (strcmp(rows[i].version, FAKE_VERSION) != 0)
			continue;
		fake_set_response(f, &f->read, (struct fake_response){ .body = rows[i].json });
		assert_int_equal(fake_read(f, id, seconds(10), &snapshot, &cause), OK);
		assert_string_equal(snapshot.ref.text, id);
		assert_int_equal(snapshot.status, rows[i].status);
		assert_int_equal(snapshot.decision.n_ips, 1);
		assert_string_equal(snapshot.decision.ips[0].fields[IP_ADDRESS].p, "\"203.0.113.24\"");
		assert_string_equal(snapshot.decision.ips[0].fields[IP_BRAND].p, rows[i].brand);
		assert_int_equal(snapshot.decision.n_warnings, rows[i].n_warnings);
		assert_int_equal(snapshot.decision.blocklisted, rows[i].blocklisted);
	}
}

/* The numbers do not fit into int64_t or double, but kycd does not need these fields. */
static void huge_numbers_in_unused_fields_are_accepted(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;

	fake_set_response(f, &f->read,
		(struct fake_response){
			.body = "{\"session_id\":\"s-1\",\"status\":\"Approved\","
				"\"session_number\":99999999999999999999,\"aml\":{\"score\":-1.5E+999},"
				"\"location\":{\"ip_address\":\"203.0.113.24\","
				"\"ip_city\":18446744073709551616,\"is_vpn_or_tor\":true}}" });
	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), OK);
	assert_int_equal(snapshot.status, STATUS_APPROVED);
	assert_int_equal(snapshot.decision.n_ips, 1);
	assert_string_equal(snapshot.decision.ips[0].fields[IP_CITY].p, "null");
	assert_string_equal(snapshot.decision.ips[0].fields[IP_VPN].p, "true");
}

#define DECISION_MAX ((size_t)8 * 1024 * 1024)

/* This buffer is static because the fake server may still send it when a test ends. */
static char large_decision[DECISION_MAX + 2];

static void write_large_decision(size_t size)
{
	static const char end[] =
		"\"}]}],\"ip_analyses\":[{\"ip_address\":\"203.0.113.24\"}],\"location\":{\"ip_address\":"
		"\"203.0.113.24\"}}";
	const size_t n = (size_t)snprintf(large_decision, sizeof(large_decision),
		"{\"session_id\":\"s-1\",\"status\":\"Approved\",\"aml_screenings\":[{\"hits\":[{\"caption\":\"");

	memset(large_decision + n, 'x', size - n);
	memcpy(large_decision + size - (sizeof(end) - 1), end, sizeof(end));
}

/* A decision of up to 8 MiB is read. A larger one is an error that contains the size. */
static void decision_of_up_to_eight_mib_is_read(void **state)
{
	static const struct {
		size_t size;
		bool fits;
	} rows[] = { { (size_t)900 * 1024, true }, { (size_t)1024 * 1024 + 1, true },
		{ DECISION_MAX - 1, true }, { DECISION_MAX, true }, { DECISION_MAX + 1, false } };
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct session_snapshot snapshot = { .status = STATUS_ABANDONED };
		enum provider_cause cause;

		write_large_decision(rows[i].size);
		fake_set_response(f, &f->read, (struct fake_response){ .body = large_decision });
		const enum err e = fake_read(f, "s-1", seconds(10), &snapshot, &cause);
		assert_int_equal(e, rows[i].fits ? OK : ERR_UPSTREAM);
		assert_int_equal(snapshot.status, rows[i].fits ? STATUS_APPROVED : STATUS_ABANDONED);
		if (rows[i].fits) {
			assert_int_equal(snapshot.decision.n_ips, 1);
		} else {
			assert_int_equal(cause, PROVIDER_INVALID_RESPONSE);
			assert_int_equal(f->failure.reason, PROVIDER_REASON_TOO_LARGE);
			assert_int_equal(f->failure.size, rows[i].size);
			assert_int_equal(f->failure.status, 200);
		}
	}
	assert_true(f->arena.used < (size_t)64 * 1024);
}

/* If a response has no Content-Length, the error contains the number of bytes that were received until kycd
 * stopped reading. */
static void size_of_an_endless_decision_is_reported(void **state)
{
	struct fake_didit *f = *state;
	struct session_snapshot snapshot;
	enum provider_cause cause;

	fake_set_response(f, &f->read, (struct fake_response){ .huge = true });
	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), ERR_UPSTREAM);
	assert_int_equal(f->failure.reason, PROVIDER_REASON_TOO_LARGE);
	assert_true(f->failure.size > (int64_t)DECISION_MAX);
}

static const struct {
	const char *name;
	struct fake_response response;
	enum provider_cause cause;
} refusals[] = {
	{ "not found", { .status = 404, .body = "{\"detail\":\"Not found.\"}" }, PROVIDER_UNKNOWN_SESSION },
	{ "not found, with an HTML body", { .status = 404, .body = "<html>" }, PROVIDER_UNKNOWN_SESSION },
	{ "another session", { .body = "{\"session_id\":\"s-2\",\"status\":\"Approved\"}" },
		PROVIDER_UNUSABLE },
	{ "no session", { .body = "{\"status\":\"Approved\"}" }, PROVIDER_UNUSABLE },
	{ "no status", { .body = "{\"session_id\":\"s-1\"}" }, PROVIDER_UNKNOWN_STATUS },
	{ "an unknown status", { .body = "{\"session_id\":\"s-1\",\"status\":\"Great\"}" },
		PROVIDER_UNKNOWN_STATUS },
	{ "a status that only kycd uses", { .body = "{\"session_id\":\"s-1\",\"status\":\"Creating\"}" },
		PROVIDER_UNKNOWN_STATUS },
	{ "HTML", { .body = "<html>" }, PROVIDER_INVALID_RESPONSE },
	{ "a list", { .body = "[]" }, PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, PROVIDER_INVALID_RESPONSE },
	{ "a server error", { .status = 503, .body = "{}" }, PROVIDER_UNREACHABLE },
	{ "a redirect", { .status = 302, .body = "" }, PROVIDER_REFUSED },
	{ "forbidden", { .status = 403, .body = "{}" }, PROVIDER_REFUSED },
	{ "rate limit", { .status = 429, .body = "{}" }, PROVIDER_LIMIT },
};

static void invalid_decision_response_is_an_error(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(refusals); i++) {
		struct session_snapshot snapshot = { .status = STATUS_ABANDONED };
		enum provider_cause cause = PROVIDER_OK;

		fake_set_response(f, &f->read, refusals[i].response);
		if (fake_read(f, "s-1", seconds(10), &snapshot, &cause) != ERR_UPSTREAM ||
			cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_name(cause));
		assert_int_equal(snapshot.status, STATUS_ABANDONED);
	}
}

static void retry_after_is_returned_in_seconds(void **state)
{
	static const struct {
		const char *retry_after;
		int64_t seconds;
	} rows[] = { { "17", 17 }, { "0", 0 }, { "-5", 0 }, { "86401", 0 }, { "3", 3 },
		{ "Mon, 05 Jan 2026 10:00:00 GMT", 0 } };
	struct fake_didit *f = *state;
	char raw[200];

	assert_int_equal(f->provider->ops->pause(f->provider).ms, 0);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct session_snapshot snapshot;
		enum provider_cause cause;

		(void)snprintf(raw, sizeof(raw),
			"HTTP/1.1 429 Too Many Requests\r\nRetry-After: %s\r\nContent-Length: "
			"0\r\nConnection: close\r\n\r\n",
			rows[i].retry_after);
		fake_set_response(f, &f->read, (struct fake_response){ .raw = raw });
		assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, PROVIDER_LIMIT);
		assert_int_equal(f->provider->ops->pause(f->provider).ms, rows[i].seconds * 1000);
	}
}

static void too_deeply_nested_json_is_rejected(void **state)
{
	struct fake_didit *f = *state;
	static char body[60000];
	struct session_snapshot snapshot;
	enum provider_cause cause;

	memset(body, '[', sizeof(body) - 1);
	fake_set_response(f, &f->read, (struct fake_response){ .body = body });
	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_INVALID_RESPONSE);
}

/* ThreadSanitizer uses part of each thread's stack, so the stack test below is not built with it. */
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

#if !UNDER_TSAN
struct deep_read {
	struct fake_didit *f;
	enum err result;
};

static void read_deep(void *arg)
{
	struct deep_read *deep = arg;
	struct session_snapshot snapshot;
	enum provider_cause cause;

	deep->result = fake_read(deep->f, "s-1", seconds(10), &snapshot, &cause);
}

/* Parses a document with the deepest nesting that the parser accepts, on a thread with kycd's stack size. */
static void deepest_accepted_json_fits_the_thread_stack(void **state)
{
	static char body[8192];
	struct deep_read deep = { *state, ERR_INTERNAL };
	struct thread thread = { .running = false };
	size_t n;

	n = (size_t)snprintf(
		body, sizeof(body), "{\"session_id\":\"s-1\",\"status\":\"Approved\",\"extra\":");
	memset(body + n, '[', 2046);
	memset(body + n + 2046, ']', 2046);
	body[n + 4092] = '}';
	fake_set_response(deep.f, &deep.f->read, (struct fake_response){ .body = body });
	assert_int_equal(thread_start(&thread, read_deep, &deep), OK);
	thread_join(&thread);
	assert_int_equal(deep.result, OK);
}
#endif

static void malformed_session_id_sends_no_request(void **state)
{
	static const char *const ids[] = { "", "..", "a/b", "s-1?x=y", "s-1/../s-2" };
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(ids); i++) {
		struct session_snapshot snapshot;
		enum provider_cause cause;

		assert_int_equal(fake_read(f, ids[i], seconds(10), &snapshot, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, PROVIDER_UNKNOWN_SESSION);
	}
	assert_int_equal(atomic_load(&f->server.accepted), 0);
}

static void read_ends_at_its_own_time_limit(void **state)
{
	struct fake_didit *f = *state;
	const int64_t started = fake_ticks(&f->clock);
	struct session_snapshot snapshot;
	enum provider_cause cause;

	fake_set_response(f, &f->read, (struct fake_response){ .silent = true });
	assert_int_equal(fake_read(f, "s-1", milliseconds(200), &snapshot, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_true(fake_ticks(&f->clock) - started < 3000);
	assert_int_equal(fake_read(f, "s-1", milliseconds(0), &snapshot, &cause), ERR_UPSTREAM);
}

/* The event that didit-api.md, section 8, shows as an example. */
static const struct str event_json = STR_INIT(
	"{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
	"\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\","
	"\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com/a\",\"vendor_data\":\"user-42\","
	"\"webhook_type\":\"status.updated\",\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}");
static const struct str event_signature = STR_INIT(
	"1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1");

static void event_signed_with_the_second_secret_is_accepted(void **state)
{
	struct fake_didit *f = *state;
	struct provider_webhook webhook = { .signature = event_signature,
		.timestamp = STR("1767225600"),
		.body = event_json,
		.n_signatures = 1,
		.n_timestamps = 1 };
	const moment now = { (int64_t)1767225600 * 1000 };
	struct provider_event event = { .status = STATUS_ABANDONED };

	assert_int_equal(f->provider->ops->parse_event(
				 f->provider, &webhook, moment_add(now, seconds(301)), &f->arena, &event),
		EVENT_PARSE_BAD_SIGNATURE);
	webhook.n_signatures = 2;
	assert_int_equal(f->provider->ops->parse_event(f->provider, &webhook, now, &f->arena, &event),
		EVENT_PARSE_BAD_SIGNATURE);
	webhook.n_signatures = 1;
	assert_int_equal(event.status, STATUS_ABANDONED);
	assert_int_equal(
		f->provider->ops->parse_event(f->provider, &webhook, now, &f->arena, &event), EVENT_PARSE_OK);
	assert_int_equal(event.status, STATUS_APPROVED);
}

/* v2 and v3 have three signature headers, of which one is enough. v1 ignores the two newer headers
 * (didit-api.md 8, 2.5). */
static void only_v2_and_v3_accept_the_newer_signature_headers(void **state)
{
	static const struct {
		struct str v2, simple;
		bool authenticated;
	} rows[] = {
		{ STR_INIT("29d663ebc193af7ca29d98ba7dd368104cf85480d98cf0345988dd07b97faaef"), { 0 }, true },
		{ STR_INIT("341fa78c43f1940f5ef5be430e47be4af04bfa64c3badba1ee828826ff1f533b"), { 0 }, true },
		{ { 0 }, STR_INIT("57d171c344053eea5b7e779d6ffa87ad4e0cad151b7ebf7d32109c0b0895c674"),
			false },
	};
	struct fake_didit *f = *state;
	const moment now = { (int64_t)1767225600 * 1000 };

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_webhook webhook = { .signature_v2 = rows[i].v2,
			.n_signatures_v2 = rows[i].v2.n > 0,
			.signature_simple = rows[i].simple,
			.n_signatures_simple = rows[i].simple.n > 0,
			.timestamp = STR("1767225600"),
			.n_timestamps = 1,
			.body = event_json };
		struct provider_event event = { .is_authenticated = !rows[i].authenticated };
		const enum provider_event_parse_result verdict = f->provider->ops->parse_event(
			f->provider, &webhook, now, &f->arena, &event);

		assert_int_equal(verdict, fake_is_v1() ? EVENT_PARSE_BAD_SIGNATURE : EVENT_PARSE_OK);
		if (verdict == EVENT_PARSE_OK)
			assert_int_equal(event.is_authenticated, rows[i].authenticated);
	}
}

static void signed_body_that_is_no_event_is_malformed(void **state)
{
	struct fake_didit *f = *state;
	const struct str body = STR("not JSON");
	unsigned char mac[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	struct provider_webhook webhook = { .signature = STR(""),
		.timestamp = STR("1767225600"),
		.body = body,
		.n_signatures = 1,
		.n_timestamps = 1 };
	struct provider_event event;

	hmac_sha256(STR(FAKE_SECRET), body, mac);
	hex_write(mac, sizeof(mac), hex);
	webhook.signature = str_of(hex);
	assert_int_equal(f->provider->ops->parse_event(f->provider, &webhook,
				 (moment){ (int64_t)1767225600 * 1000 }, &f->arena, &event),
		EVENT_PARSE_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(decision_is_read),
		DIDIT_TEST(case_of_status_and_session_id_does_not_matter),
		DIDIT_TEST(documented_decision_is_read),
		DIDIT_TEST(huge_numbers_in_unused_fields_are_accepted),
		DIDIT_TEST(decision_of_up_to_eight_mib_is_read),
		DIDIT_TEST(size_of_an_endless_decision_is_reported),
		DIDIT_TEST(invalid_decision_response_is_an_error),
		DIDIT_TEST(too_deeply_nested_json_is_rejected),
#if !UNDER_TSAN
		DIDIT_TEST(deepest_accepted_json_fits_the_thread_stack),
#endif
		DIDIT_TEST(malformed_session_id_sends_no_request),
		DIDIT_TEST(read_ends_at_its_own_time_limit),
		DIDIT_TEST(retry_after_is_returned_in_seconds),
		DIDIT_TEST(event_signed_with_the_second_secret_is_accepted),
		DIDIT_TEST(only_v2_and_v3_accept_the_newer_signature_headers),
		DIDIT_TEST(signed_body_that_is_no_event_is_malformed),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
