#include "base/err.h"

static const char *const names[ERR_COUNT] = {
	[OK] = "ok",
	[ERR_INPUT] = "input",
	[ERR_NOT_FOUND] = "missing",
	[ERR_CONFLICT] = "conflict",
	[ERR_BUSY] = "busy",
	[ERR_UPSTREAM] = "upstream",
	[ERR_STORAGE] = "storage",
	[ERR_INTERNAL] = "internal",
};

const char *err_name(enum err e)
{
	const unsigned int at = (unsigned int)e;

	return at < ERR_COUNT ? names[at] : "unknown";
}
