/* Carries the log over into the database beside the writer, on a connection and a thread of its own. A log
 * can begin anew only when all of it is carried over, and the writer goes on meanwhile: pass after pass
 * carries what came during the last one, which is less each time, until what is left is a small rest that the
 * writer carries over itself, for which all wait. It does so too when the log reaches its bound, which
 * doubles while a long reader keeps the log from beginning anew; a pass that such a reader stopped is
 * followed by none at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/sql_driver.h"

/* Pages of 4 KiB. */
#define CARRIER_DUE ((size_t)2000)
#define CARRIER_REST ((size_t)200)
#define CARRIER_BOUND ((size_t)4000)

struct carrier;

/* Takes `sql` over, also on failure. */
enum err carrier_open(struct sql *sql, struct carrier **out) must_use;
/* What the writer tells after each commit: how long the log is. True: it should carry over itself, between
 * carrier_pause and carrier_begin_anew. */
bool carrier_hears(struct carrier *c, size_t log_pages);
/* Returns when nothing is being carried over. */
void carrier_pause(struct carrier *c);
void carrier_begin_anew(struct carrier *c);
/* Ends what it does, closes the connection. */
void carrier_close(struct carrier *c);
