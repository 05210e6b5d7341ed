#include "store/postgres/read_set.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
#define FNV_OFFSET_BASIS 0xcbf29ce484222325U
#define FNV_PRIME 0x100000001b3U

static uint64_t hash_add(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *const p = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}

/* Returns a hash of the row's record and key. Strings are hashed with their terminating 0, so that the keys
 * ("a", "bc") and ("ab", "c") differ. */
static uint64_t row_key_hash(enum record_kind of, const void *row)
{
	const struct record *const r = &records[of];
	uint64_t hash = hash_add(FNV_OFFSET_BASIS, &of, sizeof(of));

	for (size_t i = 0; i < r->n_keys; i++) {
		const struct column *const c = &r->columns[i];
		const char *const at = (const char *)row + c->offset;

		hash = hash_add(hash, at, c->kind == COLUMN_ID ? strnlen(at, c->size - 1) + 1 : c->size);
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

/* Returns the index of the key in the set, or `s->n` if the key is not in the set. */
static size_t read_set_index(const struct read_set *s, uint64_t key)
{
	size_t i = 0;

	while (i < s->n && s->list[i].key != key)
		i++;
	return i;
}

void read_set_put(struct read_set *s, enum record_kind of, const void *row, enum read_state state)
{
	const uint64_t key = row_key_hash(of, row);
	const size_t i = read_set_index(s, key);

	if (i < s->n) {
		if (s->list[i].state != READ_LOCKED || state != READ_UNLOCKED)
			s->list[i].state = state;
		return;
	}
	if (s->n == s->capacity) {
		const size_t capacity = s->capacity > 0 ? s->capacity * 2 : 32;
		void *const list = reallocarray(s->list, capacity, sizeof(s->list[0]));

		if (list == NULL) {
			s->failed = true;
			return;
		}
		s->list = list;
		s->capacity = capacity;
	}
	s->list[s->n].key = key;
	s->list[s->n++].state = state;
}

enum read_state read_set_get(const struct read_set *s, enum record_kind of, const void *row)
{
	const size_t i = read_set_index(s, row_key_hash(of, row));

	return i < s->n ? s->list[i].state : READ_NONE;
}
