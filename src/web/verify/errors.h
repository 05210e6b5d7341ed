/* What a page of a verification link says about a form that was refused. The answer to the form is a redirect
 * to the page, whose query names the error, so that reload and back never send the form again. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "base/str.h"
#include "domain/verification_link.h"
#include "i18n/messages.h"

enum verify_error {
	VERIFY_ERROR_NONE,
	VERIFY_ERROR_CONSENT_MISSING,
	VERIFY_ERROR_CONSENT_CHANGED,
	VERIFY_ERROR_EMAIL_MISSING,
	VERIFY_ERROR_EMAIL_INVALID,
	VERIFY_ERROR_EMAIL_LIMITED,
	VERIFY_ERROR_RESEND_LIMITED,
	VERIFY_ERROR_MAIL_DOWN,
	VERIFY_ERROR_CODE_MISSING,
	VERIFY_ERROR_CODE_FORMAT,
	VERIFY_ERROR_CODE_WRONG,
	VERIFY_ERROR_CODE_EXPIRED,
	VERIFY_ERROR_CODE_LOCKED,
	VERIFY_ERROR_WALLET_MISSING,
	VERIFY_ERROR_WALLET_INVALID,
	VERIFY_ERROR_SIGNATURE_MISSING,
	VERIFY_ERROR_SIGNATURE_WRONG,
	VERIFY_ERROR_SIGNATURE_FORM,
	VERIFY_ERROR_SIGNATURE_CONTRACT,
	VERIFY_ERROR_CHALLENGE_EXPIRED,
	VERIFY_ERROR_CHALLENGE_LOCKED,
	VERIFY_ERROR_PROVIDER_DOWN,
	VERIFY_ERROR_PROVIDER_PAUSED,
	VERIFY_ERROR_QUOTA,
	VERIFY_ERROR_UNAVAILABLE,
	VERIFY_ERRORS
};

/* The field that an error is about, as the id of its element. */
enum verify_field {
	VERIFY_FIELD_NONE, /* the page as a whole */
	VERIFY_FIELD_CONSENT,
	VERIFY_FIELD_EMAIL,
	VERIFY_FIELD_CODE,
	VERIFY_FIELD_WALLET,
	VERIFY_FIELD_SIGNATURE,
	VERIFY_FIELDS
};

/* Returns the word for the query, e.g. "code_wrong". */
struct str verify_error_name(enum verify_error error);
/* Returns the error with this name that can happen at the step; otherwise VERIFY_ERROR_NONE. */
enum verify_error verify_error_find(struct str name, enum verification_step step);
enum message_id verify_error_message(enum verify_error error);
enum verify_field verify_error_field(enum verify_error error);
/* Returns the id of the field's element, e.g. "code"; empty for VERIFY_FIELD_NONE. */
struct str verify_field_id(enum verify_field field);
