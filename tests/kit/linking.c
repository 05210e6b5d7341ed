/* The part of kit/world.h that links a wallet with an e-mail. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/world.h"

struct prepare_wallet_result kit_claim(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email)
{
	const struct str text = kit_challenge(kit, caller, wallet);
	char signature[KIT_SIGNED_SIZE];
	struct prepare_wallet_result prepared;

	kit_sign(wallet, text, signature);
	const struct prepare_wallet_params params = { &wallet->wallet, text, str_of(signature), STR(""),
		str_of(email) };
	assert_int_equal(app_prepare_wallet(&kit->world, &kit->arena, caller, &params, &prepared), OK);
	return prepared;
}

struct send_result kit_send_pair(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email)
{
	const struct link_otp_params params = { &wallet->wallet, str_of(email), STR("") };
	struct send_result sent;

	assert_int_equal(app_send_link_otp(&kit->world, &kit->arena, caller, &params, &sent), OK);
	return sent;
}

struct step {
	struct kit *kit;
	const struct caller *caller;
	struct link_otp_params params;
	struct str code;
	enum verify_verdict verdict;
	struct identifier_pair identifiers;
	struct person_status status;
};

static enum err do_verify(struct tx *tx, void *arg)
{
	struct step *const s = arg;

	return app_verify_link_otp(&s->kit->world, tx, s->caller, &s->params, s->code, &s->verdict);
}

enum verify_verdict kit_verify_pair(struct kit *kit, const struct caller *caller,
	const struct kit_wallet *wallet, const char *email, const char *code)
{
	struct step step = { .kit = kit,
		.caller = caller,
		.params = { &wallet->wallet, str_of(email), STR("") },
		.code = str_of(code) };

	assert_int_equal(store_transact(kit->world.store, TX_WRITE, &kit->arena, do_verify, &step), OK);
	return step.verdict;
}

void kit_new_pair_code(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet,
	const char *email, char code[7])
{
	const size_t before = kit->mailer.n;

	assert_int_equal(kit_send_pair(kit, caller, wallet, email).verdict, SEND_QUEUED);
	(void)kit_carry(kit);
	assert_int_equal(kit->mailer.n, before + 1);
	memcpy(code, kit_last_letter(kit)->text, 6);
	code[6] = '\0';
	assert_int_equal(strspn(code, "0123456789"), 6);
}

void kit_join(
	struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet, const char *email)
{
	const struct prepare_wallet_result claimed = kit_claim(kit, caller, wallet, email);
	char code[7];

	assert_int_equal(claimed.verdict, CHALLENGE_ACCEPTED);
	assert_false(claimed.conflict);
	kit_new_pair_code(kit, caller, wallet, email, code);
	assert_int_equal(kit_verify_pair(kit, caller, wallet, email, code), VERIFY_ACCEPTED);
}

struct create_result kit_create_both(
	struct kit *kit, const struct caller *caller, const char *email, const char *wallet)
{
	const struct create_params params = { caller, flow_find(STR("verify_public_kyc")), kit_who(email),
		STR(""), kit_who(wallet) };
	struct create_result created;

	assert_int_equal(
		app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created), OK);
	return created;
}

static enum err do_status(struct tx *tx, void *arg)
{
	struct step *const s = arg;

	return app_address_status(&s->kit->world, tx, s->caller, &s->identifiers, &s->status);
}

struct person_status kit_status_both(
	struct kit *kit, const struct caller *caller, const char *email, const char *wallet)
{
	struct step step = {
		.kit = kit, .caller = caller, .identifiers = { kit_who(email), kit_who(wallet) }
	};

	assert_int_equal(store_transact(kit->world.store, TX_READ, &kit->arena, do_status, &step), OK);
	return step.status;
}
