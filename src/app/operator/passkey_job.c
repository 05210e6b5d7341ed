#include "app/operator/passkey_job.h"

#include <string.h>

#include "app/core/audit.h"
#include "app/operator/access.h"
#include "app/operator/account.h"
#include "app/operator/token.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "text/encode.h"

struct digest passkey_credential_digest(struct str id)
{
	struct digest digest = { .bytes = { 0 } };

	sha256(id, digest.bytes);
	return digest;
}

enum err passkey_audit(
	const struct passkey_job *job, struct tx *tx, enum audit_action action, struct str detail)
{
	struct actor actor;
	char word[33];

	console_actor(&job->account, job->request_id, &actor);
	if (!str_copy_to(detail, word, sizeof(word)))
		word[0] = '\0';
	return audit_append(
		job->world, tx, &actor, &(const struct audit_params){ action, actor.id, "", word });
}

enum err passkey_make_challenge(struct tx *tx, struct passkey_job *job, const struct operator_id *operator_id)
{
	const moment now = world_expiry_now(job->world);
	struct passkey_challenge row = { .purpose = job->purpose,
		.operator_id = *operator_id,
		.created_at = now,
		.expires_at = moment_add(now, PASSKEY_CHALLENGE_LIFE) };

	TRY(console_token_make(
		job->world, tx->arena, CONSOLE_TOKEN_CHALLENGE, &job->challenge, &row.challenge_digest));
	return store_add_passkey_challenge(tx, &row);
}

enum err passkey_take_challenge(struct tx *tx, struct passkey_job *job, const struct operator_id *operator_id)
{
	struct passkey_challenge row = { .challenge_digest = console_token_digest(job->world,
						 CONSOLE_TOKEN_CHALLENGE, job->answer->challenge) };
	const enum err e = store_load_passkey_challenge(tx, &row);

	job->verdict = PASSKEY_NO_CHALLENGE;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(store_remove_passkey_challenge(tx, &row));
	if (row.purpose == job->purpose && strcmp(row.operator_id.text, operator_id->text) == 0 &&
		passkey_challenge_is_open(&row, world_expiry_now(job->world)))
		job->verdict = PASSKEY_ACCEPTED;
	return OK;
}

enum err passkey_read_known(
	struct tx *tx, const struct operator_account *account, struct str **out, size_t *n)
{
	struct passkey *const rows = arena_array(tx->arena, struct passkey, PASSKEYS_MAX);
	struct str *const ids = arena_array(tx->arena, struct str, PASSKEYS_MAX);

	if (!rows || !ids)
		return ERR_INTERNAL;
	TRY(operator_account_passkeys(tx, account, rows, n));
	for (size_t i = 0; i < *n; i++)
		TRY(base64url_write(tx->arena, (const unsigned char *)rows[i].credential_id.p,
			rows[i].credential_id.n, &ids[i]));
	*out = ids;
	return OK;
}

enum err passkey_begin_registration(
	struct tx *tx, struct passkey_job *job, struct str **known, size_t *n_known)
{
	TRY(passkey_read_known(tx, &job->account, known, n_known));
	if (*n_known >= PASSKEYS_MAX) {
		job->verdict = PASSKEY_TOO_MANY;
		return OK;
	}
	return passkey_make_challenge(tx, job, &job->account.id);
}

bool passkey_decode_answer(struct arena *a, const struct passkey_answer *in, struct passkey_answer *out)
{
	return base64url_read(a, in->credential_id, &out->credential_id) == OK &&
	       base64url_read(a, in->client_data, &out->client_data) == OK &&
	       base64url_read(a, in->attestation_object, &out->attestation_object) == OK &&
	       base64url_read(a, in->authenticator_data, &out->authenticator_data) == OK &&
	       base64url_read(a, in->signature, &out->signature) == OK;
}

bool passkey_expectation(struct arena *a, const struct passkey_job *job, struct webauthn_expectation *out)
{
	*out = (struct webauthn_expectation){ .origin = job->site->origin, .rp_id = job->site->rp_id };
	return base64url_read(a, job->answer->challenge, &out->challenge) == OK;
}

void passkey_set_refused(struct passkey_job *job, enum webauthn_verdict verdict)
{
	job->refusal = webauthn_verdict_name(verdict);
	job->verdict = verdict == WEBAUTHN_COUNTER_WENT_BACK ? PASSKEY_CLONED : PASSKEY_REFUSED;
}

void passkey_log_refusal(const struct passkey_job *job)
{
	char word[33];

	if (job->refusal.n == 0 || !str_copy_to(job->refusal, word, sizeof(word)))
		word[0] = '\0';
	log_event(LOG_WARN, "passkey_refused", LOG_WORD("reason", word[0] != '\0' ? word : "unknown"),
		LOG_WORD("operator_id", job->account.id.text), LOG_NUMBER("verdict", job->verdict));
}
