#include "sandbox/api/session_events.h"

#include "sandbox/decision/fake_person.h"

static void put_change(struct json_writer *w, const struct sandbox_session *session, size_t i)
{
	const enum didit_status old = i > 0 ? session->changes[i - 1].status : DIDIT_NOT_STARTED;

	json_begin_object(w);
	json_field_text(w, "type", STR("SESSION_STATUS_CHANGED"));
	json_field_int(w, "sent_at", session->changes[i].at.ms);
	json_key(w, "details");
	json_begin_object(w);
	put_status(w, "old_status", old);
	put_status(w, "current_status", session->changes[i].status);
	json_end_object(w);
	json_end_object(w);
}

static void put_events(struct json_writer *w, const struct sandbox_session *session)
{
	json_key(w, "events");
	json_begin_array(w);
	for (size_t i = session->n_changes; i > 0; i--)
		put_change(w, session, i - 1);
	json_begin_object(w);
	json_field_text(w, "type", STR("SESSION_CREATED"));
	json_field_int(w, "sent_at", session->created.ms);
	json_field_null(w, "details");
	json_end_object(w);
	json_end_array(w);
}

void session_events_write(struct json_writer *w, const struct sandbox_session *session)
{
	bool blocklisted = false;

	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		blocklisted = blocklisted || !moment_is_unset(session->blocked_at[i]);
	put_events(w, session);
	json_key(w, "activity_reviews");
	put_review_list(w, session->reviews);
	json_field_bool(w, "blocklisted", blocklisted);
	json_field_null(w, "cost_breakdown"); /* sandbox sessions are never billed */
}
