#include "sandbox/session_record.h"

#include "base/attr.h"
#include "crypto/digest.h"
#include "text/json.h"

static const struct {
	const char *key;
	size_t at;
} texts[] = {
	{ "vendor_data", offsetof(struct sandbox_session, vendor_data) },
	{ "callback", offsetof(struct sandbox_session, callback) },
	{ "language", offsetof(struct sandbox_session, language) },
	{ "metadata", offsetof(struct sandbox_session, metadata) },
	{ "contact_details", offsetof(struct sandbox_session, contact_details) },
	{ "expected_details", offsetof(struct sandbox_session, expected_details) },
	{ "corrections", offsetof(struct sandbox_session, corrections) },
};

static struct str *text_at(struct sandbox_session *session, size_t i)
{
	return (struct str *)(void *)((char *)session + texts[i].at);
}

static void put_scenario(struct js_writer *w, const char *key, const struct scenario *scenario)
{
	if (scenario)
		js_field_text(w, key, scenario->slug);
}

static void put_lists(struct js_writer *w, const struct sandbox_session *session)
{
	js_key(w, "by_hand");
	js_array(w);
	for (int i = 0; i < SECTIONS; i++)
		js_put_text(w, didit_status_text(session->by_hand[i]));
	js_array_end(w);
	js_key(w, "blocked_at");
	js_array(w);
	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		js_put_int(w, session->blocked_at[i].ms);
	js_array_end(w);
	js_key(w, "reviews");
	js_array(w);
	for (const struct review *review = session->reviews; review; review = review->next) {
		js_object(w);
		js_field_text(w, "status", didit_status_text(review->status));
		js_field_int(w, "at", review->at.ms);
		if (review->comment.p)
			js_field_text(w, "comment", review->comment);
		js_object_end(w);
	}
	js_array_end(w);
}

enum err session_record_write(struct arena *a, const struct sandbox_session *session, struct str *out)
{
	struct sandbox_session copy = *session;
	struct buf text;
	struct js_writer w;

	buf_init(&text, a);
	js_begin(&w, &text);
	js_object(&w);
	js_field_text(&w, "id", str_of(session->id));
	js_field_text(&w, "token", str_of(session->token));
	js_field_int(&w, "version", session->version);
	js_field_text(&w, "status", didit_status_text(session->status));
	js_field_int(&w, "created", session->created.ms);
	js_field_int(&w, "link_from", session->link_from.ms);
	js_field_int(&w, "runs_out", session->runs_out.ms);
	js_field_int(&w, "parts", session->parts);
	js_field_int(&w, "redo", session->redo);
	js_field_int(&w, "last_rerun", session->last_rerun.ms);
	js_field_text(&w, "workflow_id", str_of(session->workflow_id));
	for (size_t i = 0; i < array_len(texts); i++)
		if (text_at(&copy, i)->p)
			js_field_text(&w, texts[i].key, *text_at(&copy, i));
	js_field_int(&w, "person", session->person);
	js_field_text(&w, "share_token", str_of(session->share_token));
	js_field_int(&w, "share_until", session->share_until.ms);
	js_field_bool(&w, "imported", session->imported);
	put_scenario(&w, "asked", session->asked);
	put_scenario(&w, "scenario", session->scenario);
	put_lists(&w, session);
	js_object_end(&w);
	return buf_done(&text, out);
}

static bool read_number(const struct js *kept, const char *key, int64_t max, int64_t *out)
{
	return js_int(js_get(kept, key), out) && *out >= 0 && *out <= max;
}

/* What older programs did not write is 0. */
static bool read_newer(const struct js *kept, const char *key, int64_t max, int64_t *out)
{
	return js_kind(js_get(kept, key)) == JS_ABSENT || read_number(kept, key, max, out);
}

static bool read_sharing(const struct js *kept, struct sandbox_session *draft)
{
	const struct js *const blocked_at = js_get(kept, "blocked_at");

	draft->imported = js_true(js_get(kept, "imported"));
	for (size_t i = 0; i < BLOCK_ITEMS && i < js_count(blocked_at); i++)
		if (!js_int(js_at(blocked_at, i), &draft->blocked_at[i].ms) || draft->blocked_at[i].ms < 0)
			return false;
	return read_newer(kept, "person", INT64_MAX, &draft->person) &&
	       read_newer(kept, "share_until", INT64_MAX, &draft->share_until.ms) &&
	       str_copy_to(
		       js_text(js_get(kept, "share_token")), draft->share_token, sizeof(draft->share_token));
}

