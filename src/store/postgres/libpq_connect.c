#include "store/postgres/libpq_connect.h"

#include <stddef.h>
#include <string.h>

#define OLDEST_VERSION 150000
#define CONNECTION_REFUSED "the server cannot be reached or refuses the connection"

/* Returns whether libpq's message may contain a password. libpq does not print passwords, but if the URL is
 * malformed, it can mistake a part of the password for the host name and print that. */
static bool message_has_secret(PGconn *conn, const char *message)
{
	PQconninfoOption *const options = PQconninfo(conn);
	bool found = options == NULL;

	for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
		const bool secret = o->dispchar != NULL && o->dispchar[0] == '*';

		if (secret && o->val != NULL && o->val[0] != '\0' && strstr(message, o->val) != NULL)
			found = true;
	}
	PQconninfoFree(options);
	return found;
}

struct str libpq_message(PGconn *conn, struct arena *arena)
{
	struct str text = str_trim(str_of(PQerrorMessage(conn))), line = STR("");

	if (text.n == 0 || message_has_secret(conn, PQerrorMessage(conn)))
		return STR(CONNECTION_REFUSED);
	(void)str_cut(&text, '\n', &line);
	line = arena_copy(arena, str_trim(line));
	return line.p != NULL ? line : STR(CONNECTION_REFUSED);
}

/* Connects. Because of keepalives_*, the loss of the server is detected within a minute, even while a
 * statement without a time limit runs. Parameters in the URL override those before "dbname" in the list, but
 * not the encoding after it. */
static PGconn *connect_url(const char *url)
{
	static const char *const names[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "fallback_application_name", "dbname",
		"client_encoding", NULL };
	const char *const values[] = { "5", "10000", "30", "10", "3", "kycd", url, "UTF8", NULL };

	return PQconnectdbParams(names, values, 1);
}

/* Ignores notices of the server. Without this function, libpq would print them on stderr. */
static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static enum err check_connection(PGconn *conn, struct arena *arena, struct str *why)
{
	const char *const encoding = PQparameterStatus(conn, "server_encoding");

	if (PQstatus(conn) != CONNECTION_OK) {
		*why = libpq_message(conn, arena);
		return ERR_BUSY;
	}
	(void)PQsetNoticeReceiver(conn, ignore_notice, NULL);
	if (PQserverVersion(conn) < OLDEST_VERSION) {
		*why = STR("the server is older than PostgreSQL 15: upgrade it");
		return ERR_CONFLICT;
	}
	if (encoding == NULL || strcmp(encoding, "UTF8") != 0) {
		*why = STR("its encoding is not UTF8: create the database with `createdb --encoding=UTF8 "
			   "--template=template0`");
		return ERR_CONFLICT;
	}
	return OK;
}

enum err libpq_connect(const char *url, struct arena *arena, PGconn **out, struct str *why)
{
	*out = connect_url(url);
	return *out != NULL ? check_connection(*out, arena, why) : ERR_INTERNAL;
}
