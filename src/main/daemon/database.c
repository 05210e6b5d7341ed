#include "main/daemon/database.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "main/config/database_text.h"
#include "main/platform/system_clock.h"
#include "store/postgres/store.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/store.h"

bool database_is_file(const struct config *config)
{
	return database_text_is_file(config->database);
}

struct str database_path(const struct config *config)
{
	return str_from(config->database, strlen("sqlite:"));
}

enum err database_open(const struct config *config, enum database_use use, struct arena *arena,
	struct store **out, struct str *why)
{
	static const enum creation creations[] = { [DATABASE_EXISTING] = CREATE_NEVER,
		[DATABASE_SERVE] = CREATE_FIRST,
		[DATABASE_SERVE_CREATE] = CREATE_AGAIN };
	const struct sqlite_conf file = { .path = database_path(config),
		.creation = creations[use],
		.migrate = use != DATABASE_EXISTING,
		.micros = system_micros };
	const struct postgres_conf server = { .url = config->database,
		.create = use != DATABASE_EXISTING,
		.connections = (size_t)config->database_connections,
		.micros = system_micros };

	return database_is_file(config) ? sqlite_store_open(&file, arena, out, why)
					: postgres_store_open(&server, arena, out, why);
}

enum err database_version(const struct config *config, struct arena *arena, int64_t *version, struct str *why)
{
	return database_is_file(config) ? sqlite_store_version(database_path(config), arena, version, why)
					: postgres_store_version(config->database, arena, version, why);
}

static void print_waiting(struct str sentence)
{
	fprintf(stderr, "kycd: %.*s\n", STR_ARG(sentence));
}

enum err database_lock(
	struct str path, duration limit, struct arena *arena, struct instance_lock *out, struct str *why)
{
	const struct lock_wait wait = { limit, system_ticks, system_sleep, print_waiting };
	char host[HOST_NAME_MAX + 1] = "";
	struct lock_owner owner = { .pid = getpid(), .since = system_now() };

	owner.host = gethostname(host, sizeof(host) - 1) == 0 ? str_of(host) : STR("this machine");
	return instance_lock_acquire(path, &owner, &wait, arena, out, why);
}

int64_t database_schema_version(void)
{
	return sqlite_store_schema_version();
}

enum err database_check(const struct config *config, struct arena *arena, struct str *why)
{
	struct postgres_facts facts;

	return database_is_file(config) ? sqlite_store_check(database_path(config), arena, why)
					: postgres_store_check(config->database, arena, &facts, why);
}

const char *database_error(void)
{
	const char *const sqlite_error = sqlite_condition_message(sqlite_condition_last());

	return sqlite_error != NULL ? sqlite_error : postgres_store_error();
}
