/* `POST /security/wallet/challenge`: creates a text that the owner of a wallet signs. The text states who
 * requests the signature and for what, and that nothing has to be paid (app/enrolment/challenge_text.h), so
 * that a signature is valid for nothing else. The store contains only a keyed hash of the text. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/enrolment/challenge_text.h"
#include "app/person/person.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/challenge.h"
#include "port/store.h"
#include "port/world.h"

/* Creates a challenge, which replaces an earlier challenge of this wallet with this tenant. Does not check
 * whether the wallet is registered. The caller has checked `params` with challenge_params_check. `text` is
 * allocated in the arena. */
enum err app_challenge(const struct world *world, struct arena *a, const struct caller *caller,
	const struct challenge_params *params, struct str *text) must_use;

/* A challenge text that a client sent back, with the wallet and the tenant that the client sent it for. */
struct challenge_answer {
	const struct tenant *tenant;
	struct str wallet, text;
};
/* Computes the row that the store contains if this challenge is the current one: its keys and the digest of
 * the text. Called once before several transactions that use the row. */
struct challenge challenge_answer_row(const struct world *world, const struct challenge_answer *from);
/* Loads the current challenge, or a zeroed struct if there is none. Sets `same_text` to whether its text is
 * the one in `answer`. */
enum err challenge_load(
	struct tx *tx, const struct challenge *answer, struct challenge *out, bool *same_text) must_use;

/* Removes challenges that expired at least CHALLENGE_RETENTION ago, at most 256 per call. */
enum err challenge_clean(const struct world *world, struct arena *a) must_use;
