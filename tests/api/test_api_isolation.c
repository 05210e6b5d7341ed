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

static struct reply ask(struct kit_desk *d, const char *key, const struct question *q, const char *email)
{
	char path[128], body[128];

	write_out(path, sizeof(path), q->path, email);
	write_out(body, sizeof(body), q->body ? q->body : "", email);
	return desk_ask(
		d, &(struct probe){
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

static void is_asked_about(struct kit_desk *d, const char *key)
{
	for (size_t i = 0; i < array_len(questions); i++) {
		const size_t creates = fake_provider_creates(d->kit.provider);
		const struct reply known = ask(d, key, &questions[i], ANA);
		const struct reply unknown = ask(d, key, &questions[i], NOBODY);

		if (!same_reply(&known, &unknown))
			fail_msg("question %zu: %d %.*s but %d %.*s", i, known.status, STR_ARG(known.body),
				unknown.status, STR_ARG(unknown.body));
		assert_int_equal(fake_provider_creates(d->kit.provider), creates);
	}
}

/* The person as the shop knows them: with a session at this status, and a code on its way or not. */
static struct caller shop_knows(struct kit_desk *d, enum session_status status)
{
	const struct caller shop = kit_tenant(&d->kit, "shop", "ring", NO_QUOTA);

	kit_prove(&d->kit, &shop, ANA);
	assert_int_equal(kit_create(&d->kit, &shop, ANA).outcome, CREATED);
	kit_decide(&d->kit, &shop, ANA, status);
	/* The sending of codes is counted over the group (interface.md 3): it is told apart on purpose. */
	kit_wait(&d->kit, hours(1));
	return shop;
}

static void the_group_hears_nothing_before_its_own_proof(void **state)
{
	struct kit_desk *const d = *state;

	(void)shop_knows(d, STATUS_APPROVED);
	(void)kit_tenant(&d->kit, "bank", "ring", NO_QUOTA);
	const struct kit_key key = desk_key(d, "bank");
	is_asked_about(d, key.text);
}

static void the_group_hears_nothing_of_an_open_session(void **state)
{
	struct kit_desk *const d = *state;

	(void)shop_knows(d, STATUS_IN_PROGRESS);
	(void)kit_tenant(&d->kit, "bank", "ring", 0);
	const struct kit_key key = desk_key(d, "bank");
	is_asked_about(d, key.text);
}

static void outside_nobody_hears_anything(void **state)
{
	struct kit_desk *const d = *state;

	(void)shop_knows(d, STATUS_DECLINED);
	(void)kit_tenant(&d->kit, "lone", NULL, NO_QUOTA);
	const struct kit_key key = desk_key(d, "lone");
	is_asked_about(d, key.text);
}

static void a_person_only_prepared_elsewhere_is_a_stranger_too(void **state)
{
	static const char *const groups[] = { "ring", NULL };
	struct kit_desk *const d = *state;
	const struct caller shop = kit_tenant(&d->kit, "shop", "ring", NO_QUOTA);

	(void)kit_prepare(&d->kit, &shop, ANA);
	for (size_t i = 0; i < array_len(groups); i++) {
		char name[8] = { 't', (char)('a' + i) };

		(void)kit_tenant(&d->kit, name, groups[i], NO_QUOTA);
		const struct kit_key key = desk_key(d, name);
		is_asked_about(d, key.text);
		kit_wait(&d->kit, days(2));
	}
}

static void a_sessions_id_opens_nothing_without_the_proof(void **state)
{
	static const char *const tenants[][2] = { { "bank", "ring" }, { "lone", NULL } };
	struct kit_desk *const d = *state;

	(void)shop_knows(d, STATUS_APPROVED);
	for (size_t i = 0; i < array_len(tenants); i++) {
		(void)kit_tenant(&d->kit, tenants[i][0], tenants[i][1], NO_QUOTA);
		const struct kit_key key = desk_key(d, tenants[i][0]);
		const struct reply known = desk_post(
			d, key.text, "/kyc/status", "{\"session_id\":\"scripted-1\"}");
		const struct reply unknown = desk_post(
			d, key.text, "/kyc/status", "{\"session_id\":\"scripted-9\"}");

		assert_true(same_reply(&known, &unknown));
		expect_answer(known, 404, "kyc_not_found", "No KYC session found for this session_id");
	}
}

static void after_its_own_proof_the_group_sees_the_approval_and_others_do_not(void **state)
{
	struct kit_desk *const d = *state;
	const struct caller shop = shop_knows(d, STATUS_APPROVED);
	const struct caller bank = kit_tenant(&d->kit, "bank", "ring", 0);

	(void)kit_tenant(&d->kit, "lone", NULL, NO_QUOTA);
	const struct kit_key of_bank = desk_key(d, "bank"), of_lone = desk_key(d, "lone");
	desk_prove(d, of_bank.text, ANA);
	desk_prove(d, of_lone.text, ANA);
	expect_reply(desk_post(d, of_bank.text, "/kyc/create/verify_public_kyc", "{\"email\":\"" ANA "\"}"),
		200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_already_approved\",\"message\":\"KYC already "
		"approved\",\"data\":{\"success\":true,\"message\":\"user_already_approved\",\"session\":{"
		"\"session_id\":\"scripted-1\",\"session_url\":null}}}");
	assert_int_equal(desk_get(d, of_bank.text, "/kyc/status?email=" ANA).status, 200);
	assert_int_equal(desk_get(d, of_lone.text, "/kyc/status?email=" ANA).status, 404);
	assert_int_equal(kit_quota_used(&d->kit, &shop, 202601), 1);
	assert_int_equal(kit_quota_used(&d->kit, &bank, 202601), 0);
}

/* As many questions to the store, of the same kinds, whether the address is known to others or to nobody. */
static void nor_does_the_number_of_transactions_tell(void **state)
{
	struct kit_desk *const d = *state;

	(void)shop_knows(d, STATUS_APPROVED);
	(void)kit_tenant(&d->kit, "lone", NULL, NO_QUOTA);
	const struct kit_key key = desk_key(d, "lone");
	(void)desk_get(d, key.text, "/config/products");
	for (size_t i = 0; i < array_len(questions); i++) {
		size_t reads[2], writes[2];

		for (int known = 0; known < 2; known++) {
			reads[known] = atomic_load(&d->kit.store.reads);
			writes[known] = atomic_load(&d->kit.store.writes);
			(void)ask(d, key.text, &questions[i], known ? ANA : NOBODY);
			reads[known] = atomic_load(&d->kit.store.reads) - reads[known];
			writes[known] = atomic_load(&d->kit.store.writes) - writes[known];
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
	struct kit_desk *const d = *state;
	const struct caller shop = kit_tenant(&d->kit, "shop", "ring", NO_QUOTA);
	const struct kit_wallet known = kit_wallet(WALLET_EVM, 0x11), unknown = kit_wallet(WALLET_EVM, 0x12);

	(void)kit_tenant(&d->kit, "bank", "ring", NO_QUOTA);
	const struct kit_key key = desk_key(d, "bank");
	kit_prove_wallet(&d->kit, &shop, &known);
	assert_int_equal(kit_create(&d->kit, &shop, known.wallet.text).outcome, CREATED);
	kit_decide(&d->kit, &shop, known.wallet.text, STATUS_APPROVED);
	(void)desk_get(d, key.text, "/config/products");
	for (size_t i = 0; i < array_len(of_wallets); i++) {
		size_t reads = d->kit.store.reads, writes = d->kit.store.writes;
		const struct reply one = ask(d, key.text, &of_wallets[i], known.wallet.text);
		const size_t of_known[] = { d->kit.store.reads - reads, d->kit.store.writes - writes };

		reads = d->kit.store.reads;
		writes = d->kit.store.writes;
		const struct reply other = ask(d, key.text, &of_wallets[i], unknown.wallet.text);
		assert_int_equal(of_known[0], d->kit.store.reads - reads);
		assert_int_equal(of_known[1], d->kit.store.writes - writes);
		if (one.status == 201 ? other.status != 201 : !same_reply(&one, &other))
			fail_msg("question %zu: %d %.*s but %d %.*s", i, one.status, STR_ARG(one.body),
				other.status, STR_ARG(other.body));
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)
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
