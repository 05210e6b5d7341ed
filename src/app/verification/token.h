/* The tokens of verification links and of their results. A token is 256 random bits and is stored only as a
 * keyed hash, so that the database does not open any link. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/verification_link.h"
#include "port/world.h"

/* What a token is for. It is part of the hash, so that a token of one kind is never accepted as another. */
enum verification_token_kind { VERIFICATION_TOKEN_LINK, VERIFICATION_TOKEN_RESULT };

/* Makes a token in the arena, and its digest. ERR_INTERNAL: the system has no randomness. */
enum err verification_token_make(const struct world *world, struct arena *a,
	enum verification_token_kind kind, struct str *token, struct digest *digest) must_use;
/* Computes the digest of any text that was sent as a token. */
struct digest verification_token_digest(
	const struct world *world, enum verification_token_kind kind, struct str token);
