#include "fake_didit.h"

static const char *expected_auth_header(void)
{
	return fake_is_v1() ? "\r\nAuthorization: Bearer token-1\r\n" : "\r\nx-api-key: " FAKE_KEY "\r\n";
}

static const char *expected_body(void)
{
	return fake_is_v1() ? "\r\n\r\n{\"callback\":\"https://kycd.example/return\","
			      "\"vendor_data\":\"person-1\",\"features\":\"OCR + FACE\"}"
			    : "\r\n\r\n{\"callback\":\"https://kycd.example/return\","
			      "\"vendor_data\":\"person-1\",\"workflow_id\":\"" FAKE_WORKFLOW
			      "\",\"language\":\"pt-BR\"}";
}

static void session_is_created(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_string_equal(f->provider->ops->version(f->provider), FAKE_VERSION);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(cause, PROVIDER_OK);
	assert_string_equal(created.ref.text, "s-1");
	assert_int_equal(created.status, STATUS_NOT_STARTED);
	assert_true(str_starts(created.url, STR("http://127.0.0.1:")));
	assert_true(str_ends(created.url, STR("/s/x")));
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(f->last, expected_auth_header()));
	assert_int_equal(strstr(f->last, "\r\nAuthorization:") != NULL, fake_is_v1());
	assert_int_equal(strstr(f->last, "\r\nx-api-key:") != NULL, !fake_is_v1());
	assert_non_null(strstr(f->last, expected_body()));
	lock_release(&f->lock);
	assert_int_equal(atomic_load(&f->others), 0);
}

static void empty_features_are_omitted(void **state)
{
	struct fake_didit *f = *state;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	struct provider_session created;

	assert_int_equal(
		f->provider->ops->create(f->provider, &params, &f->arena, &created, &f->failure), OK);
	lock_acquire(&f->lock);
	assert_non_null(strstr(f->last, "\r\n\r\n{\"callback\":\"c\",\"vendor_data\":\"p\"}"));
	lock_release(&f->lock);
}

#define VALID_URL "\"url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\""

