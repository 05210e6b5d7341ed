#include "sandbox/api/session_list.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/api/paging.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/validators.h"
#include "text/encode.h"
#include "text/form.h"

/* The query of a list request: the parameters as text, and their parsed values. */
struct list_query {
	struct str vendor_data, status, workflow_id, session_kind, country, document_type, date_from, date_to,
		search, limit, offset;
	unsigned statuses;  /* the wanted statuses, one bit for each; 0: all */
	moment from, until; /* `until` is not included; a time that is not set is no limit */
	struct paging paging;
};

#define TEXT(member) FIELD(struct list_query, member, FIELD_TEXT, FIELD_OPTIONAL, 0, 1024)
static const struct field list_fields[] = {
	TEXT(vendor_data),
	TEXT(status),
	TEXT(workflow_id),
	TEXT(session_kind),
	TEXT(country),
	TEXT(document_type),
	TEXT(date_from),
	TEXT(date_to),
	TEXT(search),
	/* limit and offset select the page and are not filters; they must come last */
	TEXT(limit),
	TEXT(offset),
};
#undef TEXT
#define FILTERS (array_len(list_fields) - 2)

static const struct form list_query_form = {
	.fields = list_fields,
	.n = array_len(list_fields),
	.size = sizeof(struct list_query),
	.missing = "",
};

/* Parses a list such as "Approved,In Review". Returns false if it contains an unknown status. */
static bool read_statuses(struct str list, unsigned *out)
{
	enum didit_status status;
	struct str one;

	while (list.n) {
		(void)str_cut(&list, ',', &one);
		if (!didit_status_parse(str_trim(one), &status))
			return false;
		*out |= 1U << status;
	}
	return true;
}

/* Parses a timestamp or a date. A date stands for the start of that day, or for the start of the next day if
 * `end` is true. An empty text leaves `out` unset. */
static bool read_time(struct arena *a, struct str text, bool end, moment *out)
{
	const struct str whole = arena_printf(a, "%.*sT00:00:00Z", STR_ARG(text));

	if (!text.n || moment_parse(text, out))
		return true;
	if (!whole.p || !moment_parse(whole, out))
		return false;
	if (end)
		*out = moment_add(*out, days(1));
	return true;
}

/* Parses and checks the query. If it is invalid, writes the error response and returns NULL. */
static struct list_query *read_list_query(struct request_ctx *ctx)
{
	struct list_query *query;
	void *body = NULL;
	struct form_problem problem;
	const char *invalid_field = NULL;

	if (form_read_query(&list_query_form, ctx->request->query, ctx->arena, &body, &problem) !=
		FORM_READ) {
		respond_detail(ctx, 400, "The query is malformed.");
		return NULL;
	}
	query = body;
	query->paging = paging_read(query->limit, query->offset);
	if (!read_statuses(query->status, &query->statuses))
		invalid_field = "status";
	else if (query->workflow_id.n && !is_uuid_text(query->workflow_id))
		invalid_field = "workflow_id";
	else if (query->session_kind.n && !str_eq(query->session_kind, STR("user")) &&
		 !str_eq(query->session_kind, STR("business")))
		invalid_field = "session_kind";
	else if (!read_time(ctx->arena, query->date_from, false, &query->from))
		invalid_field = "date_from";
	else if (!read_time(ctx->arena, query->date_to, true, &query->until))
		invalid_field = "date_to";
	if (!invalid_field)
		return query;
	respond_field_error(ctx, invalid_field, "Not a valid value.");
	return NULL;
}

static bool contains_nocase(struct str text, struct str part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (str_eq_nocase((struct str){ text.p + i, part.n }, part))
			return true;
	return false;
}

static bool search_matches(struct arena *a, const struct sandbox_session *session, struct str what)
{
	int64_t number;

	return contains_nocase(str_of(session->id), what) || contains_nocase(session->vendor_data, what) ||
	       (str_number(what, INT64_MAX, &number) && number == session->number) ||
	       (section_has_run(session, SECTION_DOCUMENT) &&
		       contains_nocase(corrected_value(a, session, STR("full_name"),
					       fake_person_of(session)->full_name),
			       what));
}

