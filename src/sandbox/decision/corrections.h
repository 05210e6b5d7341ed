/* Corrections that a reviewer made to a session's document or proof of address (didit-api.md 4.4,
 * update-data). They are stored as a JSON object whose keys are value names of
 * sandbox/decision/json_template. Decisions show them in place of the made-up values. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/state.h"
#include "text/json.h"

/* Returns the corrected value of that name, allocated in the arena, or `fallback` if it was not corrected. */
struct str corrected_value(
	struct arena *a, const struct sandbox_session *session, struct str name, struct str fallback);
/* The moment when the session's document expires, with corrections applied; 0 if no scenario was run yet. */
moment corrected_document_expiry(const struct sandbox_session *session);

/* A field that a request may correct. */
struct correctable_field {
	struct field_check check;
	const char *name; /* the value's name in sandbox/decision/json_template, also the stored key */
};
/* All fields of one section that a request may correct. */
struct correctable_section {
	enum section section;
	const struct correctable_field *fields;
	size_t n;
};
extern const struct correctable_section correctable_document, correctable_address;

/* Merges the corrections in the body into those of the session and writes them as JSON. ERR_NOT_FOUND: the
 * body corrects nothing; ERR_INPUT: the result is larger than SANDBOX_JSON_MAX. */
enum err corrections_merge(struct arena *a, const struct sandbox_session *session,
	const struct correctable_section *what, const struct json_value *body, struct str *out) must_use;