static const struct {
	const char *name;
	struct fake_response response;
	enum provider_cause cause;
} refusals[] = {
	{ "HTML instead of a session", { .body = "<html>hello</html>" }, PROVIDER_INVALID_RESPONSE },
	{ "an HTML error", { .status = 502, .body = "<html>Bad Gateway</html>" }, PROVIDER_UNREACHABLE },
	{ "500 with JSON", { .status = 500, .body = "{}" }, PROVIDER_UNREACHABLE },
	{ "connection closed without a response", { .raw = "" }, PROVIDER_UNREACHABLE },
	{ "truncated response",
		{ .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" },
		PROVIDER_INVALID_RESPONSE },
	{ "truncated server error",
		{ .raw = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>" },
		PROVIDER_UNREACHABLE },
	{ "truncated refusal", { .raw = "HTTP/1.1 400 Bad\r\nContent-Length: 500\r\n\r\n{\"detail\"" },
		PROVIDER_REFUSED },
	{ "a 10 MB server error", { .status = 500, .huge = true }, PROVIDER_UNREACHABLE },
	{ "not HTTP", { .raw = "220 mail.example.com ESMTP\r\n" }, PROVIDER_INVALID_RESPONSE },
	{ "truncated header", { .raw = "HTTP/1.1 201 Cre" }, PROVIDER_UNREACHABLE },
	{ "truncated chunk",
		{ .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"sess" },
		PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, PROVIDER_INVALID_RESPONSE },
	{ "an empty body", { .body = "" }, PROVIDER_INVALID_RESPONSE },
	{ "a list", { .body = "[]" }, PROVIDER_INVALID_RESPONSE },
	{ "truncated JSON", { .body = "{\"session_id\":\"s-1\"," }, PROVIDER_INVALID_RESPONSE },
	{ "a redirect",
		{ .raw = "HTTP/1.1 301 Moved\r\nLocation: /base/v1/session/\r\nContent-Length: 0\r\n\r\n" },
		PROVIDER_REFUSED },
	{ "no id", { .body = "{" VALID_URL "}" }, PROVIDER_UNUSABLE },
	{ "an empty id", { .body = "{\"session_id\":\"\"," VALID_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id with a slash", { .body = "{\"session_id\":\"../x\"," VALID_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id that is a number", { .body = "{\"session_id\":7," VALID_URL "}" }, PROVIDER_UNUSABLE },
	{ "an id of 65 characters",
		{ .body = "{\"session_id\":\"12345678901234567890123456789012345678901234567890123456789012345\"," VALID_URL
			  "}" },
		PROVIDER_UNUSABLE },
	{ "no URL", { .body = "{\"session_id\":\"s-1\"}" }, PROVIDER_UNUSABLE },
	{ "an empty URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"\"}" }, PROVIDER_UNUSABLE },
	{ "a foreign URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"https://evil.example/s\"}" },
		PROVIDER_UNUSABLE },
	{ "an http:// URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"http://verify.didit.me/s\"}" },
		PROVIDER_UNUSABLE },
	{ "a javascript: URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"javascript:alert(1)\"}" },
		PROVIDER_UNUSABLE },
	{ "a bad request", { .status = 400, .body = "{\"callback\":[\"no\"]}" }, PROVIDER_REFUSED },
	{ "no credits, newest", { .status = 400, .body = "{\"detail\":\"Not enough credits\"}" },
		PROVIDER_CREDITS },
	{ "no credits, 403", { .status = 403, .body = "{\"detail\":\"No credits\"}" }, PROVIDER_CREDITS },
	{ "no credits, 402", { .status = 402, .body = "" }, PROVIDER_CREDITS },
	{ "forbidden", { .status = 403, .body = "{\"detail\":\"no\"}" }, PROVIDER_REFUSED },
	{ "not found", { .status = 404, .body = "{\"detail\":\"Not found.\"}" }, PROVIDER_REFUSED },
	{ "rate limit", { .status = 429, .body = "" }, PROVIDER_LIMIT },
};

static void invalid_create_response_is_an_error(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(refusals); i++) {
		struct provider_session created = { .url = STR("untouched") };
		enum provider_cause cause = PROVIDER_OK;

		fake_set_response(f, &f->create, refusals[i].response);
		if (fake_create(f, &created, &cause) != ERR_UPSTREAM || cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_name(cause));
		assert_true(str_eq(created.url, STR("untouched")));
		/* the request is never repeated */
		assert_int_equal(atomic_load(&f->creates), (int)i + 1);
	}
	assert_int_equal(atomic_load(&f->tokens), fake_is_v1() ? 1 : 0);
}

/* A failed create request is reported with the HTTP status and a reason, which operators need. */
static void failure_has_status_and_reason(void **state)
{
	static const struct {
		struct fake_response response;
		int status;
		const char *reason, *text;
	} rows[] = {
		{ { .status = 500, .body = "{}" }, 500, "server_error", "" },
		{ { .status = 502, .body = "<html>Bad Gateway</html>" }, 502, "server_error", "" },
		{ { .body = " \n<!doctype html><html>hello</html>" }, 201, "html", "" },
		{ { .body = "%%% garbage" }, 201, "not_json", "" },
		{ { .body = "[]" }, 201, "not_json", "" },
		{ { .raw = "220 mail.example.com ESMTP\r\n" }, 0, "not_http", "" },
		{ { .raw = "" }, 0, "connection_closed", "" },
		{ { .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" }, 201,
			"connection_closed", "" },
		{ { .raw = "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n" }, 302,
			"redirect", "" },
		{ { .status = 403, .body = "<html>Access denied</html>" }, 403, "blocked", "" },
		{ { .status = 403, .body = "{\"detail\":\"no\"}" }, 403, "permission", "" },
		{ { .status = 404, .body = "{\"detail\":\"Not found.\"}" }, 404, "not_found", "" },
		{ { .status = 429, .body = "" }, 429, "rate_limit", "" },
		{ { .status = 402, .body = "" }, 402, "credits", "" },
		{ { .status = 400, .body = "{\"callback\":[\"https://x.example is not allowed\"]}" }, 400,
			"invalid_fields", "callback" },
		{ { .body = "{" VALID_URL "}" }, 201, "no_session_id", "" },
		{ { .body = "{\"session_id\":\"s-1\"}" }, 201, "session_url", "" },
		{ { .body = "{\"session_id\":\"s-1\",\"vendor_data\":\"other\"," VALID_URL "}" }, 201,
			"other_person", "" },
	};
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_session created;
		enum provider_cause cause;

		fake_set_response(f, &f->create, rows[i].response);
		assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
		if (f->failure.status != rows[i].status ||
			strcmp(provider_reason_name(f->failure.reason), rows[i].reason) != 0 ||
			strcmp(f->failure.text, rows[i].text) != 0)
			fail_msg("row %zu: %d %s '%s'", i, f->failure.status,
				provider_reason_name(f->failure.reason), f->failure.text);
		assert_string_equal(f->failure.call, "create");
	}
}

static void failure_of_the_token_server_is_named(void **state)
{
	struct fake_didit *f = *state;
	struct provider_session created;
	enum provider_cause cause;

	if (!fake_is_v1())
		return;
	fake_set_response(f, &f->token,
		(struct fake_response){ .status = 401, .body = "{\"error\":\"invalid_client\"}" });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_REFUSED);
	assert_string_equal(f->failure.call, "token");
	assert_int_equal(f->failure.status, 401);
	assert_int_equal(f->failure.reason, PROVIDER_REASON_CREDENTIALS);
	fake_set_response(f, &f->token, (struct fake_response){ .body = "<html>" });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(f->failure.reason, PROVIDER_REASON_TOKEN);
	assert_string_equal(f->failure.call, "token");
}

