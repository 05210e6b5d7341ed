#include "http/connection_index.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a. Who wants to fill one list needs as many addresses of their own as it has entries. */
static size_t list_of(const struct ip *origin)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < IP_BYTES; i++)
		hash = (hash ^ origin->bytes[i]) * 16777619u;
	return (hash ^ hash >> 16) % CONNECTION_INDEX_BUCKETS;
}

void connection_index_add(struct connection_index *crowd, struct conn_entry *m)
{
	struct conn_entry **const list = &crowd->lists[list_of(&m->origin)];

	m->next = *list;
	m->link = list;
	if (m->next != NULL)
		m->next->link = &m->next;
	*list = m;
}

void connection_index_remove(struct conn_entry *m)
{
	*m->link = m->next;
	if (m->next != NULL)
		m->next->link = m->link;
	m->link = NULL;
}

void connection_index_move(struct connection_index *crowd, struct conn_entry *m, const struct ip *origin)
{
	connection_index_remove(m);
	m->origin = *origin;
	connection_index_add(crowd, m);
}

size_t connection_index_count(const struct connection_index *crowd, const struct ip *origin)
{
	size_t n = 0;

	for (const struct conn_entry *m = crowd->lists[list_of(origin)]; m != NULL; m = m->next)
		n += memcmp(&m->origin, origin, sizeof(*origin)) == 0;
	return n;
}

void connection_index_each(
	struct connection_index *crowd, void (*visit)(struct conn_entry *m, void *arg), void *arg)
{
	for (size_t i = 0; i < CONNECTION_INDEX_BUCKETS; i++)
		for (struct conn_entry *m = crowd->lists[i]; m != NULL; m = m->next)
			visit(m, arg);
}
