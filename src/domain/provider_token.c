#include "domain/provider_token.h"

#include "domain/expiry.h"

#define RENEW_BEFORE minutes(5)

duration provider_token_renew_delay(duration ttl)
{
	const duration half = milliseconds(ttl.ms / 2);

	return milliseconds(ttl.ms - (duration_is_shorter(half, RENEW_BEFORE) ? half : RENEW_BEFORE).ms);
}

enum token_action provider_token_acquire(struct provider_token *t, const struct instance_id *instance,
	int64_t refused_serial, duration ttl, moment now)
{
	const bool has_token = t->sealed_token.n > 0 && t->serial != refused_serial;
	const bool is_lease_owner = str_eq(str_of(t->lease_owner.text), str_of(instance->text));
	const bool is_leased_by_other = !is_lease_owner && expiry_is_open(t->lease_expires_at, ttl, now);

	if (has_token && moment_is_before(now, t->renew_at))
		return TOKEN_USABLE;
	if (!is_leased_by_other) {
		t->lease_owner = *instance;
		t->lease_expires_at = moment_add(now, ttl);
		return TOKEN_FETCH;
	}
	/* While another instance fetches the next token, the current token can be used until it expires. */
	return has_token && moment_is_before(now, t->expires_at) ? TOKEN_USABLE : TOKEN_WAIT;
}

void provider_token_store(struct provider_token *t, duration ttl, moment now)
{
	const duration believed_ttl = duration_is_shorter(TOKEN_TTL_MAX, ttl) ? TOKEN_TTL_MAX : ttl;

	t->serial++;
	t->expires_at = moment_add(now, believed_ttl);
	t->renew_at = moment_add(now, provider_token_renew_delay(believed_ttl));
	t->lease_owner = (struct instance_id){ "" };
	t->lease_expires_at = (moment){ 0 };
}
