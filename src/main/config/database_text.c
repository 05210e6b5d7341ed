#include "main/config/database_text.h"

#include <string.h>

#include "store/postgres/store.h"

bool database_text_is_file(struct str text)
{
	return str_starts(text, STR("sqlite:"));
}

const char *database_fault(struct str text)
{
	if (database_text_is_file(text))
		return text.n > strlen("sqlite:") ? NULL : "sqlite:FILE, such as sqlite:var/kycd.db";
	if (!str_starts(text, STR("postgresql://")) && !str_starts(text, STR("postgres://")))
		return "sqlite:FILE, such as sqlite:var/kycd.db, or postgresql://…";
	return postgres_store_url_is_good(text)
		       ? NULL
		       : "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ and %2F for a / in the "
			 "password";
}

bool database_text_is_secret(struct str text)
{
	return !database_text_is_file(text) &&
	       (str_has(text, '@') || memmem(text.p, text.n, "password", strlen("password")) != NULL);
}
