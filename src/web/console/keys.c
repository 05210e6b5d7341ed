#include "app/console/keys.h"

#include <assert.h>

#include "api/core/answer.h"
#include "api/core/fields.h"
#include "base/attr.h"
#include "crypto/digest.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"
#include "web/core/form_body.h"

/* For how long a key works beside its successor. */
#define ROTATION_OVERLAP hours(24)
#define KEY_DAYS_MAX 3650

DECLARE_TEMPLATE(console_key);

struct key_values {
	struct str name, key, old_id, old_expires_at;
};

static const struct template_value key_value_rows[] = {
	TEXT_VALUE(struct key_values, name),
	TEXT_VALUE(struct key_values, key),
	TEXT_VALUE(struct key_values, old_id),
	MARKUP_VALUE(struct key_values, old_expires_at),
};
const struct page_template console_key_page = { .template = &template_console_key,
	.values = TEMPLATE_TABLE(struct key_values, key_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* A checkbox for each scope, by its number in SCOPES. */
struct key_body {
	struct str label, days;
	struct str scope_1, scope_2, scope_3, scope_4, scope_5, scope_6, scope_7;
};
static_assert(SCOPE_COUNT == 8, "each scope has a checkbox");

/* clang-format off */
static const struct field key_fields[] = {
	FIELD(struct key_body, label,   FIELD_TEXT, FIELD_OPTIONAL, 1, 64),
	FIELD(struct key_body, days,    FIELD_TEXT, FIELD_OPTIONAL, 1, 4),
	FIELD(struct key_body, scope_1, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_2, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_3, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_4, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_5, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_6, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_7, FIELD_TEXT, FIELD_OPTIONAL, 1, 1),
};
static const struct form key_form = FORM(key_fields, struct key_body, "");
/* clang-format on */

static scope_set read_scopes(const struct key_body *body)
{
	const struct str *const boxes[SCOPE_COUNT] = { NULL, &body->scope_1, &body->scope_2, &body->scope_3,
		&body->scope_4, &body->scope_5, &body->scope_6, &body->scope_7 };
	scope_set scopes = 0;

	for (int i = 1; i < SCOPE_COUNT; i++)
		if (boxes[i]->n > 0)
			scope_set_add(&scopes, (enum scope)i);
	return scopes;
}

static bool read_params(const struct key_body *body, struct str tenant, struct key_params *out)
{
	int64_t n_days = 0;

	*out = (struct key_params){ .tenant = tenant, .label = body->label, .scopes = read_scopes(body) };
	if (body->days.n > 0 && (!str_number(body->days, KEY_DAYS_MAX, &n_days) || n_days < 1))
		return false;
	out->life = days(n_days);
	return out->scopes != 0 && !str_has(body->label, '"') && !str_has(body->label, '\\');
}

static struct str tenant_page(const struct call *call)
{
	return console_tenant_path(call->arena, call->params[0]);
}

static struct reply handle_create(struct call *call, struct store *store)
{
	struct console_request request;
	struct key_params params;
	struct console_new_key made;
	enum console_verdict verdict;
	void *body = NULL;
	struct reply refused;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &key_form, &body, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	if (form == FORM_BODY_BAD || !read_params(body, call->params[0], &params))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	const enum err e = console_key_create(
		call->world, call->arena, &request.caller, &params, &made, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, tenant_page(call));
	const struct key_values values = { .name = params.tenant, .key = str_of(made.text) };
	const struct reply reply = console_page(&request, &console_key_page, &values, 200);
	secure_wipe(made.text, sizeof(made.text));
	return reply;
}

static struct reply handle_rotate(struct call *call, struct store *store)
{
	struct console_request request;
	const struct console_key_ref ref = { call->params[0], call->params[1], ROTATION_OVERLAP };
	struct console_new_key made;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = console_key_rotate(
		call->world, call->arena, &request.caller, &ref, &made, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, tenant_page(call));
	const struct key_values values = { .name = ref.tenant,
		.key = str_of(made.text),
		.old_id = str_of(made.predecessor.id.text),
		.old_expires_at = console_time(call->arena, made.predecessor.expires_at) };
	const struct reply reply = console_page(&request, &console_key_page, &values, 200);
	secure_wipe(made.text, sizeof(made.text));
	return reply;
}

static struct reply handle_revoke(struct call *call, struct store *store)
{
	struct console_request request;
	const struct console_key_ref ref = { .tenant = call->params[0], .id = call->params[1] };
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = console_key_revoke(call->world, call->arena, &request.caller, &ref, &verdict);
	return console_finish(&request, e, verdict, tenant_page(call), "key-revoked");
}

#define KEYS_PATH "/console/tenants/:tenant/keys"
const struct route console_key_create_route = {
	.entry = { METHOD_POST, KEYS_PATH }, HANDLE_WAITING(handle_create), .failure = ANSWER_UNAVAILABLE
};
const struct route console_key_rotate_route = { .entry = { METHOD_POST, KEYS_PATH "/:key/rotate" },
	HANDLE_WAITING(handle_rotate),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_key_revoke_route = { .entry = { METHOD_POST, KEYS_PATH "/:key/revoke" },
	HANDLE_WAITING(handle_revoke),
	.failure = ANSWER_UNAVAILABLE };