/* Returns the country that issued the document, as corrected by a reviewer. */
static struct str country_of(struct arena *a, const struct sandbox_session *session)
{
	return corrected_value(a, session, STR("issuing_state"), fake_person_of(session)->country3);
}

static struct str document_of(struct arena *a, const struct sandbox_session *session)
{
	return corrected_value(a, session, STR("document_type"), fake_person_of(session)->document_type);
}

static bool document_matches(
	struct arena *a, const struct sandbox_session *session, const struct list_query *query)
{
	if (!query->country.n && !query->document_type.n)
		return true;
	return section_has_run(session, SECTION_DOCUMENT) &&
	       (!query->country.n || str_eq_nocase(query->country, country_of(a, session))) &&
	       (!query->document_type.n || str_eq_nocase(query->document_type, document_of(a, session)));
}

static bool time_matches(const struct sandbox_session *session, const struct list_query *query)
{
	return (moment_is_unset(query->from) || !moment_is_before(session->created, query->from)) &&
	       (moment_is_unset(query->until) || moment_is_before(session->created, query->until));
}

static bool session_matches(
	struct arena *a, const struct sandbox_session *session, const struct list_query *query)
{
	return (!query->vendor_data.n || str_eq(session->vendor_data, query->vendor_data)) &&
	       (!query->statuses || (query->statuses & (1U << session->status))) &&
	       (!query->workflow_id.n || str_eq_nocase(str_of(session->workflow_id), query->workflow_id)) &&
	       !str_eq(query->session_kind, STR("business")) && document_matches(a, session, query) &&
	       time_matches(session, query) &&
	       (!query->search.n || search_matches(a, session, query->search));
}

static void put_session_row(struct json_writer *w, const struct sandbox_session *session)
{
	struct arena *const a = w->out->arena;
	const bool known = section_has_run(session, SECTION_DOCUMENT);
	const struct str none = { NULL, 0 };

	json_begin_object(w);
	json_field_text(w, "session_id", str_of(session->id));
	json_field_text(w, "session_kind", STR("user"));
	json_field_int(w, "session_number", session->number);
	put_status(w, "status", session->status);
	put_text_or_null(w, "workflow_id", session->workflow_id[0] ? str_of(session->workflow_id) : none);
	put_text_or_null(w, "vendor_data", session->vendor_data);
	put_text_or_null(w, "full_name",
		known ? corrected_value(a, session, STR("full_name"), fake_person_of(session)->full_name)
		      : none);
	json_field_null(w, "company_name");
	put_text_or_null(w, "country", known ? country_of(a, session) : none);
	put_text_or_null(w, "document_type", known ? document_of(a, session) : none);
	json_key(w, "features");
	sections_write_features(w, session);
	put_moment(w, "created_at", session->created);
	json_end_object(w);
}

/* Returns the filters as query parameters, for the links to other pages. `p` is NULL if the arena is full. */
static struct str filters_text(const struct request_ctx *ctx, const struct list_query *query)
{
	struct str text = { NULL, 0 };
	struct buf filters;

	buf_init(&filters, ctx->arena);
	for (size_t i = 0; i < FILTERS; i++) {
		const struct str value = *(
			const struct str *)(const void *)((const char *)query + list_fields[i].offset);

		if (!value.n)
			continue;
		buf_printf(&filters, "&%s=", list_fields[i].name);
		percent_encode(&filters, value);
	}
	return buf_done(&filters, &text) == OK ? text : (struct str){ NULL, 0 };
}

void serve_session_list(struct request_ctx *ctx)
{
	const struct list_query *const query = read_list_query(ctx);
	struct sandbox_session *page[PAGE_MAX], *session = NULL;
	struct json_writer w;
	struct buf body;
	int64_t count = 0, n = 0;

	if (!query)
		return;
	while ((session = state_previous(ctx->sandbox->state, session))) {
		session_expire(ctx->sandbox, session, ctx->now, true);
		if (!session_matches(ctx->arena, session, query))
			continue;
		if (paging_has(&query->paging, count++))
			page[n++] = session;
	}
	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	paging_write(&w, ctx, &query->paging, STR("/v3/sessions/"), filters_text(ctx, query), count);
	json_key(&w, "results");
	json_begin_array(&w);
	for (int64_t i = 0; i < n; i++)
		put_session_row(&w, page[i]);
	json_end_array(&w);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}
