#include "main/config/database_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct {
	const char *text, *reason; /* NULL: valid */
} rows[] = {
	{ "sqlite:kycd.db", NULL },
	{ "sqlite:var/kycd.db", NULL },
	{ "sqlite:./var/kycd.db", NULL },
	{ "sqlite:../kycd.db", NULL },
	{ "sqlite:/var/lib/kycd/kycd.db", NULL },
	{ "sqlite:/srv/a folder/100% ours.db", NULL },
	{ "sqlite:a:b.db", NULL },
	{ "postgresql://me:word@db/kycd?sslmode=verify-full", NULL },
	{ "sqlite:", "sqlite:FILE, such as sqlite:var/kycd.db" },
	{ "sqlite:kycd.db?mode=rwc", "takes no parameters" },
	{ "sqlite:/var/lib/kycd.db?cache=shared&mode=ro", "takes no parameters" },
	{ "sqlite:kycd.db#main", "takes no parameters" },
	{ "sqlite:file:kycd.db", "without file:" },
	{ "sqlite:FILE:kycd.db?mode=rwc", "without file:" },
	{ "sqlite:sqlite:kycd.db", "without file:" },
	{ "sqlite:postgresql://db/kycd", "or ://" },
	{ "sqlite://kycd.db", "does not begin with //" },
	{ "sqlite:///var/lib/kycd.db", "does not begin with //" },
	{ "sqlite:~/kycd.db", "not expanded" },
	{ "sqlite:~kycd/kycd.db", "not expanded" },
	{ "sqlite:$HOME/kycd.db", "not expanded" },
	{ "sqlite:/srv/${NAME}.db", "not expanded" },
	{ "sqlite::memory:", "lost at each stop" },
	{ "sqlite:a%20folder/kycd.db", "not decoded" },
	{ "sqlite: kycd.db", "spaces at its ends" },
	{ "sqlite:\"kycd.db\"", "without quotes" },
	{ "sqlite:var/", "not of a folder" },
	{ "sqlite:var/.", "not of a folder" },
	{ "file:kycd.db", "or postgresql://" },
	{ "sqlite3:kycd.db", "or postgresql://" },
	{ "SQLITE:kycd.db", "or postgresql://" },
	{ "kycd.db", "or postgresql://" },
	{ ":memory:", "or postgresql://" },
	{ "postgresql+psycopg://db/kycd", "or postgresql://" },
	{ "postgresql://me:word@db/kycd?pgbouncer=true", "`pgbouncer`" },
	{ "postgresql://me:wo@rd@db/kycd", "%40 for an @" },
};

static void database_texts_are_valid_or_refused_with_the_reason(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const fault = database_fault(str_of(rows[i].text), &a);

		if ((fault == NULL) != (rows[i].reason == NULL))
			fail_msg("wrong verdict on %s: %s", rows[i].text, fault ? fault : "valid");
		if (fault && rows[i].reason && !strstr(fault, rows[i].reason))
			fail_msg("wrong reason for %s: %s", rows[i].text, fault);
	}
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(database_texts_are_valid_or_refused_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
