#include "app/event/event_json.h"

#include "app/core/sealed_names.h"
#include "app/event/event_include.h"
#include "app/person/person.h"
#include "base/attr.h"
#include "base/buf.h"
#include "crypto/keys.h"
#include "crypto/seal.h"

/* An event without a user is sealed with the database's key, see struct event. */
static enum err unseal_members(
	const struct world *world, struct tx *tx, const struct event *event, struct str *out)
{
	const struct sealed_field field = { SEALED_EVENT, event->id.text };
	const struct seal_place place = { SEALED_EVENT, str_of(event->id.text) };
	struct user user = { .id = event->user_id };

	*out = STR("{}");
	if (event->erased || event->sealed_data.n == 0)
		return OK;
	if (event->user_id.text[0] == '\0')
		return seal_read(tx->arena, &world->keys->person, &place, event->sealed_data, out);
	TRY(store_load_user(tx, &user));
	return user_unseal(world, tx->arena, &user, &field, event->sealed_data, out);
}

enum err event_content_load(const struct world *world, struct tx *tx, const struct event *event,
	const struct event_reader *reader, struct event_content *out)
{
	struct event_content content = { .members = STR("{}") };

	TRY(unseal_members(world, tx, event, &content.members));
	if (reader->with_address && !event->erased && event->user_id.text[0] != '\0')
		TRY(event_addresses_load(world, tx, event, &content.email, &content.wallet));
	if (reader->with_session_url && !event->erased && event->type == EVENT_SESSION_CREATED)
		TRY(event_session_url_load(world, tx, content.members, &content.session_url));
	*out = content;
	return OK;
}

static void put_text_or_null(struct json_writer *w, const char *key, struct str text)
{
	if (text.n > 0)
		json_field_text(w, key, text);
	else
		json_field_null(w, key);
}

/* The longest key of a stored member with its final NUL. */
#define KEY_SIZE 33

/* Writes a stored member; `reference` was written before. */
static void put_member(void *arg, struct str key, const struct json_value *value)
{
	struct json_writer *const w = arg;
	char text[KEY_SIZE];

	if (str_eq(key, STR("reference")) || !str_copy_to(key, text, sizeof(text)))
		return;
	json_key(w, text);
	json_put_value(w, value);
}

static enum err put_event_members(const struct event *event, const struct event_reader *reader,
	const struct event_content *content, struct json_writer *w)
{
	const struct json_value *members cleanup_with(json_cleanup) = NULL;
	char user_id[SHOWN_ID_SIZE];
	const bool has_person = event->public_user_id.text[0] != '\0';

	shown_id_write(PUBLIC_USER_ID_PREFIX, event->public_user_id.text, user_id);
	if (event->erased) {
		json_field_text(w, "user_id", str_of(user_id));
		json_field_bool(w, "erased", true);
		return OK;
	}
	TRY(json_parse(content->members, true, &members));
	json_field_text(w, "tenant", reader->tenant_name);
	if (has_person) {
		json_field_text(w, "user_id", str_of(user_id));
		put_text_or_null(w, "reference", json_text(json_get(members, "reference")));
	}
	if (event->detail[0] != '\0')
		json_field_text(w, "channel", str_of(event->detail));
	json_each_member(members, put_member, w);
	if (reader->with_session_url && event->type == EVENT_SESSION_CREATED)
		put_text_or_null(w, "session_url", content->session_url);
	if (reader->with_address && has_person) {
		put_text_or_null(w, "email", content->email);
		put_text_or_null(w, "wallet", content->wallet);
	}
	if (reader->is_test)
		json_field_bool(w, "test", true);
	return OK;
}

enum err event_json_put(const struct event *event, const struct event_reader *reader,
	const struct event_content *content, struct json_writer *w)
{
	char id[SHOWN_ID_SIZE], at[MOMENT_RFC3339_SIZE];

	shown_id_write(EVENT_ID_PREFIX, event->id.text, id);
	moment_rfc3339(event->created_at, at);
	json_begin_object(w);
	json_field_text(w, "id", str_of(id));
	json_field_text(w, "type", str_of(event_type_name(event->type)));
	json_field_text(w, "timestamp", str_of(at));
	if (event->public_user_id.text[0] != '\0')
		json_field_int(w, "sequence", event->sequence);
	json_key(w, "data");
	json_begin_object(w);
	TRY(put_event_members(event, reader, content, w));
	json_end_object(w);
	json_end_object(w);
	return OK;
}

enum err event_json_write(const struct world *world, struct tx *tx, const struct event *event,
	const struct event_reader *reader, struct str *out)
{
	struct event_content content;
	struct json_writer w;
	struct buf text;

	TRY(event_content_load(world, tx, event, reader, &content));
	buf_init(&text, tx->arena);
	json_writer_init(&w, &text);
	TRY(event_json_put(event, reader, &content, &w));
	return buf_done(&text, out);
}
