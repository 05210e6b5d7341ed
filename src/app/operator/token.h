/* The tokens of the console: those of one-time links and of console sessions, and the challenges of passkeys.
 * Each is 256 random bits and is stored only as a keyed hash. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/id.h"
#include "port/world.h"

#define CONSOLE_TOKEN_BYTES 32

/* What a token is for. It is part of the hash, so that a token of one kind is never accepted as another. */
enum console_token_kind {
	CONSOLE_TOKEN_LINK,
	CONSOLE_TOKEN_SESSION,
	CONSOLE_TOKEN_CHALLENGE,
	CONSOLE_TOKEN_CSRF,
	CONSOLE_TOKENS
};

/* Makes a token in the arena, in base64url without padding, and its digest. */
enum err console_token_make(const struct world *world, struct arena *a, enum console_token_kind kind,
	struct str *token, struct digest *digest) must_use;
/* Computes the digest of any text that was sent as a token. */
struct digest console_token_digest(const struct world *world, enum console_token_kind kind, struct str token);
