/* Notes that operators of the console write about a person of a tenant. Nobody changes a note; erasing the
 * person removes it. */
#pragma once

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

/* Longest note in bytes. A text of 1,000 UTF-16 units, which the page accepts, has at most so many. */
#define OPERATOR_NOTE_MAX 3000
/* Number of notes of one person at one tenant. */
#define OPERATOR_NOTES_MAX 100

struct operator_note {
	struct operator_note_id id;
	struct tenant_id tenant_id;
	struct user_id user_id;
	struct operator_id operator_id; /* who wrote it */
	struct str sealed_text;
	moment created_at;
};
