/* Every answer of the e-mail route, byte for byte as starkfi-kyc-api.md 5, 7, 8 and interface.md 3 have it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/api_fixture.h"
#include "kit/fake_provider.h"

#define ANA "{\"email\":\"ana.exemplo@example.com\"}"
#define ANA_CODE(code) "{\"email\":\"ana.exemplo@example.com\",\"code\":\"" code "\"}"
#define CREATE "/kyc/create/verify_public_kyc"
#define STATUS "/kyc/status?email=ana.exemplo@example.com"
#define WALLET "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define SEND "/security/email/send-otp"
#define VERIFY "/security/email/verify-otp"

static const char *shop(struct kit_desk *d)
{
	static struct kit_key key;

	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	key = desk_key(d, "shop");
	return key.text;
}

static struct reply verify(struct kit_desk *d, const char *key, const char *code)
{
	char body[128];

	(void)snprintf(body, sizeof(body), ANA_CODE("%.6s"), code);
	return desk_post(d, key, VERIFY, body);
}

static void prepare(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	expect_answer(desk_post(d, key, "/kyc/prepare", ANA), 201, "user_prepared",
		"User prepared for KYC, please verify your email");
	expect_reply(desk_post(d, key, "/kyc/prepare", ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":false,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}");
	/* One spelling of an address is as good as another. */
	expect_reply(desk_post(d, key, "/kyc/prepare", "{\"email\":\"  ANA.Exemplo@EXAMPLE.com \"}"), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":false,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}");
	expect_answer(desk_post(d, key, "/kyc/prepare", "{}"), 400, "missing_params", "email is required");
	atomic_store(&d->kit.random.good, 1); /* the request's id */
	expect_answer(desk_post(d, key, "/kyc/prepare", "{\"email\":\"b@example.com\"}"), 500,
		"server_failed", "Server failed on KYC prepare");
}

static void prepare_of_the_approved(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	desk_prove(d, key, "ana.exemplo@example.com");
	assert_int_equal(desk_post(d, key, CREATE, ANA).status, 201);
	const struct session_snapshot approved = { .status = STATUS_APPROVED };
	fake_provider_reading(d->kit.provider, &approved);
	kit_wait(&d->kit, seconds(1));
	(void)desk_get(d, NULL, "/return?verificationSessionId=scripted-1");
	expect_reply(desk_post(d, key, "/kyc/prepare", ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"user_already_prepared\",\"message\":\"User already "
		"prepared for KYC\",\"data\":{\"email_verified\":true,\"kyc_approved\":true,\"kyc_status\":\"approved\"}}");
	expect_reply(desk_post(d, key, CREATE, ANA), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_already_approved\",\"message\":\"KYC already "
		"approved\",\"data\":{\"success\":true,\"message\":\"user_already_approved\",\"session\":{"
		"\"session_id\":\"scripted-1\",\"session_url\":null}}}");
	expect_reply(desk_get(d, key, STATUS), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_status_retrieved\",\"message\":\"KYC status "
		"retrieved\",\"data\":{\"status\":\"approved\",\"approved\":true,\"session_id\":\"scripted-1\","
		"\"session_status\":\"Approved\",\"session_url\":null,\"ip_info\":[],\"is_blocklisted\":false}}");
}

static void send_otp(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);
	struct reply limited;

	expect_answer(desk_post(d, key, SEND, "{}"), 400, "missing_params", "email is required");
	expect_answer(desk_post(d, key, SEND, ANA), 404, "user_not_found", "User not found in whitelist");
	(void)desk_post(d, key, "/kyc/prepare", ANA);
	for (int i = 0; i < 3; i++)
		expect_answer(desk_post(d, key, SEND, ANA), 201, "otp_sent",
			"Verification code sent to your email");
	limited = desk_post(d, key, SEND, ANA);
	expect_answer(limited, 429, "otp_send_limited", "Too many codes requested, try again later");
	assert_true(str_eq(reply_value(&limited, "Retry-After"), STR("60")));
	kit_wait(&d->kit, milliseconds(58001));
	limited = desk_post(d, key, SEND, ANA);
	assert_true(str_eq(reply_value(&limited, "Retry-After"), STR("2")));
	kit_wait(&d->kit, seconds(2));
	atomic_store(&d->kit.random.good, 1);
	expect_answer(desk_post(d, key, SEND, ANA), 500, "server_error", "Server failed, try again later");
	atomic_store(&d->kit.random.good, SIZE_MAX);
	desk_prove(d, key, "ana.exemplo@example.com");
	expect_answer(
		desk_post(d, key, SEND, ANA), 400, "email_already_verified", "Email is already verified");
}

