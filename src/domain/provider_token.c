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
	const bool any = t->sealed_token.n > 0 && t->serial != refused;
	const bool ours = str_eq(str_of(t->lease_owner.text), str_of(who->text));
	const bool leased = !ours && moment_is_before(now, t->lease_expires_at);

	if (any && moment_is_before(now, t->renew_at))
		return TOKEN_USABLE;
	if (!leased) {
		t->lease_owner = *who;
		t->lease_expires_at = moment_add(now, life);
		return TOKEN_FETCH;
	}
	/* While somebody renews it early, the old one does. */
	return any && moment_is_before(now, t->expires_at) ? TOKEN_USABLE : TOKEN_WAIT;
}

void provider_token_store(struct provider_token *t, duration life, moment now)
{
	const duration whole = duration_is_shorter(TOKEN_TTL_MAX, life) ? TOKEN_TTL_MAX : life;

	t->serial++;
	t->expires_at = moment_add(now, whole);
	t->renew_at = moment_add(now, provider_token_renew_delay(whole));
	t->lease_owner = (struct instance_id){ "" };
	t->lease_expires_at = (moment){ 0 };
}
