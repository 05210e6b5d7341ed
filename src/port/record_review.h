/* The columns of the record of reviews. Included by record.c only, whose table refers to them. */
#pragma once

#include "domain/review.h"
#include "port/column.h"

/* clang-format off */
static const struct column review_columns[] = {
	COLUMN(ID,     struct review, session_id),
	COLUMN(ID,     struct review, tenant_id),
	COLUMN(ENUM,   struct review, state),
	COLUMN(ID,     struct review, claimed_by),
	COLUMN(MOMENT, struct review, claimed_until),
	COLUMN(ENUM,   struct review, verdict),
	COLUMN(ID,     struct review, reason),
	COLUMN(BYTES,  struct review, sealed_comment),
	COLUMN(ID,     struct review, decided_by),
	COLUMN(MOMENT, struct review, decided_at),
	COLUMN(ID,     struct review, confirmed_by),
	COLUMN(MOMENT, struct review, confirmed_at),
	MAC_COLUMN,
};
/* clang-format on */
