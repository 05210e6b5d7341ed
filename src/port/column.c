#include "port/column.h"

#include <assert.h>
#include <string.h>

#include "base/moment.h"

bool column_is_number(const struct column *c)
{
	switch (c->kind) {
	case COLUMN_INT:
	case COLUMN_ENUM:
	case COLUMN_FLAG:
	case COLUMN_MOMENT:
		return true;
	case COLUMN_ID:
	case COLUMN_DIGEST:
	case COLUMN_BYTES:
	case COLUMN_MAC:
		break;
	}
	return false;
}

int64_t column_number(const struct column *c, const void *row)
{
	const char *const at = (const char *)row + c->offset;
	int64_t number;
	int word;

	if (c->kind == COLUMN_FLAG)
		return *(const bool *)at;
	if (c->kind == COLUMN_ENUM) {
		assert(c->size == sizeof(word));
		memcpy(&word, at, sizeof(word));
		return word;
	}
	static_assert(sizeof(moment) == sizeof(number), "a moment is one number");
	memcpy(&number, at, sizeof(number));
	return number;
}

struct str column_bytes(const struct column *c, const void *row)
{
	const char *const at = (const char *)row + c->offset;
	struct str bytes;

	if (c->kind == COLUMN_ID)
		return (struct str){ at, strnlen(at, c->size) };
	if (c->kind == COLUMN_DIGEST)
		return (struct str){ at, c->size };
	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}
