#include "kit/app_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/admin/operator.h"
#include "app/core/keyring.h"
#include "app/enrolment/challenge.h"
#include "app/mail/outbox.h"
#include "app/person/person.h"
#include "base/log.h"
#include "kit/fake_provider.h"
#include "kit/fakes.h"
#include "kit/memory_store.h"

static const struct rules default_rules = {
	.otp_ttl = { 600000 },
	.challenge_ttl = { 600000 },
	.otp_tries = 5,
	.otp_digits = 6,
	.send_bucket = { 3, { 60000 } },
	.sends_per_day = 20,
	.mail_retry = { 10000 },
	.mail_down_after = { 60000 },
	.provider_timeout = { 10000 },
	.reconcile_after = { 120000 },
	.reconcile_every = { 30000 },
	.keep_events = { 604800000 },
	.keep_outgoing_events = { INT64_C(30) * 86400000 },
	.tries = { 5, { INT64_C(30) * 86400000 } },
	.rate_per_minute = 600,
	.rate_per_second = 10,
	.brand = STR_INIT("kycd"),
	.language = STR_INIT("en"),
	.public_url = STR_INIT("http://127.0.0.1:8080"),
	.docs_url = STR_INIT("https://docs.starkfi.io/"),
	.callback_url = STR_INIT("http://127.0.0.1:8080/return"),
};

static void assert_ok(enum err e)
{
	assert_string_equal(err_name(e), err_name(OK));
}

static void discard_log_line(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

void fixture_open(struct app_fixture *fx)
{
	static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };
	char other_master[MASTER_ID_SIZE];

	memset(fx, 0, sizeof(*fx));
	assert_true(crypto_start());
	log_sink_set(discard_log_line, NULL);
	arena_init(&fx->arena, (size_t)64 * 1024 * 1024);
	fake_clock_init(&fx->clock);
	fake_random_init(&fx->random);
	assert_ok(memory_store_open(&fx->store.inner));
	memory_store_set_clock(fx->store.inner, &fx->clock.base);
	faulty_store_init(&fx->store);
	fake_mailer_init(&fx->mailer, &fx->clock.base);
	assert_ok(fake_provider_open(&fx->provider));
	assert_ok(single_flights_open(&fx->single_flights));
	fx->rules = default_rules;
	fx->world = (struct world){
		.clock = &fx->clock.base,
		.random = &fx->random.base,
		.store = &fx->store.base,
		.mailer = &fx->mailer.base,
		.provider = fx->provider,
		.keys = &fx->keys,
		.rules = &fx->rules,
		.instance = { "01firstinstance00000000000" },
	};
	assert_ok(keyring_open(&fx->world, &fx->arena, &master, &fx->keys, other_master));
}

void fixture_close(struct app_fixture *fx)
{
	single_flights_close(fx->single_flights);
	fx->provider->ops->close(fx->provider);
	fx->mailer.base.ops->close(&fx->mailer.base);
	fx->store.inner->ops->close(fx->store.inner);
	arena_finish(&fx->arena);
}

int fixture_setup(void **state)
{
	struct app_fixture *const fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	fixture_open(fx);
	*state = fx;
	return 0;
}

int fixture_teardown(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

void fixture_advance_clock(struct app_fixture *fx, duration by)
{
	atomic_fetch_add(&fx->clock.now, by.ms);
	atomic_fetch_add(&fx->clock.ticks, by.ms);
}

struct caller fixture_add_tenant(struct app_fixture *fx, const char *name, const char *group, int64_t quota)
{
	const struct tenant_change change = { .name = str_of(name),
		.group_name = group ? str_of(group) : (struct str){ NULL, 0 },
		.has_quota = true,
		.monthly_quota = quota };
	struct caller caller = { .actor = { ACTOR_KEY, "testkey1", "test-request" } };

	assert_ok(operator_add_tenant(&fx->world, &fx->arena, &change, &caller.tenant));
	return caller;
}

void fixture_set_quota(struct app_fixture *fx, const char *name, int64_t quota)
{
	const struct tenant_change change = {
		.name = str_of(name), .has_quota = true, .monthly_quota = quota
	};
	struct tenant tenant;

	assert_ok(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant));
}

struct fixture_step {
	struct app_fixture *fx;
	const struct caller *caller;
	struct str email, code;
	enum verify_verdict verdict;
	struct person_status status;
};

