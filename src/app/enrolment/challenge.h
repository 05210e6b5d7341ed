/* `POST /security/wallet/challenge`: a text for the owner of a wallet to sign. What a person reads in the
 * wallet says who asks, what for and that nothing is paid; what binds it stands in its lines: the domain, the
 * tenant, the purpose, a nonce of 128 bits, from when and until when. The store has a keyed hash of it. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/person.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/challenge.h"
#include "port/store.h"
#include "port/world.h"

/* Makes one, in place of any that this wallet had with this tenant. Whether the wallet is known to anybody is
 * not looked at. `wallet` is its normal form; `text` lives in the arena. */
enum err app_challenge(const struct world *world, struct arena *a, const struct caller *caller,
	struct str wallet, struct str *text) must_use;

/* A text that came back: of which wallet, with which tenant. */
struct challenge_answer {
	const struct tenant *tenant;
	struct str wallet, text;
};
/* The keys and the hash that its row has if this is the challenge in force. Hashing is left out of the
 * transactions: they look more than once. */
struct challenge challenge_answer_row(const struct world *world, const struct challenge_answer *from);
/* The challenge in force, or the zeroed one; and is it that text, byte by byte? */
enum err challenge_load(
	struct tx *tx, const struct challenge *said, struct challenge *out, bool *same_text) must_use;

/* Removes those that expired long ago, as many as one step bears. */
enum err challenge_clean(const struct world *world, struct arena *a) must_use;
