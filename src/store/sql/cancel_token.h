/* A request to stop a long operation early. The operation calls `is_cancelled` between its steps; when the
 * result is true, it stops and returns ERR_BUSY or ERR_STORAGE, as its own header says. The caller owns
 * `arg`, which must stay valid until the operation returns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* If `is_requested` is NULL, the operation cannot be cancelled. */
struct cancel_token {
	bool (*is_requested)(void *arg);
	void *arg;
};

static inline bool is_cancelled(const struct cancel_token *token)
{
	return token->is_requested != NULL && token->is_requested(token->arg);
}
