/* The columns of the records of verification links. Included by record.c only, whose table refers to them. */
#pragma once

#include "domain/verification_link.h"
#include "port/column.h"

/* clang-format off */
static const struct column verification_link_columns[] = {
	COLUMN(ID,     struct verification_link, id),
	COLUMN(ID,     struct verification_link, tenant_id),
	COLUMN(DIGEST, struct verification_link, token_digest),
	COLUMN(ID,     struct verification_link, language),
	COLUMN(BYTES,  struct verification_link, sealed_return_url),
	COLUMN(BYTES,  struct verification_link, sealed_reference),
	COLUMN(ENUM,   struct verification_link, address_kind),
	COLUMN(BYTES,  struct verification_link, sealed_address),
	COLUMN(DIGEST, struct verification_link, address_index),
	COLUMN(ENUM,   struct verification_link, attempt),
	COLUMN(BYTES,  struct verification_link, sealed_challenge),
	COLUMN(MOMENT, struct verification_link, challenge_expires_at),
	COLUMN(MOMENT, struct verification_link, created_at),
	COLUMN(MOMENT, struct verification_link, expires_at),
	COLUMN(MOMENT, struct verification_link, started_at),
	COLUMN(DIGEST, struct verification_link, consent_digest),
	COLUMN(ID,     struct verification_link, consent_language),
	COLUMN(ID,     struct verification_link, user_id),
	COLUMN(MOMENT, struct verification_link, verified_at),
	COLUMN(ID,     struct verification_link, session_id),
	COLUMN(MOMENT, struct verification_link, completed_at),
	COLUMN(MOMENT, struct verification_link, revoked_at),
	COLUMN(MOMENT, struct verification_link, updated_at),
	MAC_COLUMN,
};
static const struct column verification_result_columns[] = {
	COLUMN(DIGEST, struct verification_result, token_digest),
	COLUMN(ID,     struct verification_result, link_id),
	COLUMN(MOMENT, struct verification_result, created_at),
	COLUMN(MOMENT, struct verification_result, expires_at),
	MAC_COLUMN,
};
/* clang-format on */
