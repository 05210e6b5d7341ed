/* Every answer of the endpoints for an e-mail address, byte for byte as specified by starkfi-kyc-api.md,
 * sections 5, 7 and 8, and interface.md, section 3. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "kit/api_fixture.h"
#include "kit/fake_provider.h"

#define ANA "{\"email\":\"ana.exemplo@example.com\"}"
#define ANA_CODE(code) "{\"email\":\"ana.exemplo@example.com\",\"code\":\"" code "\"}"
#define CREATE "/kyc/create/verify_public_kyc"
#define STATUS "/kyc/status?email=ana.exemplo@example.com"
#define WALLET "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define SEND "/security/email/send-otp"
#define VERIFY "/security/email/verify-otp"

static const char *add_shop_with_key(struct api_fixture *fx)
{
	static struct test_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	key = api_create_key(fx, "shop");
	return key.text;
}

static struct reply verify_code(struct api_fixture *fx, const char *key, const char *code)
{
	char body[128];

	(void)snprintf(body, sizeof(body), ANA_CODE("%.6s"), code);
	return api_post(fx, key, VERIFY, body);
}

static void prepare_answers(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	assert_answer(api_post(fx, key, "/kyc/prepare", ANA), 201, "user_prepared",
		"User prepared for KYC, please verify your email");
	assert_reply(api_post(fx, key, "/kyc/prepare", ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":false,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}");
	/* The request has another spelling of the same address. */
	assert_reply(api_post(fx, key, "/kyc/prepare", "{\"email\":\"  ANA.Exemplo@EXAMPLE.com \"}"), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":false,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}");
	assert_cause(api_post(fx, key, "/kyc/prepare", "{}"), 400, "missing_params", "email is required",
		"missing");
	/* The random generator works for the request id and fails afterwards. */
	atomic_store(&fx->app.random.calls_before_failure, 1);
	assert_answer(api_post(fx, key, "/kyc/prepare", "{\"email\":\"b@example.com\"}"), 500,
		"server_failed", "Server failed on KYC prepare");
}

