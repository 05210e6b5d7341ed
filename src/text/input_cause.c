#include "text/input_cause.h"

#include <assert.h>

static const struct {
	const char *name, *explanation;
} causes[INPUT_CAUSE_COUNT] = {
#define CAUSE(name, value, explanation) [CAUSE_##name] = { value, explanation },
	INPUT_CAUSES(CAUSE)
#undef CAUSE
};

struct str input_cause_name(enum input_cause cause)
{
	assert(cause < INPUT_CAUSE_COUNT);
	return str_of(causes[cause].name);
}

struct str input_cause_explanation(enum input_cause cause)
{
	assert(cause < INPUT_CAUSE_COUNT);
	return str_of(causes[cause].explanation);
}
