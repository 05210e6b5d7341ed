#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "app/operator/own_passkeys.h"
#include "text/encode.h"
#include "web/console/pages.h"
#include "web/console/passkey_form.h"
#include "web/console/routes.h"
#include "web/console/settings.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_account);

#define PAGE STR("/console/account")

struct passkey_item {
	struct str name, digest, created_at, last_used_at;
	bool may_remove;
};

static const struct template_value passkey_item_rows[] = {
	TEXT_VALUE(struct passkey_item, name),
	TEXT_VALUE(struct passkey_item, digest),
	MARKUP_VALUE(struct passkey_item, created_at),
	MARKUP_VALUE(struct passkey_item, last_used_at),
	FLAG_VALUE(struct passkey_item, may_remove),
};
static const struct template_table passkey_values = TEMPLATE_TABLE(struct passkey_item, passkey_item_rows);

struct account_values {
	struct str refusal;
	struct template_list passkeys;
	bool needs_step_up, may_add, has_all;
};

static const struct template_value account_value_rows[] = {
	TEXT_VALUE(struct account_values, refusal),
	LIST_VALUE(struct account_values, passkeys, &passkey_values),
	FLAG_VALUE(struct account_values, needs_step_up),
	FLAG_VALUE(struct account_values, may_add),
	FLAG_VALUE(struct account_values, has_all),
};
const struct page_template console_account_page = { .template = &template_console_account,
	.values = TEMPLATE_TABLE(struct account_values, account_value_rows),
	.group_values = &console_frame_values,
	.style = "console",
	.script = "passkey" };

static struct template_list passkey_items(
	struct arena *a, const struct own_passkeys *passkeys, bool may_remove)
{
	struct passkey_item *const items = arena_array(a, struct passkey_item, passkeys->n + 1);
	char digest[2 * sizeof(struct digest) + 1], name[PASSKEY_NAME_SIZE];

	for (size_t i = 0; items && i < passkeys->n; i++) {
		const struct passkey *const row = &passkeys->rows[i];

		passkey_name(row, name);
		hex_write(row->credential_digest.bytes, sizeof(row->credential_digest.bytes), digest);
		items[i] = (struct passkey_item){ arena_copy(a, str_of(name)), arena_copy(a, str_of(digest)),
			console_time(a, row->created_at), console_time(a, row->last_used_at), may_remove };
	}
	return (struct template_list){ items, items ? passkeys->n : 0 };
}

static struct reply handle_page(struct call *call, struct store *store)
{
	struct console_request request;
	struct own_passkeys *const passkeys = arena_new(call->arena, struct own_passkeys);
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = passkeys ? own_passkeys_list(
					      call->world, call->arena, &request.caller, passkeys, &verdict)
				    : ERR_INTERNAL;
	if (e != OK)
		return console_failed(&request, e);
	const bool is_fresh = console_step_up_is_usable(
		&request.caller.session, world_expiry_now(call->world));
	const struct account_values values = {
		.refusal = passkey_refusal_of_word(console_query(&request, STR("refused"))),
		.passkeys = passkey_items(call->arena, passkeys, is_fresh && passkeys->n > 1),
		.needs_step_up = !is_fresh,
		.may_add = is_fresh && passkeys->n < PASSKEYS_MAX,
		.has_all = passkeys->n >= PASSKEYS_MAX,
	};
	return console_page(&request, &console_account_page, &values, 200);
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_registration registration;
	struct own_passkey_result result;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = own_passkey_begin(
		call->world, call->arena, &request.caller, &registration, &result);
	if (e != OK)
		return respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
	if (result.verdict != CONSOLE_PERMITTED)
		return console_refused(&request, result.verdict, PAGE);
	return result.passkey == PASSKEY_ACCEPTED ? passkey_creation_reply(&request, &registration)
						  : console_notice(&request, CONSOLE_NOTICE_CONFLICT);
}

/* Responds to a change of the passkeys. `done`: the word of the message for success. */
static struct reply respond_to_change(const struct console_request *request, enum err e,
	const struct own_passkey_result *result, const char *done)
{
	if (e != OK)
		return console_failed(request, e);
	if (result->verdict != CONSOLE_PERMITTED)
		return console_refused(request, result->verdict, PAGE);
	if (result->passkey == PASSKEY_ACCEPTED)
		return console_redirect(request, PAGE, done);
	return console_redirect(request,
		arena_printf(request->call->arena, "/console/account?refused=%s",
			passkey_refusal_word(result->passkey)),
		NULL);
}

static struct reply handle_add(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_answer answer;
	struct own_passkey_result result;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) || !passkey_form_read(&request, &answer, &refused))
		return refused;
	const enum err e = own_passkey_add(
		call->world, call->arena, &call->api->console->site, &request.caller, &answer, &result);
	return respond_to_change(&request, e, &result, "passkey-added");
}

/* A passkey of another operator does not exist here. */
static struct reply handle_remove(struct call *call, struct store *store)
{
	struct console_request request;
	struct own_passkey_result result;
	struct digest digest;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!hex_read(call->params[0], digest.bytes, sizeof(digest.bytes)))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = own_passkey_remove(call->world, call->arena, &request.caller, &digest, &result);
	if (e == OK && result.verdict == CONSOLE_PERMITTED && result.passkey == PASSKEY_UNKNOWN)
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	return respond_to_change(&request, e, &result, "passkey-removed");
}

const struct route console_account_route = { .entry = { METHOD_GET, "/console/account" },
	HANDLE_WAITING(handle_page),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_passkey_challenge_route = { .entry = { METHOD_POST,
							       "/console/account/passkeys/challenge" },
	HANDLE_WAITING(handle_challenge),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_passkey_add_route = { .entry = { METHOD_POST, "/console/account/passkeys" },
	HANDLE_WAITING(handle_add),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_passkey_remove_route = { .entry = { METHOD_POST,
							    "/console/account/passkeys/:passkey/remove" },
	HANDLE_WAITING(handle_remove),
	.failure = ANSWER_UNAVAILABLE };
