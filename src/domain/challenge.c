#include "domain/challenge.h"

#include <assert.h>

#include "domain/expiry.h"

void challenge_issue(struct challenge *c, struct digest digest, moment now, duration ttl)
{
	assert(ttl.ms > 0);
	c->digest = digest;
	c->created_at = now;
	c->expires_at = moment_add(now, ttl);
	c->tries_left = CHALLENGE_TRIES;
}

enum challenge_verdict challenge_peek(const struct challenge *c, bool same_text, moment now)
{
	if (c->tries_left <= 0 || !same_text)
		return CHALLENGE_NONE;
	const duration life = moment_diff(c->created_at, c->expires_at);

	return expiry_is_open(c->expires_at, life, now) ? CHALLENGE_OPEN : CHALLENGE_EXPIRED;
}

enum challenge_verdict challenge_verify(struct challenge *c, bool same_text, bool signature_valid, moment now)
{
	const enum challenge_verdict verdict = challenge_peek(c, same_text, now);

	if (verdict != CHALLENGE_OPEN)
		return verdict;
	c->tries_left--;
	if (!signature_valid)
		return CHALLENGE_WRONG;
	c->tries_left = 0;
	return CHALLENGE_ACCEPTED;
}
