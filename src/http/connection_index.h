/* Who is connected, found by whom they are counted for. Not for threads at the same time: its holder has a
 * lock. */
#pragma once

#include <stddef.h>

#include "text/ip.h"

/* A power of two. */
#define CONNECTION_INDEX_BUCKETS ((size_t)256)

/* One of the crowd, in whoever owns it. */
struct conn_entry {
	struct conn_entry *next, **link; /* in its list; link NULL: in none */
	struct ip origin;		 /* what it is counted by, as ip_subscriber has it */
};

/* Begins zeroed. */
struct connection_index {
	struct conn_entry *lists[CONNECTION_INDEX_BUCKETS];
};

void connection_index_add(struct connection_index *crowd, struct conn_entry *m);
void connection_index_remove(struct conn_entry *m);
/* It is counted for somebody else from now on. */
void connection_index_move(struct connection_index *crowd, struct conn_entry *m, const struct ip *origin);
size_t connection_index_count(const struct connection_index *crowd, const struct ip *origin);
/* Each of them once; `visit` changes nothing here. */
void connection_index_each(
	struct connection_index *crowd, void (*visit)(struct conn_entry *m, void *arg), void *arg);