static void created_session_with_an_unknown_status_is_kept(void **state)
{
	struct fake_didit *f = *state;
	struct provider_session created;
	enum provider_cause cause;

	fake_set_response(f, &f->create,
		(struct fake_response){
			.body = "{\"session_id\":\"s-1\",\"status\":\"On Hold\"," VALID_URL "}" });
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(created.status, STATUS_NOT_STARTED);
	assert_string_equal(created.unknown_status, "On Hold");
	fake_set_response(f, &f->create,
		(struct fake_response){
			.body = "{\"session_id\":\"s-1\",\"status\":\"IN PROGRESS\"," VALID_URL "}" });
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(created.status, STATUS_IN_PROGRESS);
	assert_string_equal(created.unknown_status, "");
}

/* The language sent to Didit is the nearest one that it supports (didit-api.md 4.2). If no language matches,
 * none is sent. */
static void nearest_supported_language_is_sent(void **state)
{
	static const struct {
		const char *requested, *sent;
	} rows[] = {
		{ "pt-BR", "pt-BR" },
		{ "pt", "pt" },
		{ "pt-PT", "pt" },
		{ "es-419", "es" },
		{ "EN_us", "en" },
		{ "fr", "fr" },
		{ "zh-TW", "zh-TW" },
		{ "zh-HK", "zh" },
		{ "cnr", "cnr" },
		{ "eo", NULL },
		{ "", NULL },
		{ "nonsense", NULL },
	};
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct session_params params = { STR("p"), STR("c"), STR("x"),
			str_of(rows[i].requested) };
		const bool is_sent = !fake_is_v1() && rows[i].sent != NULL;
		struct provider_session created;
		char expected[64];

		assert_int_equal(
			f->provider->ops->create(f->provider, &params, &f->arena, &created, &f->failure), OK);
		(void)snprintf(expected, sizeof(expected), "\"x\"%s%s%s}", is_sent ? ",\"language\":\"" : "",
			is_sent ? rows[i].sent : "", is_sent ? "\"" : "");
		lock_acquire(&f->lock);
		if (strstr(f->last, expected) == NULL)
			fail_msg("%s: %s", rows[i].requested, strstr(f->last, "\r\n\r\n"));
		lock_release(&f->lock);
	}
}

