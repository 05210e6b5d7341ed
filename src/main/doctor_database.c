#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/keyring.h"
#include "main/compose.h"
#include "main/database.h"
#include "main/doctor.h"
#include "main/master_key.h"
#include "main/system.h"
#include "store/sqlite_store.h"

/* The log of a database that is written to all the time stays well below this. */
#define MIB ((off_t)1024 * 1024)
#define LOG_LARGE (256 * MIB)
/* Two machines' clocks may differ by this much, and nobody minds. */
#define FUTURE seconds(5)
#define BACKUP_OLD ((duration){ (int64_t)7 * 24 * 60 * 60 * 1000 })

#define SCHEMAS "its schema is %" PRId64 ", this program's %" PRId64

/* One with our schema. */
static bool is_current(struct exam *exam)
{
	const struct str path = arena_copy(&exam->arena, database_path(&exam->config));
	struct str why;
	int64_t version;

	return (!database_is_file(&exam->config) || access(path.p, F_OK) == 0) &&
	       database_version(&exam->config, &exam->arena, &version, &why) == OK &&
	       version == database_newest();
}

/* False: it has been told why there is nothing more to look at. */
static bool judge_schema(struct exam *exam)
{
	const struct str path = arena_copy(&exam->arena, database_path(&exam->config));
	const bool is_file = database_is_file(&exam->config);
	struct str why = STR("it cannot be read");
	int64_t version = 0;

	if (is_file && access(path.p, F_OK) != 0 && errno == ENOENT) {
		exam_say(exam, FINDING_NOTE, "%s is not there yet: the first start makes it", path.p);
		return false;
	}
	if (database_version(&exam->config, &exam->arena, &version, &why) != OK) {
		exam_say(exam, FINDING_WRONG, "%.*s", STR_ARG(why));
		return false;
	}
	if (version == database_newest())
		return true;
	if (version > database_newest())
		exam_say(exam, FINDING_WRONG, SCHEMAS ": run the newer program", version, database_newest());
	else if (is_file)
		exam_say(exam, FINDING_NOTE,
			SCHEMAS ": the next start brings it forward, after laying a copy aside", version,
			database_newest());
	else if (version == 0)
		exam_say(exam, FINDING_NOTE, "it is empty: the first start makes its tables");
	else
		exam_say(exam, FINDING_WRONG, SCHEMAS ": stop all instances and run `kycd db migrate`",
			version, database_newest());
	return false;
}

static void judge_log(struct exam *exam, struct str path)
{
	const struct str log = arena_printf(&exam->arena, "%.*s-wal", STR_ARG(path));
	struct stat s;

	if (stat(log.p, &s) == 0 && s.st_size > LOG_LARGE)
		exam_say(exam, FINDING_NOTE,
			"%s is %jd MiB: somebody reads the database without end; end them, and it shrinks",
			log.p, (intmax_t)(s.st_size / MIB));
}

static void judge_backup(struct exam *exam, struct str path)
{
	struct sqlite_facts facts;
	struct str why;
	char at[MOMENT_RFC3339_SIZE];

	if (exam->config.dev || sqlite_store_facts(path, &exam->arena, &facts, &why) != OK)
		return;
	moment_rfc3339(facts.last_backup, at);
	if (moment_is_unset(facts.last_backup))
		exam_say(exam, FINDING_NOTE, "no backup of it is known: `kycd db backup FILE` makes one");
	else
		exam_say(exam,
			moment_is_before(facts.last_backup, moment_sub(system_now(), BACKUP_OLD))
				? FINDING_NOTE
				: FINDING_OK,
			"the last backup that is known was made at %s", at);
}

void check_database(struct exam *exam)
{
	const struct str path = database_path(&exam->config);
	struct str why = STR("it cannot be checked");

	if (!judge_schema(exam))
		return;
	if (database_is_file(&exam->config)) {
		judge_log(exam, path);
		judge_backup(exam, path);
	}
	if (database_check(&exam->config, &exam->arena, &why) == OK)
		exam_say(exam, FINDING_OK, "schema %" PRId64 ", whole", database_newest());
	else
		exam_say(exam, FINDING_WRONG, "%.*s", STR_ARG(why));
}

static struct store *open_store(struct exam *exam)
{
	struct str why = STR("it cannot be opened");
	struct store *store;

	if (database_open(&exam->config, false, &exam->arena, &store, &why) == OK)
		return store;
	exam_say(exam, FINDING_WRONG, "%.*s", STR_ARG(why));
	return NULL;
}

