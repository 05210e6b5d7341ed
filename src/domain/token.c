#include "domain/token.h"

#define RENEW_BEFORE minutes(5)

duration token_renewed_after(duration life)
{
	const duration half = milliseconds(life.ms / 2);

	return milliseconds(life.ms - (duration_is_shorter(half, RENEW_BEFORE) ? half : RENEW_BEFORE).ms);
}

enum token_turn token_turn(
	struct shared_token *t, const struct instance_id *who, int64_t refused, duration life, moment now)
{
	const bool any = t->sealed.n > 0 && t->serial != refused;
	const bool ours = str_eq(str_of(t->lessee.text), str_of(who->text));
	const bool leased = !ours && moment_is_before(now, t->leased_until);

	if (any && moment_is_before(now, t->renew))
		return TOKEN_SERVES;
	if (!leased) {
		t->lessee = *who;
		t->leased_until = moment_add(now, life);
		return TOKEN_FETCH;
	}
	/* While somebody renews it early, the old one does. */
	return any && moment_is_before(now, t->expires) ? TOKEN_SERVES : TOKEN_WAIT;
}

void token_fetched(struct shared_token *t, duration life, moment now)
{
	const duration whole = duration_is_shorter(TOKEN_LIFE_MAX, life) ? TOKEN_LIFE_MAX : life;

	t->serial++;
	t->expires = moment_add(now, whole);
	t->renew = moment_add(now, token_renewed_after(whole));
	t->lessee = (struct instance_id){ "" };
	t->leased_until = (moment){ 0 };
}
