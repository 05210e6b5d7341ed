/* Two tenants in one group and one outside it: before a person's proof to a tenant, every route says of them
 * what it says of an address that nobody knows, byte for byte. */
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
#define NOBODY "nobody@example.com"

/* All that can be asked with an address. %s is the address. */
static const struct question {
	enum method method;
	const char *path, *body;
} questions[] = {
	{ METHOD_GET, "/kyc/status?email=%s", NULL },
	{ METHOD_HEAD, "/kyc/status?email=%s", NULL },
	{ METHOD_POST, "/kyc/status", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/kyc/create/verify_public_kyc", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"123456\"}" },
	{ METHOD_POST, "/security/email/verify-otp", "{\"email\":\"%s\",\"code\":\"12\"}" },
	{ METHOD_POST, "/security/email/send-otp", "{\"email\":\"%s\"}" },
	{ METHOD_POST, "/kyc/prepare", "{\"email\":\"%s\"}" },
	/* Prepared by now, and asked all over again. */
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

static void write_out(char *out, size_t size, const char *format, const char *email)
{
	const char *const at = strstr(format, "%s");

	(void)snprintf(out, size, "%.*s%s%s", at ? (int)(at - format) : (int)strlen(format), format,
		at ? email : "", at ? at + 2 : "");
}

static struct reply ask(struct api_fixture *fx, const char *key, const struct question *q, const char *email)
{
	char path[128], body[128];

	write_out(path, sizeof(path), q->path, email);
	write_out(body, sizeof(body), q->body ? q->body : "", email);
	return api_send(
		fx, &(struct test_request){
			    .method = q->method, .path = path, .key = key, .body = q->body ? body : NULL });
}

static bool same_reply(const struct reply *a, const struct reply *b)
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

static void is_asked_about(struct api_fixture *fx, const char *key)
{
	for (size_t i = 0; i < array_len(questions); i++) {
		const size_t creates = fake_provider_create_count(fx->app.provider);
		const struct reply known = ask(fx, key, &questions[i], ANA);
		const struct reply unknown = ask(fx, key, &questions[i], NOBODY);

		if (!same_reply(&known, &unknown))
			fail_msg("question %zu: %d %.*s but %d %.*s", i, known.status, STR_ARG(known.body),
				unknown.status, STR_ARG(unknown.body));
		assert_int_equal(fake_provider_create_count(fx->app.provider), creates);
	}
}

/* The person as the shop knows them: with a session at this status, and a code on its way or not. */
static struct caller shop_knows(struct api_fixture *fx, enum session_status status)
{
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "ring", NO_QUOTA);

	fixture_verify_email(&fx->app, &shop, ANA);
	assert_int_equal(fixture_create_session(&fx->app, &shop, ANA).outcome, CREATED);
	fixture_set_session_status(&fx->app, &shop, ANA, status);
	/* The sending of codes is counted over the group (interface.md 3): it is told apart on purpose. */
	fixture_advance_clock(&fx->app, hours(1));
	return shop;
}

static void the_group_hears_nothing_before_its_own_proof(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_knows(fx, STATUS_APPROVED);
	(void)fixture_add_tenant(&fx->app, "bank", "ring", NO_QUOTA);
	const struct test_key key = api_create_key(fx, "bank");
	is_asked_about(fx, key.text);
}

static void the_group_hears_nothing_of_an_open_session(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_knows(fx, STATUS_IN_PROGRESS);
	(void)fixture_add_tenant(&fx->app, "bank", "ring", 0);
	const struct test_key key = api_create_key(fx, "bank");
	is_asked_about(fx, key.text);
}

static void outside_nobody_hears_anything(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_knows(fx, STATUS_DECLINED);
	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "lone");
	is_asked_about(fx, key.text);
}

static void a_person_only_prepared_elsewhere_is_a_stranger_too(void **state)
{
	static const char *const groups[] = { "ring", NULL };
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "ring", NO_QUOTA);

	(void)fixture_prepare(&fx->app, &shop, ANA);
	for (size_t i = 0; i < array_len(groups); i++) {
		char name[8] = { 't', (char)('a' + i) };

		(void)fixture_add_tenant(&fx->app, name, groups[i], NO_QUOTA);
		const struct test_key key = api_create_key(fx, name);
		is_asked_about(fx, key.text);
		fixture_advance_clock(&fx->app, days(2));
	}
}

static void a_sessions_id_opens_nothing_without_the_proof(void **state)
{
	static const char *const tenants[][2] = { { "bank", "ring" }, { "lone", NULL } };
	struct api_fixture *const fx = *state;

	(void)shop_knows(fx, STATUS_APPROVED);
	for (size_t i = 0; i < array_len(tenants); i++) {
		(void)fixture_add_tenant(&fx->app, tenants[i][0], tenants[i][1], NO_QUOTA);
		const struct test_key key = api_create_key(fx, tenants[i][0]);
		const struct reply known = api_post(
			fx, key.text, "/kyc/status", "{\"session_id\":\"scripted-1\"}");
		const struct reply unknown = api_post(
			fx, key.text, "/kyc/status", "{\"session_id\":\"scripted-9\"}");

		assert_true(same_reply(&known, &unknown));
		assert_answer(known, 404, "kyc_not_found", "No KYC session found for this session_id");
	}
}

