#include "app/admin/seal_check.h"

#include <assert.h>
#include <string.h>

#include "app/core/sealed_names.h"
#include "app/core/table_walk.h"
#include "app/person/reference.h"
#include "base/attr.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "text/encode.h"

/* With which key a value is sealed. */
enum seal_owner {
	OWNER_DATABASE,
	OWNER_USER,	    /* the person of the column user_id; if it is empty, the database */
	OWNER_SESSION_USER, /* the person of the session in the column session_id */
};

static const struct sealed_column {
	enum record_kind of;
	const char *column;
	const char *sealed_table, *sealed_column; /* SEALED_… */
	enum seal_owner owner;
	bool is_key;
} sealed_columns[] = {
	/* clang-format off */
	{ RECORD_USER,                "wrapped_key",       SEALED_USER_KEY,                OWNER_DATABASE,     true },
	{ RECORD_ADDRESS,             "sealed_address",    SEALED_ADDRESS,                 OWNER_USER,         false },
	{ RECORD_ENROLMENT,           "sealed_reference",  SEALED_REFERENCE,               OWNER_USER,         false },
	{ RECORD_SESSION,             "sealed_url",        SEALED_SESSION_URL,             OWNER_USER,         false },
	{ RECORD_SESSION,             "sealed_decision",   SEALED_SESSION_DECISION,        OWNER_USER,         false },
	{ RECORD_EFFECT,              "sealed_payload",    SEALED_EFFECT,                  OWNER_USER,         false },
	{ RECORD_EFFECT,              "sealed_excerpt",    SEALED_WEBHOOK_EXCERPT,         OWNER_DATABASE,     false },
	{ RECORD_PROVIDER_EVENT_BODY, "sealed_body",       SEALED_PROVIDER_EVENT_BODY,     OWNER_SESSION_USER, false },
	{ RECORD_TOKEN,               "sealed_token",      SEALED_PROVIDER_TOKEN,          OWNER_DATABASE,     false },
	{ RECORD_IDEMPOTENCY_ENTRY,   "sealed_reply",      SEALED_IDEMPOTENCY_REPLY,       OWNER_DATABASE,     false },
	{ RECORD_EVENT,               "sealed_data",       SEALED_EVENT,                   OWNER_USER,         false },
	{ RECORD_WEBHOOK_ENDPOINT,    "sealed_url",        SEALED_WEBHOOK_URL,             OWNER_DATABASE,     false },
	{ RECORD_WEBHOOK_ENDPOINT,    "sealed_secret",     SEALED_WEBHOOK_SECRET,          OWNER_DATABASE,     true },
	{ RECORD_WEBHOOK_ENDPOINT,    "sealed_old_secret", SEALED_WEBHOOK_OLD_SECRET,      OWNER_DATABASE,     true },
	{ RECORD_VERIFICATION_LINK,   "sealed_return_url", SEALED_VERIFICATION_RETURN_URL, OWNER_DATABASE,     false },
	{ RECORD_VERIFICATION_LINK,   "sealed_reference",  SEALED_VERIFICATION_REFERENCE,  OWNER_DATABASE,     false },
	{ RECORD_VERIFICATION_LINK,   "sealed_address",    SEALED_VERIFICATION_ADDRESS,    OWNER_DATABASE,     false },
	{ RECORD_VERIFICATION_LINK,   "sealed_challenge",  SEALED_VERIFICATION_CHALLENGE,  OWNER_DATABASE,     false },
	{ RECORD_OPERATOR_ACCOUNT,    "sealed_email",      SEALED_OPERATOR_EMAIL,          OWNER_DATABASE,     false },
	{ RECORD_REVIEW,              "sealed_comment",    SEALED_REVIEW_COMMENT,          OWNER_SESSION_USER, false },
	{ RECORD_OPERATOR_NOTE,       "sealed_text",       SEALED_OPERATOR_NOTE,           OWNER_USER,         false },
	/* clang-format on */
};

/* Size of the text of a row that a value is sealed for. */
#define PLACE_ROW_SIZE 160

/* The check of one sealed column. */
struct column_check {
	struct seal_check *check;
	const struct sealed_column *sealed;
	struct user owner; /* the owner of the row before; its wrapped key is in the arena of the page */
	bool failed[TABLE_PAGE_ROWS];
	int64_t values; /* of the page */
};

static struct str bytes_at(const void *row, enum record_kind of, const char *column)
{
	struct str bytes;

	memcpy(&bytes, (const char *)row + record_column(&records[of], column)->offset, sizeof(bytes));
	return bytes;
}

static const char *text_at(const void *row, enum record_kind of, const char *column)
{
	return (const char *)row + record_column(&records[of], column)->offset;
}

