/* Databases of schema 11, written by kycd 0.1.0 on each engine (tests/fixtures), are migrated to the current
 * schema: no row is lost, and every sealed value can still be opened. */
#include "stores.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/core/keyring.h"
#include "app/core/sealed_names.h"
#include "app/person/person.h"
#include "base/attr.h"
#include "base/buf.h"
#include "store/copy/copy_endpoint.h"
#include "store/copy/copy_tables.h"
#include "store/copy/row_codec.h"
#include "store/postgres/copy_endpoint.h"
#include "store/postgres/tx.h"
#include "store/sql/migrate.h"
#include "store/sqlite/copy_endpoint.h"
#include "store/sqlite/driver.h"
#include "store/sqlite/file.h"
#include "store/sqlite/upgrade.h"
#include "text/encode.h"

#define OLD_SCHEMA 11
#define USERS_MAX 64

static char *read_file(const char *name)
{
	char path[512];
	struct stat facts = { 0 };
	char *text;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &facts) == 0);
	text = calloc((size_t)facts.st_size + 1, 1);
	assert_non_null(text);
	assert_int_equal(read(fd, text, (size_t)facts.st_size), facts.st_size);
	close(fd);
	return text;
}

/* Returns the text with each {bytes:HEX} replaced by the engine's syntax for bytes: `before`, HEX, `after`.
 */
static const char *script_for(struct fixture *f, const char *text, const char *before, const char *after)
{
	static const char marker[] = "{bytes:";
	struct buf b;
	struct str done;
	const char *at;

	buf_init(&b, &f->arena);
	while ((at = strstr(text, marker)) != NULL) {
		const char *const end = strchr(at, '}');

		assert_non_null(end);
		buf_add(&b, (struct str){ text, (size_t)(at - text) });
		buf_add(&b, str_of(before));
		buf_add(&b, (struct str){ at + strlen(marker), (size_t)(end - at) - strlen(marker) });
		buf_add(&b, str_of(after));
		text = end + 1;
	}
	buf_add(&b, str_of(text));
	assert_int_equal(buf_done(&b, &done), OK);
	return done.p;
}

/* State of one test: the migrated database and what was found in it. */
struct found {
	struct fixture *f;
	struct world world;
	struct keys keys;
	struct copy_endpoint *endpoint;
	struct user users[USERS_MAX];
	size_t n_users;
	size_t opened; /* sealed values that were decrypted */
};

static struct str value_at(struct str encoded, size_t i)
{
	struct row_fields fields = row_decode(encoded);
	struct str value = { NULL, 0 };

	for (size_t k = 0; k <= i; k++)
		value = row_decode_next(&fields);
	return value;
}

static struct str column_of(const struct record *r, struct str encoded, const char *name)
{
	return value_at(encoded, (size_t)(record_column(r, name) - r->columns));
}

/* Calls `each` for every row of the record; returns the number of rows. */
static size_t each_row(struct found *found, enum record_kind kind,
	void (*each)(struct found *found, const struct record *r, struct str encoded))
{
	const struct record *const r = &records[kind];
	struct copy_endpoint *const e = found->endpoint;
	struct str encoded;
	size_t n = 0;

	assert_int_equal(e->ops->begin(e), OK);
	assert_int_equal(e->ops->read(e, r), OK);
	while (e->ops->next(e, &encoded) == OK) {
		each(found, r, encoded);
		n++;
	}
	e->ops->stop(e);
	e->ops->rollback(e);
	return n;
}

static void collect_user(struct found *found, const struct record *r, struct str encoded)
{
	struct user *const user = &found->users[found->n_users++];

	assert_true(found->n_users <= USERS_MAX);
	*user = (struct user){ .wrapped_key = arena_copy(
				       &found->f->arena, column_of(r, encoded, "wrapped_key")) };
	assert_true(str_copy_to(column_of(r, encoded, "id"), user->id.text, sizeof(user->id.text)));
}

static const struct user *user_of(const struct found *found, struct str id)
{
	for (size_t i = 0; i < found->n_users; i++)
		if (str_eq(str_of(found->users[i].id.text), id))
			return &found->users[i];
	fail_msg("no user %.*s", STR_ARG(id));
	return NULL;
}

static void open_sealed(
	struct found *found, struct str user_id, const struct sealed_field *field, struct str sealed)
{
	struct str plain;

	if (sealed.n == 0)
		return;
	assert_int_equal(
		user_unseal(&found->world, &found->f->arena, user_of(found, user_id), field, sealed, &plain),
		OK);
	assert_true(plain.n > 0);
	found->opened++;
}

static const char *hex_of(struct found *found, struct str bytes)
{
	char *const hex = arena_bytes(&found->f->arena, 2 * bytes.n + 1, 1);

	assert_non_null(hex);
	hex_write((const unsigned char *)bytes.p, bytes.n, hex);
	return hex;
}

