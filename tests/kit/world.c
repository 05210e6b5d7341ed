#include "kit/world.h"

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
	.tries = { 5, { INT64_C(30) * 86400000 } },
	.rate_per_minute = 600,
	.rate_per_second = 10,
	.brand = STR_INIT("kycd"),
	.language = STR_INIT("en"),
	.public_url = STR_INIT("http://127.0.0.1:8080"),
	.docs_url = STR_INIT("https://docs.starkfi.io/"),
	.callback_url = STR_INIT("http://127.0.0.1:8080/return"),
};

static void must(enum err e)
{
	assert_string_equal(err_name(e), err_name(OK));
}

static void swallow(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

void kit_open(struct kit *kit)
{
	static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };
	char other[MASTER_ID_SIZE];

	memset(kit, 0, sizeof(*kit));
	assert_true(crypto_start());
	log_sink_set(swallow, NULL);
	arena_init(&kit->arena, (size_t)64 * 1024 * 1024);
	fake_clock(&kit->clock);
	fake_random(&kit->random);
	must(memory_store_open(&kit->store.inner));
	memory_store_set_clock(kit->store.inner, &kit->clock.base);
	fake_store(&kit->store);
	fake_mailer(&kit->mailer, &kit->clock.base);
	must(fake_provider_open(&kit->provider));
	must(single_flights_open(&kit->single_flights));
	kit->rules = default_rules;
	kit->world = (struct world){
		.clock = &kit->clock.base,
		.random = &kit->random.base,
		.store = &kit->store.base,
		.mailer = &kit->mailer.base,
		.provider = kit->provider,
		.keys = &kit->keys,
		.rules = &kit->rules,
		.instance = { "01kitinstance0000000000000" },
	};
	must(keyring_open(&kit->world, &kit->arena, &master, &kit->keys, other));
}

void kit_close(struct kit *kit)
{
	single_flights_close(kit->single_flights);
	kit->provider->ops->close(kit->provider);
	kit->mailer.base.ops->close(&kit->mailer.base);
	kit->store.inner->ops->close(kit->store.inner);
	arena_finish(&kit->arena);
}

int kit_setup(void **state)
{
	struct kit *const kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	kit_open(kit);
	*state = kit;
	return 0;
}

int kit_teardown(void **state)
{
	kit_close(*state);
	free(*state);
	return 0;
}

void kit_wait(struct kit *kit, duration s)
{
	atomic_fetch_add(&kit->clock.now, s.ms);
	atomic_fetch_add(&kit->clock.ticks, s.ms);
}

struct caller kit_tenant(struct kit *kit, const char *name, const char *group, int64_t quota)
{
	const struct tenant_change change = { .name = str_of(name),
		.group_name = group ? str_of(group) : (struct str){ NULL, 0 },
		.has_quota = true,
		.monthly_quota = quota };
	struct caller caller = { .actor = { ACTOR_KEY, "kitkey01", "kit-request" } };

	must(operator_add_tenant(&kit->world, &kit->arena, &change, &caller.tenant));
	return caller;
}

void kit_set_quota(struct kit *kit, const char *name, int64_t quota)
{
	const struct tenant_change change = {
		.name = str_of(name), .has_quota = true, .monthly_quota = quota
	};
	struct tenant tenant;

	must(operator_set_tenant(&kit->world, &kit->arena, &change, &tenant));
}

struct step {
	struct kit *kit;
	const struct caller *caller;
	struct str email, code;
	enum verify_verdict verdict;
	struct person_status status;
};

struct identifier kit_who(const char *address)
{
	return strchr(address, '@') ? identifier_email(str_of(address)) : identifier_wallet(str_of(address));
}

static enum err do_verify(struct tx *tx, void *arg)
{
	struct step *const s = arg;

	return app_verify_email_otp(&s->kit->world, tx, s->caller, s->email, s->code, &s->verdict);
}

static enum err do_status(struct tx *tx, void *arg)
{
	struct step *const s = arg;
	const struct identifier who = kit_who(s->email.p);
	const struct identifier_pair identifiers = identifier_pair_of(&who);

