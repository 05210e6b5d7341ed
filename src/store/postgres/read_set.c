#include "store/postgres/read_set.h"

#include <stdlib.h>
#include <string.h>

#define FNV_START 0xcbf29ce484222325U
#define FNV_STEP 0x100000001b3U

static uint64_t add(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *const p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * FNV_STEP;
	return hash;
}

/* Texts with the zero behind them, so that ("a", "bc") is not ("ab", "c"). */
static uint64_t key_of(enum record_kind of, const void *row)
{
	const struct record *const r = &records[of];
	uint64_t hash = add(FNV_START, &of, sizeof(of));

	for (size_t i = 0; i < r->n_keys; i++) {
		const struct column *const c = &r->columns[i];
		const char *const at = (const char *)row + c->offset;

		hash = add(hash, at, c->kind == COLUMN_ID ? strnlen(at, c->size - 1) + 1 : c->size);
	}
	return hash;
}

void read_set_clear(struct read_set *s)
{
	s->n = 0;
	s->failed = false;
}

void read_set_finish(struct read_set *s)
{
	free(s->list);
	*s = (struct read_set){ 0 };
}

static size_t place_of(const struct read_set *s, uint64_t key)
{
	size_t i = 0;

	while (i < s->n && s->list[i].key != key)
		i++;
	return i;
}

void read_set_put(struct read_set *s, enum record_kind of, const void *row, enum read_state what)
{
	const uint64_t key = key_of(of, row);
	const size_t i = place_of(s, key);

	if (i < s->n) {
		if (s->list[i].what != READ_LOCKED || what != READ_UNLOCKED)
			s->list[i].what = what;
		return;
	}
	if (s->n == s->room) {
		const size_t room = s->room > 0 ? s->room * 2 : 32;
		void *const list = reallocarray(s->list, room, sizeof(s->list[0]));

		if (list == NULL) {
			s->failed = true;
			return;
		}
		s->list = list;
		s->room = room;
	}
	s->list[s->n].key = key;
	s->list[s->n++].what = what;
}

enum read_state read_set_get(const struct read_set *s, enum record_kind of, const void *row)
{
	const size_t i = place_of(s, key_of(of, row));

	return i < s->n ? s->list[i].what : READ_NONE;
}
