/* What was corrected by hand in a session's document or proof of address (didit-api.md 4.4, update-data):
 * kept as JSON by the names of sandbox/decision/json_template, and told in place of what was made up. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/state.h"
#include "text/json.h"

/* The corrected text of that name, in the arena; `otherwise` when it was not. */
struct str corrected_value(
	struct arena *a, const struct sandbox_session *session, struct str name, struct str otherwise);
/* From when on the document has run out; 0 while nothing was looked at. */
moment corrected_document_expiry(const struct sandbox_session *session);

/* What may be corrected in one section. */
struct correctable_field {
	struct field_check check;
	const char *name; /* of sandbox/decision/json_template */
};
struct correctable_section {
	enum section section;
	const struct correctable_field *fields;
	size_t n;
};
extern const struct correctable_section correctable_document, correctable_address;

/* The session's corrections with those of the body. ERR_NOT_FOUND: it has none; ERR_INPUT: too much in all.
 */
enum err corrections_merge(struct arena *a, const struct sandbox_session *session,
	const struct correctable_section *what, const struct json_value *body, struct str *out) must_use;