/* The response to a create request as Didit documents it (didit-api.md 2.2, 3, 4.2). */
static const char documented[] =
	"{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"session_number\":118,"
	"\"session_kind\":\"user\",\"session_token\":\"Ab3dEf6hIj9k\","
	"\"url\":\"https://verify.didit.me/session/Ab3dEf6hIj9k\",\"vendor_data\":\"%s\","
	"\"metadata\":{\"plan\":\"basic\"},\"status\":\"Not Started\",%s,"
	"\"callback\":\"https://app.example.com/kyc/done\"}";

static void features_of_the_session_are_returned(void **state)
{
	static const struct {
		const char *answer, *v1, *v2;
	} rows[] = {
		{ "\"features\":\"OCR + NFC + FACE\"", "OCR + NFC + FACE", "" },
		{ "\"workflow_id\":\"" FAKE_WORKFLOW "\"", "", FAKE_WORKFLOW },
		{ "\"workflow_id\":\"" FAKE_WORKFLOW "\",\"workflow_version\":3", "", FAKE_WORKFLOW "@3" },
		{ "\"workflow_version\":3", "", "" },
		{ "\"features\":[\"OCR\"],\"workflow_id\":7", "", "" },
		{ "\"features\":\"12345678901234567890123456789012345678901234567890123456789012345\","
		  "\"workflow_id\":\"12345678901234567890123456789012345678901234567890123456789012345\"",
			"", "" },
	};
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		enum provider_cause cause;
		struct provider_session created;
		char body[1024];

		(void)snprintf(body, sizeof(body), documented, "person-1", rows[i].answer);
		fake_set_response(f, &f->create, (struct fake_response){ .body = body });
		assert_int_equal(fake_create(f, &created, &cause), OK);
		assert_string_equal(created.features, fake_is_v1() ? rows[i].v1 : rows[i].v2);
		assert_string_equal(created.ref.text, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	}
}

static void session_of_another_person_is_rejected(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;
	char body[1024];

	(void)snprintf(body, sizeof(body), documented, "person-2", "\"workflow_version\":1");
	fake_set_response(f, &f->create, (struct fake_response){ .body = body });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNUSABLE);
}

static void rejected_api_key_is_not_retried(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	fake_set_response(f, &f->create,
		(struct fake_response){ .status = 401, .body = "{\"detail\":\"Invalid key\"}" });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_REFUSED);
	assert_int_equal(atomic_load(&f->creates), fake_is_v1() ? 2 : 1);
}

static const struct {
	const char *body;
	enum session_status status;
} status_rows[] = {
	{ "{\"session_id\":\"s\"," VALID_URL "}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," VALID_URL ",\"status\":\"Not Started\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," VALID_URL ",\"status\":\"In Progress\"}", STATUS_IN_PROGRESS },
	{ "{\"session_id\":\"s\"," VALID_URL ",\"status\":\"Creating\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," VALID_URL ",\"status\":\"Something New\"}", STATUS_NOT_STARTED },
	{ "{\"session_id\":\"s\"," VALID_URL ",\"status\":5}", STATUS_NOT_STARTED },
};

static void unknown_status_is_read_as_not_started(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(status_rows); i++) {
		enum provider_cause cause;
		struct provider_session created;

		fake_set_response(f, &f->create, (struct fake_response){ .body = status_rows[i].body });
		assert_int_equal(fake_create(f, &created, &cause), OK);
		assert_int_equal(created.status, status_rows[i].status);
		assert_true(str_eq(created.url, STR("https://verify.didit.me/session/Ab3dEf6hIj9k")));
	}
}

/* Without a time limit, the responses would take 30 s or longer. */
static void slow_response_ends_at_the_time_limit(void **state)
{
	static const struct fake_response slow[] = { { .silent = true }, { .trickles = true } };
	struct fake_didit *f = *state;

	fake_reopen_with_limit(f, milliseconds(300));
	for (size_t i = 0; i < array_len(slow); i++) {
		const int64_t started = fake_ticks(&f->clock);
		enum provider_cause cause;
		struct provider_session created;

		fake_set_response(f, &f->create, slow[i]);
		assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, PROVIDER_UNREACHABLE);
		/* The measured time may be 1 ms less than the time limit, because it and libcurl's own limit
		 * are rounded to milliseconds. */
		assert_in_range(fake_ticks(&f->clock) - started, 300 - 1, 2999);
		assert_int_equal(atomic_load(&f->creates), (int)i + 1);
	}
}