	return app_address_status(&s->kit->world, tx, s->caller, &identifiers, &s->status);
}

static void write(struct step *step, tx_work *work)
{
	must(store_transact(step->kit->world.store, TX_WRITE, &step->kit->arena, work, step));
}

struct prepare_result kit_prepare(struct kit *kit, const struct caller *caller, const char *email)
{
	const struct prepare_params params = { identifier_email(str_of(email)), STR(""), false, NULL };
	struct prepare_result prepared;

	must(app_prepare_email(&kit->world, &kit->arena, caller, &params, &prepared));
	return prepared;
}

struct send_result kit_send(struct kit *kit, const struct caller *caller, const char *email)
{
	const struct send_otp_params params = { str_of(email), STR("") };
	struct send_result sent;

	must(app_send_email_otp(&kit->world, &kit->arena, caller, &params, &sent));
	return sent;
}

enum verify_verdict kit_verify(
	struct kit *kit, const struct caller *caller, const char *email, const char *code)
{
	struct step step = { .kit = kit, .caller = caller, .email = str_of(email), .code = str_of(code) };

	write(&step, do_verify);
	return step.verdict;
}

struct person_status kit_status(struct kit *kit, const struct caller *caller, const char *email)
{
	struct step step = { .kit = kit, .caller = caller, .email = str_of(email) };

	must(store_transact(kit->world.store, TX_READ, &kit->arena, do_status, &step));
	return step.status;
}

struct str kit_challenge(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet)
{
	struct str text;

	must(app_challenge(&kit->world, &kit->arena, caller, str_of(wallet->wallet.text), &text));
	return text;
}

struct prepare_wallet_result kit_answer(struct kit *kit, const struct caller *caller,
	const struct kit_wallet *wallet, struct str message, const char *signature)
{
	const struct prepare_wallet_params params = { &wallet->wallet, message, str_of(signature), STR(""),
		STR("") };
	struct prepare_wallet_result prepared;

	must(app_prepare_wallet(&kit->world, &kit->arena, caller, &params, &prepared));
	return prepared;
}

void kit_prove_wallet(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet)
{
	const struct str text = kit_challenge(kit, caller, wallet);
	char signature[KIT_SIGNED_SIZE];

	kit_sign(wallet, text, signature);
	assert_int_equal(kit_answer(kit, caller, wallet, text, signature).verdict, CHALLENGE_ACCEPTED);
}

size_t kit_carry(struct kit *kit)
{
	size_t n = 0;
	bool worked = true;

	while (worked) {
		must(outbox_work(&kit->world, &kit->arena, &worked));
		n += worked;
		assert_true(n < 1000);
	}
	return n;
}

void kit_new_code(struct kit *kit, const struct caller *caller, const char *email, char code[7])
{
	const size_t before = kit->mailer.n;

	assert_int_equal(kit_send(kit, caller, email).verdict, SEND_QUEUED);
	(void)kit_carry(kit);
	assert_int_equal(kit->mailer.n, before + 1);
	memcpy(code, kit_last_letter(kit)->text, 6);
	code[6] = '\0';
	assert_int_equal(strspn(code, "0123456789"), 6);
}

void kit_other_code(const char code[7], char other[7])
{
	memcpy(other, code, 7);
	other[5] = code[5] == '9' ? '0' : (char)(code[5] + 1);
}

void kit_prove(struct kit *kit, const struct caller *caller, const char *email)
{
	char code[7];

	(void)kit_prepare(kit, caller, email);
	kit_new_code(kit, caller, email, code);
	assert_int_equal(kit_verify(kit, caller, email, code), VERIFY_ACCEPTED);
}

struct create_result kit_create(struct kit *kit, const struct caller *caller, const char *email)
{
	const struct create_params params = { caller, flow_find(STR("verify_public_kyc")), kit_who(email),
		STR(""), { 0 } };
	struct create_result created;

	must(app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created));
	return created;
}
