#include "app/console/keys.h"

#include "api/core/answer.h"
#include "app/console/tenants.h"
#include "base/attr.h"
#include "crypto/digest.h"
#include "web/console/key_form.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

/* For how long a key works beside its successor. */
#define ROTATION_OVERLAP hours(24)

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

static struct str tenant_page(const struct call *call)
{
	return console_tenant_path(call->arena, call->params[0]);
}

/* Shows the new key, once. */
static struct reply show_key(
	const struct console_request *request, struct console_new_key *made, const struct key_values *values)
{
	const struct reply reply = console_page(request, &console_key_page, values, 200);

	secure_wipe(made->text, sizeof(made->text));
	return reply;
}

static struct reply handle_create(struct call *call, struct store *store)
{
	struct console_request request;
	struct key_input input;
	struct console_new_key made;
	struct tenant tenant;
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &refused) || !key_form_read(&request, &input, &refused))
		return refused;
	input.params.tenant = call->params[0];
	enum err e = console_tenant_permit_key(
		call->world, call->arena, &request.caller, call->params[0], &tenant, &verdict);
	if (e == OK && verdict == CONSOLE_PERMITTED && !key_form_has_fault(&input))
		e = console_key_create(
			call->world, call->arena, &request.caller, &input.params, &made, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict != CONSOLE_PERMITTED && verdict != CONSOLE_STEP_UP_NEEDED)
		return console_refused(&request, verdict, tenant_page(call));
	if (verdict == CONSOLE_STEP_UP_NEEDED || key_form_has_fault(&input))
		return key_form_show(&request, &input, verdict == CONSOLE_STEP_UP_NEEDED);
	const struct key_values values = { .name = input.params.tenant, .key = str_of(made.text) };

	return show_key(&request, &made, &values);
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

	return show_key(&request, &made, &values);
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
