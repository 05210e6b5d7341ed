/* The catalogue of outcomes (didit-api.md 12): what a person can choose on the hosted page, the status it
 * ends with and the warning it leaves. Our own stand beside Didit's: plain `decline` and `review`, document
 * and face block list. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* As Didit spells them, in the order of their making. */
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
	DIDIT_AWAITING_USER, /* of businesses; nothing here comes to it */
	DIDIT_STATUSES
};
struct str didit_status_text(enum didit_status status); /* "Not Started" */
/* False: there is none of that name. */
bool didit_status_parse(struct str name, enum didit_status *out) must_use;

/* What is looked at, each a part of a decision that an outcome can spoil. */
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
	SECTION_COMPANY, /* stands in no decision about a person */
	SECTIONS
};

struct scenario {
	struct str slug;
	struct str title; /* for people */
	enum didit_status status;
	enum section section;
	/* The warning; empty for none. `log_type` follows from the status. */
	struct str feature, risk, description;
};

/* All of them; approve is the first. */
const struct scenario *scenario_catalogue(size_t *n);
/* NULL: there is none of that name. */
const struct scenario *scenario_find(struct str slug);
