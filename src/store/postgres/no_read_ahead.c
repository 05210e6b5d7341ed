#include "store/postgres/read_ahead.h"

/* Returns no read-ahead. A build with -Dread_ahead=false uses this file instead of full_read_ahead.c. */
enum err read_ahead_open(const struct statements *statements, struct read_ahead **out)
{
	(void)statements;
	*out = NULL;
	return OK;
}
