/* The catalogue of scenarios (didit-api.md 12): the outcomes that a person can choose on the hosted page. A
 * scenario determines the status with which the session ends and the warning in its decision. The sandbox
 * adds four scenarios that Didit does not have: `decline`, `review`, `decline_document_blocklist` and
 * `decline_face_blocklist`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Didit's session statuses. The sandbox's state file contains their names (didit_status_text). */
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
	DIDIT_AWAITING_USER, /* only for business (KYB) sessions; the sandbox never sets it */
	DIDIT_STATUSES
};
struct str didit_status_text(enum didit_status status); /* "Not Started" */
/* Returns false for an unknown name. */
bool didit_status_parse(struct str name, enum didit_status *out) must_use;

/* The checks of a verification. Each check is one section of a decision, and a scenario makes at most one of
 * them fail. The numbers are stored: changing one requires a new SANDBOX_STATE_VERSION. */
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
	SECTION_COMPANY, /* business checks; decisions about a person have no such section */
	SECTIONS
};

struct scenario {
	struct str slug;
	struct str title; /* shown to people */
	enum didit_status status;
	enum section section;
	/* The warning in the decision. All texts are empty if there is no warning. The warning's `log_type`
	 * is derived from the status. */
	struct str feature, risk, description;
};

/* Returns all scenarios and sets `n` to their number. The first one is `approve`. */
const struct scenario *scenario_catalogue(size_t *n);
/* Returns NULL if no scenario has this slug. */
const struct scenario *scenario_find(struct str slug);
