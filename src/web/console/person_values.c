#include "web/console/person_values.h"

#include "base/attr.h"
#include "base/buf.h"
#include "domain/event.h"
#include "domain/operator_note.h"
#include "web/console/finding_values.h"
#include "web/console/pages.h"
#include "web/console/person_situation.h"
#include "web/console/review_page.h"
#include "web/console/values.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_person);

struct session_item {
	struct str session_id, status, tone, reasons, created_at, updated_at;
	struct template_list results, warnings, places;
	bool is_blocklisted, is_current;
	struct str review_url, decided_by; /* of a review; empty: none */
};

static const struct template_value session_item_rows[] = {
	TEXT_VALUE(struct session_item, session_id),
	TEXT_VALUE(struct session_item, status),
	TEXT_VALUE(struct session_item, tone),
	TEXT_VALUE(struct session_item, reasons),
	MARKUP_VALUE(struct session_item, created_at),
	MARKUP_VALUE(struct session_item, updated_at),
	LIST_VALUE(struct session_item, results, &finding_result_values),
	LIST_VALUE(struct session_item, warnings, &finding_warning_values),
	LIST_VALUE(struct session_item, places, &finding_place_values),
	FLAG_VALUE(struct session_item, is_blocklisted),
	FLAG_VALUE(struct session_item, is_current),
	TEXT_VALUE(struct session_item, review_url),
	TEXT_VALUE(struct session_item, decided_by),
};
static const struct template_table session_values = TEMPLATE_TABLE(struct session_item, session_item_rows);

struct timeline_item {
	struct str at, text;
};

static const struct template_value timeline_item_rows[] = {
	MARKUP_VALUE(struct timeline_item, at),
	TEXT_VALUE(struct timeline_item, text),
};
static const struct template_table timeline_values = TEMPLATE_TABLE(struct timeline_item, timeline_item_rows);

struct message_item {
	struct str kind, state, tone, created_at, finished_at, tries;
};

static const struct template_value message_item_rows[] = {
	TEXT_VALUE(struct message_item, kind),
	TEXT_VALUE(struct message_item, state),
	TEXT_VALUE(struct message_item, tone),
	MARKUP_VALUE(struct message_item, created_at),
	MARKUP_VALUE(struct message_item, finished_at),
	TEXT_VALUE(struct message_item, tries),
};
static const struct template_table message_values = TEMPLATE_TABLE(struct message_item, message_item_rows);

struct link_item {
	struct str id, state, created_at, expires_at, completed_at;
};

static const struct template_value link_item_rows[] = {
	TEXT_VALUE(struct link_item, id),
	TEXT_VALUE(struct link_item, state),
	MARKUP_VALUE(struct link_item, created_at),
	MARKUP_VALUE(struct link_item, expires_at),
	MARKUP_VALUE(struct link_item, completed_at),
};
static const struct template_table link_values = TEMPLATE_TABLE(struct link_item, link_item_rows);

struct operator_note_item {
	struct str text, author, created_at;
};

static const struct template_value operator_note_item_rows[] = {
	TEXT_VALUE(struct operator_note_item, text),
	NAME_VALUE(struct operator_note_item, author),
	MARKUP_VALUE(struct operator_note_item, created_at),
};
static const struct template_table operator_note_values = TEMPLATE_TABLE(
	struct operator_note_item, operator_note_item_rows);

