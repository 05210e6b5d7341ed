#include "app/verification/token.h"

#include "crypto/keys.h"
#include "text/digit_input.h"
#include "text/encode.h"

struct digest verification_token_digest(
	const struct world *world, enum verification_token_kind kind, struct str token)
{
	static const struct str names[] = {
		[VERIFICATION_TOKEN_LINK] = STR_INIT("verification link"),
		[VERIFICATION_TOKEN_RESULT] = STR_INIT("verification result"),
	};
	const struct str parts[] = { names[kind], token };
	struct digest digest = { .bytes = { 0 } };

	keyed_digest(&world->keys->access, parts, array_len(parts), digest.bytes);
	return digest;
}

static enum err write_random_text(const struct world *world, struct arena *a, struct str *out)
{
	unsigned char bytes[VERIFICATION_TOKEN_BYTES];

	TRY(world_random(world, bytes, sizeof(bytes)));
	const enum err e = base64url_write(a, bytes, sizeof(bytes), out);
	secure_wipe(bytes, sizeof(bytes));
	return e;
}

/* A phone offers six digits in a row of an e-mail as a code. */
static bool has_long_number(struct str text)
{
	for (; text.n > 0; text = str_from(text, 1))
		if (digit_input_prefix(text) >= AUTOFILL_DIGITS)
			return true;
	return false;
}

enum err verification_token_make(const struct world *world, struct arena *a,
	enum verification_token_kind kind, struct str *token, struct digest *digest)
{
	do {
		TRY(write_random_text(world, a, token));
	} while (has_long_number(*token));
	*digest = verification_token_digest(world, kind, *token);
	return OK;
}