static void slow_token_response_ends_at_the_time_limit(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	if (!fake_is_v1())
		return;

	fake_reopen_with_limit(f, milliseconds(300));
	fake_set_response(f, &f->token, (struct fake_response){ .silent = true });
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	assert_int_equal(atomic_load(&f->creates), 0);
}

static void closed_port_is_unreachable(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	shutdown(f->server.fd, SHUT_RDWR);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
}

static struct didit_conf valid_conf(struct fake_didit *f)
{
	return (struct didit_conf){ .version = STR(FAKE_VERSION),
		.base_url = STR("https://verification.didit.me"),
		.auth_url = STR("https://apx.didit.me"),
		.client_id = STR("id"),
		.client_secret = STR("secret"),
		.api_key = STR("key"),
		.secrets = { STR("s"), STR("t") },
		.n_secrets = 2,
		.session_hosts = { STR("verify.didit.me") },
		.n_session_hosts = 1,
		.limit = seconds(10),
		.clock = &f->clock };
}

static void set_invalid(struct didit_conf invalid[7])
{
	invalid[0].version = STR("v4");
	invalid[1].base_url = STR("http://verification.didit.me");
	invalid[2].base_url = STR("");
	invalid[3].secrets[1] = STR("");
	invalid[4].n_secrets = 3;
	invalid[5].limit = seconds(0);
	invalid[6].version = STR("");
}

/* Makes settings invalid that only the tested version of the API uses. */
static void set_invalid_for_version(struct didit_conf invalid[6])
{
	if (fake_is_v1()) {
		invalid[0].auth_url = STR("http://10.0.0.1");
		invalid[1].client_id = STR("");
		invalid[2].client_id = STR("a:b");
		invalid[3].client_secret = STR("");
		invalid[4].auth_url = STR("");
		invalid[5].auth_url = STR("ftp://apx.didit.me");
	} else {
		invalid[0].api_key = STR("");
		invalid[1].api_key = STR("a key");
		invalid[2].api_key = STR("key\r\nx: y");
		invalid[3].api_key = STR("key\n");
		invalid[4].api_key = STR("k\xc3\xa9y");
		invalid[5].api_key = STR("\x7f");
	}
}

static void invalid_settings_are_input_errors(void **state)
{
	struct fake_didit *f = *state;
	struct didit_conf invalid[13];
	struct provider *provider = NULL;
	struct didit_conf valid = valid_conf(f);

	for (size_t i = 0; i < array_len(invalid); i++)
		invalid[i] = valid;
	set_invalid(invalid);
	set_invalid_for_version(invalid + 7);
	for (size_t i = 0; i < array_len(invalid); i++) {
		if (didit_provider_open(&invalid[i], &provider) != ERR_INPUT || provider != NULL)
			fail_msg("row %zu is not rejected", i);
	}
	if (fake_is_v1())
		valid.api_key = STR("a key");
	else
		valid.client_id = valid.client_secret = valid.auth_url = STR("");
	assert_int_equal(didit_provider_open(&valid, &provider), OK);
	f->provider->ops->close(provider);
	f->provider->ops->close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(session_is_created),
		DIDIT_TEST(empty_features_are_omitted),
		DIDIT_TEST(nearest_supported_language_is_sent),
		DIDIT_TEST(features_of_the_session_are_returned),
		DIDIT_TEST(session_of_another_person_is_rejected),
		DIDIT_TEST(rejected_api_key_is_not_retried),
		DIDIT_TEST(invalid_create_response_is_an_error),
		DIDIT_TEST(failure_has_status_and_reason),
		DIDIT_TEST(failure_of_the_token_server_is_named),
		DIDIT_TEST(created_session_with_an_unknown_status_is_kept),
		DIDIT_TEST(unknown_status_is_read_as_not_started),
		DIDIT_TEST(slow_response_ends_at_the_time_limit),
		DIDIT_TEST(slow_token_response_ends_at_the_time_limit),
		DIDIT_TEST(closed_port_is_unreachable),
		DIDIT_TEST(invalid_settings_are_input_errors),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
