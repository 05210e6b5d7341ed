/* Corrections that a reviewer has made to a session's document or proof of address (didit-api.md 4.4,
 * update-data). They are stored as a JSON object whose keys are value names of
 * sandbox/decision/json_template. Decisions show the corrected values in place of the made-up ones. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/state.h"
#include "text/json.h"

/* Returns the corrected value with this name, allocated in the arena, or `fallback` if it was not
 * corrected. */
struct str corrected_value(
	struct arena *a, const struct sandbox_session *session, struct str name, struct str fallback);
/* Returns the time when the session's document expires, with corrections applied. Returns 0 if no scenario
 * has been run yet. */
moment corrected_document_expiry(const struct sandbox_session *session);

/* A field that a request may correct. */
struct correctable_field {
	struct field_check check;
	/* Name of the value in sandbox/decision/json_template, and its key in the stored JSON. */
	const char *name;
};
/* One section, and the fields of it that a request may correct. */
struct correctable_section {
	enum section section;
	const struct correctable_field *fields;
	size_t n;
};
extern const struct correctable_section correctable_document, correctable_address;

/* Merges the corrections in the body with those of the session, and writes the result as JSON. Returns
 * ERR_NOT_FOUND if the body corrects nothing, and ERR_INPUT if the result is larger than SANDBOX_JSON_MAX. */
enum err corrections_merge(struct arena *a, const struct sandbox_session *session,
	const struct correctable_section *what, const struct json_value *body, struct str *out) must_use;
