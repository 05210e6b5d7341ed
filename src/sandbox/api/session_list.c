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

struct wanted {
	struct str vendor_data, status, workflow_id, session_kind, country, document_type, date_from, date_to,
		search, limit, offset;
	unsigned statuses;  /* bits; 0: any */
	moment from, until; /* 0: any */
	struct paging paging;
};

#define TEXT(member) FIELD(struct wanted, member, FIELD_TEXT, FIELD_OPTIONAL, 0, 1024)
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
	/* the last two are of the page */
	TEXT(limit),
	TEXT(offset),
};
#undef TEXT
#define FILTERS (array_len(list_fields) - 2)

static const struct form list_request = {
	.fields = list_fields,
	.n = array_len(list_fields),
	.size = sizeof(struct wanted),
	.missing = "",
};

/* "Approved,In Review"; false: one of them is no status. */
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

/* A moment, or a day: then its first moment, or with `end` the first one of the next. */
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

/* NULL: the refusal was answered. */
static struct wanted *read_wanted(struct request_ctx *ctx)
{
	struct wanted *wanted;
	void *body = NULL;
	struct str why;
	const char *wrong = NULL;

	if (form_read_query(&list_request, ctx->request->query, ctx->arena, &body, &why) != FORM_READ) {
		respond_detail(ctx, 400, "The query is malformed.");
		return NULL;
	}
	wanted = body;
	wanted->paging = paging_read(wanted->limit, wanted->offset);
	if (!read_statuses(wanted->status, &wanted->statuses))
		wrong = "status";
	else if (wanted->workflow_id.n && !is_uuid_text(wanted->workflow_id))
		wrong = "workflow_id";
	else if (wanted->session_kind.n && !str_eq(wanted->session_kind, STR("user")) &&
		 !str_eq(wanted->session_kind, STR("business")))
		wrong = "session_kind";
	else if (!read_time(ctx->arena, wanted->date_from, false, &wanted->from))
		wrong = "date_from";
	else if (!read_time(ctx->arena, wanted->date_to, true, &wanted->until))
		wrong = "date_to";
	if (!wrong)
		return wanted;
	respond_field_error(ctx, wrong, "Not a valid value.");
	return NULL;
}

static bool has_part(struct str text, struct str part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (str_eq_nocase((struct str){ text.p + i, part.n }, part))
			return true;
	return false;
}

static bool is_found(struct arena *a, const struct sandbox_session *session, struct str what)
{
	int64_t number;

	return has_part(str_of(session->id), what) || has_part(session->vendor_data, what) ||
	       (str_number(what, INT64_MAX, &number) && number == session->number) ||
	       (section_has_run(session, SECTION_DOCUMENT) &&
		       has_part(corrected_value(
					a, session, STR("full_name"), fake_person_of(session)->full_name),
			       what));
}

/* What a list says of a document. */
static struct str country_of(struct arena *a, const struct sandbox_session *session)
{
	return corrected_value(a, session, STR("issuing_state"), fake_person_of(session)->country3);
}

static struct str document_of(struct arena *a, const struct sandbox_session *session)
{
	return corrected_value(a, session, STR("document_type"), fake_person_of(session)->document_type);
}

static bool fits_document(struct arena *a, const struct sandbox_session *session, const struct wanted *wanted)
{
	if (!wanted->country.n && !wanted->document_type.n)
		return true;
	return section_has_run(session, SECTION_DOCUMENT) &&
	       (!wanted->country.n || str_eq_nocase(wanted->country, country_of(a, session))) &&
	       (!wanted->document_type.n || str_eq_nocase(wanted->document_type, document_of(a, session)));
}

static bool fits_time(const struct sandbox_session *session, const struct wanted *wanted)
{
	return (moment_is_unset(wanted->from) || !moment_is_before(session->created, wanted->from)) &&
	       (moment_is_unset(wanted->until) || moment_is_before(session->created, wanted->until));
}

static bool fits(struct arena *a, const struct sandbox_session *session, const struct wanted *wanted)
{
	return (!wanted->vendor_data.n || str_eq(session->vendor_data, wanted->vendor_data)) &&
	       (!wanted->statuses || (wanted->statuses & (1U << session->status))) &&
	       (!wanted->workflow_id.n || str_eq_nocase(str_of(session->workflow_id), wanted->workflow_id)) &&
	       !str_eq(wanted->session_kind, STR("business")) && fits_document(a, session, wanted) &&
	       fits_time(session, wanted) && (!wanted->search.n || is_found(a, session, wanted->search));
}

static void put_row(struct json_writer *w, const struct sandbox_session *session)
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

/* The filters once more, for the links to other pages; p == NULL: they did not fit. */
static struct str filters_of(const struct request_ctx *ctx, const struct wanted *wanted)
{
	struct str text = { NULL, 0 };
	struct buf filters;

	buf_init(&filters, ctx->arena);
	for (size_t i = 0; i < FILTERS; i++) {
		const struct str value = *(
			const struct str *)(const void *)((const char *)wanted + list_fields[i].offset);

		if (!value.n)
			continue;
		buf_printf(&filters, "&%s=", list_fields[i].name);
		percent_encode(&filters, value);
	}
	return buf_done(&filters, &text) == OK ? text : (struct str){ NULL, 0 };
}

void serve_session_list(struct request_ctx *ctx)
{
	const struct wanted *const wanted = read_wanted(ctx);
	struct sandbox_session *page[PAGE_MAX], *session = NULL;
	struct json_writer w;
	struct buf body;
	int64_t count = 0, n = 0;

	if (!wanted)
		return;
	while ((session = state_previous(ctx->sandbox->state, session))) {
		session_expire(ctx->sandbox, session, ctx->now, true);
		if (!fits(ctx->arena, session, wanted))
			continue;
		if (paging_has(&wanted->paging, count++))
			page[n++] = session;
	}
	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	paging_write(&w, ctx, &wanted->paging, STR("/v3/sessions/"), filters_of(ctx, wanted), count);
	json_key(&w, "results");
	json_begin_array(&w);
	for (int64_t i = 0; i < n; i++)
		put_row(&w, page[i]);
	json_end_array(&w);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}