static void verify_otp(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);
	char code[7] = "", other[7];

	expect_answer(desk_post(d, key, VERIFY, ANA), 400, "missing_params", "email and code are required");
	expect_answer(verify(d, key, "123456"), 404, "user_not_found", "User not found in whitelist");
	(void)desk_post(d, key, "/kyc/prepare", ANA);
	expect_answer(verify(d, key, "123456"), 400, "otp_expired", "Code expired, please request a new one");
	(void)desk_post(d, key, SEND, ANA);
	(void)kit_carry(&d->kit);
	memcpy(code, kit_last_letter(&d->kit)->text, 6);
	kit_other_code(code, other);
	for (int i = 0; i < 5; i++)
		expect_answer(verify(d, key, other), 400, "otp_invalid", "Invalid code");
	expect_answer(verify(d, key, code), 400, "otp_max_attempts",
		"Max attempts reached, please request a new code");
	kit_wait(&d->kit, minutes(10));
	expect_answer(verify(d, key, code), 400, "otp_expired", "Code expired, please request a new one");
	(void)desk_post(d, key, SEND, ANA);
	(void)kit_carry(&d->kit);
	memcpy(code, kit_last_letter(&d->kit)->text, 6);
	atomic_store(&d->kit.random.good, 1); /* the request's id; none for the trail */
	expect_answer(verify(d, key, code), 500, "server_error", "Server failed, try again later");
	atomic_store(&d->kit.random.good, SIZE_MAX);
	expect_answer(verify(d, key, code), 200, "email_verified", "Email verified successfully");
	expect_answer(verify(d, key, code), 400, "email_already_verified", "Email is already verified");
}

static void a_code_as_people_type_it(void **state)
{
	static const struct {
		const char *name, *format;
		const char *word;
	} rows[] = {
		{ "spaces and hyphens", " %.3s - %.3s ", "email_verified" },
		{ "an invisible mark", "\xe2\x80\x8e%.3s\xe2\x80\x8b%.3s", "email_verified" },
		{ "a digit too many", "%.3s%.3s1", "otp_invalid" },
		{ "a letter", "%.3sa%.3s", "otp_invalid" },
		{ "only hyphens", "---", "otp_invalid" },
	};
	struct kit_desk *const d = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char tenant[8] = { 't', (char)('a' + i) }, typed[64], body[160];

		(void)kit_tenant(&d->kit, tenant, NULL, NO_QUOTA);
		const struct kit_key key = desk_key(d, tenant);
		(void)desk_post(d, key.text, "/kyc/prepare", ANA);
		(void)desk_post(d, key.text, SEND, ANA);
		(void)kit_carry(&d->kit);
		const char *const code = kit_last_letter(&d->kit)->text;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(typed, sizeof(typed), rows[i].format, code, code + 3);
#pragma GCC diagnostic pop
		(void)snprintf(body, sizeof(body), ANA_CODE("%s"), typed);
		const struct reply reply = desk_post(d, key.text, VERIFY, body);
		if (!memmem(reply.body.p, reply.body.n, rows[i].word, strlen(rows[i].word)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(reply.body));
	}
}

static void create(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	expect_answer(desk_post(d, key, CREATE, "{}"), 400, "missing_params", "email or wallet is required");
	expect_answer(desk_post(d, key, "/kyc/create/nothing", ANA), 404, "method_not_found",
		"Method provided not found");
	expect_answer(desk_post(d, key, CREATE, ANA), 403, "user_not_prepared",
		"Complete KYC prepare and verify your email or wallet before starting a session");
	(void)desk_post(d, key, "/kyc/prepare", ANA);
	expect_answer(desk_post(d, key, CREATE, ANA), 403, "identity_not_verified",
		"You must verify your email or wallet before starting KYC");
	desk_prove(d, key, "ana.exemplo@example.com");
	kit_set_quota(&d->kit, "shop", 0);
	expect_answer(desk_post(d, key, CREATE, ANA), 429, "verify_quota_exceeded",
		"Monthly verify quota exceeded");
	kit_set_quota(&d->kit, "shop", NO_QUOTA);
	for (int i = 0; i < 2; i++)
		expect_reply(desk_post(d, key, CREATE, ANA), 201,
			"{\"statusCode\":201,\"success\":true,\"status\":\"kyc_session_created\",\"message\":\"KYC "
			"session created\",\"data\":{\"success\":true,\"message\":\"didit_create_kyc_session\","
			"\"session\":{\"session_id\":\"scripted-1\",\"session_url\":\"https://provider.test/session/1\"}}}");
	expect_answer(desk_post(d, key, CREATE,
			      "{\"email\":\"ana.exemplo@example.com\",\"wallet\":\"" WALLET "\"}"),
		400, "params_mismatch", "email and wallet belong to different users");
}

