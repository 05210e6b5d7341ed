#include "store/postgres/pooler.h"

#include <stdint.h>

/* Comparisons. A pooler gives a client the server process that was released last, so one comparison is enough
 * unless other clients take it in between. */
#define ROUNDS 3
/* How long the second connection waits for a server process. */
#define COMPARISON_LIMIT seconds(2)

static enum err server_process(struct postgres *p, int64_t *process)
{
	struct postgres_failure failure;

	return postgres_query_number(p, "SELECT pg_catalog.pg_backend_pid()", process, &failure);
}

/* Compares the server processes of the two connections. A pooler in session mode reserves the process `own`
 * for `p`. Sets `kept` to false if `other` has the same one, or if `p` gets another one while a transaction
 * of `other` is open. ERR_NOT_FOUND: `other` was lost, and nothing is known. */
static enum err compare(struct postgres *p, int64_t own, struct postgres *other, bool *kept)
{
	struct postgres_failure failure;
	int64_t others, now;

	if (server_process(other, &others) != OK)
		return ERR_NOT_FOUND;
	*kept = others != own;
	/* Statement mode refuses transactions, but the comparison above has shown it. */
	if (!*kept || postgres_script(other, "BEGIN", &failure) != OK)
		return *kept ? ERR_NOT_FOUND : OK;
	TRY(server_process(p, &now));
	*kept = now == own;
	return postgres_script(other, "ROLLBACK", &failure) == OK ? OK : ERR_NOT_FOUND;
}

enum err pooler_check(struct postgres *p, const char *url, struct arena *arena, struct str *why)
{
	struct postgres *other = NULL;
	struct str ignored;
	bool kept = true;
	int64_t own;
	enum err e = OK;

	*why = STR("the connection was lost");
	TRY(server_process(p, &own));
	if (own == postgres_announced_process(p) || postgres_connect(url, arena, &other, &ignored) != OK)
		return OK;
	postgres_set_script_limit(other, COMPARISON_LIMIT);
	for (int i = 0; i < ROUNDS && kept && e == OK; i++)
		e = compare(p, own, other, &kept);
	postgres_disconnect(other);
	if (kept)
		return e == ERR_NOT_FOUND ? OK : e;
	*why = STR(POOLER_MODE_MESSAGE);
	return ERR_CONFLICT;
}
