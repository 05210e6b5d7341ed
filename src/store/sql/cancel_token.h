/* A request to cancel a long operation, which the operation polls between its steps. The caller owns `arg`;
 * the operation stops at the next poll and reports ERR_STORAGE or ERR_BUSY, as its header says. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* `is_requested` NULL: the operation cannot be cancelled. */
struct cancel_token {
	bool (*is_requested)(void *arg);
	void *arg;
};

static inline bool is_cancelled(const struct cancel_token *token)
{
	return token->is_requested != NULL && token->is_requested(token->arg);
}
