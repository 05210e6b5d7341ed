/* The columns of the records of the console. Included by record.c only, whose table refers to them. */
#pragma once

#include "domain/daily_count.h"
#include "domain/instance.h"
#include "domain/operator_account.h"
#include "domain/operator_note.h"
#include "port/column.h"

/* A column whose value is an element of an array of int64_t. */
#define ELEMENT(type, name, element)                                                                         \
	{                                                                                                    \
		name, COLUMN_INT, offsetof(type, element), sizeof(int64_t)                                   \
	}

/* clang-format off */
static const struct column operator_account_columns[] = {
	COLUMN(ID,     struct operator_account, id),
	COLUMN(DIGEST, struct operator_account, email_index),
	COLUMN(BYTES,  struct operator_account, sealed_email),
	COLUMN(ENUM,   struct operator_account, role),
	COLUMN(ID,     struct operator_account, tenant_ids),
	COLUMN(DIGEST, struct operator_account, link_digest),
	COLUMN(MOMENT, struct operator_account, link_expires_at),
	COLUMN(MOMENT, struct operator_account, created_at),
	COLUMN(MOMENT, struct operator_account, disabled_at),
	COLUMN(MOMENT, struct operator_account, last_sign_in_at),
	MAC_COLUMN,
};
static const struct column passkey_columns[] = {
	COLUMN(DIGEST, struct passkey, credential_digest),
	COLUMN(ID,     struct passkey, operator_id),
	COLUMN(BYTES,  struct passkey, credential_id),
	COLUMN(INT,    struct passkey, algorithm),
	COLUMN(BYTES,  struct passkey, public_key),
	COLUMN(INT,    struct passkey, sign_count),
	COLUMN(MOMENT, struct passkey, created_at),
	COLUMN(MOMENT, struct passkey, last_used_at),
	MAC_COLUMN,
};
static const struct column passkey_challenge_columns[] = {
	COLUMN(DIGEST, struct passkey_challenge, challenge_digest),
	COLUMN(ENUM,   struct passkey_challenge, purpose),
	COLUMN(ID,     struct passkey_challenge, operator_id),
	COLUMN(MOMENT, struct passkey_challenge, created_at),
	COLUMN(MOMENT, struct passkey_challenge, expires_at),
	MAC_COLUMN,
};
static const struct column console_session_columns[] = {
	COLUMN(DIGEST, struct console_session, token_digest),
	COLUMN(ID,     struct console_session, operator_id),
	COLUMN(MOMENT, struct console_session, created_at),
	COLUMN(MOMENT, struct console_session, seen_at),
	COLUMN(MOMENT, struct console_session, expires_at),
	COLUMN(MOMENT, struct console_session, signed_in_at),
	COLUMN(MOMENT, struct console_session, step_up_at),
	MAC_COLUMN,
};
static const struct column operator_note_columns[] = {
	COLUMN(ID,     struct operator_note, id),
	COLUMN(ID,     struct operator_note, tenant_id),
	COLUMN(ID,     struct operator_note, user_id),
	COLUMN(ID,     struct operator_note, operator_id),
	COLUMN(BYTES,  struct operator_note, sealed_text),
	COLUMN(MOMENT, struct operator_note, created_at),
};
static const struct column instance_columns[] = {
	COLUMN(ID,     struct server_instance, id),
	COLUMN(ID,     struct server_instance, host),
	COLUMN(ID,     struct server_instance, version),
	COLUMN(MOMENT, struct server_instance, started_at),
	COLUMN(MOMENT, struct server_instance, seen_at),
};
static const struct column daily_count_columns[] = {
	COLUMN(ID,     struct daily_count, tenant_id),
	COLUMN(INT,    struct daily_count, day),
	ELEMENT(struct daily_count, "prepared", counts[DAY_PREPARED]),
	ELEMENT(struct daily_count, "verified", counts[DAY_VERIFIED]),
	ELEMENT(struct daily_count, "started", counts[DAY_STARTED]),
	ELEMENT(struct daily_count, "approved", counts[DAY_APPROVED]),
	ELEMENT(struct daily_count, "declined", counts[DAY_DECLINED]),
	ELEMENT(struct daily_count, "in_review", counts[DAY_IN_REVIEW]),
	ELEMENT(struct daily_count, "expired", counts[DAY_EXPIRED]),
	ELEMENT(struct daily_count, "people_pending", people[PEOPLE_WITH(OVERALL_PENDING)]),
	ELEMENT(struct daily_count, "people_in_review", people[PEOPLE_WITH(OVERALL_IN_REVIEW)]),
	ELEMENT(struct daily_count, "people_approved", people[PEOPLE_WITH(OVERALL_APPROVED)]),
	ELEMENT(struct daily_count, "people_declined", people[PEOPLE_WITH(OVERALL_DECLINED)]),
	ELEMENT(struct daily_count, "people_expired", people[PEOPLE_WITH(OVERALL_EXPIRED)]),
	COLUMN(FLAG,   struct daily_count, closed),
};
static const struct column decision_count_columns[] = {
	COLUMN(ID,     struct decision_count, tenant_id),
	COLUMN(INT,    struct decision_count, day),
	COLUMN(BYTES,  struct decision_count, counts),
};
/* clang-format on */
