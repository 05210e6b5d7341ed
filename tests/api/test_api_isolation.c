/* Isolation of tenants: as long as a tenant has not verified a person, every endpoint gives it the same
 * answer as for an address that no tenant knows, byte for byte. Tested with two tenants of one group and one
 * outside it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/api_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define UNKNOWN "unknown@example.com"

/* All requests that contain an e-mail address; %s stands for the address. */
static const struct request_template {
	enum method method;
	const char *path, *body;
} requests[] = {
	{ METHOD_GET, "/kyc/status?email=%s", NULL },
	{ METHOD_HEAD, "/kyc/status?email=%s", NULL },
	{ METHOD_POST, "/kyc/status", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"123456\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"12\"}" },
	{ METHOD_POST, "/security/email/send-otp", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/kyc/prepare", "{\"email\":\"%s\"}" },
	/* The request above prepares the address. The requests below are sent when it is prepared. */
	{ METHOD_POST, "/kyc/prepare", "{\"email\":\"%s\"}" },
	{ METHOD_GET, "/kyc/status?email=%s", NULL },
	{ METHOD_POST, "/kyc/status", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"123456\"}" },
	{ METHOD_POST, "/security/email/send-otp", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"12\"}" },
	{ METHOD_GET, "/kyc/status?email=%s", NULL },
	{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"email\":\"%s\"}" },
};

static void fill_template(char *out, size_t size, const char *format, const char *email)
{
	const char *const at = strstr(format, "%s");

	(void)snprintf(out, size, "%.*s%s%s", at ? (int)(at - format) : (int)strlen(format), format,
		at ? email : "", at ? at + 2 : "");
}

static struct reply send_request(
	struct api_fixture *fx, const char *key, const struct request_template *q, const char *email)
{
	char path[128], body[128];

	fill_template(path, sizeof(path), q->path, email);
	fill_template(body, sizeof(body), q->body ? q->body : "", email);
	return api_send(
		fx, &(struct test_request){
			    .method = q->method, .path = path, .key = key, .body = q->body ? body : NULL });
}

static bool replies_are_equal(const struct reply *a, const struct reply *b)
{
	bool same = a->status == b->status && str_eq(a->body, b->body) && a->n_headers == b->n_headers &&
		    str_eq(str_of(a->content_type), str_of(b->content_type));

	for (size_t i = 0; same && i < a->n_headers; i++) {
		same = str_eq(a->headers[i].name, b->headers[i].name) &&
		       (str_eq(a->headers[i].name, STR("X-Request-Id")) ||
			       str_eq(a->headers[i].value, b->headers[i].value));
	}
	return same;
}

static void assert_known_like_unknown(struct api_fixture *fx, const char *key)
{
	for (size_t i = 0; i < array_len(requests); i++) {
		const size_t creates = fake_provider_create_count(fx->app.provider);
		const struct reply known = send_request(fx, key, &requests[i], ANA);
		const struct reply unknown = send_request(fx, key, &requests[i], UNKNOWN);

		if (!replies_are_equal(&known, &unknown))
			fail_msg("request %zu: %d %.*s for the known address, %d %.*s for the unknown one", i,
				known.status, STR_ARG(known.body), unknown.status, STR_ARG(unknown.body));
		assert_int_equal(fake_provider_create_count(fx->app.provider), creates);
	}
}

/* Returns the tenant `shop`, which has verified ANA. ANA has a session with this status. */
static struct caller shop_with_session(struct api_fixture *fx, enum session_status status)
{
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "partners", NO_QUOTA);

	fixture_verify_email(&fx->app, &shop, ANA);
	assert_int_equal(fixture_create_session(&fx->app, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	fixture_set_session_status(&fx->app, &shop, ANA, status);
	/* The tenants of a group share the rate limit for codes (interface.md, section 3). After an hour, the
	 * code that ANA got from `shop` does not limit other tenants any more. */
	fixture_advance_clock(&fx->app, hours(1));
	return shop;
}

static void tenant_of_the_group_learns_nothing_before_its_own_verification(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_with_session(fx, STATUS_APPROVED);
	(void)fixture_add_tenant(&fx->app, "bank", "partners", NO_QUOTA);
	const struct test_key key = api_create_key(fx, "bank");
	assert_known_like_unknown(fx, key.text);
}

static void tenant_of_the_group_learns_nothing_of_an_open_session(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_with_session(fx, STATUS_IN_PROGRESS);
	(void)fixture_add_tenant(&fx->app, "bank", "partners", 0);
	const struct test_key key = api_create_key(fx, "bank");
	assert_known_like_unknown(fx, key.text);
}

static void tenant_outside_the_group_learns_nothing(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_with_session(fx, STATUS_DECLINED);
	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "lone");
	assert_known_like_unknown(fx, key.text);
}

static void person_prepared_by_another_tenant_is_unknown(void **state)
{
	static const char *const groups[] = { "partners", NULL };
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "partners", NO_QUOTA);

	(void)fixture_prepare(&fx->app, &shop, ANA);
	for (size_t i = 0; i < array_len(groups); i++) {
		char name[8] = { 't', (char)('a' + i) };

		(void)fixture_add_tenant(&fx->app, name, groups[i], NO_QUOTA);
		const struct test_key key = api_create_key(fx, name);
		assert_known_like_unknown(fx, key.text);
		fixture_advance_clock(&fx->app, days(2));
	}
}