static bool read_numbers(const struct js *kept, struct sandbox_session *draft)
{
	int64_t version = 0, parts = 0, redo = 0;

	if (!read_number(kept, "version", SANDBOX_VERSIONS - 1, &version) ||
		!read_number(kept, "parts", (1U << SECTIONS) - 1, &parts) ||
		!read_number(kept, "redo", (1U << SECTIONS) - 1, &redo))
		return false;
	draft->version = (enum sandbox_version)version;
	draft->parts = (unsigned)parts;
	draft->redo = (unsigned)redo;
	return read_number(kept, "created", INT64_MAX, &draft->created.ms) &&
	       read_number(kept, "link_from", INT64_MAX, &draft->link_from.ms) &&
	       read_number(kept, "last_rerun", INT64_MAX, &draft->last_rerun.ms) &&
	       read_newer(kept, "runs_out", INT64_MAX, &draft->runs_out.ms);
}

/* A scenario that this program does not know is no scenario: it cannot be told what came of it. */
static bool read_scenario(const struct js *kept, const char *key, const struct scenario **out)
{
	const struct str slug = js_text(js_get(kept, key));

	*out = slug.n ? scenario_find(slug) : NULL;
	return !slug.n || *out;
}

static bool read_names(const struct js *kept, struct sandbox_session *draft)
{
	const struct js *const by_hand = js_get(kept, "by_hand");

	for (size_t i = 0; i < SECTIONS; i++)
		if (!didit_status_named(js_text(js_at(by_hand, i)), &draft->by_hand[i]))
			return false;
	return js_text(js_get(kept, "id")).n == UUID_SIZE - 1 &&
	       str_copy_to(js_text(js_get(kept, "id")), draft->id, sizeof(draft->id)) &&
	       js_text(js_get(kept, "token")).n == SESSION_TOKEN_SIZE - 1 &&
	       str_copy_to(js_text(js_get(kept, "token")), draft->token, sizeof(draft->token)) &&
	       str_copy_to(js_text(js_get(kept, "workflow_id")), draft->workflow_id,
		       sizeof(draft->workflow_id)) &&
	       didit_status_named(js_text(js_get(kept, "status")), &draft->status) &&
	       read_scenario(kept, "asked", &draft->asked) &&
	       read_scenario(kept, "scenario", &draft->scenario);
}

static enum err must_use read_reviews(const struct js *kept, struct sandbox_session *session)
{
	const struct js *const reviews = js_get(kept, "reviews");

	for (size_t i = 0; i < js_count(reviews); i++) {
		const struct js *const one = js_at(reviews, i);
		const struct js *const comment = js_get(one, "comment");
		enum didit_status status;
		int64_t at = 0;

		if (!didit_status_named(js_text(js_get(one, "status")), &status) ||
			!read_number(one, "at", INT64_MAX, &at))
			return ERR_INPUT;
		TRY(state_review(session, status,
			js_kind(comment) == JS_TEXT ? js_text(comment) : (struct str){ NULL, 0 },
			(moment){ at }));
	}
	return OK;
}

enum err session_record_read(struct state *state, int64_t number, struct str bytes)
{
	const struct js *kept cleanup_with(js_cleanup) = NULL;
	struct sandbox_session draft = { .number = number }, *session = NULL;

	TRY(js_open(bytes, true, &kept));
	if (number <= 0 || !read_numbers(kept, &draft) || !read_names(kept, &draft) ||
		!read_sharing(kept, &draft))
		return ERR_INPUT;
	for (size_t i = 0; i < array_len(texts); i++) {
		const struct js *const value = js_get(kept, texts[i].key);

		if (js_kind(value) == JS_TEXT)
			*text_at(&draft, i) = js_text(value);
	}
	TRY(state_add_again(state, &draft, &session));
	sha256(bytes, session->written);
	return read_reviews(kept, session);
}
