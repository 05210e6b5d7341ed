/* Things that are costly to make and kept for the next user (libcurl's open connections): a bounded number is
 * lent at a time, who comes when all are out waits in line, within a limit of his own. Threads at the same
 * time. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

struct pool;

/* `max`: lent at once. ERR_INPUT for 0. */
enum err pool_open(size_t max, struct pool **out) must_use;
/* All must be back. Accepts NULL. */
void pool_close(struct pool *pool, void (*close)(void *thing));
/* `*thing` is NULL where the borrower has to make one; either is given back by pool_return. ERR_BUSY when
 * `*left` ran out in the line. `*left` is what remains of it afterwards, in twentieths: rather less than the
 * truth. */
enum err pool_borrow(struct pool *pool, duration *left, void **thing) must_use;
/* NULL: there is none after all. */
void pool_return(struct pool *pool, void *thing);
