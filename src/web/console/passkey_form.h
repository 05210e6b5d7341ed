/* The forms that the script of the passkey pages fills in (src/web/script/passkey.js), and what it needs for
 * that. */
#pragma once

#include <stdbool.h>

#include "app/operator/passkey.h"
#include "web/console/request.h"

/* Reads the answer of the browser from the body of a form. Returns false and sets `refused` if it is
 * malformed. */
bool passkey_form_read(
	const struct console_request *request, struct passkey_answer *out, struct reply *refused) must_use;

/* Responds with the challenge and the ids of the passkeys as JSON, for navigator.credentials.get(). */
struct reply passkey_options_reply(
	const struct console_request *request, struct str challenge, const struct str *known, size_t n_known);
/* The same with the operator, for navigator.credentials.create(). */
struct reply passkey_creation_reply(
	const struct console_request *request, const struct passkey_registration *registration);

/* Sentence for the page of a refused passkey; NULL for PASSKEY_ACCEPTED. */
const char *passkey_refusal_text(enum passkey_verdict verdict);
/* The word of a refusal in the query of a page, and back; NULL: none. */
const char *passkey_refusal_word(enum passkey_verdict verdict);
struct str passkey_refusal_of_word(struct str word);
