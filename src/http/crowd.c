#include "http/crowd.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a. Who wants to fill one list needs as many addresses of their own as it has entries. */
static size_t list_of(const struct ip *origin)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < IP_BYTES; i++)
		hash = (hash ^ origin->bytes[i]) * 16777619u;
	return (hash ^ hash >> 16) % CROWD_LISTS;
}

void crowd_enter(struct crowd *crowd, struct member *m)
{
	struct member **const list = &crowd->lists[list_of(&m->origin)];

	m->next = *list;
	m->link = list;
	if (m->next != NULL)
		m->next->link = &m->next;
	*list = m;
}

void crowd_leave(struct member *m)
{
	*m->link = m->next;
	if (m->next != NULL)
		m->next->link = m->link;
	m->link = NULL;
}

void crowd_move(struct crowd *crowd, struct member *m, const struct ip *origin)
{
	crowd_leave(m);
	m->origin = *origin;
	crowd_enter(crowd, m);
}

size_t crowd_count(const struct crowd *crowd, const struct ip *origin)
{
	size_t n = 0;

	for (const struct member *m = crowd->lists[list_of(origin)]; m != NULL; m = m->next)
		n += memcmp(&m->origin, origin, sizeof(*origin)) == 0;
	return n;
}

void crowd_each(struct crowd *crowd, void (*visit)(struct member *m, void *arg), void *arg)
{
	for (size_t i = 0; i < CROWD_LISTS; i++)
		for (struct member *m = crowd->lists[i]; m != NULL; m = m->next)
			visit(m, arg);
}
