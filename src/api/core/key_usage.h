/* Records in which minute each API key was last used (api_keys.last_used_at). Calls only add the key to a
 * bounded list in memory; the thread that served the call writes the list after its response. The minute is
 * written when it begins, so that a key causes at most one write a minute, and the stored value is current.
 * Thread-safe. */
#pragma once

#include "base/err.h"
#include "base/moment.h"
#include "domain/id.h"
#include "port/world.h"

/* Maximum number of keys that wait to be written. If the list is full, a key is recorded with its next
 * call. */
#define KEY_USAGE_MAX 64

struct key_usage;

enum err key_usage_open(struct key_usage **out) must_use;
/* Accepts NULL. */
void key_usage_close(struct key_usage *usage);
/* The beginning of the minute. */
moment key_usage_minute(moment t);
/* Adds a key to the list. Returns false if the list is full. Does not access the store. */
bool key_usage_add(struct key_usage *usage, const struct key_id *id, moment minute);
/* Writes the list in one transaction. Does nothing if the list is empty. If the store fails, the keys stay in
 * the list, and no write is tried for KEY_USAGE_PAUSE. */
#define KEY_USAGE_PAUSE seconds(5)
void key_usage_write(struct key_usage *usage, const struct world *world);
