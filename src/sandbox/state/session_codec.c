#include "sandbox/state/session_codec.h"

#include "base/attr.h"
#include "crypto/digest.h"
#include "text/json.h"

/* The members of a session that are texts, with their keys in the stored JSON. The keys do not change when a
 * member is renamed. */
static const struct {
	const char *key;
	size_t offset;
} session_texts[] = {
	{ "vendor_data", offsetof(struct sandbox_session, vendor_data) },
	{ "callback", offsetof(struct sandbox_session, callback) },
	{ "language", offsetof(struct sandbox_session, language) },
	{ "metadata", offsetof(struct sandbox_session, metadata) },
	{ "contact_details", offsetof(struct sandbox_session, contact_details) },
	{ "expected_details", offsetof(struct sandbox_session, expected_details) },
	{ "corrections", offsetof(struct sandbox_session, corrections) },
};

static struct str *session_text_at(struct sandbox_session *session, size_t i)
{
	return (struct str *)(void *)((char *)session + session_texts[i].offset);
}

static void encode_scenario(struct json_writer *w, const char *key, const struct scenario *scenario)
{
	if (scenario)
		json_field_text(w, key, scenario->slug);
}

static void encode_lists(struct json_writer *w, const struct sandbox_session *session)
{
	json_key(w, "by_hand");
	json_begin_array(w);
	for (int i = 0; i < SECTIONS; i++)
		json_put_text(w, didit_status_text(session->manual_status[i]));
	json_end_array(w);
	json_key(w, "blocked_at");
	json_begin_array(w);
	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		json_put_int(w, session->blocked_at[i].ms);
	json_end_array(w);
	json_key(w, "changes");
	json_begin_array(w);
	for (size_t i = 0; i < session->n_changes; i++) {
		json_begin_object(w);
		json_field_text(w, "status", didit_status_text(session->changes[i].status));
		json_field_int(w, "at", session->changes[i].at.ms);
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "reviews");
	json_begin_array(w);
	for (const struct sandbox_review *review = session->reviews; review; review = review->next) {
		json_begin_object(w);
		json_field_text(w, "status", didit_status_text(review->status));
		json_field_int(w, "at", review->at.ms);
		if (review->comment.p)
			json_field_text(w, "comment", review->comment);
		json_end_object(w);
	}
	json_end_array(w);
}

enum err session_encode(struct arena *a, const struct sandbox_session *session, struct str *out)
{
	struct sandbox_session copy = *session;
	struct buf text;
	struct json_writer w;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "id", str_of(session->id));
	json_field_text(&w, "token", str_of(session->token));
	json_field_int(&w, "version", session->version);
	json_field_text(&w, "status", didit_status_text(session->status));
	json_field_int(&w, "created", session->created.ms);
	json_field_int(&w, "link_from", session->link_since.ms);
	json_field_int(&w, "runs_out", session->expires_at.ms);
	json_field_int(&w, "parts", session->parts);
	json_field_int(&w, "redo", session->redo);
	json_field_int(&w, "last_rerun", session->last_rerun.ms);
	json_field_text(&w, "workflow_id", str_of(session->workflow_id));
	for (size_t i = 0; i < array_len(session_texts); i++)
		if (session_text_at(&copy, i)->p)
			json_field_text(&w, session_texts[i].key, *session_text_at(&copy, i));
	json_field_int(&w, "person", session->person);
	json_field_text(&w, "share_token", str_of(session->share_token));
	json_field_int(&w, "share_until", session->share_until.ms);
	json_field_bool(&w, "imported", session->imported);
	encode_scenario(&w, "asked", session->requested_scenario);
	encode_scenario(&w, "scenario", session->scenario);
	encode_lists(&w, session);
	json_end_object(&w);
	return buf_done(&text, out);
}

static bool decode_number(const struct json_value *stored, const char *key, int64_t max, int64_t *out)
{
	return json_int(json_get(stored, key), out) && *out >= 0 && *out <= max;
}

/* Reads a field that older versions of kycd did not store. If it is missing, `out` stays unchanged. */
static bool decode_optional_number(
	const struct json_value *stored, const char *key, int64_t max, int64_t *out)
{
	return json_kind_of(json_get(stored, key)) == JSON_KIND_ABSENT ||
	       decode_number(stored, key, max, out);
}

static bool decode_sharing(const struct json_value *stored, struct sandbox_session *draft)
{
	const struct json_value *const blocked_at = json_get(stored, "blocked_at");

	draft->imported = json_bool(json_get(stored, "imported"));
	for (size_t i = 0; i < BLOCK_ITEMS && i < json_count(blocked_at); i++)
		if (!json_int(json_at(blocked_at, i), &draft->blocked_at[i].ms) ||
			draft->blocked_at[i].ms < 0)
			return false;
	return decode_optional_number(stored, "person", INT64_MAX, &draft->person) &&
	       decode_optional_number(stored, "share_until", INT64_MAX, &draft->share_until.ms) &&
	       str_copy_to(json_text(json_get(stored, "share_token")), draft->share_token,
		       sizeof(draft->share_token));
}

