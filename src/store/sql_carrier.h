/* Carries the log over into the database beside the writer, on a connection and a thread of its own. A log
 * can begin anew only when all of it is carried over, and the writer goes on meanwhile: what is left then, a
 * small rest, the writer carries over itself. It does so too when the log reaches its bound, which
 * doubles while a long reader keeps the log from beginning anew. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/sql_driver.h"

/* Pages of 4 KiB. */
#define CARRIER_DUE ((size_t)2000)
#define CARRIER_REST ((size_t)1000)
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
