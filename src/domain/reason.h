/* Normalised reasons: why a session was declined, is in review or ended without a result, in words that do
 * not depend on the provider (spec/events.md 5). The warning codes of the provider are mapped to them by a
 * table. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "domain/verification.h"

/* In the order in which the API lists them. */
enum reason {
	REASON_DOCUMENT_EXPIRED,
	REASON_DOCUMENT_UNREADABLE,
	REASON_DOCUMENT_NOT_SUPPORTED,
	REASON_DOCUMENT_SUSPECTED_FORGERY,
	REASON_FACE_MISMATCH,
	REASON_LIVENESS_FAILED,
	REASON_UNDERAGE,
	REASON_WATCHLIST_MATCH,
	REASON_DUPLICATE_PERSON,
	REASON_BLOCKLISTED,
	REASON_DATA_MISMATCH,
	REASON_ADDRESS_UNVERIFIED,
	REASON_IP_RISK,
	REASON_ABANDONED,
	REASON_EXPIRED,
	REASON_OTHER,
	REASON_COUNT
};

/* A set of reasons: bit number r is set if reason r is in the set. */
struct reasons {
	uint32_t bits;
};

static inline void reasons_add(struct reasons *set, enum reason r)
{
	set->bits |= UINT32_C(1) << (unsigned)r;
}
static inline bool reasons_have(struct reasons set, enum reason r)
{
	return (set.bits >> (unsigned)r & 1U) != 0;
}

/* Returns the word of the API, for example "document_expired". */
const char *reason_name(enum reason r);
/* Returns the name of reason number i, or NULL when i is past the end. */
const char *reason_name_at(size_t i);
/* Returns the reason that people may be told. The reasons that would warn a fraudster or a suspect (no
 * tipping-off) become REASON_OTHER. */
enum reason reason_for_people(enum reason r);

/* Returns the reason for a warning code of the provider (`risk`, didit-api.md 6), REASON_OTHER for an unknown
 * code. Letter case does not matter. */
enum reason reason_of_warning(struct str risk);
/* Returns the reasons of a session: `found` are those of its warnings, and the one of a reviewer. An approved
 * session has none, a session that ended without a result has the reason of its status as well. */
struct reasons session_reasons(enum session_status status, struct reasons found);
