#include "web/console/passkey_form.h"

#include "api/core/dispatch.h"
#include "api/core/fields.h"
#include "base/attr.h"
#include "crypto/webauthn.h"
#include "text/json.h"
#include "web/console/settings.h"
#include "web/core/form_body.h"

/* Base64url is a third longer than the bytes. */
#define TEXT_MAX(bytes) ((bytes) / 3 * 4 + 4)

/* clang-format off */
static const struct field answer_fields[] = {
	FIELD(struct passkey_answer, challenge,          FIELD_TEXT, FIELD_REQUIRED, 1, 64),
	FIELD(struct passkey_answer, credential_id,      FIELD_TEXT, FIELD_OPTIONAL, 1, TEXT_MAX(WEBAUTHN_ID_MAX)),
	FIELD(struct passkey_answer, client_data,        FIELD_TEXT, FIELD_REQUIRED, 1, TEXT_MAX(WEBAUTHN_CLIENT_DATA_MAX)),
	FIELD(struct passkey_answer, attestation_object, FIELD_TEXT, FIELD_OPTIONAL, 1, TEXT_MAX(WEBAUTHN_ATTESTATION_MAX)),
	FIELD(struct passkey_answer, authenticator_data, FIELD_TEXT, FIELD_OPTIONAL, 1, TEXT_MAX(WEBAUTHN_AUTHENTICATOR_DATA_MAX)),
	FIELD(struct passkey_answer, signature,          FIELD_TEXT, FIELD_OPTIONAL, 1, TEXT_MAX(WEBAUTHN_SIGNATURE_MAX)),
};
static const struct form answer_form = FORM(answer_fields, struct passkey_answer, "");

static const struct {
	const char *word, *text;
} refusals[] = {
	[PASSKEY_NO_LINK] = { "link", "This link was used or replaced, or it has expired. If you have registered your passkey, sign in with it. Otherwise "
		"ask an administrator for a new link." },
	[PASSKEY_NO_CHALLENGE] = { "late", "This took too long, or the page was sent twice. Try again." },
	[PASSKEY_REFUSED] = { "refused", "The passkey was not accepted. Try again." },
	[PASSKEY_UNKNOWN] = { "unknown", "This passkey is not registered here. Use another one, or ask an administrator for a link." },
	[PASSKEY_KNOWN] = { "known", "This passkey is registered already. Sign in with it, or register another one." },
	[PASSKEY_TOO_MANY] = { "many", "You have the largest number of passkeys." },
	[PASSKEY_CLONED] = { "cloned", "This passkey may have been copied, so it was refused. Tell an administrator." },
	[PASSKEY_LAST] = { "last", "This is your only passkey. Add another one before you remove it." },
	[PASSKEY_DISABLED] = { "disabled", "Your account is disabled. Ask an administrator." },
};
/* clang-format on */

bool passkey_form_read(
	const struct console_request *request, struct passkey_answer *out, struct reply *refused)
{
	void *read = NULL;

	switch (form_body_read(request->call, &answer_form, &read, refused)) {
	case FORM_BODY_READ:
		*out = *(const struct passkey_answer *)read;
		return true;
	case FORM_BODY_BAD:
		*refused = console_notice(request, CONSOLE_NOTICE_BAD_FORM);
		return false;
	case FORM_BODY_REFUSED:
		break;
	}
	return false;
}

static void write_options(const struct console_request *request, struct json_body *body, struct str challenge,
	const struct str *known, size_t n_known)
{
	json_field_text(&body->w, "challenge", challenge);
	json_field_text(&body->w, "rp_id", request->call->api->console->site.rp_id);
	json_key(&body->w, "known");
	json_begin_array(&body->w);
	for (size_t i = 0; i < n_known; i++)
		json_put_text(&body->w, known[i]);
	json_end_array(&body->w);
}

struct reply passkey_options_reply(
	const struct console_request *request, struct str challenge, const struct str *known, size_t n_known)
{
	struct json_body body;

	json_body_begin(&body, request->call);
	write_options(request, &body, challenge, known, n_known);
	return respond_json_body(request->call, 200, &body);
}

struct reply passkey_creation_reply(
	const struct console_request *request, const struct passkey_registration *registration)
{
	static const enum webauthn_algorithm algorithms[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA,
		WEBAUTHN_RS256 };
	struct json_body body;

	json_body_begin(&body, request->call);
	write_options(request, &body, registration->challenge, registration->known, registration->n_known);
	json_field_text(&body.w, "user_handle", registration->user_handle);
	json_field_text(&body.w, "email", registration->email);
	json_key(&body.w, "algorithms");
	json_begin_array(&body.w);
	for (size_t i = 0; i < array_len(algorithms); i++)
		json_put_int(&body.w, algorithms[i]);
	json_end_array(&body.w);
	return respond_json_body(request->call, 200, &body);
}

const char *passkey_refusal_text(enum passkey_verdict verdict)
{
	return refusals[verdict].text;
}

const char *passkey_refusal_word(enum passkey_verdict verdict)
{
	return refusals[verdict].word;
}

struct str passkey_refusal_of_word(struct str word)
{
	for (size_t i = 0; i < array_len(refusals); i++)
		if (refusals[i].word && str_eq(word, str_of(refusals[i].word)))
			return str_of(refusals[i].text);
	return STR("");
}
