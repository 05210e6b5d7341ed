#include "web/core/routes.h"

#include "api/core/fields.h"
#include "app/verification/start.h"
#include "text/encode.h"
#include "web/core/form_body.h"
#include "web/verify/notice.h"

/* `text`: the digest of the consent text that the page showed. */
struct start_body {
	struct str consent, text;
};

/* clang-format off */
static const struct field start_fields[] = {
	FIELD(struct start_body, consent, FIELD_TEXT, FIELD_OPTIONAL, 1, 8),
	FIELD(struct start_body, text,    FIELD_TEXT, FIELD_OPTIONAL, 1, 64),
};
static const struct form start_form = FORM(start_fields, struct start_body, "");
/* clang-format on */

static struct reply handle_start(struct call *call, struct store *store)
{
	struct verify_request request;
	struct verification_start_params params;
	enum verification_start_verdict verdict;
	const struct start_body empty = { .consent = { NULL, 0 } }, *body = &empty;
	void *read = NULL;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!verify_admit(call, &request, &refused))
		return refused;
	switch (form_body_read(call, &start_form, &read, &refused)) {
	case FORM_BODY_REFUSED:
		return refused;
	case FORM_BODY_READ:
		body = read;
		break;
	case FORM_BODY_BAD:
		break;
	}
	params = (struct verification_start_params){ .visit = request.visit,
		.language = language_tags[request.language],
		.has_consented = body->consent.n > 0 };
	/* A text that is no digest stays zeros, which is the consent to no text. */
	if (!hex_read(body->text, params.consent_digest.bytes, sizeof(params.consent_digest.bytes)))
		params.consent_digest = (struct digest){ { 0 } };
	const enum err e = verification_link_start(call->world, call->arena, &params, &verdict);
	if (e != OK || verdict != VERIFICATION_START_NO_CONSENT)
		return verify_redirect_after(&request, e);
	return verify_redirect(&request,
		&(struct verify_target){ .error = params.has_consented ? VERIFY_ERROR_CONSENT_CHANGED
								       : VERIFY_ERROR_CONSENT_MISSING });
}

const struct route verify_start_route = { .entry = { METHOD_POST, "/verify/:token/start" },
	HANDLE_WAITING(handle_start),
	.failure = ANSWER_UNAVAILABLE };
