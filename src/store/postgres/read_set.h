/* What one writing transaction has seen, where several run beside each other. A row that was read without
 * being held may change before it is saved, and a key at which nothing stood may be taken meanwhile: who
 * saves either has to know. Keys are remembered as 64 bits of a hash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/record.h"

enum read_state {
	READ_NONE,
	READ_UNLOCKED, /* there, and anybody may change it */
	READ_MISSING,  /* nothing there, and anybody may add it */
	READ_LOCKED,   /* ours until the end of the transaction */
};

/* All zeros: nothing seen. */
struct read_set {
	struct {
		uint64_t key;
		enum read_state what;
	} * list;
	size_t n, room;
	bool failed; /* no memory: something is missing here */
};

void read_set_clear(struct read_set *s);
void read_set_finish(struct read_set *s);
/* What is held stays held. */
void read_set_put(struct read_set *s, enum record_kind of, const void *row, enum read_state what);
enum read_state read_set_get(const struct read_set *s, enum record_kind of, const void *row);
