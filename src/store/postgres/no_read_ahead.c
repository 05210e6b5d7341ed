#include "store/postgres/read_ahead.h"

/* Built with -Dread_ahead=false. */
enum err read_ahead_open(const struct statements *statements, struct read_ahead **out)
{
	(void)statements;
	*out = NULL;
	return OK;
}
