/* The catalogue of scenarios (didit-api.md 12): the outcomes that a person can choose on the hosted page.
 * Each has the status the session ends with and the warning its decision carries. The sandbox adds four
 * scenarios that Didit does not have: `decline`, `review`, `decline_document_blocklist` and
 * `decline_face_blocklist`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Didit's session statuses. The sandbox's state file stores the names of didit_status_text. */
enum didit_status {
	DIDIT_NOT_STARTED,
	DIDIT_IN_PROGRESS,
	DIDIT_IN_REVIEW,
	DIDIT_APPROVED,
	DIDIT_DECLINED,
	DIDIT_EXPIRED,
	DIDIT_ABANDONED,
	DIDIT_KYC_EXPIRED,
	DIDIT_RESUBMITTED,
	DIDIT_AWAITING_USER, /* for business (KYB) sessions; the sandbox never sets it */
	DIDIT_STATUSES
};
struct str didit_status_text(enum didit_status status); /* "Not Started" */
/* Returns false for an unknown name. */
bool didit_status_parse(struct str name, enum didit_status *out) must_use;

/* The checks of a verification. Each is one section of a decision, and a scenario makes at most one of them
 * fail. The numbers are stored: changing one requires a new SANDBOX_STATE_VERSION. */
enum section {
	SECTION_NONE,
	SECTION_DOCUMENT,
	SECTION_CHIP,
	SECTION_LIVENESS,
	SECTION_FACE_MATCH,
	SECTION_ADDRESS,
	SECTION_PHONE,
	SECTION_EMAIL,
	SECTION_DATABASE,
	SECTION_AML,
	SECTION_LOCATION,
	SECTION_QUESTIONNAIRE,
	SECTION_COMPANY, /* business checks; no section of a decision about a person */
	SECTIONS
};

struct scenario {
	struct str slug;
	struct str title; /* shown to people */
	enum didit_status status;
	enum section section;
	/* The warning in the decision; empty texts: no warning. Its `log_type` is derived from the status. */
	struct str feature, risk, description;
};

/* Returns all scenarios; the first one is `approve`. */
const struct scenario *scenario_catalogue(size_t *n);
/* Returns NULL when no scenario has this slug. */
const struct scenario *scenario_find(struct str slug);