struct identifier identifier_from_text(const char *text)
{
	return strchr(text, '@') ? identifier_email(str_of(text)) : identifier_wallet(str_of(text));
}

static enum err verify_email_otp(struct tx *tx, void *arg)
{
	struct fixture_step *const s = arg;

	return app_verify_email_otp(&s->fx->world, tx, s->caller, s->email, s->code, &s->verdict);
}

static enum err load_status(struct tx *tx, void *arg)
{
	struct fixture_step *const s = arg;
	const struct identifier identifier = identifier_from_text(s->email.p);
	const struct identifier_pair identifiers = identifier_pair_of(&identifier);

	return app_address_status(&s->fx->world, tx, s->caller, &identifiers, &s->status);
}

static void write_in_transaction(struct fixture_step *step, tx_work *work)
{
	assert_ok(store_transact(step->fx->world.store, TX_WRITE, &step->fx->arena, work, step));
}

struct prepare_result fixture_prepare(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	const struct prepare_params params = { .identifier = identifier_email(str_of(email)),
		.language = STR("") };
	struct prepare_result prepared;

	assert_ok(app_prepare_email(&fx->world, &fx->arena, caller, &params, &prepared));
	return prepared;
}

struct send_result fixture_send_otp(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	const struct send_otp_params params = { str_of(email), STR("") };
	struct send_result sent;

	assert_ok(app_send_email_otp(&fx->world, &fx->arena, caller, &params, &sent));
	return sent;
}

enum verify_verdict fixture_verify_otp(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *code)
{
	struct fixture_step step = {
		.fx = fx, .caller = caller, .email = str_of(email), .code = str_of(code)
	};

	write_in_transaction(&step, verify_email_otp);
	return step.verdict;
}

struct person_status fixture_status(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct fixture_step step = { .fx = fx, .caller = caller, .email = str_of(email) };

	assert_ok(store_transact(fx->world.store, TX_READ, &fx->arena, load_status, &step));
	return step.status;
}

struct str fixture_challenge(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet)
{
	struct str text;

	assert_ok(app_challenge(&fx->world, &fx->arena, caller,
		&(struct challenge_params){ .wallet = &wallet->wallet }, &text));
	return text;
}

struct prepare_wallet_result fixture_answer_challenge(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, struct str message, const char *signature)
{
	const struct prepare_wallet_params params = { .wallet = &wallet->wallet,
		.message = message,
		.signature = str_of(signature),
		.language = STR(""),
		.email = STR("") };
	struct prepare_wallet_result prepared;

	assert_ok(app_prepare_wallet(&fx->world, &fx->arena, caller, &params, &prepared));
	return prepared;
}

void fixture_verify_wallet(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet)
{
	const struct str text = fixture_challenge(fx, caller, wallet);
	char signature[WALLET_SIGNATURE_SIZE];

	signing_wallet_sign(wallet, text, signature);
	assert_int_equal(
		fixture_answer_challenge(fx, caller, wallet, text, signature).verdict, CHALLENGE_ACCEPTED);
}

size_t fixture_deliver_outbox(struct app_fixture *fx)
{
	size_t n = 0;
	bool worked = true;

	while (worked) {
		assert_ok(outbox_work(&fx->world, &fx->arena, &worked));
		n += worked;
		assert_true(n < 1000);
	}
	return n;
}

void fixture_get_otp(struct app_fixture *fx, const struct caller *caller, const char *email, char code[7])
{
	const size_t before = fx->mailer.n;

	assert_int_equal(fixture_send_otp(fx, caller, email).verdict, SEND_QUEUED);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, before + 1);
	memcpy(code, fixture_last_mail(fx)->text, 6);
	code[6] = '\0';
	assert_int_equal(strspn(code, "0123456789"), 6);
}

void wrong_otp_for(const char code[7], char other[7])
{
	memcpy(other, code, 7);
	other[5] = code[5] == '9' ? '0' : (char)(code[5] + 1);
}

void fixture_verify_email(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	char code[7];

	(void)fixture_prepare(fx, caller, email);
	fixture_get_otp(fx, caller, email, code);
	assert_int_equal(fixture_verify_otp(fx, caller, email, code), VERIFY_ACCEPTED);
}

struct create_result fixture_create_session(
	struct app_fixture *fx, const struct caller *caller, const char *email)
{
	const struct create_params params = { caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(email), STR(""), { 0 } };
	struct create_result created;

	assert_ok(app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created));
	return created;
}
