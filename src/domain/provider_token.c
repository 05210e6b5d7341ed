#include "domain/provider_token.h"

#define RENEW_BEFORE minutes(5)

duration provider_token_renew_delay(duration life)
{
	const duration half = milliseconds(life.ms / 2);

	return milliseconds(life.ms - (duration_is_shorter(half, RENEW_BEFORE) ? half : RENEW_BEFORE).ms);
}

enum token_action provider_token_acquire(
	struct provider_token *t, const struct instance_id *who, int64_t refused, duration life, moment now)
{
	const bool any = t->sealed.n > 0 && t->serial != refused;
	const bool ours = str_eq(str_of(t->lessee.text), str_of(who->text));
	const bool leased = !ours && moment_is_before(now, t->leased_until);

	if (any && moment_is_before(now, t->renew))
		return TOKEN_USABLE;
	if (!leased) {
		t->lessee = *who;
		t->leased_until = moment_add(now, life);
		return TOKEN_FETCH;
	}
	/* While somebody renews it early, the old one does. */
	return any && moment_is_before(now, t->expires) ? TOKEN_USABLE : TOKEN_WAIT;
}

void provider_token_store(struct provider_token *t, duration life, moment now)
{
	const duration whole = duration_is_shorter(TOKEN_TTL_MAX, life) ? TOKEN_TTL_MAX : life;

	t->serial++;
	t->expires = moment_add(now, whole);
	t->renew = moment_add(now, provider_token_renew_delay(whole));
	t->lessee = (struct instance_id){ "" };
	t->leased_until = (moment){ 0 };
}