static void create_that_the_provider_fails(void **state)
{
	static const struct {
		enum provider_cause cause;
		const char *word;
	} rows[] = {
		{ PROVIDER_UNREACHABLE, "provider_unreachable" },
		{ PROVIDER_REFUSED, "provider_refused" },
		{ PROVIDER_CREDITS, "provider_credits" },
		{ PROVIDER_LIMIT, "provider_limit" },
	};
	struct kit_desk *const d = *state;
	const char *const key = shop(d);
	char body[256];

	desk_prove(d, key, "ana.exemplo@example.com");
	for (size_t i = 0; i < array_len(rows); i++) {
		fake_provider_fail(d->kit.provider, rows[i].cause);
		(void)snprintf(body, sizeof(body),
			"{\"statusCode\":500,\"success\":false,\"status\":\"server_failed\",\"message\":\"Server failed "
			"on KYC\",\"details\":{\"cause\":\"%s\"}}",
			rows[i].word);
		expect_reply(desk_post(d, key, CREATE, ANA), 500, body);
	}
}

static void create_while_the_provider_is_not_asked(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	desk_prove(d, key, "ana.exemplo@example.com");
	fake_provider_fail(d->kit.provider, PROVIDER_PAUSED);
	fake_provider_pause(d->kit.provider, seconds(4));
	const struct reply reply = desk_post(d, key, CREATE, ANA);
	expect_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_value(&reply, "Retry-After"), STR("4")));
	assert_int_equal(kit_acts(&d->kit, AUDIT_QUOTA_RETURNED), 1);
}

/* A provider's room that runs out of memory blames nobody. */
static enum err fails_by_itself(struct provider *provider, const struct session_params *params,
	struct arena *a, struct provider_session *created, enum provider_cause *cause)
{
	(void)provider;
	(void)params;
	(void)a;
	(void)created;
	*cause = PROVIDER_OK;
	return ERR_INTERNAL;
}

static const char *version(struct provider *provider)
{
	(void)provider;
	return "v1";
}

static void create_that_we_fail_ourselves(void **state)
{
	static const struct provider_ops ops = { .version = version, .create = fails_by_itself };
	struct provider provider = { &ops };
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	desk_prove(d, key, "ana.exemplo@example.com");
	d->kit.world.provider = &provider;
	expect_answer(desk_post(d, key, CREATE, ANA), 500, "server_failed", "Server failed on KYC");
	assert_int_equal(kit_acts(&d->kit, AUDIT_QUOTA_RETURNED), 1);
}

static void create_after_declines(void **state)
{
	struct kit_desk *const d = *state;
	const struct caller caller = kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	const struct kit_key key = desk_key(d, "shop");

	desk_prove(d, key.text, "ana.exemplo@example.com");
	for (int i = 0; i < 6; i++) {
		assert_int_equal(desk_post(d, key.text, CREATE, ANA).status, 201);
		kit_decide(&d->kit, &caller, "ana.exemplo@example.com", STATUS_DECLINED);
		kit_wait(&d->kit, seconds(1));
	}
	expect_answer(desk_post(d, key.text, CREATE, ANA), 403, "kyc_not_approved", "KYC not approved");
}

static void create_that_waits_too_long(void **state)
{
	struct kit_desk *const d = *state;
	const struct caller caller = kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	const struct kit_key key = desk_key(d, "shop");

	desk_prove(d, key.text, "ana.exemplo@example.com");
	const struct session pending = { .id = { "01note" },
		.user_id = kit_user(&d->kit, &caller, "ana.exemplo@example.com").id,
		.tenant_id = caller.tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(&d->kit.world),
		.next_poll_at = moment_add(world_now(&d->kit.world), seconds(20)),
		.instance_id = { "01other" } };
	kit_save(&d->kit, RECORD_SESSION, &pending);
	atomic_store(&d->kit.clock.ticks_step, 9000);
	const struct reply reply = desk_post(d, key.text, CREATE, ANA);
	expect_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_value(&reply, "Retry-After"), STR("1")));
}

