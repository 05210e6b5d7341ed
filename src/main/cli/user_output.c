#include "main/cli/user_output.h"

#include "base/attr.h"
#include "domain/event.h"

struct shown_user_id {
	char text[SHOWN_ID_SIZE];
};

/* A time as text, or "-" if the time is not set. */
struct time_text {
	char text[MOMENT_RFC3339_SIZE];
};

static struct time_text time_or_dash(moment t)
{
	struct time_text out = { "-" };

	if (!moment_is_unset(t))
		moment_rfc3339(t, out.text);
	return out;
}

/* What a call of `create` would do now, for each enum create_verdict. Each text follows the word "create". */
static const char *const create_descriptions[] = {
	[CREATE_NEW] = "creates a new session",
	[CREATE_RESUME] = "returns the open session",
	[CREATE_APPROVED_ALREADY] = "reports that the person is already approved",
	[CREATE_WAIT] = "waits for another call that is creating a session at the provider",
	[CREATE_ABANDONED] = "releases the pending session of a call that crashed, then decides again",
	[CREATE_REFUSED] = "is refused until `kycd user reset-tries`",
};

static const char *tenant_name(const struct person_report *report, const struct tenant_id *id)
{
	const struct report_tenant *t = report->tenants;

	while (t && !str_eq(str_of(t->id.text), str_of(id->text)))
		t = t->next;
	return t ? t->name : id->text;
}

static void write_tries_line(struct buf *out, const struct person_report *report)
{
	const long long left = (long long)report->tries_left, used = (long long)report->check.facts.tries;

	buf_printf(out, "  tries      %lld left of %lld", left, left + used);
	if (moment_is_unset(report->next_try))
		buf_add(out, STR("\n"));
	else
		buf_printf(out, ", one more from %s on\n", time_or_dash(report->next_try).text);
}

static void write_session_line(struct buf *out, const struct person_report *report, const struct session *s)
{
	buf_printf(out, "    %-36s  %-13s  created %s  updated %-24s  %s%s%s\n",
		s->provider_ref.text[0] ? s->provider_ref.text : "-", session_status_provider_name(s->status),
		time_or_dash(s->created_at).text, time_or_dash(s->last_update_at).text,
		tenant_name(report, &s->tenant_id), s->after_declines ? ", after a decline" : "",
		s->blocklisted ? ", blocklisted" : "");
}

static void write_next_step_lines(struct buf *out, const struct next_step *step)
{
	const char *separator = "  reasons    ";

	for (int r = 0; r < REASON_COUNT; r++) {
		if (!reasons_have(step->reasons, (enum reason)r))
			continue;
		buf_printf(out, "%s%s", separator, reason_name((enum reason)r));
		separator = ", ";
	}
	buf_add(out, step->reasons.bits == 0 ? STR("  reasons    -\n") : STR("\n"));
	buf_printf(out, "  next       %s\n", next_action_name(step->action));
}

/* An enrolment that was added by the link of an address that the tenant never prepared has no id. */
static struct shown_user_id shown_id(const struct report_tenant *t)
{
	struct shown_user_id shown = { "" };

	if (t->ids.user_id.text[0] != '\0')
		shown_id_write(PUBLIC_USER_ID_PREFIX, t->ids.user_id.text, shown.text);
	return shown;
}

static void write_tenant_lines(struct buf *out, const struct report_tenant *t)
{
	const struct shown_user_id id = shown_id(t);

	buf_printf(out, "  tenant     %s  %s prepared %s  verified %-24s  last code %s\n", t->name,
		address_kind_name(t->kind), time_or_dash(t->prepared_at).text,
		time_or_dash(t->verified_at).text, t->last_code ? t->last_code : "-");
	buf_printf(out, "    user_id %s  reference ", id.text[0] != '\0' ? id.text : "-");
	buf_add(out, t->ids.reference.n > 0 ? t->ids.reference : STR("-"));
	buf_char(out, '\n');
}

void user_output_lines(struct buf *out, const struct person_report *report)
{
	const struct user *const user = linked_users_primary(&report->match->linked);

	buf_printf(out, "person %s in group %s\n", user->id.text, report->match->group);
	for (size_t i = 1; i < report->match->linked.n; i++)
		buf_printf(out, "  linked     %s\n", report->match->linked.users[i].id.text);
	buf_printf(out, "  created    %s\n", time_or_dash(user->created_at).text);
	buf_printf(out, "  language   %s\n", user->language[0] ? user->language : "-");
	buf_printf(out, "  tries reset %s\n", time_or_dash(user->tries_reset_at).text);
	buf_printf(out, "  status     %s\n", kyc_status_name(&report->kyc_status));
	write_next_step_lines(out, &report->next_step);
	buf_printf(out, "  create     %s\n", create_descriptions[report->check.verdict]);
	write_tries_line(out, report);
	buf_printf(out, "  blocklist  %s\n", report->check.facts.blocklisted ? "marked" : "not marked");
	for (const struct report_tenant *t = report->tenants; t; t = t->next)
		write_tenant_lines(out, t);
	buf_printf(
		out, "  sessions   %zu%s\n", report->n_sessions, report->has_more ? ", and older ones" : "");
	for (size_t i = 0; i < report->n_sessions; i++)
		write_session_line(out, report, &report->sessions[i]);
}