static const struct template_value person_value_rows[] = {
	TEXT_VALUE(struct person_values, user_id),
	TEXT_VALUE(struct person_values, tenant),
	NAME_VALUE(struct person_values, reference),
	TEXT_VALUE(struct person_values, url),
	TEXT_VALUE(struct person_values, status),
	TEXT_VALUE(struct person_values, tone),
	TEXT_VALUE(struct person_values, situation),
	TEXT_VALUE(struct person_values, told),
	TEXT_VALUE(struct person_values, next),
	NAME_VALUE(struct person_values, email),
	NAME_VALUE(struct person_values, wallet),
	MARKUP_VALUE(struct person_values, created_at),
	MARKUP_VALUE(struct person_values, updated_at),
	LIST_VALUE(struct person_values, sessions, &session_values),
	LIST_VALUE(struct person_values, timeline, &timeline_values),
	LIST_VALUE(struct person_values, messages, &message_values),
	LIST_VALUE(struct person_values, links, &link_values),
	LIST_VALUE(struct person_values, operator_notes, &operator_note_values),
	FLAG_VALUE(struct person_values, is_shown),
	FLAG_VALUE(struct person_values, may_show),
	FLAG_VALUE(struct person_values, may_reset),
	FLAG_VALUE(struct person_values, may_erase),
	FLAG_VALUE(struct person_values, has_other_tenants),
	FLAG_VALUE(struct person_values, may_note),
	FLAG_VALUE(struct person_values, has_all_notes),
	FLAG_VALUE(struct person_values, has_older),
};
const struct page_template console_person_page = { .template = &template_console_person,
	.values = TEMPLATE_TABLE(struct person_values, person_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static struct template_list session_items(struct arena *a, const struct console_person *person)
{
	const size_t n = person->details.n;
	struct session_item *const items = arena_array(a, struct session_item, n + 1);

	for (size_t i = 0; items && i < n; i++) {
		const struct person_session *const row = &person->details.sessions[i];

		items[i] = (struct session_item){ .session_id = str_of(row->session.provider_ref.text),
			.status = str_of(session_status_provider_name(row->session.status)),
			.tone = console_status_tone(overall_status_of(row->session.status)),
			.reasons = console_reasons_text(a, row->reasons),
			.created_at = console_time(a, row->session.created_at),
			.updated_at = console_time(a, row->session.last_update_at),
			.results = finding_results(a, &person->findings[i]),
			.warnings = finding_warnings(a, &person->findings[i]),
			.places = finding_places(a, &person->findings[i]),
			.is_blocklisted = row->session.blocklisted,
			.is_current = str_eq(
				str_of(row->session.id.text), str_of(person->kyc_status.session.id.text)),
			.review_url = person->reviews[i].exists
					      ? console_review_path(a, str_of(row->session.id.text))
					      : STR(""),
			.decided_by = person->reviews[i].decided_by };
	}
	return (struct template_list){ items, items ? n : 0 };
}

static struct template_list timeline_items(struct arena *a, const struct console_person *person)
{
	struct timeline_item *const items = arena_array(a, struct timeline_item, person->n_timeline + 1);

	for (size_t i = 0; items && i < person->n_timeline; i++)
		items[i] = (struct timeline_item){ console_time(a, person->timeline[i].at),
			person->timeline[i].text };
	return (struct template_list){ items, items ? person->n_timeline : 0 };
}

static const char *const message_kinds[] = {
	[EFFECT_MAIL_CODE] = "Code that verifies the address",
	[EFFECT_MAIL_LINK_CODE] = "Code that links a wallet",
	[EFFECT_WEBHOOK] = "",
	[EFFECT_MAIL_VERIFICATION_LINK] = "Verification link",
};

static const struct {
	const char *text, *tone;
} message_states[] = {
	[EFFECT_QUEUED] = { "waiting to be sent", "wait" },
	[EFFECT_DEFERRED] = { "sending failed, will be tried again", "wait" },
	[EFFECT_ACCEPTED] = { "accepted by the mail server", "good" },
	[EFFECT_REFUSED] = { "refused by the mail server", "bad" },
	[EFFECT_DROPPED] = { "not sent: used, replaced or expired", "" },
};

static struct template_list message_items(struct arena *a, const struct console_person *person)
{
	struct message_item *const items = arena_array(a, struct message_item, person->n_messages + 1);

	for (size_t i = 0; items && i < person->n_messages; i++) {
		const struct console_message *const m = &person->messages[i];

		items[i] = (struct message_item){ str_of(message_kinds[m->kind]),
			str_of(message_states[m->state].text), str_of(message_states[m->state].tone),
			console_time(a, m->created_at), console_time(a, m->finished_at),
			arena_printf(a, "%lld", (long long)m->tries) };
	}
	return (struct template_list){ items, items ? person->n_messages : 0 };
}

static struct template_list link_items(struct arena *a, const struct console_person *person)
{
	struct link_item *const items = arena_array(a, struct link_item, person->n_links + 1);

	for (size_t i = 0; items && i < person->n_links; i++) {
		const struct console_link *const link = &person->links[i];

		items[i] = (struct link_item){ arena_printf(
						       a, VERIFICATION_LINK_ID_PREFIX "%s", link->id.text),
			str_of(verification_link_state_name(link->state)), console_time(a, link->created_at),
			console_time(a, link->expires_at), console_time(a, link->completed_at) };
	}
	return (struct template_list){ items, items ? person->n_links : 0 };
}

static struct template_list operator_note_items(struct arena *a, const struct console_person *person)
{
	struct operator_note_item *const items = arena_array(
		a, struct operator_note_item, person->n_operator_notes + 1);

	for (size_t i = 0; items && i < person->n_operator_notes; i++)
		items[i] = (struct operator_note_item){ person->operator_notes[i].text,
			person->operator_notes[i].author,
			console_time(a, person->operator_notes[i].created_at) };
	return (struct template_list){ items, items ? person->n_operator_notes : 0 };
}

static void fill_actions(
	const struct console_request *request, const struct console_person *person, struct person_values *out)
{
	const bool has_address = person->details.email.n > 0 || person->details.wallet.n > 0;

	out->may_show = has_address && !out->is_shown && console_may(request, CONSOLE_SHOW_ADDRESS);
	out->has_all_notes = person->n_operator_notes >= OPERATOR_NOTES_MAX;
	out->may_note = !out->has_all_notes && console_may(request, CONSOLE_ADD_NOTE);
	out->may_reset = person->has_whole_group && person_can_be_reset(person) &&
			 console_may(request, CONSOLE_RESET_TRIES);
	out->may_erase = person->has_whole_group && console_may(request, CONSOLE_ERASE_PERSON);
	out->has_other_tenants = !person->has_whole_group && console_may(request, CONSOLE_RESET_TRIES);
}

void person_values_fill(struct arena *a, const struct console_request *request,
	const struct console_person *person, bool is_shown, struct person_values *out)
{
	const struct person_summary *const summary = &person->details.summary;

	*out = (struct person_values){ .user_id = console_user_id(a, &summary->ids.user_id),
		.tenant = str_of(person->tenant.name),
		.reference = summary->ids.reference,
		.url = console_person_path(a, person->tenant.name, &summary->ids.user_id),
		.status = console_status_label(summary->status),
		.tone = console_status_tone(summary->status),
		.situation = person_situation_text(
			a, person, request->call->world->rules, world_now(request->call->world)),
		.told = person_told_text(a, person),
		.next = console_next_action_label(summary->next_step.action),
		.email = person->details.email,
		.wallet = person->details.wallet,
		.created_at = console_time(a, summary->created_at),
		.updated_at = console_time(a, summary->updated_at),
		.sessions = session_items(a, person),
		.timeline = timeline_items(a, person),
		.messages = message_items(a, person),
		.links = link_items(a, person),
		.operator_notes = operator_note_items(a, person),
		.is_shown = is_shown,
		.has_older = person->has_older };
	fill_actions(request, person, out);
}