static void after_its_own_proof_the_group_sees_the_approval_and_others_do_not(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = shop_knows(fx, STATUS_APPROVED);
	const struct caller bank = fixture_add_tenant(&fx->app, "bank", "ring", 0);

	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key of_bank = api_create_key(fx, "bank"), of_lone = api_create_key(fx, "lone");
	api_verify_email(fx, of_bank.text, ANA);
	api_verify_email(fx, of_lone.text, ANA);
	assert_reply(api_post(fx, of_bank.text, "/kyc/create/verify_public_kyc", "{\"email\":\"" ANA "\"}"),
		200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_already_approved\",\"message\":\"KYC already "
		"approved\",\"data\":{\"success\":true,\"message\":\"user_already_approved\",\"session\":{"
		"\"session_id\":\"scripted-1\",\"session_url\":null}}}");
	assert_int_equal(api_get(fx, of_bank.text, "/kyc/status?email=" ANA).status, 200);
	assert_int_equal(api_get(fx, of_lone.text, "/kyc/status?email=" ANA).status, 404);
	assert_int_equal(fixture_quota_used(&fx->app, &shop, 202601), 1);
	assert_int_equal(fixture_quota_used(&fx->app, &bank, 202601), 0);
}

/* As many questions to the store, of the same kinds, whether the address is known to others or to nobody. */
static void nor_does_the_number_of_transactions_tell(void **state)
{
	struct api_fixture *const fx = *state;

	(void)shop_knows(fx, STATUS_APPROVED);
	(void)fixture_add_tenant(&fx->app, "lone", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "lone");
	(void)api_get(fx, key.text, "/config/products");
	for (size_t i = 0; i < array_len(questions); i++) {
		size_t reads[2], writes[2];

		for (int known = 0; known < 2; known++) {
			reads[known] = atomic_load(&fx->app.store.reads);
			writes[known] = atomic_load(&fx->app.store.writes);
			(void)ask(fx, key.text, &questions[i], known ? ANA : NOBODY);
			reads[known] = atomic_load(&fx->app.store.reads) - reads[known];
			writes[known] = atomic_load(&fx->app.store.writes) - writes[known];
		}
		assert_int_equal(reads[0], reads[1]);
		assert_int_equal(writes[0], writes[1]);
	}
}

/* The same of a wallet. %s is the wallet; a challenge has its own address in it, so of that the status
 * counts. */
static void nor_is_a_wallet_told_from_an_unknown_one(void **state)
{
	static const struct question of_wallets[] = {
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
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", "ring", NO_QUOTA);
	const struct signing_wallet known = signing_wallet_new(WALLET_EVM, 0x11),
				    unknown = signing_wallet_new(WALLET_EVM, 0x12);

	(void)fixture_add_tenant(&fx->app, "bank", "ring", NO_QUOTA);
	const struct test_key key = api_create_key(fx, "bank");
	fixture_verify_wallet(&fx->app, &shop, &known);
	assert_int_equal(fixture_create_session(&fx->app, &shop, known.wallet.text).outcome, CREATED);
	fixture_set_session_status(&fx->app, &shop, known.wallet.text, STATUS_APPROVED);
	(void)api_get(fx, key.text, "/config/products");
	for (size_t i = 0; i < array_len(of_wallets); i++) {
		size_t reads = fx->app.store.reads, writes = fx->app.store.writes;
		const struct reply one = ask(fx, key.text, &of_wallets[i], known.wallet.text);
		const size_t of_known[] = { fx->app.store.reads - reads, fx->app.store.writes - writes };

		reads = fx->app.store.reads;
		writes = fx->app.store.writes;
		const struct reply other = ask(fx, key.text, &of_wallets[i], unknown.wallet.text);
		assert_int_equal(of_known[0], fx->app.store.reads - reads);
		assert_int_equal(of_known[1], fx->app.store.writes - writes);
		if (one.status == 201 ? other.status != 201 : !same_reply(&one, &other))
			fail_msg("question %zu: %d %.*s but %d %.*s", i, one.status, STR_ARG(one.body),
				other.status, STR_ARG(other.body));
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_group_hears_nothing_before_its_own_proof),
		TEST(the_group_hears_nothing_of_an_open_session),
		TEST(outside_nobody_hears_anything),
		TEST(a_person_only_prepared_elsewhere_is_a_stranger_too),
		TEST(a_sessions_id_opens_nothing_without_the_proof),
		TEST(after_its_own_proof_the_group_sees_the_approval_and_others_do_not),
		TEST(nor_does_the_number_of_transactions_tell),
		TEST(nor_is_a_wallet_told_from_an_unknown_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
