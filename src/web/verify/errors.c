#include "web/verify/errors.h"

#include "base/attr.h"

#define AT(step) (1U << VERIFICATION_STEP_##step)
#define AT_ANY ~0U

/* clang-format off */
static const struct {
	struct str name;
	unsigned steps; /* at which the error can happen */
	enum verify_field field;
	enum message_id message;
} rows[VERIFY_ERRORS] = {
#define ROW(error, text, at, on, id) [VERIFY_ERROR_##error] = { STR_INIT(text), (at), VERIFY_FIELD_##on, MESSAGE_VERIFY_##id }
	ROW(CONSENT_MISSING,    "consent_missing",     AT(WELCOME),             CONSENT,   CONSENT_MISSING),
	ROW(CONSENT_CHANGED,    "consent_changed",     AT(WELCOME),             CONSENT,   CONSENT_CHANGED),
	ROW(EMAIL_MISSING,      "email_missing",       AT(ADDRESS),             EMAIL,     ADDRESS_MISSING),
	ROW(EMAIL_INVALID,      "email_invalid",       AT(ADDRESS),             EMAIL,     ADDRESS_INVALID),
	ROW(EMAIL_LIMITED,      "email_limited",       AT(ADDRESS),             NONE,      ADDRESS_LIMITED),
	ROW(RESEND_LIMITED,     "resend_limited",      AT(CODE),                NONE,      ADDRESS_LIMITED),
	ROW(MAIL_DOWN,          "mail_down",           AT(ADDRESS) | AT(CODE),  NONE,      MAIL_DOWN),
	ROW(CODE_MISSING,       "code_missing",        AT(CODE),                CODE,      CODE_MISSING),
	ROW(CODE_FORMAT,        "code_format",         AT(CODE),                CODE,      CODE_MALFORMED),
	ROW(CODE_WRONG,         "code_wrong",          AT(CODE),                CODE,      CODE_WRONG),
	ROW(CODE_EXPIRED,       "code_expired",        AT(CODE),                NONE,      CODE_EXPIRED),
	ROW(CODE_LOCKED,        "code_locked",         AT(CODE),                NONE,      CODE_LOCKED),
	ROW(WALLET_MISSING,     "wallet_missing",      AT(WALLET),              WALLET,    WALLET_ADDRESS_MISSING),
	ROW(WALLET_INVALID,     "wallet_invalid",      AT(WALLET),              WALLET,    WALLET_ADDRESS_INVALID),
	ROW(SIGNATURE_MISSING,  "signature_missing",   AT(WALLET),              SIGNATURE, SIGNATURE_MISSING),
	ROW(SIGNATURE_WRONG,    "signature_wrong",     AT(WALLET),              SIGNATURE, SIGNATURE_WRONG),
	ROW(SIGNATURE_FORM,     "signature_form",      AT(WALLET),              SIGNATURE, SIGNATURE_MALFORMED),
	ROW(SIGNATURE_CONTRACT, "signature_contract",  AT(WALLET),              SIGNATURE, SIGNATURE_CONTRACT),
	ROW(CHALLENGE_EXPIRED,  "challenge_expired",   AT(WALLET),              NONE,      SIGNATURE_EXPIRED),
	ROW(CHALLENGE_LOCKED,   "challenge_locked",    AT(WALLET),              NONE,      SIGNATURE_LOCKED),
	ROW(PROVIDER_DOWN,      "provider_down",       AT(CHECK) | AT(RESULT),  NONE,      PROVIDER_DOWN),
	ROW(PROVIDER_PAUSED,    "provider_paused",     AT(CHECK) | AT(RESULT),  NONE,      PROVIDER_PAUSED),
	ROW(QUOTA,              "quota",               AT(CHECK) | AT(RESULT),  NONE,      QUOTA),
	ROW(UNAVAILABLE,        "unavailable",         AT_ANY,                  NONE,      UNAVAILABLE),
#undef ROW
};
/* clang-format on */

static const struct str field_ids[VERIFY_FIELDS] = {
	[VERIFY_FIELD_NONE] = STR_INIT(""),
	[VERIFY_FIELD_CONSENT] = STR_INIT("consent"),
	[VERIFY_FIELD_EMAIL] = STR_INIT("email"),
	[VERIFY_FIELD_CODE] = STR_INIT("code"),
	[VERIFY_FIELD_WALLET] = STR_INIT("wallet"),
	[VERIFY_FIELD_SIGNATURE] = STR_INIT("signature"),
};

struct str verify_error_name(enum verify_error error)
{
	return rows[error].name;
}

enum verify_error verify_error_find(struct str name, enum verification_step step)
{
	for (enum verify_error error = VERIFY_ERROR_NONE + 1; error < VERIFY_ERRORS; error++)
		if (str_eq(name, rows[error].name) && (rows[error].steps >> (unsigned)step & 1U) != 0)
			return error;
	return VERIFY_ERROR_NONE;
}

enum message_id verify_error_message(enum verify_error error)
{
	return rows[error].message;
}

enum verify_field verify_error_field(enum verify_error error)
{
	return rows[error].field;
}

struct str verify_field_id(enum verify_field field)
{
	return field_ids[field];
}
