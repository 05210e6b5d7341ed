#include "sandbox/api/workflows_api.h"

#include <stdio.h>

#include "base/attr.h"
#include "sandbox/api/didit_v1.h"
#include "sandbox/api/paging.h"
#include "sandbox/api/transitions.h"
#include "sandbox/api/workflow_features.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/ids.h"
#include "text/form.h"

#define BUILT_IN_PREFIX "00000000-0000-4000-8000-0000000000"
#define BUILT_IN 8				   /* number of built-in workflows */
#define BUILT_IN_SINCE ((moment){ 1767225600000 }) /* 2026-01-01: time of their creation */
#define WORKFLOW_VERSION 1			   /* a change does not create a version in the sandbox */

/* Builds the built-in workflow with this number, from 1 to BUILT_IN. The last one, with all checks of v1, is
 * the default if no other workflow is. */
static void built_in_workflow(const struct request_ctx *ctx, int64_t number, struct workflow *out)
{
	*out = (struct workflow){ .created = BUILT_IN_SINCE, .updated = BUILT_IN_SINCE };
	(void)snprintf(out->id, sizeof(out->id), BUILT_IN_PREFIX "%02lld", (long long)number);
	if (!didit_v1_combination((size_t)number - 1, &out->parts))
		out->parts = PARTS_ALL;
	out->is_default = number == BUILT_IN && !workflows_have_default(&ctx->sandbox->workflows);
	if (!str_copy_to(workflow_features_text(ctx->arena, out->parts), out->label, sizeof(out->label)))
		out->label[0] = 0;
}

/* Returns the number of the built-in workflow with this id, or 0. */
static int64_t built_in_number(struct str id)
{
	const struct str front = STR(BUILT_IN_PREFIX);
	int64_t n = 0;

	return id.n == UUID_SIZE - 1 && str_starts(id, front) &&
			       str_number(str_from(id, front.n), BUILT_IN, &n)
		       ? n
		       : 0;
}

unsigned workflow_parts(const struct sandbox_ctx *sandbox, struct str id)
{
	const struct workflow *const workflow = workflows_by_id(&sandbox->workflows, id);
	const int64_t number = built_in_number(id);
	unsigned parts = PARTS_ALL;

	if (workflow)
		return workflow->parts;
	return number > 0 && didit_v1_combination((size_t)number - 1, &parts) ? parts : PARTS_ALL;
}

static void put_workflow(struct json_writer *w, const struct workflow *workflow)
{
	json_begin_object(w);
	json_field_text(w, "uuid", str_of(workflow->id));
	json_field_text(w, "workflow_id", str_of(workflow->id));
	json_field_text(w, "workflow_label", str_of(workflow->label));
	json_field_text(w, "workflow_type", STR("kyc"));
	json_field_int(w, "version", WORKFLOW_VERSION);
	json_field_text(w, "status", STR("published"));
	json_field_bool(w, "is_default", workflow->is_default);
	json_field_bool(w, "is_editable", built_in_number(str_of(workflow->id)) == 0);
	json_field_bool(w, "is_archived", false);
	json_field_bool(w, "is_kyb_enabled", false);
	workflow_put_features(w, workflow->parts);
	json_field_null(w, "callback_url");
	json_field_int(w, "session_expiration_time", SESSION_LINK_LIFETIME.ms / 1000);
	json_field_int(w, "total_price", 0); /* the sandbox bills nothing */
	put_moment(w, "created_at", workflow->created);
	put_moment(w, "updated_at", workflow->updated);
	put_moment(w, "published_at", workflow->created);
	json_end_object(w);
}

static void respond_workflow(struct request_ctx *ctx, int status, const struct workflow *workflow)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	put_workflow(&w, workflow);
	respond_json(ctx, status, &body);
}

