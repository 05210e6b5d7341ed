#include "app/enrolment/otp.h"

#include "app/core/audit.h"
#include "app/core/ip_limit.h"
#include "app/core/sealed_names.h"
#include "app/person/person.h"
#include "base/buf.h"
#include "crypto/keys.h"
#include "text/json.h"

#define CODE_SIZE 9 /* at most 8 digits */

static void otp_digest(const struct world *world, const struct otp *otp, const struct digest *link_wallet,
	struct str code, struct digest *out)
{
	const struct str tenant = str_of(otp->tenant_id.text), user = str_of(otp->user_id.text);
	const struct str plain[] = { tenant, user, code };
	const struct str wallet = { link_wallet ? (const char *)link_wallet->bytes : NULL,
		sizeof(link_wallet->bytes) };
	const struct str link_parts[] = { STR("pair"), tenant, user, wallet, code };

	if (link_wallet)
		keyed_digest(&world->keys->code, link_parts, array_len(link_parts), out->bytes);
	else
		keyed_digest(&world->keys->code, plain, array_len(plain), out->bytes);
}

static enum err create_code(const struct world *world, char out[CODE_SIZE])
{
	uint64_t random_bits;

	do {
		TRY(world_random(world, &random_bits, sizeof(random_bits)));
	} while (!code_from_random(random_bits, (int)world->rules->otp_digits, out));
	secure_wipe(&random_bits, sizeof(random_bits));
	return OK;
}

static duration shorter_of(duration a, duration b)
{
	return duration_is_shorter(a, b) ? a : b;
}

/* The bucket of each kind of e-mail. */
static moment *send_tat_of(struct user *user, enum effect_kind kind)
{
	if (kind == EFFECT_MAIL_LINK_CODE)
		return &user->link_send_tat;
	return kind == EFFECT_MAIL_VERIFICATION_LINK ? &user->verification_link_send_tat : &user->send_tat;
}

/* Takes a unit of the recipient's limits. The short-term limit is the bucket in the user's row. The daily
 * limit counts the e-mails of the last 24 hours in the outbox. If the clock was set back, it also counts
 * those of the future, and the wait is at most a day. */
static enum err take_from_recipient(const struct world *world, struct tx *tx, enum effect_kind kind,
	struct user *user, bool *taken, duration *wait)
{
	const moment now = world_now(world);
	const struct effect probe = {
		.user_id = user->id, .kind = kind, .created_at = moment_sub(now, days(1))
	};
	struct effect oldest;
	size_t n;

	TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe,
		page_of((size_t)world->rules->sends_per_day - 1, 1), &oldest, &n));
	*taken = n == 0 && bucket_take(&world->rules->send_bucket, send_tat_of(user, kind),
				   world_expiry_now(world), wait);
	if (n > 0)
		*wait = shorter_of(moment_diff(now, moment_add(oldest.created_at, days(1))), days(1));
	return OK;
}

enum err otp_check_rate(const struct world *world, struct tx *tx, const struct caller *caller,
	enum effect_kind kind, struct user *user, struct send_result *out)
{
	bool allowed, taken = false;

	TRY(take_from_recipient(world, tx, kind, user, &allowed, &out->wait));
	if (allowed)
		TRY(ip_limit_take(world, tx, caller, &taken, &out->wait));
	out->limited_by_ip = allowed && !taken;
	out->verdict = taken ? SEND_QUEUED : SEND_LIMITED;
	return OK;
}

enum err otp_send_wait(const struct world *world, struct tx *tx, enum effect_kind kind,
	const struct user *user, duration *wait)
{
	struct user copy = *user;
	bool allowed;

	TRY(take_from_recipient(world, tx, kind, &copy, &allowed, wait));
	if (allowed)
		*wait = milliseconds(0);
	return OK;
}

/* Seals the data from which the worker writes the e-mail. They are removed from the row once the e-mail is
 * finished. */
static enum err seal_payload(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct otp_params *params, struct str code, struct effect *effect)
{
	struct buf text;
	struct json_writer w;
	struct str plain;
	const struct sealed_field place = { SEALED_EFFECT, effect->id.text };

	buf_init(&text, tx->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "to", params->email);
	json_field_text(&w, "code", code);
	json_field_text(&w, "request_id", str_of(actor->request_id));
	if (params->kind == EFFECT_MAIL_LINK_CODE) {
		json_field_text(&w, "wallet", params->wallet);
		json_field_text(&w, "language", params->language);
	}
	json_end_object(&w);
	TRY(buf_done(&text, &plain));
	const enum err e = user_seal(world, tx->arena, params->user, &place, plain, &effect->sealed_payload);
	secure_wipe(text.p, text.n);
	return e;
}

enum err otp_issue(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct otp_params *params, struct otp *otp)
{
	const moment now = world_expiry_now(world);
	struct effect effect = { .kind = params->kind,
		.tenant_id = caller->tenant.id,
		.user_id = params->user->id,
		.state = EFFECT_QUEUED,
		.created_at = world_now(world), /* the Date of the e-mail */
		.due_at = now,
		.expires_at = moment_add(now, world->rules->otp_ttl) };
	char code[CODE_SIZE];
	struct digest digest;

	TRY(world_id(world, effect.id.text));
	TRY(create_code(world, code));
	otp_digest(world, otp, params->link_wallet, str_of(code), &digest);
	const enum err e = seal_payload(world, tx, &caller->actor, params, str_of(code), &effect);
	secure_wipe(code, sizeof(code));
	TRY(e);
	otp_replace(otp, digest, now, world->rules->otp_ttl, world->rules->otp_tries);
	otp->mail_id = effect.id;
	TRY(store_enqueue_effect(tx, &effect));
	const struct audit_params audit = { AUDIT_CODE_SENT, params->user->id.text, caller->tenant.id.text,
		params->kind == EFFECT_MAIL_LINK_CODE ? "link" : "" };
	return audit_append(world, tx, &caller->actor, &audit);
}

enum otp_verdict otp_verify(const struct world *world, struct otp *otp, const struct digest *link_wallet,
	struct str typed, bool *counted)
{
	struct digest digest;

	otp_digest(world, otp, link_wallet, typed, &digest);
	*counted = otp_is_well_formed(typed, world->rules->otp_digits);
	return otp_check(otp, equal_constant_time(otp->digest.bytes, digest.bytes, sizeof(digest.bytes)),
		world_expiry_now(world));
}
