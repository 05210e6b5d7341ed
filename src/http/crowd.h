/* Who is connected, found by whom they are counted for. Not for threads at the same time: its holder has a
 * lock. */
#pragma once

#include <stddef.h>

#include "text/ip.h"

/* A power of two. */
#define CROWD_LISTS ((size_t)256)

/* One of the crowd, in whoever owns it. */
struct member {
	struct member *next, **link; /* in its list; link NULL: in none */
	struct ip origin;	     /* what it is counted by, as ip_subscriber has it */
};

/* Begins zeroed. */
struct crowd {
	struct member *lists[CROWD_LISTS];
};

void crowd_enter(struct crowd *crowd, struct member *m);
void crowd_leave(struct member *m);
/* It is counted for somebody else from now on. */
void crowd_move(struct crowd *crowd, struct member *m, const struct ip *origin);
size_t crowd_count(const struct crowd *crowd, const struct ip *origin);
/* Each of them once; `visit` changes nothing here. */
void crowd_each(struct crowd *crowd, void (*visit)(struct member *m, void *arg), void *arg);
