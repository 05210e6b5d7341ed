#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/core/keyring.h"
#include "main/daemon/compose.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/doctor/checks.h"
#include "main/platform/system_clock.h"
#include "store/sqlite/store.h"

/* The log of a database that is written to all the time stays well below this. */
#define MIB ((off_t)1024 * 1024)
#define LOG_LARGE (256 * MIB)
/* Two machines' clocks may differ by this much, and nobody minds. */
#define FUTURE seconds(5)
#define BACKUP_OLD ((duration){ (int64_t)7 * 24 * 60 * 60 * 1000 })

#define SCHEMAS "its schema is %" PRId64 ", this program's %" PRId64

/* One with our schema. */
static bool is_current(struct doctor_ctx *ctx)
{
	const struct str path = arena_copy(&ctx->arena, database_path(&ctx->config));
	struct str why;
	int64_t version;

	return (!database_is_file(&ctx->config) || access(path.p, F_OK) == 0) &&
	       database_version(&ctx->config, &ctx->arena, &version, &why) == OK &&
	       version == database_schema_version();
}

/* False: it has been told why there is nothing more to look at. */
static bool judge_schema(struct doctor_ctx *ctx)
{
	const struct str path = arena_copy(&ctx->arena, database_path(&ctx->config));
	const bool is_file = database_is_file(&ctx->config);
	struct str why = STR("it cannot be read");
	int64_t version = 0;

	if (is_file && access(path.p, F_OK) != 0 && errno == ENOENT) {
		doctor_report(ctx, FINDING_WARNING, "%s is not there yet: the first start makes it", path.p);
		return false;
	}
	if (database_version(&ctx->config, &ctx->arena, &version, &why) != OK) {
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
		return false;
	}
	if (version == database_schema_version())
		return true;
	if (version > database_schema_version())
		doctor_report(ctx, FINDING_ERROR, SCHEMAS ": run the newer program", version,
			database_schema_version());
	else if (is_file)
		doctor_report(ctx, FINDING_WARNING,
			SCHEMAS ": the next start brings it forward, after laying a copy aside", version,
			database_schema_version());
	else if (version == 0)
		doctor_report(ctx, FINDING_WARNING, "it is empty: the first start makes its tables");
	else
		doctor_report(ctx, FINDING_ERROR, SCHEMAS ": stop all instances and run `kycd db migrate`",
			version, database_schema_version());
	return false;
}

static void judge_log(struct doctor_ctx *ctx, struct str path)
{
	const struct str log = arena_printf(&ctx->arena, "%.*s-wal", STR_ARG(path));
	struct stat s;

	if (stat(log.p, &s) == 0 && s.st_size > LOG_LARGE)
		doctor_report(ctx, FINDING_WARNING,
			"%s is %jd MiB: somebody reads the database without end; end them, and it shrinks",
			log.p, (intmax_t)(s.st_size / MIB));
}

static void judge_backup(struct doctor_ctx *ctx, struct str path)
{
	struct sqlite_facts facts;
	struct str why;
	char at[MOMENT_RFC3339_SIZE];

	if (ctx->config.dev || sqlite_store_facts(path, &ctx->arena, &facts, &why) != OK)
		return;
	moment_rfc3339(facts.last_backup, at);
	if (moment_is_unset(facts.last_backup))
		doctor_report(
			ctx, FINDING_WARNING, "no backup of it is known: `kycd db backup FILE` makes one");
	else
		doctor_report(ctx,
			moment_is_before(facts.last_backup, moment_sub(system_now(), BACKUP_OLD))
				? FINDING_WARNING
				: FINDING_OK,
			"the last backup that is known was made at %s", at);
}

void doctor_check_database(struct doctor_ctx *ctx)
{
	const struct str path = database_path(&ctx->config);
	struct str why = STR("it cannot be checked");

	if (!judge_schema(ctx))
		return;
	if (database_is_file(&ctx->config)) {
		judge_log(ctx, path);
		judge_backup(ctx, path);
	}
	if (database_check(&ctx->config, &ctx->arena, &why) == OK)
		doctor_report(ctx, FINDING_OK, "schema %" PRId64 ", intact", database_schema_version());
	else
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
}

static struct store *open_store(struct doctor_ctx *ctx)
{
	struct str why = STR("it cannot be opened");
	struct store *store;

	if (database_open(&ctx->config, false, &ctx->arena, &store, &why) == OK)
		return store;
	doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
	return NULL;
}

/* What is asked of an open store. One that is not there, or has not our schema, is told of by
 * doctor_check_database.
 */
struct inquiry {
	struct doctor_ctx *ctx;
	struct world world;
	struct keyring ring;
	struct audit_entry row;
	size_t n;
};

