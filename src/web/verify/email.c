#include "web/core/routes.h"

#include "api/core/fields.h"
#include "app/verification/email_proof.h"
#include "base/attr.h"
#include "text/email.h"
#include "web/core/form_body.h"
#include "web/verify/notice.h"

/* The field is absent if the person confirms the address of the link, and empty if nothing was typed. */
struct email_body {
	struct str email;
};
struct code_body {
	struct str code;
};

/* clang-format off */
static const struct field email_fields[] = { FIELD(struct email_body, email, FIELD_TEXT, FIELD_CLEARABLE, 0, 1000) };
static const struct form email_form = FORM(email_fields, struct email_body, "");
static const struct field code_fields[] = { FIELD(struct code_body, code, FIELD_DIGITS, FIELD_OPTIONAL, 0, 64) };
static const struct form code_form = FORM(code_fields, struct code_body, "");
/* clang-format on */

/* Sends a code to `email`, or to the address of the link if it is empty. `step`: the page that shows an
 * error. */
static struct reply send_code(
	const struct verify_request *request, struct str email, const char *step, enum verify_error limited)
{
	struct call *const call = request->call;
	const struct verification_send_params params = { request->visit, email,
		language_tags[request->language] };
	struct verification_send_result sent;
	struct verify_target target = { .step = step };

	const enum err e = verification_link_send_code(call->world, call->arena, &params, &sent);
	if (e != OK)
		return verify_redirect_after(request, e);
	switch (sent.verdict) {
	case VERIFICATION_SEND_NO_EMAIL:
		target = (struct verify_target){ .step = "address", .error = VERIFY_ERROR_EMAIL_MISSING };
		break;
	case VERIFICATION_SEND_MAIL_DOWN:
		target.error = VERIFY_ERROR_MAIL_DOWN;
		break;
	case VERIFICATION_SEND_LIMITED:
		target.error = limited;
		target.at = moment_add(world_now(call->world), seconds(duration_seconds_up(sent.wait)));
		break;
	case VERIFICATION_SEND_QUEUED:
		target = (struct verify_target){ .is_sent = limited == VERIFY_ERROR_RESEND_LIMITED };
		break;
	case VERIFICATION_SEND_CLOSED:
		target.step = NULL;
		break;
	}
	return verify_redirect(request, &target);
}

static struct reply redirect_to_address(const struct verify_request *request, enum verify_error error)
{
	return verify_redirect(request, &(struct verify_target){ .step = "address", .error = error });
}

static struct reply handle_email(struct call *call, struct store *store)
{
	struct verify_request request;
	const struct email_body *body;
	struct str email = { NULL, 0 };
	void *read = NULL;
	struct reply refused;

	(void)store; /* the use case opens its own transactions */
	if (!verify_admit(call, &request, &refused))
		return refused;
	switch (form_body_read(call, &email_form, &read, &refused)) {
	case FORM_BODY_REFUSED:
		return refused;
	case FORM_BODY_BAD:
		return redirect_to_address(&request, VERIFY_ERROR_EMAIL_INVALID);
	case FORM_BODY_READ:
		break;
	}
	body = read;
	if (body->email.p && body->email.n == 0)
		return redirect_to_address(&request, VERIFY_ERROR_EMAIL_MISSING);
	if (body->email.p && email_normalise(call->arena, body->email, &email) != OK)
		return redirect_to_address(&request, VERIFY_ERROR_EMAIL_INVALID);
	return send_code(&request, email, "address", VERIFY_ERROR_EMAIL_LIMITED);
}

static struct reply handle_resend(struct call *call, struct store *store)
{
	struct verify_request request;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	return send_code(&request, STR(""), NULL, VERIFY_ERROR_RESEND_LIMITED);
}

/* VERIFY_ERROR_NONE: the page of the link's step says what follows. */
static const enum verify_error error_of_code[] = {
	[VERIFICATION_PROOF_ACCEPTED] = VERIFY_ERROR_NONE,
	[VERIFICATION_PROOF_WRONG] = VERIFY_ERROR_CODE_WRONG,
	[VERIFICATION_PROOF_EXPIRED] = VERIFY_ERROR_CODE_EXPIRED,
	[VERIFICATION_PROOF_LOCKED] = VERIFY_ERROR_CODE_LOCKED,
	[VERIFICATION_PROOF_TOO_LATE] = VERIFY_ERROR_NONE,
	[VERIFICATION_PROOF_CLOSED] = VERIFY_ERROR_NONE,
};

static struct reply handle_code(struct call *call, struct store *store)
{
	struct verify_request request;
	enum verification_proof_verdict verdict;
	struct verify_target target = { .step = NULL };
	void *read = NULL;
	struct reply refused;

	(void)store;
	if (!verify_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &code_form, &read, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	const struct str code = form == FORM_BODY_READ ? ((const struct code_body *)read)->code
						       : STR("malformed");
	/* What cannot be a code is told so, and uses up no try. */
	if (code.n == 0)
		target.error = VERIFY_ERROR_CODE_MISSING;
	else if (!otp_is_well_formed(code, call->world->rules->otp_digits))
		target.error = VERIFY_ERROR_CODE_FORMAT;
	if (target.error != VERIFY_ERROR_NONE)
		return verify_redirect(&request, &target);
	const enum err e = verification_link_verify_code(
		call->world, call->arena, &request.visit, code, &verdict);
	if (e != OK)
		return verify_redirect_after(&request, e);
	target.error = error_of_code[verdict];
	return verify_redirect(&request, &target);
}

const struct route verify_email_route = { .entry = { METHOD_POST, "/verify/:token/email" },
	HANDLE_WAITING(handle_email),
	.failure = ANSWER_UNAVAILABLE };
const struct route verify_resend_route = { .entry = { METHOD_POST, "/verify/:token/resend" },
	HANDLE_WAITING(handle_resend),
	.failure = ANSWER_UNAVAILABLE };
const struct route verify_code_route = { .entry = { METHOD_POST, "/verify/:token/code" },
	HANDLE_WAITING(handle_code),
	.failure = ANSWER_UNAVAILABLE };