/* Writes the text of the row that a value is sealed for: its key, except for references. */
static void write_place_row(enum record_kind of, const void *row, char out[PLACE_ROW_SIZE])
{
	char name[ROW_NAME_SIZE];

	static_assert(PLACE_ROW_SIZE >= REFERENCE_PLACE_SIZE, "the place of a reference fits");
	if (of == RECORD_ENROLMENT) {
		reference_write_place(row, out);
		return;
	}
	row_name_write(of, row, name);
	out[0] = '\0';
	(void)!str_copy_to(str_of(name), out, PLACE_ROW_SIZE);
}

/* Loads the person whose key seals the value. `*known` is false if there is no such person any more. */
static enum err load_owner(struct tx *tx, struct column_check *c, const void *row, bool *known)
{
	const enum record_kind of = c->sealed->of;
	struct session session = { .id = { "" } };
	struct user user = { .id = { "" } };
	const char *id;
	enum err e = OK;

	if (c->sealed->owner == OWNER_SESSION_USER) {
		(void)!str_copy_to(
			str_of(text_at(row, of, "session_id")), session.id.text, sizeof(session.id.text));
		e = store_load_session(tx, &session);
		id = session.user_id.text;
	} else {
		id = text_at(row, of, "user_id");
	}
	(void)!str_copy_to(str_of(id), user.id.text, sizeof(user.id.text));
	if (e == OK && strcmp(user.id.text, c->owner.id.text) != 0) {
		e = store_load_user(tx, &user);
		if (e == OK)
			c->owner = user;
	}
	*known = e == OK && !user_is_erased(&c->owner);
	return e == ERR_NOT_FOUND || e == ERR_INTEGRITY ? OK : e;
}

static enum err open_with_key(
	struct arena *a, const struct column_check *c, const struct secret_key *key, const void *row)
{
	const struct sealed_column *const s = c->sealed;
	const struct str sealed = bytes_at(row, s->of, s->column);
	struct secret_key opened cleanup_with(secret_key_wipe) = { { 0 } };
	const struct arena_mark before = arena_mark(a);
	char place_row[PLACE_ROW_SIZE];
	struct str plain;

	write_place_row(s->of, row, place_row);
	const struct seal_place place = { s->sealed_table, s->sealed_column, str_of(place_row) };
	if (s->is_key)
		return key_unwrap(key, &place, sealed, &opened);
	const enum err e = seal_read(a, key, &place, sealed, &plain);
	arena_rewind(a, before); /* the text itself is not needed */
	return e;
}

/* Opens the value of one row. ERR_INPUT: it is damaged. */
static enum err open_value(struct tx *tx, struct column_check *c, const void *row)
{
	const struct sealed_column *const s = c->sealed;
	const struct secret_key *const database = &c->check->world->keys->person;
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	bool known;

	if (s->owner == OWNER_DATABASE ||
		(s->owner == OWNER_USER && text_at(row, s->of, "user_id")[0] == '\0'))
		return open_with_key(tx->arena, c, database, row);
	TRY(load_owner(tx, c, row, &known));
	if (!known)
		return OK;
	const struct seal_place place = { SEALED_USER_KEY, str_of(c->owner.id.text) };
	TRY(key_unwrap(database, &place, c->owner.wrapped_key, &key));
	return open_with_key(tx->arena, c, &key, row);
}

static enum err check_page(struct tx *tx, void *arg, const struct table_page *page)
{
	struct column_check *const c = arg;

	c->owner = (struct user){ .id = { "" } };
	c->values = 0;
	for (size_t i = 0; i < page->n; i++) {
		const void *const row = table_page_row(page, i);

		c->failed[i] = false;
		if (page->states[i] != ROW_AUTHENTIC ||
			bytes_at(row, c->sealed->of, c->sealed->column).n == 0)
			continue;
		const enum err e = open_value(tx, c, row);
		if (e != OK && e != ERR_INPUT)
			return e;
		c->failed[i] = e == ERR_INPUT;
		c->values++;
	}
	return OK;
}

static void report_page(void *arg, const struct table_page *page)
{
	const struct column_check *const c = arg;
	char name[ROW_NAME_SIZE];

	c->check->values += c->values;
	for (size_t i = 0; i < page->n; i++) {
		if (!c->failed[i])
			continue;
		c->check->findings++;
		row_name_write(page->of, table_page_row(page, i), name);
		c->check->on_finding(c->check->arg, records[page->of].table, name, c->sealed->column);
	}
}

enum err seal_check_run(struct seal_check *check)
{
	check->values = check->findings = 0;
	for (size_t i = 0; i < array_len(sealed_columns); i++) {
		struct column_check c = { .check = check, .sealed = &sealed_columns[i] };
		const struct table_walk walk = { .of = c.sealed->of,
			.kind = TX_READ,
			.in_tx = check_page,
			.after_tx = report_page,
			.arg = &c };

		TRY(table_walk_run(check->world->store, &walk));
	}
	return OK;
}
