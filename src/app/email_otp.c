#include "app/email_otp.h"

#include "app/person.h"
#include "app/relay.h"
#include "app/trail.h"
#include "app/visitor.h"
#include "base/buf.h"
#include "crypto/keys.h"
#include "text/json.h"

#define CODE_SIZE 9 /* at most 8 digits */

static void code_digest(
	const struct world *world, const struct enrolment *enrolment, struct str code, struct digest *out)
{
	const struct str parts[] = { str_of(enrolment->tenant.text), str_of(enrolment->user.text), code };

	keyed_digest(&world->keys->code, parts, array_len(parts), out->bytes);
}

static enum err make_code(const struct world *world, char out[CODE_SIZE])
{
	uint64_t luck;

	do {
		TRY(world_random(world, &luck, sizeof(luck)));
	} while (!code_from_random(luck, (int)world->rules->otp_digits, out));
	wipe(&luck, sizeof(luck));
	return OK;
}

/* May this person be sent another code, and the place they sit at? Counted over the whole group: the bucket
 * lives in the person's row, the day in the letters themselves. */
static enum err take_send(const struct world *world, struct tx *tx, const struct caller *caller,
	struct user *user, struct sent *out)
{
	const moment now = world_now(world);
	const struct effect probe = {
		.user = user->id, .kind = EFFECT_MAIL_CODE, .created = before(now, days(1))
	};
	struct effect oldest;
	size_t n;

	TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe,
		page((size_t)world->rules->sends_per_day - 1, 1), &oldest, &n));
	if (n > 0) {
		*out = (struct sent){ SEND_LIMITED, between(now, after(oldest.created, days(1))) };
		return OK;
	}
	bool taken = bucket_take(&world->rules->send_bucket, &user->send_full, now, &out->wait);
	if (taken)
		TRY(visitor_take(world, tx, caller, &taken, &out->wait));
	out->verdict = taken ? SEND_QUEUED : SEND_LIMITED;
	return OK;
}

/* What the worker needs to write the letter: sealed, and wiped once it is done. */
static enum err seal_letter(const struct world *world, struct tx *tx, const struct user *user,
	struct str email, struct str code, struct effect *effect)
{
	struct buf text;
	struct js_writer w;
	struct str plain;
	const struct sealed_place place = { "effects", "sealed", effect->id.text };

	buf_init(&text, tx->arena);
	js_begin(&w, &text);
	js_object(&w);
	js_field_text(&w, "to", email);
	js_field_text(&w, "code", code);
	js_object_end(&w);
	TRY(buf_done(&text, &plain));
	const enum err e = person_seal(world, tx->arena, user, &place, plain, &effect->sealed);
	wipe(text.p, text.n);
	return e;
}

static enum err issue_code(const struct world *world, struct tx *tx, const struct caller *caller,
	struct enrolment *enrolment, const struct user *user, struct str email)
{
	const moment now = world_now(world);
	struct effect effect = { .kind = EFFECT_MAIL_CODE,
		.tenant = caller->tenant.id,
		.user = user->id,
		.state = EFFECT_QUEUED,
		.created = now,
		.due = now,
		.useful_until = after(now, world->rules->otp_life) };
	struct otp otp = { .tenant = caller->tenant.id, .user = user->id };
	char code[CODE_SIZE];
	struct digest digest;

	TRY(world_id(world, effect.id.text));
	TRY(make_code(world, code));
	code_digest(world, enrolment, str_of(code), &digest);
	const enum err e = seal_letter(world, tx, user, email, str_of(code), &effect);
	wipe(code, sizeof(code));
	TRY(e);
	otp_issue(&otp, digest, now, world->rules->otp_life, world->rules->otp_tries);
	otp.letter = effect.id;
	TRY(store_save_otp(tx, &otp));
	TRY(store_note_effect(tx, &effect));
	enrolment->last_letter = effect.id;
	TRY(store_save_enrolment(tx, enrolment));
	const struct deed deed = { ACT_CODE_SENT, user->id.text, caller->tenant.id.text, "" };
	return trail_note(world, tx, &caller->actor, &deed);
}

struct send_job {
	const struct world *world;
	const struct caller *caller;
	const struct send_order *order;
	bool hopeless;
	struct sent sent;
};

