#include "port/webhook_sender.h"

#include <assert.h>

static const char *const error_names[] = {
#define ERROR(name, word) word,
	WEBHOOK_ERRORS(ERROR)
#undef ERROR
};

const char *webhook_error_name(enum webhook_error error)
{
	assert(error < WEBHOOK_ERROR_COUNT);
	return error_names[error];
}
