#include "app/mail/code_state.h"

#include <string.h>

enum err mail_recipient_load(struct tx *tx, const struct effect *effect, struct mail_recipient *out)
{
	*out = (struct mail_recipient){ .user = { .id = effect->user_id } };

	const enum err e = store_load_user(tx, &out->user);
	out->known = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Loads a code that links a wallet. Such a code is stored with the claim on the e-mail. */
static enum err load_link_code(
	struct tx *tx, const struct effect *effect, const struct mail_recipient *to, struct otp *otp)
{
	struct claim claim = { .code = { .tenant_id = effect->tenant_id },
		.email_index = to->user.blind_index };

	TRY(store_load_claim(tx, &claim));
	*otp = claim.code;
	return OK;
}

/* A link that somebody has used already needs no e-mail. */
static enum err load_link_state(struct tx *tx, const struct effect *effect, moment now, enum code_state *out)
{
	static const enum code_state states[VERIFICATION_LINK_STATES] = {
		[VERIFICATION_LINK_OPEN] = CODE_LIVE,
		[VERIFICATION_LINK_COMPLETED] = CODE_USELESS,
		[VERIFICATION_LINK_EXPIRED] = CODE_EXPIRED,
		[VERIFICATION_LINK_REVOKED] = CODE_USELESS,
	};
	struct verification_link link;

	memcpy(link.id.text, effect->id.text, sizeof(link.id.text));
	*out = CODE_USELESS;
	const enum err e = store_load_verification_link(tx, &link);
	if (e == OK && !verification_link_is_verified(&link))
		*out = states[verification_link_state_at(&link, now)];
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err code_state_load(struct tx *tx, const struct effect *effect, const struct mail_recipient *to,
	moment now, enum code_state *out)
{
	struct otp otp = { .tenant_id = effect->tenant_id, .user_id = effect->user_id };

	if (effect->kind == EFFECT_MAIL_VERIFICATION_LINK)
		return load_link_state(tx, effect, now, out);

	const enum err e = effect->kind == EFFECT_MAIL_LINK_CODE ? load_link_code(tx, effect, to, &otp)
								 : store_load_otp(tx, &otp);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*out = CODE_USELESS;
	if (e == ERR_NOT_FOUND || !str_eq(str_of(otp.mail_id.text), str_of(effect->id.text)))
		return OK;
	if (otp_is_live(&otp, now))
		*out = CODE_LIVE;
	else if (!otp.used && otp.tries_left > 0)
		*out = CODE_EXPIRED;
	return OK;
}
