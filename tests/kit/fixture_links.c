/* The functions of kit/app_fixture.h that link a wallet and an e-mail address. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

struct prepare_wallet_result fixture_claim_email(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email)
{
	const struct str text = fixture_challenge(fx, caller, wallet);
	char signature[WALLET_SIGNATURE_SIZE];
	struct prepare_wallet_result prepared;

	signing_wallet_sign(wallet, text, signature);
	const struct prepare_wallet_params params = { .wallet = &wallet->wallet,
		.message = text,
		.signature = str_of(signature),
		.language = STR(""),
		.email = str_of(email) };
	assert_int_equal(app_prepare_wallet(&fx->world, &fx->arena, caller, &params, &prepared), OK);
	return prepared;
}

struct send_result fixture_send_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email)
{
	const struct link_otp_params params = { &wallet->wallet, str_of(email), STR("") };
	struct send_result sent;

	assert_int_equal(app_send_link_otp(&fx->world, &fx->arena, caller, &params, &sent), OK);
	return sent;
}

struct link_step {
	struct app_fixture *fx;
	const struct caller *caller;
	struct link_otp_params params;
	struct str code;
	enum verify_verdict verdict;
	struct identifier_pair identifiers;
	struct person_status status;
};

static enum err verify_link_otp(struct tx *tx, void *arg)
{
	struct link_step *const s = arg;

	return app_verify_link_otp(&s->fx->world, tx, s->caller, &s->params, s->code, &s->verdict);
}

enum verify_verdict fixture_verify_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email, const char *code)
{
	struct link_step step = { .fx = fx,
		.caller = caller,
		.params = { &wallet->wallet, str_of(email), STR("") },
		.code = str_of(code) };

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, verify_link_otp, &step), OK);
	return step.verdict;
}

void fixture_get_link_otp(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email, char code[7])
{
	const size_t before = fx->mailer.n;

	assert_int_equal(fixture_send_link_otp(fx, caller, wallet, email).verdict, SEND_QUEUED);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, before + 1);
	memcpy(code, fixture_last_mail(fx)->text, 6);
	code[6] = '\0';
	assert_int_equal(strspn(code, "0123456789"), 6);
}

void fixture_link(struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet,
	const char *email)
{
	const struct prepare_wallet_result claimed = fixture_claim_email(fx, caller, wallet, email);
	char code[7];

	assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
	assert_false(claimed.conflict);
	fixture_get_link_otp(fx, caller, wallet, email, code);
	assert_int_equal(fixture_verify_link_otp(fx, caller, wallet, email, code), VERIFY_ACCEPTED);
}

struct create_result fixture_create_session_by_pair(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *wallet)
{
	const struct create_params params = { caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(email), STR(""), identifier_from_text(wallet) };
	struct create_result created;

	assert_int_equal(
		app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created), OK);
	return created;
}

static enum err load_status(struct tx *tx, void *arg)
{
	struct link_step *const s = arg;

	return app_address_status(&s->fx->world, tx, s->caller, &s->identifiers, &s->status);
}

struct person_status fixture_status_by_pair(
	struct app_fixture *fx, const struct caller *caller, const char *email, const char *wallet)
{
	struct link_step step = { .fx = fx,
		.caller = caller,
		.identifiers = { identifier_from_text(email), identifier_from_text(wallet) } };

	assert_int_equal(store_transact(fx->world.store, TX_READ, &fx->arena, load_status, &step), OK);
	return step.status;
}
