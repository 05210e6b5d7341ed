/* Hash table of the open connections by client address, to limit the number of connections per address. Not
 * thread-safe: the caller holds a lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/ip.h"

/* A power of two. */
#define CONNECTION_INDEX_BUCKETS ((size_t)256)

/* An entry of the table; part of the struct of the connection. */
struct conn_entry {
	struct conn_entry *next,
		**link;	  /* entries of the same bucket; `link` is NULL if the entry is not in the table */
	struct ip origin; /* address under which the connection is counted, from ip_subscriber */
	bool is_exempt;	  /* not counted: the connection of a proxy that forwards no request at present */
};

/* Initialised with zeros. */
struct connection_index {
	struct conn_entry *buckets[CONNECTION_INDEX_BUCKETS];
};

void connection_index_add(struct connection_index *index, struct conn_entry *entry);
void connection_index_remove(struct conn_entry *entry);
/* From now on, counts the entry under another address. */
void connection_index_move(struct connection_index *index, struct conn_entry *entry, const struct ip *origin);
/* Returns the number of entries with this address that are not exempt. */
size_t connection_index_count(const struct connection_index *index, const struct ip *origin);
/* Calls `visit` once for each entry; `visit` must not change the table. */
void connection_index_each(
	struct connection_index *index, void (*visit)(struct conn_entry *entry, void *arg), void *arg);