static bool decode_numbers(const struct json_value *stored, struct sandbox_session *draft)
{
	int64_t version = 0, parts = 0, redo = 0;

	if (!decode_number(stored, "version", SANDBOX_VERSIONS - 1, &version) ||
		!decode_number(stored, "parts", (1U << SECTIONS) - 1, &parts) ||
		!decode_number(stored, "redo", (1U << SECTIONS) - 1, &redo))
		return false;
	draft->version = (enum sandbox_version)version;
	draft->parts = (unsigned)parts;
	draft->redo = (unsigned)redo;
	return decode_number(stored, "created", INT64_MAX, &draft->created.ms) &&
	       decode_number(stored, "link_from", INT64_MAX, &draft->link_since.ms) &&
	       decode_number(stored, "last_rerun", INT64_MAX, &draft->last_rerun.ms) &&
	       decode_optional_number(stored, "runs_out", INT64_MAX, &draft->expires_at.ms);
}

/* Reads the changes of status, which older versions of kycd did not store. */
static bool decode_changes(const struct json_value *stored, struct sandbox_session *draft)
{
	const struct json_value *const changes = json_get(stored, "changes");

	for (size_t i = 0; i < json_count(changes) && i < STATUS_CHANGES_MAX; i++) {
		struct status_change *const change = &draft->changes[draft->n_changes++];

		if (!didit_status_parse(
			    json_text(json_get(json_at(changes, i), "status")), &change->status) ||
			!decode_number(json_at(changes, i), "at", INT64_MAX, &change->at.ms))
			return false;
	}
	return true;
}

/* Reads the name of a scenario. An unknown name is an error, because the decision cannot be written without
 * the scenario. */
static bool decode_scenario(const struct json_value *stored, const char *key, const struct scenario **out)
{
	const struct str slug = json_text(json_get(stored, key));

	*out = slug.n ? scenario_find(slug) : NULL;
	return !slug.n || *out;
}

static bool decode_names(const struct json_value *stored, struct sandbox_session *draft)
{
	const struct json_value *const by_hand = json_get(stored, "by_hand");

	for (size_t i = 0; i < SECTIONS; i++)
		if (!didit_status_parse(json_text(json_at(by_hand, i)), &draft->manual_status[i]))
			return false;
	return json_text(json_get(stored, "id")).n == UUID_SIZE - 1 &&
	       str_copy_to(json_text(json_get(stored, "id")), draft->id, sizeof(draft->id)) &&
	       json_text(json_get(stored, "token")).n == SESSION_TOKEN_SIZE - 1 &&
	       str_copy_to(json_text(json_get(stored, "token")), draft->token, sizeof(draft->token)) &&
	       str_copy_to(json_text(json_get(stored, "workflow_id")), draft->workflow_id,
		       sizeof(draft->workflow_id)) &&
	       didit_status_parse(json_text(json_get(stored, "status")), &draft->status) &&
	       decode_scenario(stored, "asked", &draft->requested_scenario) &&
	       decode_scenario(stored, "scenario", &draft->scenario);
}

static enum err must_use decode_reviews(const struct json_value *stored, struct sandbox_session *session)
{
	const struct json_value *const reviews = json_get(stored, "reviews");

	for (size_t i = 0; i < json_count(reviews); i++) {
		const struct json_value *const review = json_at(reviews, i);
		const struct json_value *const comment = json_get(review, "comment");
		enum didit_status status;
		int64_t at = 0;

		if (!didit_status_parse(json_text(json_get(review, "status")), &status) ||
			!decode_number(review, "at", INT64_MAX, &at))
			return ERR_INPUT;
		TRY(state_review(session, status,
			json_kind_of(comment) == JSON_KIND_TEXT ? json_text(comment)
								: (struct str){ NULL, 0 },
			(moment){ at }));
	}
	return OK;
}

enum err session_decode(struct state *state, int64_t number, struct str bytes)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	struct sandbox_session draft = { .number = number }, *session = NULL;

	TRY(json_parse(bytes, true, &stored));
	if (number <= 0 || !decode_numbers(stored, &draft) || !decode_names(stored, &draft) ||
		!decode_sharing(stored, &draft) || !decode_changes(stored, &draft))
		return ERR_INPUT;
	for (size_t i = 0; i < array_len(session_texts); i++) {
		const struct json_value *const value = json_get(stored, session_texts[i].key);

		if (json_kind_of(value) == JSON_KIND_TEXT)
			*session_text_at(&draft, i) = json_text(value);
	}
	TRY(state_restore(state, &draft, &session));
	sha256(bytes, session->saved_digest);
	return decode_reviews(stored, session);
}
