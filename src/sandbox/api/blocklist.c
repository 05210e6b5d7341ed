#include "sandbox/api/blocklist.h"

#include "base/attr.h"
#include "sandbox/api/paging.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/json_template.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "text/form.h"

/* The kinds of items that can be blocked. The values of an item come from one section of the decision. In the
 * list, each item has the members of all kinds; the members of other kinds are null. */
static const struct block_item {
	struct str type;
	const char *block, *unblock; /* names of the fields in the bodies of the add and the remove request */
	enum section section;
	const char *template;
} items[BLOCK_ITEMS] = {
	{ STR_INIT("face"), "blocklist_face", "unblock_face", SECTION_LIVENESS,
		"'face_image':$media.liveness.jpg,'document_type':null,'document_number':null,"
		"'front_image':null,'phone_number':null,'country_code':null,'email':null" },
	{ STR_INIT("document"), "blocklist_document", "unblock_document", SECTION_DOCUMENT,
		"'face_image':null,'document_type':$document_type,'document_number':$document_number,"
		"'front_image':$media.front.jpg,'phone_number':null,'country_code':null,'email':null" },
	{ STR_INIT("phone"), "blocklist_phone", "unblock_phone", SECTION_PHONE,
		"'face_image':null,'document_type':null,'document_number':null,'front_image':null,"
		"'phone_number':$phone,'country_code':$country2,'email':null" },
	{ STR_INIT("email"), "blocklist_email", "unblock_email", SECTION_EMAIL,
		"'face_image':null,'document_type':null,'document_number':null,'front_image':null,"
		"'phone_number':null,'country_code':null,'email':$email" },
};