static void open_address(struct found *found, const struct record *r, struct str encoded)
{
	const struct sealed_field field = { SEALED_ADDRESS,
		hex_of(found, column_of(r, encoded, "blind_index")) };

	open_sealed(found, column_of(r, encoded, "user_id"), &field, column_of(r, encoded, "sealed_address"));
}

static void open_session(struct found *found, const struct record *r, struct str encoded)
{
	const struct str id = arena_copy(&found->f->arena, column_of(r, encoded, "id"));
	const struct sealed_field url = { SEALED_SESSION_URL, id.p },
				  decision = { SEALED_SESSION_DECISION, id.p };

	open_sealed(found, column_of(r, encoded, "user_id"), &url, column_of(r, encoded, "sealed_url"));
	open_sealed(
		found, column_of(r, encoded, "user_id"), &decision, column_of(r, encoded, "sealed_decision"));
}

static void open_effect(struct found *found, const struct record *r, struct str encoded)
{
	const struct sealed_field field = { SEALED_EFFECT,
		arena_copy(&found->f->arena, column_of(r, encoded, "id")).p };

	open_sealed(found, column_of(r, encoded, "user_id"), &field, column_of(r, encoded, "sealed_payload"));
}

static void open_event_body(struct found *found, const struct record *r, struct str encoded)
{
	const struct sealed_field field = { SEALED_PROVIDER_EVENT_BODY,
		hex_of(found, column_of(r, encoded, "event_key")) };
	const struct str session_id = column_of(r, encoded, "session_id");
	struct session session = { .status = STATUS_CREATING };

	assert_true(str_copy_to(session_id, session.id.text, sizeof(session.id.text)));
	assert_int_equal(run_action(found->f, found->world.store, DO_LOAD, RECORD_SESSION, &session), OK);
	open_sealed(found, str_of(session.user_id.text), &field, column_of(r, encoded, "sealed_body"));
}

static void count_only(struct found *found, const struct record *r, struct str encoded)
{
	(void)found;
	(void)r;
	(void)encoded;
}

static void assert_no_old_detail(struct found *found, const struct record *r, struct str encoded)
{
	static const char *const old[] = { "pair", "joined", "same", "doubtful", "asked", "not_followed" };
	const struct str detail = column_of(r, encoded, "detail");

	(void)found;
	for (size_t i = 0; i < array_len(old); i++)
		assert_false(str_eq(detail, str_of(old[i])));
}

static enum err fill_random(struct random *random, void *bytes, size_t n)
{
	(void)random;
	return getrandom(bytes, n, 0) == (ssize_t)n ? OK : ERR_INTERNAL;
}

static moment fixed_now(struct clock *clock)
{
	(void)clock;
	return (moment){ 1800000000000 };
}

/* Opens the keys, which writes the MACs of all rows. */
static void open_keys(struct found *found, const struct secret_key *master)
{
	static const struct random_ops random_ops = { .fill = fill_random };
	static const struct clock_ops clock_ops = { .now = fixed_now };
	static struct random random = { .ops = &random_ops };
	static struct clock clock = { .ops = &clock_ops };
	struct store *const store = found->world.store;
	char other[MASTER_ID_SIZE];

	found->world.random = &random;
	found->world.clock = &clock;
	assert_true(crypto_start());
	assert_int_equal(keyring_read(&found->world, &found->f->arena, master, &found->keys, other), OK);
	assert_true(walk_all(found->f, store, RECORD_SESSION, ROW_AUTHENTIC) > 0); /* unknown without a key */
	assert_int_equal(keyring_open(&found->world, &found->f->arena, master, &found->keys, other), OK);
	for (int kind = 0; kind < RECORD_COUNT; kind++)
		(void)walk_all(found->f, store, (enum record_kind)kind, ROW_AUTHENTIC);
}

static enum err remove_row_key(struct tx *tx, void *arg)
{
	const struct keyring row = { .name = "row" };

	(void)arg;
	return store_remove_keyring(tx, &row);
}

/* A forged row stays forged when kycd starts again, also after somebody has deleted the key of the MACs. */
static void assert_forged_rows_stay_refused(
	struct found *found, const struct secret_key *master, void (*run_sql)(struct fixture *, const char *))
{
	struct session session = { .id = { "forged" } };
	struct keys keys;
	char other[MASTER_ID_SIZE];

	run_sql(found->f, "UPDATE sessions SET id = 'forged' WHERE id = (SELECT min(id) FROM sessions)");
	assert_int_equal(keyring_open(&found->world, &found->f->arena, master, &keys, other), OK);
	assert_memory_equal(&keys, &found->keys, sizeof(keys));
	assert_int_equal(
		run_action(found->f, found->world.store, DO_LOAD, RECORD_SESSION, &session), ERR_INTEGRITY);
	assert_int_equal(
		store_transact(found->world.store, TX_WRITE, &found->f->arena, remove_row_key, NULL), OK);
	assert_int_equal(keyring_open(&found->world, &found->f->arena, master, &keys, other), ERR_INPUT);
}

