/* Console sessions: browsers in which an operator has signed in. The browser keeps the token in a cookie. */
#pragma once

#include <stdbool.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/store.h"
#include "port/world.h"

/* Starts a session of an operator who has just used a passkey, in the caller's transaction. Sets `token`,
 * which is in the arena of the transaction. Writes the audit entry OPERATOR_SIGNED_IN. */
enum err console_session_start(const struct world *world, struct tx *tx, struct operator_account *account,
	struct str request_id, struct str *token) must_use;

/* Finds the open session of a token and its operator, and stores, at most once a minute, that it was used,
 * unless the request was made in the background, without the operator. Returns ERR_NOT_FOUND if there is no
 * such session, if it has ended, or if the operator is disabled. */
enum err console_session_load(const struct world *world, struct arena *a, struct str token,
	struct str request_id, bool in_background, struct console_caller *out) must_use;
/* Ends the session: *Sign out*. */
enum err console_session_end(
	const struct world *world, struct arena *a, const struct console_caller *caller) must_use;
#define CSRF_TOKEN_SIZE 65
/* Writes the token that every form of this session carries, as hexadecimal digits. It is derived from the
 * session's token, so that it is not stored. */
void console_csrf_token(const struct world *world, struct str session_token, char out[CSRF_TOKEN_SIZE]);

/* Signs in the operator of development mode (operator_account_of_dev). */
enum err console_session_start_in_dev(
	const struct world *world, struct arena *a, struct str request_id, struct str *token) must_use;

/* Removes sessions and challenges that have expired, at most a batch of each. */
enum err console_clean(const struct world *world, struct arena *a) must_use;