static void answers_for_an_approved_person(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	api_verify_email(fx, key, "ana.exemplo@example.com");
	assert_int_equal(api_post(fx, key, CREATE, ANA).status, 201);
	const struct session_snapshot approved = { .status = STATUS_APPROVED };
	fake_provider_set_snapshot(fx->app.provider, &approved);
	fixture_advance_clock(&fx->app, seconds(1));
	(void)api_get(fx, NULL, "/return?verificationSessionId=scripted-1");
	assert_reply(api_post(fx, key, "/kyc/prepare", ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":true,\"kyc_approved\":true,\"kyc_status\":\"approved\"}}");
	assert_reply(api_post(fx, key, CREATE, ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_already_approved\",\"message\":\"KYC already "
		"approved\",\"data\":{\"success\":true,\"message\":\"user_already_approved\",\"session\":{"
		"\"session_id\":\"scripted-1\",\"session_url\":null}}}");
	assert_reply(api_get(fx, key, STATUS), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_status_retrieved\",\"message\":\"KYC status "
		"retrieved\",\"data\":{\"status\":\"approved\",\"approved\":true,\"session_id\":\"scripted-1\","
		"\"session_status\":\"Approved\",\"session_url\":null,\"ip_info\":[],\"is_blocklisted\":false}}");
}

static void send_otp_answers(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	struct reply limited;

	assert_cause(api_post(fx, key, SEND, "{}"), 400, "missing_params", "email is required", "missing");
	assert_answer(api_post(fx, key, SEND, ANA), 404, "user_not_found", "User not found in whitelist");
	(void)api_post(fx, key, "/kyc/prepare", ANA);
	for (int i = 0; i < 3; i++)
		assert_answer(api_post(fx, key, SEND, ANA), 201, "otp_sent",
			"Verification code sent to your email");
	limited = api_post(fx, key, SEND, ANA);
	assert_cause(limited, 429, "otp_send_limited", "Too many codes requested, try again later", "person");
	assert_true(str_eq(reply_find_header(&limited, "Retry-After"), STR("60")));
	fixture_advance_clock(&fx->app, milliseconds(58001));
	limited = api_post(fx, key, SEND, ANA);
	assert_true(str_eq(reply_find_header(&limited, "Retry-After"), STR("2")));
	fixture_advance_clock(&fx->app, seconds(2));
	atomic_store(&fx->app.random.calls_before_failure, 1);
	assert_answer(api_post(fx, key, SEND, ANA), 500, "server_error", "Server failed, try again later");
	atomic_store(&fx->app.random.calls_before_failure, SIZE_MAX);
	api_verify_email(fx, key, "ana.exemplo@example.com");
	assert_answer(
		api_post(fx, key, SEND, ANA), 400, "email_already_verified", "Email is already verified");
}

static void verify_otp_answers(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char code[7] = "", wrong_code[7];

	assert_cause(api_post(fx, key, VERIFY, ANA), 400, "missing_params", "email and code are required",
		"missing");
	assert_answer(verify_code(fx, key, "123456"), 404, "user_not_found", "User not found in whitelist");
	(void)api_post(fx, key, "/kyc/prepare", ANA);
	assert_answer(
		verify_code(fx, key, "123456"), 400, "otp_expired", "Code expired, please request a new one");
	(void)api_post(fx, key, SEND, ANA);
	(void)fixture_deliver_outbox(&fx->app);
	memcpy(code, fixture_last_mail(&fx->app)->text, 6);
	wrong_otp_for(code, wrong_code);
	for (int i = 0; i < 5; i++)
		assert_answer(verify_code(fx, key, wrong_code), 400, "otp_invalid", "Invalid code");
	assert_answer(verify_code(fx, key, code), 400, "otp_max_attempts",
		"Max attempts reached, please request a new code");
	fixture_advance_clock(&fx->app, minutes(10));
	assert_answer(
		verify_code(fx, key, code), 400, "otp_expired", "Code expired, please request a new one");
	(void)api_post(fx, key, SEND, ANA);
	(void)fixture_deliver_outbox(&fx->app);
	memcpy(code, fixture_last_mail(&fx->app)->text, 6);
	/* The random generator works for the request id and fails for the id of the audit entry. */
	atomic_store(&fx->app.random.calls_before_failure, 1);
	assert_answer(verify_code(fx, key, code), 500, "server_error", "Server failed, try again later");
	atomic_store(&fx->app.random.calls_before_failure, SIZE_MAX);
	assert_answer(verify_code(fx, key, code), 200, "email_verified", "Email verified successfully");
	assert_answer(verify_code(fx, key, code), 400, "email_already_verified", "Email is already verified");
}

static void code_with_spaces_and_invisible_characters_is_accepted(void **state)
{
	static const struct {
		const char *name, *format;
		const char *status;
	} rows[] = {
		{ "spaces and hyphens", " %.3s - %.3s ", "email_verified" },
		{ "invisible characters", "\xe2\x80\x8e%.3s\xe2\x80\x8b%.3s", "email_verified" },
		{ "one digit too many", "%.3s%.3s1", "otp_invalid" },
		{ "a letter", "%.3sa%.3s", "otp_invalid" },
		{ "only hyphens", "---", "otp_invalid" },
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char tenant[8] = { 't', (char)('a' + i) }, entered[64], body[160];

		(void)fixture_add_tenant(&fx->app, tenant, NULL, NO_QUOTA);
		const struct test_key key = api_create_key(fx, tenant);
		(void)api_post(fx, key.text, "/kyc/prepare", ANA);
		(void)api_post(fx, key.text, SEND, ANA);
		(void)fixture_deliver_outbox(&fx->app);
		const char *const code = fixture_last_mail(&fx->app)->text;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(entered, sizeof(entered), rows[i].format, code, code + 3);
#pragma GCC diagnostic pop
		(void)snprintf(body, sizeof(body), ANA_CODE("%s"), entered);
		const struct reply reply = api_post(fx, key.text, VERIFY, body);
		if (!memmem(reply.body.p, reply.body.n, rows[i].status, strlen(rows[i].status)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(reply.body));
	}
}

static void create_answers(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	assert_cause(api_post(fx, key, CREATE, "{}"), 400, "missing_params", "email or wallet is required",
		"missing");
	assert_answer(api_post(fx, key, "/kyc/create/nothing", ANA), 404, "method_not_found",
		"Method provided not found");
	assert_answer(api_post(fx, key, CREATE, ANA), 403, "user_not_prepared",
		"Complete KYC prepare and verify your email or wallet before starting a session");
	(void)api_post(fx, key, "/kyc/prepare", ANA);
	assert_answer(api_post(fx, key, CREATE, ANA), 403, "identity_not_verified",
		"You must verify your email or wallet before starting KYC");
	api_verify_email(fx, key, "ana.exemplo@example.com");
	fixture_set_quota(&fx->app, "shop", 0);
	assert_answer(api_post(fx, key, CREATE, ANA), 429, "verify_quota_exceeded",
		"Monthly verify quota exceeded");
	fixture_set_quota(&fx->app, "shop", NO_QUOTA);
	for (int i = 0; i < 2; i++)
		assert_reply(api_post(fx, key, CREATE, ANA), 201,
			"{\"statusCode\":201,\"success\":true,\"status\":\"kyc_session_created\",\"message\":\"KYC "
			"session created\",\"data\":{\"success\":true,\"message\":\"didit_create_kyc_session\","
			"\"session\":{\"session_id\":\"scripted-1\",\"session_url\":\"https://provider.test/session/1\"}}}");
	assert_answer(api_post(fx, key, CREATE,
			      "{\"email\":\"ana.exemplo@example.com\",\"wallet\":\"" WALLET "\"}"),
		400, "params_mismatch", "email and wallet belong to different users");
}

static void create_with_provider_failure(void **state)
{
	static const struct {
		enum provider_cause cause;
		const char *status;
	} rows[] = {
		{ PROVIDER_UNREACHABLE, "provider_unreachable" },
		{ PROVIDER_REFUSED, "provider_refused" },
		{ PROVIDER_CREDITS, "provider_credits" },
		{ PROVIDER_LIMIT, "provider_limit" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char body[256];

	api_verify_email(fx, key, "ana.exemplo@example.com");
	for (size_t i = 0; i < array_len(rows); i++) {
		fake_provider_set_failure(fx->app.provider, rows[i].cause);
		(void)snprintf(body, sizeof(body),
			"{\"statusCode\":500,\"success\":false,\"status\":\"server_failed\",\"message\":\"Server failed "
			"on KYC\",\"details\":{\"cause\":\"%s\"}}",
			rows[i].status);
		assert_reply(api_post(fx, key, CREATE, ANA), 500, body);
	}
}

static char create_failed_line[1024];

static void store_create_failed_line(void *arg maybe_unused, struct str line)
{
	if (memmem(line.p, line.n, " event=create_failed ", 21))
		(void)snprintf(create_failed_line, sizeof(create_failed_line), "%.*s", STR_ARG(line));
}

static void failed_create_is_logged_with_status_and_reason(void **state)
{
	static const struct {
		struct provider_failure failure;
		const char *line;
	} rows[] = {
		{ { PROVIDER_UNREACHABLE, PROVIDER_REASON_SERVER_ERROR, "create", 500, 0, "" },
			" cause=provider_unreachable call=create status=500 reason=server_error action=\"" },
		{ { PROVIDER_UNREACHABLE, PROVIDER_REASON_TLS, "create", 0, 0, "" },
			" cause=provider_unreachable call=create reason=tls action=\"" },
		{ { PROVIDER_REFUSED, PROVIDER_REASON_FIELDS, "create", 400, 0, "callback,language" },
			" cause=provider_refused call=create status=400 reason=invalid_fields "
			"fields=\"callback,language\" action=\"" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	api_verify_email(fx, key, "ana.exemplo@example.com");
	for (size_t i = 0; i < array_len(rows); i++) {
		fake_provider_set_failure_details(fx->app.provider, &rows[i].failure);
		log_sink_set(store_create_failed_line, NULL);
		assert_int_equal(api_post(fx, key, CREATE, ANA).status, 500);
		log_sink_set(NULL, NULL);
		if (!strstr(create_failed_line, rows[i].line) || !strstr(create_failed_line, " request_id="))
			fail_msg("%s", create_failed_line);
	}
}

static void create_while_the_provider_is_paused(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	api_verify_email(fx, key, "ana.exemplo@example.com");
	fake_provider_set_failure(fx->app.provider, PROVIDER_PAUSED);
	fake_provider_set_retry_after(fx->app.provider, seconds(4));
	const struct reply reply = api_post(fx, key, CREATE, ANA);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("4")));
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_QUOTA_RETURNED), 1);
}

/* Fails like the provider module when memory is exhausted: without a cause, because the provider is not at
 * fault. */
static enum err fail_internally(struct provider *provider, const struct session_params *params,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	(void)provider;
	(void)params;
	(void)a;
	(void)created;
	failure->cause = PROVIDER_OK;
	return ERR_INTERNAL;
}

static const char *version_v1(struct provider *provider)
{
	(void)provider;
	return "v1";
}

static void create_with_internal_failure(void **state)
{
	static const struct provider_ops ops = { .version = version_v1, .create = fail_internally };
	struct provider provider = { &ops };
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	api_verify_email(fx, key, "ana.exemplo@example.com");
	fx->app.world.provider = &provider;
	assert_answer(api_post(fx, key, CREATE, ANA), 500, "server_failed", "Server failed on KYC");
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_QUOTA_RETURNED), 1);
}

static void create_after_declines(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	api_verify_email(fx, key.text, "ana.exemplo@example.com");
	for (int i = 0; i < 6; i++) {
		assert_int_equal(api_post(fx, key.text, CREATE, ANA).status, 201);
		fixture_set_session_status(&fx->app, &caller, "ana.exemplo@example.com", STATUS_DECLINED);
		fixture_advance_clock(&fx->app, seconds(1));
	}
	/* The first of the five tries, made at second 1, stops counting when it is older than 30 days. */
	for (int i = 0; i < 2; i++) {
		const struct reply refused = api_post(fx, key.text, CREATE, ANA);

		assert_cause(refused, 403, "kyc_not_approved", "KYC not approved", "tries");
		assert_true(str_ends(refused.body, STR("\"next_try_at\":\"2026-02-04T10:05:01.001Z\"}}")));
		fixture_advance_clock(&fx->app, milliseconds(i == 0 ? days(30).ms - 5000 : 0));
	}
	fixture_advance_clock(&fx->app, milliseconds(1));
	assert_int_equal(api_post(fx, key.text, CREATE, ANA).status, 201);
}

static void create_for_a_blocklisted_person(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	api_verify_email(fx, key.text, "ana.exemplo@example.com");
	assert_int_equal(api_post(fx, key.text, CREATE, ANA).status, 201);
	struct session session = fixture_latest_session(&fx->app, &caller, "ana.exemplo@example.com");
	session.blocklisted = true;
	session.status = STATUS_DECLINED;
	fixture_save(&fx->app, RECORD_SESSION, &session);
	const struct reply refused = api_post(fx, key.text, CREATE, ANA);
	assert_cause(refused, 403, "kyc_not_approved", "KYC not approved", "blocklist");
	assert_true(str_ends(refused.body, STR("\"next_try_at\":null}}")));
}

static void create_that_times_out(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	api_verify_email(fx, key.text, "ana.exemplo@example.com");
	const struct session pending = { .id = { "01pending" },
		.user_id = fixture_user(&fx->app, &caller, "ana.exemplo@example.com").id,
		.tenant_id = caller.tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(&fx->app.world),
		.next_poll_at = moment_add(world_now(&fx->app.world), seconds(20)),
		.instance_id = { "01other" } };
	fixture_save(&fx->app, RECORD_SESSION, &pending);
	atomic_store(&fx->app.clock.ticks_step, 9000);
	const struct reply reply = api_post(fx, key.text, CREATE, ANA);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
}

static void status_without_a_session(void **state)
{
	static const char format[] =
		"{\"statusCode\":404,\"success\":false,\"status\":\"kyc_not_found\",\"message\":\"No KYC session found "
		"for this email\",\"details\":{\"email_verified\":%s,\"wallet_verified\":false,\"last_code\":%s}}";
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char body[256];

	assert_cause(api_get(fx, key, "/kyc/status"), 400, "missing_params", "email is required", "missing");
	assert_answer(api_get(fx, key, STATUS "&wallet=" WALLET), 400, "params_mismatch",
		"email and wallet belong to different users");
	assert_cause(api_post(fx, key, "/kyc/status", "{}"), 400, "missing_params",
		"email or wallet is required", "missing");
	assert_answer(api_get(fx, key, STATUS), 404, "user_not_found", "User not found in whitelist");
	(void)api_post(fx, key, "/kyc/prepare", ANA);
	(void)snprintf(body, sizeof(body), format, "false", "null");
	assert_reply(api_get(fx, key, STATUS), 404, body);
	(void)api_post(fx, key, SEND, ANA);
	(void)snprintf(body, sizeof(body), format, "false", "\"queued\"");
	assert_reply(api_post(fx, key, "/kyc/status", ANA), 404, body);
	api_verify_email(fx, key, "ana.exemplo@example.com");
	(void)snprintf(body, sizeof(body), format, "true", "\"accepted\"");
	assert_reply(api_get(fx, key, STATUS), 404, body);
	assert_answer(api_post(fx, key, "/kyc/status", "{\"session_id\":\"scripted-1\"}"), 404,
		"kyc_not_found", "No KYC session found for this session_id");
}

#define OPEN_STATUS                                                                                              \
	"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_status_retrieved\",\"message\":\"KYC status "     \
	"retrieved\",\"data\":{\"status\":\"pending\",\"approved\":false,\"session_id\":\"scripted-1\","         \
	"\"session_status\":\"Not Started\",\"session_url\":\"https://provider.test/session/1\",\"ip_info\":[]," \
	"\"is_blocklisted\":false}}"

static void status_by_each_kind_of_request(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	api_verify_email(fx, key, "ana+tag@example.com");
	assert_int_equal(api_post(fx, key, CREATE, "{\"email\":\"ana+tag@example.com\"}").status, 201);
	assert_reply(api_get(fx, key, "/kyc/status?email=ana%2Btag@example.com"), 200, OPEN_STATUS);
	/* A space in the e-mail address of a query string is read as a plus sign that was not escaped. */
	assert_reply(api_get(fx, key, "/kyc/status?email=ana+tag@example.com"), 200, OPEN_STATUS);
	assert_reply(
		api_post(fx, key, "/kyc/status", "{\"email\":\"ANA+tag@example.com\"}"), 200, OPEN_STATUS);
	assert_reply(api_post(fx, key, "/kyc/status", "{\"session_id\":\"scripted-1\"}"), 200, OPEN_STATUS);
	assert_reply(api_post(fx, key, "/kyc/status",
			     "{\"session_id\":\"scripted-1\",\"email\":\"ana+tag@example.com\"}"),
		200, OPEN_STATUS);
	assert_answer(api_post(fx, key, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"email\":\"bob@example.com\"}"),
		404, "user_not_found", "User not found in whitelist");
	api_verify_email(fx, key, "bob@example.com");
	assert_answer(api_post(fx, key, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"email\":\"bob@example.com\"}"),
		400, "params_mismatch", "email and wallet belong to different users");
	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	const struct reply reply = api_get(fx, key, "/kyc/status?email=ana%2Btag@example.com");
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
}

static void row_that_cannot_be_decrypted_is_a_server_error(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	api_verify_email(fx, key.text, "ana.exemplo@example.com");
	assert_int_equal(api_post(fx, key.text, CREATE, ANA).status, 201);
	struct session session = fixture_latest_session(&fx->app, &caller, "ana.exemplo@example.com");
	session.sealed_url = STR("not encrypted");
	fixture_save(&fx->app, RECORD_SESSION, &session);
	assert_answer(api_get(fx, key.text, STATUS), 500, "server_failed", "Server failed on KYC status");
	assert_answer(api_post(fx, key.text, "/kyc/status", ANA), 500, "server_failed",
		"Server failed on KYC status");
	assert_answer(api_post(fx, key.text, CREATE, ANA), 500, "server_failed", "Server failed on KYC");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(prepare_answers),
		TEST(answers_for_an_approved_person),
		TEST(send_otp_answers),
		TEST(verify_otp_answers),
		TEST(code_with_spaces_and_invisible_characters_is_accepted),
		TEST(create_answers),
		TEST(create_with_provider_failure),
		TEST(failed_create_is_logged_with_status_and_reason),
		TEST(create_while_the_provider_is_paused),
		TEST(create_with_internal_failure),
		TEST(create_after_declines),
		TEST(create_for_a_blocklisted_person),
		TEST(create_that_times_out),
		TEST(status_without_a_session),
		TEST(status_by_each_kind_of_request),
		TEST(row_that_cannot_be_decrypted_is_a_server_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
