#include "base/err.h"

static const char *const names[ERR_COUNT] = {
	[OK] = "ok",
	[ERR_INPUT] = "input",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_CONFLICT] = "conflict",
	[ERR_BUSY] = "busy",
	[ERR_UPSTREAM] = "upstream",
	[ERR_STORAGE] = "storage",
	[ERR_INTEGRITY] = "integrity",
	[ERR_INTERNAL] = "internal",
};

const char *err_name(enum err e)
{
	const unsigned int index = (unsigned int)e;

	return index < ERR_COUNT ? names[index] : "unknown";
}