static void session_id_reveals_nothing_without_verification(void **state)
{
	static const char *const tenants[][2] = { { "bank", "partners" }, { "lone", NULL } };
	struct api_fixture *const fx = *state;

	(void)shop_with_session(fx, STATUS_APPROVED);
	for (size_t i = 0; i < array_len(tenants); i++) {
		(void)fixture_add_tenant(&fx->app, tenants[i][0], tenants[i][1], NO_QUOTA);
		const struct test_key key = api_create_key(fx, tenants[i][0]);
		const struct reply known = api_post(
			fx, key.text, "/kyc/status", "{\"session_id\":\"scripted-1\"}");
		const struct reply unknown = api_post(
			fx, key.text, "/kyc/status", "{\"session_id\":\"scripted-9\"}");

		assert_true(replies_are_equal(&known, &unknown));
		assert_answer(known, 404, "kyc_not_found", "No KYC session found for this session_id");
	}
}

static void approval_is_visible_to_the_group_only_after_verification(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = shop_with_session(fx, STATUS_APPROVED);
	const struct caller bank = fixture_add_tenant(&fx->app, "bank", "partners", 0);

	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key bank_key = api_create_key(fx, "bank"), other_key = api_create_key(fx, "lone");
	api_verify_email(fx, bank_key.text, ANA);
	api_verify_email(fx, other_key.text, ANA);
	assert_reply(api_post(fx, bank_key.text, "/kyc/create/verify_public_kyc", "{\"email\":\"" ANA "\"}"),
		200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_already_approved\",\"message\":\"KYC already "
		"approved\",\"data\":{\"success\":true,\"message\":\"user_already_approved\",\"session\":{"
		"\"session_id\":\"scripted-1\",\"session_url\":null}}}");
	assert_int_equal(api_get(fx, bank_key.text, "/kyc/status?email=" ANA).status, 200);
	assert_int_equal(api_get(fx, other_key.text, "/kyc/status?email=" ANA).status, 404);
	assert_int_equal(fixture_quota_used(&fx->app, &shop, 202601), 1);
	assert_int_equal(fixture_quota_used(&fx->app, &bank, 202601), 0);
}

/* The duration of a request depends on its transactions, so their number must not depend on whether another
 * tenant knows the address. */