/* What is asked of an open store. One that is not there, or has not our schema, is told of by check_database.
 */
struct inquiry {
	struct exam *exam;
	struct world world;
	struct keyring ring;
	struct audit_entry row;
	size_t n;
};

static bool inquire(struct exam *exam, struct inquiry *inquiry)
{
	*inquiry = (struct inquiry){ .exam = exam };
	if (!is_current(exam))
		return false;
	inquiry->world.clock = system_clock();
	inquiry->world.random = system_random();
	inquiry->world.store = open_store(exam);
	return inquiry->world.store != NULL;
}

static void say_failed(struct exam *exam, const char *what)
{
	const char *const trouble = database_trouble();

	exam_say(exam, FINDING_WRONG, "%s%s%s", what, trouble ? ": the database " : "",
		trouble ? trouble : "");
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
	struct exam *const exam = q->exam;
	struct keys keys = { 0 };
	char id[MASTER_ID_SIZE], other[MASTER_ID_SIZE] = "";

	/* In a database without keys keyring_open would make some: that is not ours to do. */
	if (store_transact(q->world.store, TX_READ, &exam->arena, find_ring, q) != OK) {
		say_failed(exam, "the database's keys cannot be read");
		return;
	}
	keyring_master_id(master, id);
	if (q->n == 0) {
		exam_say(exam, FINDING_OK, "it is %s; the database has none yet", id);
		return;
	}
	const enum err e = keyring_open(&q->world, &exam->arena, master, &keys, other);
	secure_wipe(&keys, sizeof(keys));
	if (e == OK)
		exam_say(exam, FINDING_OK, "it is %s, and the database's", id);
	else if (e == ERR_CONFLICT)
		exam_say(exam, FINDING_WRONG,
			"KYCD_SECRET_KEY is %s, the database's is %s: give the right key, or another KYCD_DATABASE",
			id, other);
	else
		exam_say(exam, FINDING_WRONG, "the database's keys do not open with the key %s (%s)", id,
			err_name(e));
}

void check_key(struct exam *exam)
{
	struct secret_key master cleanup_with(secret_key_wipe) = { { 0 } };
	const bool is_dev = exam->config.secret_key.n == 0 && exam->config.dev;
	struct inquiry q;

	if (is_dev && access(MASTER_KEY_DEV_FILE, F_OK) != 0) {
		exam_say(exam, FINDING_NOTE, "there is none yet: the first start makes it");
		return;
	}
	if (!is_dev && exam->config.secret_key.n == 0)
		exam_say(exam, FINDING_WRONG, "KYCD_SECRET_KEY is not set: see `kycd secret generate`");
	else if (!master_key_read(&exam->config, &master))
		exam_say(exam, FINDING_WRONG, "%s is not base64 of 32 bytes",
			is_dev ? MASTER_KEY_DEV_FILE : "KYCD_SECRET_KEY");
	else if (!inquire(exam, &q))
		exam_say(exam, FINDING_NOTE, "it is of the right form; there is no database to try it on");
	else {
		judge_key(&q, &master);
		close_store(&q);
	}
}

static enum err find_future(struct tx *tx, void *arg)
{
	struct inquiry *const q = arg;
	struct audit_entry probe = { 0 };

	id_floor(moment_add(world_now(&q->world), FUTURE), probe.id.text);
	return store_find(tx, QUERY_AUDIT_SINCE, &probe, page_of(0, 1), &q->row, &q->n);
}

static void judge_future(struct inquiry *q)
{
	struct exam *const exam = q->exam;
	char at[MOMENT_RFC3339_SIZE];

	if (store_transact(q->world.store, TX_READ, &exam->arena, find_future, q) != OK) {
		say_failed(exam, "the trail cannot be read");
		return;
	}
	moment_rfc3339(q->row.at, at);
	if (q->n == 0)
		exam_say(exam, FINDING_OK, "nothing in the trail is from the future");
	else if (exam->config.dev)
		exam_say(exam, FINDING_NOTE, "the trail reaches to %s: dev mode's clock was moved on", at);
	else
		exam_say(exam, FINDING_WRONG,
			"the trail has acts of %s, which is to come: this machine's clock is behind, or was ahead",
			at);
}

/* A clock that was put back makes codes live longer and orders events wrongly. */
void exam_rows(struct exam *exam)
{
	struct inquiry q;

	if (!inquire(exam, &q))
		return;
	judge_future(&q);
	close_store(&q);
}