struct list_form {
	struct str item_type, limit, offset;
};
static const struct field list_fields[] = {
	FIELD(struct list_form, item_type, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
	FIELD(struct list_form, limit, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
	FIELD(struct list_form, offset, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
};
static const struct form list_request = {
	.fields = list_fields,
	.n = array_len(list_fields),
	.size = sizeof(struct list_form),
	.missing = "",
};

static const char *block_field(const struct block_item *item, bool block)
{
	return block ? item->block : item->unblock;
}

/* Returns the items that the body names, one bit for each. If the body is invalid, writes the error response
 * and returns 0. */
static unsigned read_items(struct request_ctx *ctx, const struct json_value *body, bool block)
{
	unsigned wanted = 0;

	for (size_t i = 0; i < BLOCK_ITEMS; i++) {
		const struct field_check check = { block_field(&items[i], block), fits_bool,
			"Must be a valid boolean." };

		if (!validate_fields(ctx, body, NULL, &check, 1))
			return 0;
		if (json_bool(json_get(body, check.field)))
			wanted |= 1U << i;
	}
	if (!wanted)
		respond_field_error(ctx, "non_field_errors", "Name at least one item.");
	return wanted;
}

/* Returns the session that the body names. If there is none, writes the error response and returns NULL. */
static struct sandbox_session *find_session(struct request_ctx *ctx, const struct json_value *body)
{
	static const struct field_check checks[] = { { "session_id", fits_uuid, "Must be a valid UUID." } };
	const struct str id = json_text(json_get(body, "session_id"));
	struct sandbox_session *found;

	if (!validate_fields(ctx, body, NULL, checks, array_len(checks)))
		return NULL;
	if (!id.n) {
		respond_field_error(ctx, "session_id", "This field is required.");
		return NULL;
	}
	found = state_by_id(ctx->sandbox->state, id);
	if (!found)
		respond_not_found(ctx);
	return found;
}

static void respond_message(struct request_ctx *ctx, struct str message)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "message", message);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

/* Returns true if the session has all the wanted items. Otherwise writes the error response and returns
 * false. */
static bool session_has_items(struct request_ctx *ctx, const struct sandbox_session *session, unsigned wanted)
{
	for (size_t i = 0; i < BLOCK_ITEMS; i++) {
		if (!(wanted & (1U << i)) || section_has_run(session, items[i].section))
			continue;
		respond_field_error(ctx, items[i].block, "The session has no such item.");
		return false;
	}
	return true;
}

void serve_blocklist_add(struct request_ctx *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct sandbox_session *const session = body ? find_session(ctx, body) : NULL;
	const unsigned wanted = session ? read_items(ctx, body, true) : 0;

	if (!wanted || !session_has_items(ctx, session, wanted))
		return;
	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		if ((wanted & (1U << i)) && moment_is_unset(session->blocked_at[i]))
			session->blocked_at[i] = ctx->now;
	respond_message(ctx, STR("Successfully updated blocklist."));
}

void serve_blocklist_remove(struct request_ctx *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct sandbox_session *const session = body ? find_session(ctx, body) : NULL;
	const unsigned wanted = session ? read_items(ctx, body, false) : 0;

	if (!wanted)
		return;
	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		if (wanted & (1U << i))
			session->blocked_at[i] = (moment){ 0 };
	respond_message(ctx, STR("Successfully removed from blocklist."));
}

static void put_block_item(struct json_writer *w, const struct sandbox_session *session, size_t i)
{
	struct str members;
	struct buf text;

	buf_init(&text, w->out->arena);
	json_template_write(&text, items[i].template, session);
	if (buf_done(&text, &members) != OK) {
		w->out->failed = true;
		return;
	}
	json_begin_object(w);
	json_field_text(w, "type", items[i].type);
	json_field_text(w, "session_id", str_of(session->id));
	json_field_int(w, "session_number", session->number);
	put_moment(w, "blocklisted_at", session->blocked_at[i]);
	json_put_raw(w, members);
	json_end_object(w);
}

/* Writes the items of one page. Returns the number of items on all pages. */
static int64_t put_block_items(
	struct json_writer *w, const struct state *state, struct str type, const struct paging *paging)
{
	struct sandbox_session *session = NULL;
	int64_t n = 0;

	while ((session = state_previous(state, session))) {
		for (size_t i = 0; i < BLOCK_ITEMS; i++) {
			if (moment_is_unset(session->blocked_at[i]) ||
				(type.n && !str_eq(type, items[i].type)))
				continue;
			if (paging_has(paging, n++))
				put_block_item(w, session, i);
		}
	}
	return n;
}

static bool is_item_type(struct str name)
{
	for (size_t i = 0; i < BLOCK_ITEMS; i++)
		if (str_eq(name, items[i].type))
			return true;
	return false;
}

void serve_blocklist_items(struct request_ctx *ctx)
{
	const struct list_form *form;
	struct json_writer rows_writer, w;
	struct buf list, body;
	struct form_problem problem;
	struct str rows, filters = STR("");
	void *read = NULL;

	if (form_read_query(&list_request, ctx->request->query, ctx->arena, &read, &problem) != FORM_READ) {
		respond_detail(ctx, 400, "The query is malformed.");
		return;
	}
	form = read;
	if (form->item_type.n && !is_item_type(form->item_type)) {
		respond_field_error(ctx, "item_type", "Not a valid choice.");
		return;
	}
	if (form->item_type.n)
		filters = arena_printf(ctx->arena, "&item_type=%.*s", STR_ARG(form->item_type));

	const struct paging paging = paging_read(form->limit, form->offset);

	buf_init(&list, ctx->arena);
	json_writer_init(&rows_writer, &list);
	json_begin_array(&rows_writer);

	const int64_t count = put_block_items(&rows_writer, ctx->sandbox->state, form->item_type, &paging);

	json_end_array(&rows_writer);
	if (buf_done(&list, &rows) != OK) {
		respond_empty(ctx, 500);
		return;
	}
	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	paging_write(&w, ctx, &paging, STR("/v3/blocklist/"), filters, count);
	json_key(&w, "results");
	json_put_raw(&w, rows);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}