static void status_without_a_session(void **state)
{
	static const char format[] =
		"{\"statusCode\":404,\"success\":false,\"status\":\"kyc_not_found\",\"message\":\"No KYC session found "
		"for this email\",\"details\":{\"email_verified\":%s,\"wallet_verified\":false,\"last_code\":%s}}";
	struct kit_desk *const d = *state;
	const char *const key = shop(d);
	char body[256];

	expect_answer(desk_get(d, key, "/kyc/status"), 400, "missing_params", "email is required");
	expect_answer(desk_get(d, key, STATUS "&wallet=" WALLET), 400, "params_mismatch",
		"email and wallet belong to different users");
	expect_answer(
		desk_post(d, key, "/kyc/status", "{}"), 400, "missing_params", "email or wallet is required");
	expect_answer(desk_get(d, key, STATUS), 404, "user_not_found", "User not found in whitelist");
	(void)desk_post(d, key, "/kyc/prepare", ANA);
	(void)snprintf(body, sizeof(body), format, "false", "null");
	expect_reply(desk_get(d, key, STATUS), 404, body);
	(void)desk_post(d, key, SEND, ANA);
	(void)snprintf(body, sizeof(body), format, "false", "\"queued\"");
	expect_reply(desk_post(d, key, "/kyc/status", ANA), 404, body);
	desk_prove(d, key, "ana.exemplo@example.com");
	(void)snprintf(body, sizeof(body), format, "true", "\"accepted\"");
	expect_reply(desk_get(d, key, STATUS), 404, body);
	expect_answer(desk_post(d, key, "/kyc/status", "{\"session_id\":\"scripted-1\"}"), 404,
		"kyc_not_found", "No KYC session found for this session_id");
}

#define OPEN_STATUS                                                                                              \
	"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_status_retrieved\",\"message\":\"KYC status "     \
	"retrieved\",\"data\":{\"status\":\"pending\",\"approved\":false,\"session_id\":\"scripted-1\","         \
	"\"session_status\":\"Not Started\",\"session_url\":\"https://provider.test/session/1\",\"ip_info\":[]," \
	"\"is_blocklisted\":false}}"

static void status_by_every_way_to_ask(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = shop(d);

	desk_prove(d, key, "ana+tag@example.com");
	assert_int_equal(desk_post(d, key, CREATE, "{\"email\":\"ana+tag@example.com\"}").status, 201);
	expect_reply(desk_get(d, key, "/kyc/status?email=ana%2Btag@example.com"), 200, OPEN_STATUS);
	/* A space in the query's e-mail is a plus that somebody forgot to escape. */
	expect_reply(desk_get(d, key, "/kyc/status?email=ana+tag@example.com"), 200, OPEN_STATUS);
	expect_reply(
		desk_post(d, key, "/kyc/status", "{\"email\":\"ANA+tag@example.com\"}"), 200, OPEN_STATUS);
	expect_reply(desk_post(d, key, "/kyc/status", "{\"session_id\":\"scripted-1\"}"), 200, OPEN_STATUS);
	expect_reply(desk_post(d, key, "/kyc/status",
			     "{\"session_id\":\"scripted-1\",\"email\":\"ana+tag@example.com\"}"),
		200, OPEN_STATUS);
	expect_answer(desk_post(d, key, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"email\":\"bob@example.com\"}"),
		404, "user_not_found", "User not found in whitelist");
	desk_prove(d, key, "bob@example.com");
	expect_answer(desk_post(d, key, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"email\":\"bob@example.com\"}"),
		400, "params_mismatch", "email and wallet belong to different users");
	atomic_store(&d->kit.store.fault, KIT_BEFORE_WORK);
	const struct reply reply = desk_get(d, key, "/kyc/status?email=ana%2Btag@example.com");
	expect_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_value(&reply, "Retry-After"), STR("1")));
}

static void a_row_that_cannot_be_unsealed_is_a_failure_of_ours(void **state)
{
	struct kit_desk *const d = *state;
	const struct caller caller = kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	const struct kit_key key = desk_key(d, "shop");

	desk_prove(d, key.text, "ana.exemplo@example.com");
	assert_int_equal(desk_post(d, key.text, CREATE, ANA).status, 201);
	struct session session = kit_session(&d->kit, &caller, "ana.exemplo@example.com");
	session.sealed_url = STR("spoilt");
	kit_save(&d->kit, RECORD_SESSION, &session);
	expect_answer(desk_get(d, key.text, STATUS), 500, "server_failed", "Server failed on KYC status");
	expect_answer(desk_post(d, key.text, "/kyc/status", ANA), 500, "server_failed",
		"Server failed on KYC status");
	expect_answer(desk_post(d, key.text, CREATE, ANA), 500, "server_failed", "Server failed on KYC");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(prepare),
		TEST(prepare_of_the_approved),
		TEST(send_otp),
		TEST(verify_otp),
		TEST(a_code_as_people_type_it),
		TEST(create),
		TEST(create_that_the_provider_fails),
		TEST(create_while_the_provider_is_not_asked),
		TEST(create_that_we_fail_ourselves),
		TEST(create_after_declines),
		TEST(create_that_waits_too_long),
		TEST(status_without_a_session),
		TEST(status_by_every_way_to_ask),
		TEST(a_row_that_cannot_be_unsealed_is_a_failure_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