/* Only the limit and the offset are read. Other parameters are ignored. */
struct list_query {
	struct str limit, offset;
};
static const struct field list_fields[] = {
	FIELD(struct list_query, limit, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
	FIELD(struct list_query, offset, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
};
static const struct form list_form = {
	.fields = list_fields,
	.n = array_len(list_fields),
	.size = sizeof(struct list_query),
	.missing = "",
};

/* Writes the row with this number: the created workflows, newest first, and then the built-in ones. */
static void put_row(struct json_writer *w, const struct request_ctx *ctx, size_t row)
{
	const struct workflows *const all = &ctx->sandbox->workflows;
	struct workflow built_in;

	if (row < all->n) {
		put_workflow(w, &all->all[all->n - 1 - row]);
		return;
	}
	built_in_workflow(ctx, BUILT_IN - (int64_t)(row - all->n), &built_in);
	put_workflow(w, &built_in);
}

void serve_workflow_list(struct request_ctx *ctx)
{
	const size_t count = ctx->sandbox->workflows.n + BUILT_IN;
	struct form_problem problem;
	void *query = NULL;
	struct json_writer w;
	struct buf body;

	if (form_read_query(&list_form, ctx->request->query, ctx->arena, &query, &problem) != FORM_READ) {
		respond_detail(ctx, 400, "The query is malformed.");
		return;
	}

	const struct paging paging = paging_read(
		((struct list_query *)query)->limit, ((struct list_query *)query)->offset);

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	paging_write(&w, ctx, &paging, STR("/v3/workflows/"), STR(""), (int64_t)count);
	json_key(&w, "results");
	json_begin_array(&w);
	for (size_t row = 0; row < count; row++)
		if (paging_has(&paging, (int64_t)row))
			put_row(&w, ctx, row);
	json_end_array(&w);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

static bool fits_type(struct arena *a, const struct json_value *value)
{
	(void)a;
	return str_eq(json_text(value), STR("kyc"));
}

static bool fits_status(struct arena *a, const struct json_value *value)
{
	(void)a;
	return str_eq(json_text(value), STR("published"));
}

/* Copies the fields of the body to `out`; fields that are absent leave it unchanged. Fields that the sandbox
 * does not have, such as thresholds, are ignored. If a field is invalid, writes the error response and
 * returns false. */
static bool read_workflow(struct request_ctx *ctx, const struct json_value *body, struct workflow *out)
{
	static const struct field_check checks[] = {
		{ "workflow_label", fits_text, "Not a text of at most 255 characters." },
		{ "workflow_type", fits_type, "The sandbox has only workflows of the type kyc." },
		{ "status", fits_status, "The sandbox has only published workflows." },
		{ "is_default", fits_bool, "Must be a valid boolean." },
	};
	const struct json_value *const is_default = json_get(body, "is_default");
	const struct str label = json_text(json_get(body, "workflow_label"));

	if (!validate_fields(ctx, body, NULL, checks, array_len(checks)) ||
		!workflow_read_parts(ctx, body, &out->parts))
		return false;
	if (label.n > 0 && !str_copy_to(label, out->label, sizeof(out->label))) {
		respond_field_error(ctx, "workflow_label", "Not a valid string.");
		return false;
	}
	if (json_kind_of(is_default) == JSON_KIND_BOOL)
		out->is_default = json_bool(is_default);
	return true;
}

void serve_workflow_create(struct request_ctx *ctx)
{
	struct workflow draft = { .label = "KYC", .created = ctx->now, .updated = ctx->now };
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);

	if (!body || !read_workflow(ctx, body, &draft))
		return;

	enum err e = uuid_make(ctx->sandbox->random, draft.id);

	if (e == OK)
		e = workflows_add(&ctx->sandbox->workflows, &draft);
	if (e == OK)
		respond_workflow(ctx, 201, &draft);
	else if (e == ERR_BUSY)
		respond_detail(ctx, 400, "There are too many workflows.");
	else
		respond_detail(ctx, 500, "The workflow could not be kept.");
}

/* Returns the created workflow whose id is in the path. If there is none, responds with 403 if it is a
 * built-in one and with 404 otherwise, and returns NULL. */
static const struct workflow *find_changeable(struct request_ctx *ctx)
{
	const struct workflow *const found = workflows_by_id(&ctx->sandbox->workflows, ctx->params[0]);

	if (!found && built_in_number(ctx->params[0]) > 0)
		respond_detail(ctx, 403, "The built-in workflows of the sandbox cannot be changed.");
	else if (!found)
		respond_not_found(ctx);
	return found;
}

void serve_workflow(struct request_ctx *ctx)
{
	const struct workflow *const created = workflows_by_id(&ctx->sandbox->workflows, ctx->params[0]);
	const int64_t number = built_in_number(ctx->params[0]);
	struct workflow built_in;

	if (created) {
		respond_workflow(ctx, 200, created);
	} else if (number > 0) {
		built_in_workflow(ctx, number, &built_in);
		respond_workflow(ctx, 200, &built_in);
	} else {
		respond_not_found(ctx);
	}
}

void serve_workflow_change(struct request_ctx *ctx)
{
	const struct workflow *const workflow = find_changeable(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = workflow ? read_json_body(ctx) : NULL;
	struct workflow wanted;

	if (!body)
		return;
	wanted = *workflow;
	wanted.updated = ctx->now;
	if (!read_workflow(ctx, body, &wanted))
		return;
	workflows_change(&ctx->sandbox->workflows, workflow, &wanted);
	respond_workflow(ctx, 200, workflow);
}

void serve_workflow_delete(struct request_ctx *ctx)
{
	const struct workflow *const workflow = find_changeable(ctx);

	if (!workflow)
		return;
	workflows_drop(&ctx->sandbox->workflows, workflow);
	respond_empty(ctx, 204);
}
