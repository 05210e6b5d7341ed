#include "kit/verification_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

struct link_step {
	struct app_fixture *fx;
	const struct caller *caller;
	const struct verification_link_id *id;
	struct verification_link_status status;
};

struct verification_create_result fixture_try_create_link(
	struct app_fixture *fx, const struct caller *caller, const struct verification_link_params *params)
{
	struct verification_create_result created;

	assert_int_equal(verification_link_create(&fx->world, &fx->arena, caller, params, &created), OK);
	return created;
}

struct fixture_link fixture_create_link_with(
	struct app_fixture *fx, const struct caller *caller, const struct verification_link_params *params)
{
	const struct verification_create_result created = fixture_try_create_link(fx, caller, params);
	struct fixture_link link = { .id = created.id };

	assert_int_equal(created.verdict, VERIFICATION_LINK_CREATED);
	link.visit.token = str_from(created.url, created.url.n - (VERIFICATION_TOKEN_SIZE - 1));
	link.visit.request_id = STR("page-request");
	return link;
}

struct fixture_link fixture_create_link(
	struct app_fixture *fx, const struct caller *caller, const char *suggestion)
{
	struct verification_link_params params = { .life = VERIFICATION_LINK_LIFE };

	if (suggestion)
		params.suggestion = identifier_from_text(suggestion);
	return fixture_create_link_with(fx, caller, &params);
}

struct fixture_link fixture_started_link(
	struct app_fixture *fx, const struct caller *caller, const char *suggestion)
{
	const struct fixture_link link = fixture_create_link(fx, caller, suggestion);

	assert_int_equal(fixture_start_link(fx, &link), VERIFICATION_STARTED);
	return link;
}

struct verification_view fixture_view_link(struct app_fixture *fx, const struct fixture_link *link)
{
	struct verification_view view;

	assert_int_equal(verification_link_view(&fx->world, &fx->arena, &link->visit, &view), OK);
	return view;
}

enum verification_start_verdict fixture_start_link(struct app_fixture *fx, const struct fixture_link *link)
{
	const struct verification_start_params params = { .visit = link->visit, .language = STR("en") };
	enum verification_start_verdict verdict;

	assert_int_equal(verification_link_start(&fx->world, &fx->arena, &params, &verdict), OK);
	return verdict;
}

struct verification_send_result fixture_send_code_to(
	struct app_fixture *fx, const struct fixture_link *link, const char *email)
{
	const struct verification_send_params params = { link->visit, email ? str_of(email) : STR(""),
		STR("") };
	struct verification_send_result sent;

	assert_int_equal(verification_link_send_code(&fx->world, &fx->arena, &params, &sent), OK);
	return sent;
}

void fixture_get_link_code(
	struct app_fixture *fx, const struct fixture_link *link, const char *email, char code[7])
{
	const size_t before = fx->mailer.n;

	assert_int_equal(fixture_send_code_to(fx, link, email).verdict, VERIFICATION_SEND_QUEUED);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(fx->mailer.n, before + 1);
	memcpy(code, fixture_last_mail(fx)->text, 6);
	code[6] = '\0';
	assert_int_equal(strspn(code, "0123456789"), 6);
}

enum verification_proof_verdict fixture_enter_code(
	struct app_fixture *fx, const struct fixture_link *link, const char *code)
{
	enum verification_proof_verdict verdict;

	assert_int_equal(
		verification_link_verify_code(&fx->world, &fx->arena, &link->visit, str_of(code), &verdict),
		OK);
	return verdict;
}

void fixture_prove_email(struct app_fixture *fx, const struct fixture_link *link, const char *email)
{
	char code[7];

	fixture_get_link_code(fx, link, email, code);
	assert_int_equal(fixture_enter_code(fx, link, code), VERIFICATION_PROOF_ACCEPTED);
}

enum verification_challenge_verdict fixture_request_challenge(
	struct app_fixture *fx, const struct fixture_link *link, const struct signing_wallet *wallet)
{
	const struct verification_challenge_params params = { link->visit, wallet ? &wallet->wallet : NULL,
		STR("") };
	enum verification_challenge_verdict verdict;

	assert_int_equal(verification_link_challenge(&fx->world, &fx->arena, &params, &verdict), OK);
	return verdict;
}

struct verification_signature_result fixture_send_signature(
	struct app_fixture *fx, const struct fixture_link *link, const char *signature)
{
	const struct verification_signature_params params = { link->visit, str_of(signature), STR("") };
	struct verification_signature_result result;

	assert_int_equal(verification_link_prove_wallet(&fx->world, &fx->arena, &params, &result), OK);
	return result;
}

struct verification_signature_result fixture_sign_challenge(
	struct app_fixture *fx, const struct fixture_link *link, const struct signing_wallet *wallet)
{
	const struct verification_view view = fixture_view_link(fx, link);
	char signature[WALLET_SIGNATURE_SIZE];

	assert_true(view.challenge.message.n > 0);
	signing_wallet_sign(wallet, view.challenge.message, signature);
	return fixture_send_signature(fx, link, signature);
}

struct verification_check_result fixture_check(struct app_fixture *fx, const struct fixture_link *link)
{
	const struct verification_check_params params = { link->visit, STR("") };
	struct verification_check_result result;

	assert_int_equal(verification_link_create_session(
				 &fx->world, fx->single_flights, &fx->arena, &params, &result),
		OK);
	return result;
}

static enum err get_in_tx(struct tx *tx, void *arg)
{
	struct link_step *const step = arg;

	return verification_link_get(&step->fx->world, tx, step->caller, step->id, &step->status);
}

struct verification_link_status fixture_get_link(
	struct app_fixture *fx, const struct caller *caller, const struct fixture_link *link)
{
	struct link_step step = { .fx = fx, .caller = caller, .id = &link->id };

	assert_int_equal(store_transact(fx->world.store, TX_READ, &fx->arena, get_in_tx, &step), OK);
	return step.status;
}

static enum err revoke_in_tx(struct tx *tx, void *arg)
{
	struct link_step *const step = arg;

	return verification_link_revoke(&step->fx->world, tx, step->caller, step->id);
}

enum err fixture_revoke_link(
	struct app_fixture *fx, const struct caller *caller, const struct fixture_link *link)
{
	struct link_step step = { .fx = fx, .caller = caller, .id = &link->id };

	return store_transact(fx->world.store, TX_WRITE, &fx->arena, revoke_in_tx, &step);
}

struct verification_link fixture_link_row(struct app_fixture *fx, const struct fixture_link *link)
{
	struct verification_link row = { .id = link->id };

	fixture_load(fx, RECORD_VERIFICATION_LINK, &row);
	return row;
}