static bool inquire(struct doctor_ctx *ctx, struct inquiry *inquiry)
{
	*inquiry = (struct inquiry){ .ctx = ctx };
	if (!is_current(ctx))
		return false;
	inquiry->world.clock = system_clock();
	inquiry->world.random = system_random();
	inquiry->world.store = open_store(ctx);
	return inquiry->world.store != NULL;
}

static void say_failed(struct doctor_ctx *ctx, const char *what)
{
	const char *const trouble = database_error();

	doctor_report(
		ctx, FINDING_ERROR, "%s%s%s", what, trouble ? ": the database " : "", trouble ? trouble : "");
}

static enum err find_ring(struct tx *tx, void *arg)
{
	struct inquiry *const q = arg;
	const struct keyring probe = { .name = "" };

	return store_find(tx, QUERY_KEYRING, &probe, page_of(0, 1), &q->ring, &q->n);
}

/* Whoever closes a database last takes its log away. */
static void close_store(struct inquiry *q)
{
	q->world.store->ops->close(q->world.store);
}

static void judge_key(struct inquiry *q, const struct secret_key *master)
{
	struct doctor_ctx *const ctx = q->ctx;
	struct keys keys = { 0 };
	char id[MASTER_ID_SIZE], other[MASTER_ID_SIZE] = "";

	/* In a database without keys keyring_open would make some: that is not ours to do. */
	if (store_transact(q->world.store, TX_READ, &ctx->arena, find_ring, q) != OK) {
		say_failed(ctx, "the database's keys cannot be read");
		return;
	}
	keyring_master_id(master, id);
	if (q->n == 0) {
		doctor_report(ctx, FINDING_OK, "it is %s; the database has none yet", id);
		return;
	}
	const enum err e = keyring_open(&q->world, &ctx->arena, master, &keys, other);
	secure_wipe(&keys, sizeof(keys));
	if (e == OK)
		doctor_report(ctx, FINDING_OK, "it is %s, and the database's", id);
	else if (e == ERR_CONFLICT)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_SECRET_KEY is %s, the database's is %s: give the right key, or another KYCD_DATABASE",
			id, other);
	else
		doctor_report(ctx, FINDING_ERROR, "the database's keys do not open with the key %s (%s)", id,
			err_name(e));
}

void doctor_check_key(struct doctor_ctx *ctx)
{
	struct secret_key master cleanup_with(secret_key_wipe) = { { 0 } };
	const bool is_dev = ctx->config.secret_key.n == 0 && ctx->config.dev;
	struct inquiry q;

	if (is_dev && access(MASTER_KEY_DEV_FILE, F_OK) != 0) {
		doctor_report(ctx, FINDING_WARNING, "there is none yet: the first start makes it");
		return;
	}
	if (!is_dev && ctx->config.secret_key.n == 0)
		doctor_report(ctx, FINDING_ERROR, "KYCD_SECRET_KEY is not set: see `kycd secret generate`");
	else if (!master_key_read(&ctx->config, &master))
		doctor_report(ctx, FINDING_ERROR, "%s is not base64 of 32 bytes",
			is_dev ? MASTER_KEY_DEV_FILE : "KYCD_SECRET_KEY");
	else if (!inquire(ctx, &q))
		doctor_report(
			ctx, FINDING_WARNING, "it is of the right form; there is no database to try it on");
	else {
		judge_key(&q, &master);
		close_store(&q);
	}
}

static enum err find_future(struct tx *tx, void *arg)
{
	struct inquiry *const q = arg;
	struct audit_entry probe = { 0 };

	id_lower_bound(moment_add(world_now(&q->world), FUTURE), probe.id.text);
	return store_find(tx, QUERY_AUDIT_SINCE, &probe, page_of(0, 1), &q->row, &q->n);
}

static void judge_future(struct inquiry *q)
{
	struct doctor_ctx *const ctx = q->ctx;
	char at[MOMENT_RFC3339_SIZE];

	if (store_transact(q->world.store, TX_READ, &ctx->arena, find_future, q) != OK) {
		say_failed(ctx, "the trail cannot be read");
		return;
	}
	moment_rfc3339(q->row.at, at);
	if (q->n == 0)
		doctor_report(ctx, FINDING_OK, "nothing in the trail is from the future");
	else if (ctx->config.dev)
		doctor_report(
			ctx, FINDING_WARNING, "the trail reaches to %s: dev mode's clock was moved on", at);
	else
		doctor_report(ctx, FINDING_ERROR,
			"the trail has acts of %s, which is to come: this machine's clock is behind, or was ahead",
			at);
}

/* A clock that was put back makes codes live longer and orders events wrongly. */
void doctor_check_row_times(struct doctor_ctx *ctx)
{
	struct inquiry q;

	if (!inquire(ctx, &q))
		return;
	judge_future(&q);
	close_store(&q);
}
