#include "web/core/routes.h"

#include "api/core/fields.h"
#include "app/verification/wallet_proof.h"
#include "crypto/wallet.h"
#include "web/core/form_body.h"
#include "web/verify/notice.h"

/* As for struct email_body of email.c. `chain_id`: as the wallet's extension names it. */
struct challenge_body {
	struct str wallet, chain_id;
};
struct signature_body {
	struct str signature;
};

#define SIGNATURE_MAX 8192

/* clang-format off */
static const struct field challenge_fields[] = {
	FIELD(struct challenge_body, wallet,   FIELD_TEXT, FIELD_CLEARABLE, 0, 1000),
	FIELD(struct challenge_body, chain_id, FIELD_TEXT, FIELD_OPTIONAL,  1, 32),
};
static const struct form challenge_form = FORM(challenge_fields, struct challenge_body, "");
static const struct field signature_fields[] = { FIELD(struct signature_body, signature, FIELD_TEXT, FIELD_OPTIONAL, 0, SIGNATURE_MAX) };
static const struct form signature_form = FORM(signature_fields, struct signature_body, "");
/* clang-format on */

static struct reply redirect_to_wallet(const struct verify_request *request, enum verify_error error)
{
	return verify_redirect(request, &(struct verify_target){ .step = "wallet", .error = error });
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_challenge_params params;
	enum verification_challenge_verdict verdict;
	const struct challenge_body *body;
	struct wallet wallet;
	void *read = NULL;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!verify_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &challenge_form, &read, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	if (form == FORM_BODY_BAD)
		return redirect_to_wallet(&request, VERIFY_ERROR_WALLET_INVALID);
	body = read;
	if (body->wallet.p && body->wallet.n == 0)
		return redirect_to_wallet(&request, VERIFY_ERROR_WALLET_MISSING);
	if (body->wallet.p && wallet_read(body->wallet, &wallet) != WALLET_FORM_VALID)
		return redirect_to_wallet(&request, VERIFY_ERROR_WALLET_INVALID);
	params = (struct verification_challenge_params){
		.visit = request.visit, .wallet = body->wallet.p ? &wallet : NULL, .chain_id = body->chain_id
	};
	const enum err e = verification_link_challenge(call->world, call->arena, &params, &verdict);
	if (e == OK && verdict == VERIFICATION_CHALLENGE_NO_WALLET)
		return redirect_to_wallet(&request, VERIFY_ERROR_WALLET_MISSING);
	return verify_redirect_after(&request, e);
}

static enum verify_error error_of_signature(enum wallet_sig signature)
{
	switch (signature) {
	case WALLET_SIG_CODING:
	case WALLET_SIG_LENGTH:
	case WALLET_SIG_COMPACT:
	case WALLET_SIG_RECOVERY:
	case WALLET_SIG_RANGE:
	case WALLET_SIG_HIGH_S:
	case WALLET_SIG_ENVELOPE:
		return VERIFY_ERROR_SIGNATURE_FORM;
	case WALLET_SIG_CONTRACT:
		return VERIFY_ERROR_SIGNATURE_CONTRACT;
	case WALLET_SIG_VALID:
	case WALLET_SIG_TRANSACTION:
	case WALLET_SIG_OTHER:
		break;
	}
	return VERIFY_ERROR_SIGNATURE_WRONG;
}

static enum verify_error error_of_proof(const struct verification_signature_result *result)
{
	switch (result->verdict) {
	case VERIFICATION_PROOF_WRONG:
		return error_of_signature(result->signature);
	case VERIFICATION_PROOF_EXPIRED:
		return VERIFY_ERROR_CHALLENGE_EXPIRED;
	case VERIFICATION_PROOF_LOCKED:
		return VERIFY_ERROR_CHALLENGE_LOCKED;
	case VERIFICATION_PROOF_ACCEPTED:
	case VERIFICATION_PROOF_TOO_LATE:
	case VERIFICATION_PROOF_CLOSED:
		break;
	}
	return VERIFY_ERROR_NONE;
}

static struct reply handle_signature(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_signature_params params;
	struct verification_signature_result result;
	struct verify_target target = { .step = NULL };
	void *read = NULL;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &signature_form, &read, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	const struct str signature = form == FORM_BODY_READ ? ((const struct signature_body *)read)->signature
							    : STR("malformed");
	if (signature.n == 0) {
		target.error = VERIFY_ERROR_SIGNATURE_MISSING;
		return verify_redirect(&request, &target);
	}
	params = (struct verification_signature_params){ request.visit, signature,
		language_tags[request.language] };
	const enum err e = verification_link_prove_wallet(call->world, call->arena, &params, &result);
	if (e != OK)
		return verify_redirect_after(&request, e);
	target.error = error_of_proof(&result);
	return verify_redirect(&request, &target);
}

const struct route verify_challenge_route = { .entry = { METHOD_POST, "/verify/:token/challenge" },
	HANDLE_WAITING(handle_challenge),
	.failure = ANSWER_UNAVAILABLE };
const struct route verify_signature_route = { .entry = { METHOD_POST, "/verify/:token/signature" },
	HANDLE_WAITING(handle_signature),
	.failure = ANSWER_UNAVAILABLE };
