/* What one writing transaction has seen, where several run beside each other. A row that was read without
 * being held may change before it is saved, and a key at which nothing stood may be taken meanwhile: who
 * saves either has to know. Keys are remembered as 64 bits of a hash. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/record.h"

enum sight {
	SIGHT_NONE,
	SIGHT_FREE,   /* there, and anybody may change it */
	SIGHT_ABSENT, /* nothing there, and anybody may add it */
	SIGHT_HELD,   /* ours until the end of the transaction */
};

/* All zeros: nothing seen. */
struct sights {
	struct {
		uint64_t key;
		enum sight what;
	} * list;
	size_t n, room;
	bool failed; /* no memory: something is missing here */
};

void sights_clear(struct sights *s);
void sights_finish(struct sights *s);
/* What is held stays held. */
void sights_put(struct sights *s, enum record_kind of, const void *row, enum sight what);
enum sight sights_of(const struct sights *s, enum record_kind of, const void *row);