static void run_sqlite(struct fixture *f, const char *text)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
}

static void run_postgres(struct fixture *f, const char *text)
{
	postgres_run_script(f->url, text);
}

/* Asserts the numbers of rows in the fixtures, and that every sealed value can be decrypted. */
static void assert_upgraded(struct fixture *f, struct store *store, struct copy_endpoint *endpoint)
{
	struct found found = { .f = f, .endpoint = endpoint, .world = { .store = store } };
	struct secret_key master;

	for (size_t i = 0; i < sizeof(master.bytes); i++)
		master.bytes[i] = (unsigned char)i;
	open_keys(&found, &master);
	found.world.keys = &found.keys;
	assert_int_equal(each_row(&found, RECORD_USER, collect_user), 25);
	assert_int_equal(each_row(&found, RECORD_ADDRESS, open_address), 24);
	assert_int_equal(found.opened, 24);
	assert_int_equal(each_row(&found, RECORD_SESSION, open_session), 17);
	assert_true(found.opened >= 24 + 15 + 8);
	found.opened = 0;
	assert_int_equal(each_row(&found, RECORD_EFFECT, open_effect), 21);
	assert_int_equal(found.opened, 1);
	found.opened = 0;
	assert_int_equal(each_row(&found, RECORD_PROVIDER_EVENT_BODY, open_event_body), 21);
	assert_int_equal(found.opened, 21);
	assert_int_equal(each_row(&found, RECORD_PROVIDER_EVENT, count_only), 22);
	assert_int_equal(each_row(&found, RECORD_ENROLMENT, count_only), 24);
	assert_int_equal(each_row(&found, RECORD_OTP, count_only), 18);
	assert_int_equal(each_row(&found, RECORD_CLAIM, count_only), 1);
	assert_int_equal(each_row(&found, RECORD_AUDIT_ENTRY, assert_no_old_detail), 162);
	endpoint->ops->close(endpoint);
	assert_forged_rows_stay_refused(&found, &master, f->url[0] != '\0' ? run_postgres : run_sqlite);
	store->ops->close(store);
}

static void sealed_values_of_schema_11_are_decrypted_on_sqlite(void **state)
{
	struct fixture *const f = *state;
	const struct migrations old = { schema_migrations.list, OLD_SCHEMA };
	char *const rows = read_file("schema_11_sqlite.sql");
	struct copy_endpoint *endpoint = NULL;
	struct str why = STR("");
	struct sqlite_file file;
	struct sql *sql = NULL;

	assert_int_equal(sqlite_file_init(&file, str_of(f->path), &f->arena, &why), OK);
	file.migrations = &old;
	assert_int_equal(sqlite_file_create(&file), OK);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITHOUT_BACKUP), OK);
	assert_int_equal(sqlite_file_connect(&file, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, script_for(f, rows, "X'", "'")), OK);
	sql->ops->close(sql);
	free(rows);
	assert_int_equal(sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), OK);
	assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), OK);
	assert_int_equal(
		sqlite_copy_endpoint_open(str_of(f->path), COPY_SOURCE, &f->arena, &endpoint, &why), OK);
	assert_upgraded(f, sqlite_open(f, 0), endpoint);
}

static void sealed_values_of_schema_11_are_decrypted_on_postgresql(void **state)
{
	struct fixture *const f = *state;
	const struct migrations old = { schema_migrations.list, OLD_SCHEMA };
	char *const rows = read_file("schema_11_postgres.sql");
	struct copy_endpoint *endpoint = NULL;
	struct postgres_facts facts;
	struct str why = STR("");
	struct sql *sql = NULL;

	postgres_create_schema(f);
	assert_int_equal(pg_tx_open(f->url, PG_TX_NO_TIMEOUT, &f->arena, &sql, &why), OK);
	assert_int_equal(migrate(sql, &old, NULL), OK);
	sql->ops->close(sql);
	postgres_run_script(f->url, script_for(f, rows, "'\\x", "'"));
	free(rows);
	assert_int_equal(postgres_store_migrate(str_of(f->url), &f->arena, &why), OK);
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), OK);
	assert_int_equal(
		postgres_copy_endpoint_open(str_of(f->url), COPY_SOURCE, &f->arena, &endpoint, &why), OK);
	assert_upgraded(f, postgres_open(f, 1), endpoint);
}

int main(void)
{
	test_uses_row_key = false;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			sealed_values_of_schema_11_are_decrypted_on_sqlite, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(sealed_values_of_schema_11_are_decrypted_on_postgresql,
			folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
