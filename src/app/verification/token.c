#include "app/verification/token.h"

#include "crypto/keys.h"
#include "text/encode.h"

struct digest verification_token_digest(
	const struct world *world, enum verification_token_kind kind, struct str token)
{
	static const struct str names[] = {
		[VERIFICATION_TOKEN_LINK] = STR_INIT("verification link"),
		[VERIFICATION_TOKEN_RESULT] = STR_INIT("verification result"),
	};
	const struct str parts[] = { names[kind], token };
	struct digest digest;

	keyed_digest(&world->keys->access, parts, array_len(parts), digest.bytes);
	return digest;
}

/* Writes base64url without padding (RFC 4648 section 5). */
static enum err write_base64url(struct arena *a, const unsigned char *bytes, size_t n, struct str *out)
{
	struct str standard;

	TRY(base64_write(a, bytes, n, &standard));
	char *const text = arena_array(a, char, standard.n);
	if (!text)
		return ERR_INTERNAL;
	while (standard.n > 0 && standard.p[standard.n - 1] == '=')
		standard.n--;
	for (size_t i = 0; i < standard.n; i++)
		text[i] = standard.p[i] == '+' ? '-' : standard.p[i] == '/' ? '_' : standard.p[i];
	*out = (struct str){ text, standard.n };
	return OK;
}

enum err verification_token_make(const struct world *world, struct arena *a,
	enum verification_token_kind kind, struct str *token, struct digest *digest)
{
	unsigned char bytes[VERIFICATION_TOKEN_BYTES];

	TRY(world_random(world, bytes, sizeof(bytes)));
	const enum err e = write_base64url(a, bytes, sizeof(bytes), token);
	secure_wipe(bytes, sizeof(bytes));
	TRY(e);
	*digest = verification_token_digest(world, kind, *token);
	return OK;
}
