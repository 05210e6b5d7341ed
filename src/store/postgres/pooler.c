#include "store/postgres/pooler.h"

#include <stdint.h>

/* Maximum number of comparisons. A pooler gives a client the server process that was released last, so one
 * comparison is enough unless other clients use the pooler at the same time. */
#define ROUNDS 3
/* How long the second connection waits for the pooler to give it a server process. */
#define COMPARISON_LIMIT seconds(2)

static enum err server_process(struct postgres *p, int64_t *process)
{
	struct postgres_failure failure;

	return postgres_query_number(p, "SELECT pg_catalog.pg_backend_pid()", process, &failure);
}

/* Compares the server processes of the two connections. A pooler in session mode keeps the process `own` for
 * `p`. Sets `kept` to false if `other` gets that process, or if `p` gets another one while `other` has an
 * open transaction. Returns ERR_NOT_FOUND if `other` was lost, so that the comparison has no result. */
static enum err compare(struct postgres *p, int64_t own, struct postgres *other, bool *kept)
{
	struct postgres_failure failure;
	int64_t others, now;

	if (server_process(other, &others) != OK)
		return ERR_NOT_FOUND;
	*kept = others != own;
	/* A pooler in statement mode refuses BEGIN, but it has already failed the comparison above. */
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