static void number_of_transactions_does_not_depend_on_the_address(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_with_session(fx, STATUS_APPROVED);
	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "lone");
	(void)api_get(fx, key.text, "/config/products");
	for (size_t i = 0; i < array_len(requests); i++) {
		size_t reads[2], writes[2];

		for (int known = 0; known < 2; known++) {
			reads[known] = atomic_load(&fx->app.store.reads);
			writes[known] = atomic_load(&fx->app.store.writes);
			(void)send_request(fx, key.text, &requests[i], known ? ANA : UNKNOWN);
			reads[known] = atomic_load(&fx->app.store.reads) - reads[known];
			writes[known] = atomic_load(&fx->app.store.writes) - writes[known];
		}
		assert_int_equal(reads[0], reads[1]);
		assert_int_equal(writes[0], writes[1]);
	}
}

/* All requests that contain a wallet; %s stands for the wallet. For challenges only the status of the answer
 * is compared, because the answer contains the wallet. */
static void known_wallet_is_answered_like_an_unknown_one(void **state)
{
	static const struct request_template wallet_requests[] = {
		{ METHOD_GET, "/kyc/status?wallet=%s", NULL },
		{ METHOD_POST, "/kyc/status", "{\"wallet\":\"%s\"}" },
		{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"wallet\":\"%s\"}" },
		{ METHOD_POST, "/kyc/prepare-wallet",
			"{\"wallet\":\"%s\",\"message\":\"m\",\"signed_bytes\":\"0x\"}" },
		{ METHOD_POST, "/security/wallet/challenge", "{\"wallet\":\"%s\"}" },
		{ METHOD_POST, "/kyc/prepare-wallet",
			"{\"wallet\":\"%s\",\"message\":\"m\",\"signed_bytes\":\"0x\"}" },
		{ METHOD_GET, "/kyc/status?wallet=%s", NULL },
		{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"wallet\":\"%s\"}" },
	};
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "partners", NO_QUOTA);
	const struct signing_wallet known = signing_wallet_new(WALLET_EVM, 0x11),
				    unknown = signing_wallet_new(WALLET_EVM, 0x12);

	(void)fixture_add_tenant(&fx->app, "bank", "partners", NO_QUOTA);
	const struct test_key key = api_create_key(fx, "bank");
	fixture_verify_wallet(&fx->app, &shop, &known);
	assert_int_equal(
		fixture_create_session(&fx->app, &shop, known.wallet.text).outcome, CREATE_OUTCOME_CREATED);
	fixture_set_session_status(&fx->app, &shop, known.wallet.text, STATUS_APPROVED);
	(void)api_get(fx, key.text, "/config/products");
	for (size_t i = 0; i < array_len(wallet_requests); i++) {
		size_t reads = fx->app.store.reads, writes = fx->app.store.writes;
		const struct reply known_reply = send_request(
			fx, key.text, &wallet_requests[i], known.wallet.text);
		const size_t known_transactions[] = { fx->app.store.reads - reads,
			fx->app.store.writes - writes };

		reads = fx->app.store.reads;
		writes = fx->app.store.writes;
		const struct reply unknown_reply = send_request(
			fx, key.text, &wallet_requests[i], unknown.wallet.text);
		assert_int_equal(known_transactions[0], fx->app.store.reads - reads);
		assert_int_equal(known_transactions[1], fx->app.store.writes - writes);
		if (known_reply.status == 201 ? unknown_reply.status != 201
					      : !replies_are_equal(&known_reply, &unknown_reply))
			fail_msg("request %zu: %d %.*s for the known wallet, %d %.*s for the unknown one", i,
				known_reply.status, STR_ARG(known_reply.body), unknown_reply.status,
				STR_ARG(unknown_reply.body));
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(tenant_of_the_group_learns_nothing_before_its_own_verification),
		TEST(tenant_of_the_group_learns_nothing_of_an_open_session),
		TEST(tenant_outside_the_group_learns_nothing),
		TEST(person_prepared_by_another_tenant_is_unknown),
		TEST(session_id_reveals_nothing_without_verification),
		TEST(approval_is_visible_to_the_group_only_after_verification),
		TEST(number_of_transactions_does_not_depend_on_the_address),
		TEST(known_wallet_is_answered_like_an_unknown_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
