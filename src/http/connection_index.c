#include "http/connection_index.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a hash. It needs no secret key: an attacker who wants many entries in one bucket needs many addresses,
 * because the number of connections per address is limited. */
static size_t bucket_of(const struct ip *origin)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < IP_BYTES; i++)
		hash = (hash ^ origin->bytes[i]) * 16777619u;
	return (hash ^ hash >> 16) % CONNECTION_INDEX_BUCKETS;
}

void connection_index_add(struct connection_index *index, struct conn_entry *entry)
{
	struct conn_entry **const bucket = &index->buckets[bucket_of(&entry->origin)];

	entry->next = *bucket;
	entry->link = bucket;
	if (entry->next != NULL)
		entry->next->link = &entry->next;
	*bucket = entry;
}

void connection_index_remove(struct conn_entry *entry)
{
	*entry->link = entry->next;
	if (entry->next != NULL)
		entry->next->link = entry->link;
	entry->link = NULL;
}

void connection_index_move(struct connection_index *index, struct conn_entry *entry, const struct ip *origin)
{
	connection_index_remove(entry);
	entry->origin = *origin;
	connection_index_add(index, entry);
}

size_t connection_index_count(const struct connection_index *index, const struct ip *origin)
{
	size_t n = 0;

	for (const struct conn_entry *entry = index->buckets[bucket_of(origin)]; entry != NULL;
		entry = entry->next)
		n += !entry->is_exempt && memcmp(&entry->origin, origin, sizeof(*origin)) == 0;
	return n;
}

void connection_index_each(
	struct connection_index *index, void (*visit)(struct conn_entry *entry, void *arg), void *arg)
{
	for (size_t i = 0; i < CONNECTION_INDEX_BUCKETS; i++)
		for (struct conn_entry *entry = index->buckets[i]; entry != NULL; entry = entry->next)
			visit(entry, arg);
}
