#include "app/console/person_code.h"

#include "app/enrolment/otp.h"
#include "domain/otp.h"

static enum person_code_state state_of(const struct otp *otp, moment now)
{
	if (otp_is_live(otp, now))
		return PERSON_CODE_LIVE;
	if (!otp->used && otp->tries_left == 0 && moment_is_before(now, otp->expires_at))
		return PERSON_CODE_LOCKED;
	return PERSON_CODE_EXPIRED;
}

static enum err load_next_send(
	const struct world *world, struct tx *tx, const struct enrolment *enrolment, moment *out)
{
	struct user user = { .id = enrolment->user_id };
	duration wait;

	TRY(store_load_user(tx, &user));
	TRY(otp_send_wait(world, tx, EFFECT_MAIL_CODE, &user, &wait));
	*out = moment_add(world_now(world), wait);
	return OK;
}

enum err person_code_load(
	const struct world *world, struct tx *tx, const struct enrolment *enrolment, struct person_code *out)
{
	struct otp otp = { .tenant_id = enrolment->tenant_id, .user_id = enrolment->user_id };
	const enum err e = store_load_otp(tx, &otp);

	*out = (struct person_code){ .state = PERSON_CODE_NONE };
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	out->state = state_of(&otp, world_expiry_now(world));
	out->created_at = otp.created_at;
	out->expires_at = otp.expires_at;
	out->wrong_entries = world->rules->otp_tries - otp.tries_left;
	return load_next_send(world, tx, enrolment, &out->next_send_at);
}