static void field_or_null(struct json_writer *w, const char *key, const char *text)
{
	if (text && text[0])
		json_field_text(w, key, str_of(text));
	else
		json_field_null(w, key);
}

static void field_time(struct json_writer *w, const char *key, moment t)
{
	field_or_null(w, key, moment_is_unset(t) ? NULL : time_or_dash(t).text);
}

static void write_linked_users(struct json_writer *w, const struct linked_users *linked)
{
	json_key(w, "linked_users");
	json_begin_array(w);
	for (size_t i = 1; i < linked->n; i++)
		json_put_text(w, str_of(linked->users[i].id.text));
	json_end_array(w);
}

static void write_tries(struct json_writer *w, const struct person_report *report)
{
	json_key(w, "tries");
	json_begin_object(w);
	json_field_int(w, "of", report->tries_left + report->check.facts.tries);
	json_field_int(w, "left", report->tries_left);
	field_time(w, "next_at", report->next_try);
	json_end_object(w);
}

static void write_tenants(struct json_writer *w, const struct person_report *report)
{
	json_key(w, "tenants");
	json_begin_array(w);
	for (const struct report_tenant *t = report->tenants; t; t = t->next) {
		json_begin_object(w);
		json_field_text(w, "id", str_of(t->id.text));
		json_field_text(w, "name", str_of(t->name));
		json_field_text(w, "kind", str_of(address_kind_name(t->kind)));
		field_time(w, "prepared_at", t->prepared_at);
		field_time(w, "verified_at", t->verified_at);
		field_or_null(w, "last_code", t->last_code);
		field_or_null(w, "user_id", shown_id(t).text);
		json_key(w, "reference");
		if (t->ids.reference.n > 0)
			json_put_text(w, t->ids.reference);
		else
			json_put_null(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_sessions(struct json_writer *w, const struct person_report *report)
{
	json_key(w, "sessions");
	json_begin_array(w);
	for (size_t i = 0; i < report->n_sessions; i++) {
		const struct session *const s = &report->sessions[i];

		json_begin_object(w);
		field_or_null(w, "session_id", s->provider_ref.text);
		json_field_text(w, "status", str_of(session_status_provider_name(s->status)));
		field_time(w, "created_at", s->created_at);
		field_time(w, "last_update_at", s->last_update_at);
		json_field_text(w, "tenant", str_of(tenant_name(report, &s->tenant_id)));
		json_field_bool(w, "after_decline", s->after_declines != 0);
		json_field_bool(w, "blocklisted", s->blocklisted);
		json_end_object(w);
	}
	json_end_array(w);
	json_field_bool(w, "older_sessions", report->has_more);
}

static void write_next_step(struct json_writer *w, const struct next_step *step)
{
	json_key(w, "reasons");
	json_begin_array(w);
	for (int r = 0; r < REASON_COUNT; r++)
		if (reasons_have(step->reasons, (enum reason)r))
			json_put_text(w, str_of(reason_name((enum reason)r)));
	json_end_array(w);
	json_field_text(w, "next_action", str_of(next_action_name(step->action)));
}

void user_output_json(struct json_writer *w, const struct person_report *report)
{
	const struct user *const user = linked_users_primary(&report->match->linked);

	json_field_text(w, "id", str_of(user->id.text));
	write_linked_users(w, &report->match->linked);
	json_field_text(w, "group", str_of(report->match->group));
	field_time(w, "created_at", user->created_at);
	field_or_null(w, "language", user->language);
	field_time(w, "tries_reset_at", user->tries_reset_at);
	json_field_int(w, "addresses", (int64_t)report->n_addresses);
	json_field_text(w, "status", str_of(kyc_status_name(&report->kyc_status)));
	json_field_bool(w, "approved", kyc_status_is_approved(&report->kyc_status));
	write_next_step(w, &report->next_step);
	json_field_text(w, "create", str_of(person_report_create_name(report->check.verdict)));
	write_tries(w, report);
	json_field_bool(w, "blocklisted", report->check.facts.blocklisted);
	write_tenants(w, report);
	write_sessions(w, report);
}
