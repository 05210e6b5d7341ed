#include "api/bodies.h"

#include <assert.h>

#include "base/attr.h"
#include "text/email.h"

#define WALLET_MAX 128
#define PURPOSE_MAX 32
#define SESSION_ID_MAX 64
/* As large as a body: what is wrong with it is for the endpoint to say. */
#define ANY_LENGTH 65536

/* clang-format off */
static const struct field email_fields[] = {
	FIELD(struct email_body, email,    FIELD_EMAIL,    FIELD_REQUIRED, 3, EMAIL_MAX),
	FIELD(struct email_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 35),
};
static const struct field send_fields[] = {
	FIELD(struct send_body, email,    FIELD_EMAIL,    FIELD_REQUIRED, 3, EMAIL_MAX),
	FIELD(struct send_body, wallet,   FIELD_TEXT,     FIELD_OPTIONAL, 1, WALLET_MAX),
	FIELD(struct send_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 35),
};
static const struct field code_fields[] = {
	FIELD(struct code_body, email,  FIELD_EMAIL,  FIELD_REQUIRED, 3, EMAIL_MAX),
	FIELD(struct code_body, code,   FIELD_DIGITS, FIELD_REQUIRED, 1, 64),
	FIELD(struct code_body, wallet, FIELD_TEXT,   FIELD_OPTIONAL, 1, WALLET_MAX),
};
static const struct field challenge_fields[] = {
	FIELD(struct challenge_body, wallet,  FIELD_EXACT, FIELD_REQUIRED, 1, ANY_LENGTH),
	FIELD(struct challenge_body, purpose, FIELD_TEXT,  FIELD_OPTIONAL, 1, PURPOSE_MAX),
};
static const struct field wallet_fields[] = {
	FIELD(struct wallet_body, wallet,       FIELD_EXACT,    FIELD_REQUIRED, 1, ANY_LENGTH),
	FIELD(struct wallet_body, message,      FIELD_EXACT,    FIELD_REQUIRED, 1, ANY_LENGTH),
	FIELD(struct wallet_body, signed_bytes, FIELD_EXACT,    FIELD_REQUIRED, 1, ANY_LENGTH),
	FIELD(struct wallet_body, email,        FIELD_EMAIL,    FIELD_OPTIONAL, 3, EMAIL_MAX),
	FIELD(struct wallet_body, language,     FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 35),
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

/* What a field is to those who integrate us, whatever form it stands in. */
static const struct field_doc notes[] = {
	{ "email",      "ana.exemplo@example.com", "compared trimmed and in lower case; one spelling through the whole flow is best" },
	{ "wallet",     "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "an EVM or Solana address" },
	{ "purpose",    "kyc", "what the challenge is for; `kyc` is all there is" },
	{ "message",    "kycd KYC verification\nWallet: 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n...", "the challenge, exactly as it came" },
	{ "signed_bytes", "0xae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac617006c23f3dfdf307bd426749ea8247bfc2c2a5cbcee75c2a97c33bc5aacfe36dbf1c",
	  "the signature: hex for EVM (`personal_sign`), base58 for Solana (`signMessage`)" },
	{ "code",       "493027", "as the person typed it: spaces and hyphens are dropped" },
	{ "session_id", "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", "of a person who is proven to you" },
	{ "language",   "pt-BR", "BCP 47, for letters and pages; the nearest that there is, never an error" },
};

#define FORM(fields, n, type, missing, one_of_first) \
	{ fields, n, sizeof(type), missing, (one_of_first) > 0, one_of_first }

const struct form email_form        = FORM(email_fields, array_len(email_fields), struct email_body, "email is required", 0);
const struct form send_form         = FORM(send_fields, array_len(send_fields), struct send_body, "email is required", 0);
const struct form code_form         = FORM(code_fields, array_len(code_fields), struct code_body, "email and code are required", 0);
const struct form challenge_form    = FORM(challenge_fields, array_len(challenge_fields), struct challenge_body, "wallet is required", 0);
const struct form wallet_form       = FORM(wallet_fields, array_len(wallet_fields), struct wallet_body, "wallet, message and signed_bytes are required", 0);
const struct form address_form      = FORM(address_fields, array_len(address_fields), struct address_body, "email or wallet is required", 2);
/* GET takes an address alone, and has the older sentence (interface.md 3). */
const struct form status_query_form = FORM(status_fields, 2, struct status_body, "email is required", 2);
const struct form status_form       = FORM(status_fields, array_len(status_fields), struct status_body, "email or wallet is required", 3);
/* clang-format on */

const struct field_doc *field_doc(const char *name)
{
	size_t i = 0;

	while (i < array_len(notes) && !str_eq(str_of(notes[i].name), str_of(name)))
		i++;
	assert(i < array_len(notes)); /* a new field has a note: the description needs it */
	return &notes[i];
}
