#include "app/operator/token.h"

#include "crypto/keys.h"
#include "text/encode.h"

struct digest console_token_digest(const struct world *world, enum console_token_kind kind, struct str token)
{
	static const struct str names[CONSOLE_TOKENS] = {
		[CONSOLE_TOKEN_LINK] = STR_INIT("operator link"),
		[CONSOLE_TOKEN_SESSION] = STR_INIT("console session"),
		[CONSOLE_TOKEN_CHALLENGE] = STR_INIT("passkey challenge"),
		[CONSOLE_TOKEN_CSRF] = STR_INIT("console csrf"),
	};
	const struct str parts[] = { names[kind], token };
	struct digest digest = { .bytes = { 0 } };

	keyed_digest(&world->keys->access, parts, array_len(parts), digest.bytes);
	return digest;
}

enum err console_token_make(const struct world *world, struct arena *a, enum console_token_kind kind,
	struct str *token, struct digest *digest)
{
	unsigned char bytes[CONSOLE_TOKEN_BYTES];

	TRY(world_random(world, bytes, sizeof(bytes)));
	const enum err e = base64url_write(a, bytes, sizeof(bytes), token);
	secure_wipe(bytes, sizeof(bytes));
	TRY(e);
	*digest = console_token_digest(world, kind, *token);
	return OK;
}
