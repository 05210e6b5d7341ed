/* The columns of the records of the console. Included by record.c only, whose table refers to them. */
#pragma once

#include "domain/operator_account.h"
#include "port/column.h"

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
};
static const struct column passkey_challenge_columns[] = {
	COLUMN(DIGEST, struct passkey_challenge, challenge_digest),
	COLUMN(ENUM,   struct passkey_challenge, purpose),
	COLUMN(ID,     struct passkey_challenge, operator_id),
	COLUMN(MOMENT, struct passkey_challenge, created_at),
	COLUMN(MOMENT, struct passkey_challenge, expires_at),
};
static const struct column console_session_columns[] = {
	COLUMN(DIGEST, struct console_session, token_digest),
	COLUMN(ID,     struct console_session, operator_id),
	COLUMN(MOMENT, struct console_session, created_at),
	COLUMN(MOMENT, struct console_session, seen_at),
	COLUMN(MOMENT, struct console_session, expires_at),
	COLUMN(MOMENT, struct console_session, signed_in_at),
	COLUMN(MOMENT, struct console_session, step_up_at),
};
/* clang-format on */
