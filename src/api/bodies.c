#include "api/bodies.h"

#include "base/attr.h"
#include "text/email.h"

#define WALLET_MAX 128
#define SESSION_ID_MAX 64

/* clang-format off */
static const struct field email_fields[] = {
	FIELD(struct email_body, email,    FIELD_EMAIL,    FIELD_REQUIRED, 3, EMAIL_MAX),
	FIELD(struct email_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 35),
};
static const struct field code_fields[] = {
	FIELD(struct code_body, email, FIELD_EMAIL,  FIELD_REQUIRED, 3, EMAIL_MAX),
	FIELD(struct code_body, code,  FIELD_DIGITS, FIELD_REQUIRED, 1, 64),
};
static const struct field address_fields[] = {
	FIELD(struct address_body, email,    FIELD_EMAIL,    FIELD_OPTIONAL, 3, EMAIL_MAX),
	FIELD(struct address_body, wallet,   FIELD_TEXT,     FIELD_OPTIONAL, 1, WALLET_MAX),
	FIELD(struct address_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 35),
};
static const struct field status_fields[] = {
	FIELD(struct status_body, email,      FIELD_EMAIL, FIELD_OPTIONAL, 3, EMAIL_MAX),
	FIELD(struct status_body, wallet,     FIELD_TEXT,  FIELD_OPTIONAL, 1, WALLET_MAX),
	FIELD(struct status_body, session_id, FIELD_TEXT,  FIELD_OPTIONAL, 1, SESSION_ID_MAX),
};

#define FORM(fields, n, type, missing, one_of_first) \
	{ fields, n, sizeof(type), missing, (one_of_first) > 0, one_of_first }

const struct form email_form        = FORM(email_fields, array_len(email_fields), struct email_body, "email is required", 0);
const struct form code_form         = FORM(code_fields, array_len(code_fields), struct code_body, "email and code are required", 0);
const struct form address_form      = FORM(address_fields, array_len(address_fields), struct address_body, "email or wallet is required", 2);
/* GET takes an address alone, and has the older sentence (interface.md 3). */
const struct form status_query_form = FORM(status_fields, 2, struct status_body, "email is required", 2);
const struct form status_form       = FORM(status_fields, array_len(status_fields), struct status_body, "email or wallet is required", 3);
/* clang-format on */
