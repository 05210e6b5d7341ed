/* What registering a passkey and signing in with one have in common: the challenge that is used up, and the
 * browser's answer. Used by passkey_register.c, passkey_sign_in.c and own_passkeys.c only. */
#pragma once

#include "app/operator/passkey.h"
#include "crypto/webauthn.h"
#include "domain/audit.h"
#include "domain/operator_account.h"
#include "port/store.h"

struct passkey_job {
	const struct world *world;
	const struct passkey_site *site;
	const struct passkey_answer *answer;
	const struct console_caller *caller; /* of a step-up, or of PASSKEY_ADD */
	struct str link_token;		     /* of a registration */
	struct str request_id;
	enum passkey_purpose purpose;

	struct operator_account account;
	struct passkey passkey;
	struct str challenge;
	struct str session_token;
	struct str refusal; /* a word for the log */
	enum passkey_verdict verdict;
};

struct digest passkey_credential_digest(struct str credential_id);
/* Appends an audit entry of the job's operator. */
enum err passkey_audit(
	const struct passkey_job *job, struct tx *tx, enum audit_action action, struct str detail) must_use;
/* Adds a challenge of the job's purpose for an operator and sets job->challenge. */
enum err passkey_make_challenge(
	struct tx *tx, struct passkey_job *job, const struct operator_id *operator_id) must_use;
/* Uses up the challenge of the answer, whatever the answer is worth. Sets job->verdict. */
enum err passkey_take_challenge(
	struct tx *tx, struct passkey_job *job, const struct operator_id *operator_id) must_use;
/* Loads the ids of the operator's passkeys in base64url. */
enum err passkey_read_known(
	struct tx *tx, const struct operator_account *account, struct str **out, size_t *n) must_use;
/* Loads the ids of the passkeys of job->account, and adds a challenge for another one. Sets job->verdict to
 * PASSKEY_TOO_MANY if the operator has PASSKEYS_MAX. */
enum err passkey_begin_registration(
	struct tx *tx, struct passkey_job *job, struct str **known, size_t *n_known) must_use;
/* Decodes the members of the answer, except the challenge. Returns false if one is malformed. */
bool passkey_decode_answer(
	struct arena *a, const struct passkey_answer *in, struct passkey_answer *out) must_use;
/* Sets `out` to what the answer must name. Returns false if the challenge is malformed. */
bool passkey_expectation(
	struct arena *a, const struct passkey_job *job, struct webauthn_expectation *out) must_use;
/* Checks the answer to a registration, and sets job->passkey. No transaction is open. */
enum err passkey_check_registration(struct arena *a, struct passkey_job *job) must_use;
/* Sets job->verdict to that of a check that did not accept the answer. */
void passkey_set_refused(struct passkey_job *job, enum webauthn_verdict verdict);
void passkey_log_refusal(const struct passkey_job *job);
