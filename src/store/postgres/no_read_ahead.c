#include "store/postgres/read_ahead.h"

/* Used instead of full_read_ahead.c in a build with -Dread_ahead=false. */
enum err read_ahead_open(const struct statements *statements, struct read_ahead **out)
{
	(void)statements;
	*out = NULL;
	return OK;
}