static enum err queue_code(
	const struct send_job *job, struct tx *tx, struct enrolment *enrolment, struct user *user)
{
	const struct str language = job->order->language;

	if (language.n > 0 && !str_copy_to(language, user->language, sizeof(user->language)))
		return ERR_INPUT;
	TRY(store_save_user(tx, user));
	return issue_code(job->world, tx, job->caller, enrolment, user, job->order->email);
}

static enum err send(struct tx *tx, void *arg)
{
	struct send_job *const job = arg;
	struct acquaintance known;
	struct user user = { 0 };

	const struct identity who = identity_email(job->order->email);
	TRY(person_look_up(job->world, tx, &job->caller->tenant, &who, &known));
	if (!known.is_enrolled || enrolment_is_proven(&known.enrolment)) {
		job->sent.verdict = known.is_enrolled ? SEND_ALREADY_VERIFIED : SEND_UNKNOWN_USER;
		return OK;
	}
	job->sent.verdict = SEND_HOPELESS;
	if (job->hopeless)
		return OK;
	user.id = known.enrolment.user;
	TRY(store_load_user(tx, &user));
	TRY(take_send(job->world, tx, job->caller, &user, &job->sent));
	return job->sent.verdict == SEND_QUEUED ? queue_code(job, tx, &known.enrolment, &user) : OK;
}

enum err app_send_email_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct send_order *order, struct sent *out)
{
	/* Asked before: who is told that there is hope is the only one for a while, and a job may run twice.
	 */
	struct send_job job = {
		.world = world, .caller = caller, .order = order, .hopeless = relay_is_hopeless(world)
	};

	TRY(store_transact(world->store, TX_WRITE, a, send, &job));
	*out = job.sent;
	return OK;
}

static const enum verify_verdict verdict_of[OTP_VERDICTS] = {
	[OTP_ACCEPTED] = VERIFY_ACCEPTED,
	[OTP_WRONG] = VERIFY_WRONG,
	[OTP_EXPIRED] = VERIFY_EXPIRED,
	[OTP_LOCKED] = VERIFY_LOCKED,
};

static enum err accept_proof(
	const struct world *world, struct tx *tx, const struct caller *caller, struct enrolment *enrolment)
{
	enrolment->proven = world_now(world);
	TRY(store_save_enrolment(tx, enrolment));
	const struct deed deed = { ACT_PROVEN, enrolment->user.text, caller->tenant.id.text, "email" };
	return trail_note(world, tx, &caller->actor, &deed);
}

/*~ 6. Load, decide, save: what the code is compared with is loaded, the rule judges and counts the try, and
 * the row is saved whatever the verdict. It is the same transaction that a right code proves the address in.
 */
static enum err judge(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	struct str code, enum otp_verdict *out)
{
	struct otp otp = { .tenant = enrolment->tenant, .user = enrolment->user };
	struct digest typed;

	const enum err e = store_load_otp(tx, &otp);
	if (e == ERR_MISSING) {
		*out = OTP_EXPIRED; /* interface.md 3: no code was ever sent */
		return OK;
	}
	TRY(e);
	code_digest(world, enrolment, code, &typed);
	*out = otp_check(&otp, equal_constant_time(otp.digest.bytes, typed.bytes, sizeof(typed.bytes)),
		world_now(world));
	/* What cannot be a code costs no try (interface.md 3), but hears of expiry and lock all the same. */
	if (!otp_is_well_formed(code, world->rules->otp_digits))
		return OK;
	return store_save_otp(tx, &otp);
}

enum err app_verify_email_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str email, struct str code, enum verify_verdict *out)
{
	struct acquaintance known;
	enum otp_verdict verdict;

	const struct identity who = identity_email(email);
	TRY(person_look_up(world, tx, &caller->tenant, &who, &known));
	if (!known.is_enrolled || enrolment_is_proven(&known.enrolment)) {
		*out = known.is_enrolled ? VERIFY_ALREADY : VERIFY_UNKNOWN_USER;
		return OK;
	}
	TRY(judge(world, tx, &known.enrolment, code, &verdict));
	if (verdict == OTP_ACCEPTED)
		TRY(accept_proof(world, tx, caller, &known.enrolment));
	*out = verdict_of[verdict];
	return OK;
}
