#include <string.h>

#include "api/core/answer.h"
#include "api/core/fields.h"
#include "app/console/operators.h"
#include "base/attr.h"
#include "web/console/form_page.h"
#include "web/console/operator_link.h"
#include "web/console/routes.h"

#define LIST STR("/console/operators")

struct invite_body {
	struct str email, role, tenants;
};

/* clang-format off */
static const struct field invite_fields[] = {
	FIELD(struct invite_body, email,   FIELD_TEXT,  FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct invite_body, role,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 16),
	FIELD(struct invite_body, tenants, FIELD_EXACT, FIELD_OPTIONAL, 0, FORM_LINE_MAX),
};
static const struct form invite_form = FORM(invite_fields, struct invite_body, "");
/* clang-format on */

enum { INVITE_EMAIL_INPUT, INVITE_ROLE_INPUT, INVITE_TENANTS_INPUT, INVITE_INPUTS };

#define ROLES 3
static const enum operator_role roles[ROLES] = { OPERATOR_VIEWER, OPERATOR_REVIEWER, OPERATOR_ADMIN };

static struct reply show_form(const struct console_request *request, const struct invite_body *body,
	const struct form_input inputs[INVITE_INPUTS], bool needs_step_up)
{
	const struct console_form form = { .title = STR("Invite an operator"),
		.text = STR(
			"The next page shows a link once, at which the operator registers a passkey within 24 hours."),
		.action = STR("/console/operators/new"),
		.button = STR("Create the link"),
		.back_url = LIST,
		.back_text = STR("Operators"),
		.needs = CONSOLE_MANAGE_OPERATORS,
		.needs_step_up = needs_step_up };
	struct form_input shown[INVITE_INPUTS];
	struct form_choice choices[ROLES];

	for (size_t i = 0; i < ROLES; i++) {
		const struct str name = str_of(operator_role_name(roles[i]));

		choices[i] = (struct form_choice){ STR(""), name, name, str_eq(name, body->role) };
	}
	memcpy(shown, inputs, sizeof(shown));
	shown[INVITE_ROLE_INPUT].choices = choices;
	shown[INVITE_ROLE_INPUT].n_choices = ROLES;
	return console_form_show(request, &form, shown, INVITE_INPUTS);
}

static void set_inputs(const struct invite_body *body, struct form_input out[INVITE_INPUTS])
{
	out[INVITE_EMAIL_INPUT] = (struct form_input){
		.name = "email", .label = "E-mail address", .is_required = true, .value = body->email
	};
	out[INVITE_ROLE_INPUT] = (struct form_input){ .name = "role",
		.label = "Role",
		.hint = "A viewer reads, without addresses. A reviewer also decides reviews and reads the audit log. "
			"An admin also manages tenants, keys, endpoints and operators.",
		.kind = INPUT_SELECT };
	out[INVITE_TENANTS_INPUT] = (struct form_input){ .name = "tenants",
		.label = "Tenants",
		.is_optional = true,
		.hint = "Names of at most 16 tenants, separated by commas, to which the operator is limited. Empty: all.",
		.value = body->tenants };
}

static void mark(
	struct arena *a, const struct console_invite *invite, struct form_input inputs[INVITE_INPUTS])
{
	switch (invite->fault) {
	case INVITE_FAULTLESS:
		break;
	case INVITE_EMAIL:
		inputs[INVITE_EMAIL_INPUT].fault = STR("must be an e-mail address");
		break;
	case INVITE_EXISTS:
		inputs[INVITE_EMAIL_INPUT].fault = STR(
			"is that of an operator already: make a new link for them, or disable them first");
		break;
	case INVITE_TENANT_UNKNOWN:
		inputs[INVITE_TENANTS_INPUT].fault = arena_printf(
			a, "must be names of tenants; \"%.*s\" is none", STR_ARG(invite->word));
		break;
	case INVITE_TENANTS_TOO_MANY:
		inputs[INVITE_TENANTS_INPUT].fault = STR(
			"must be at most 16: leave it empty for all tenants");
		break;
	}
}

/* The form is shown to who may invite. */
static struct reply handle_form(struct call *call, struct store *store)
{
	const struct invite_body body = { .role = STR("viewer") };
	struct form_input inputs[INVITE_INPUTS];
	struct console_request request;
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	verdict = console_permit(call->world, &request.caller, CONSOLE_VIEW_OPERATORS, NULL);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, STR("/console"));
	set_inputs(&body, inputs);
	return show_form(&request, &body, inputs, false);
}

static struct reply handle_invite(struct call *call, struct store *store)
{
	struct form_input inputs[INVITE_INPUTS];
	struct console_request request;
	enum console_verdict verdict;
	void *read = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) ||
		!console_form_read(&request, &invite_form, &read, &refused))
		return refused;
	const struct invite_body *const body = read;
	struct console_invite invite = { .email = body->email, .tenants = body->tenants };

	if (!operator_role_read(body->role, &invite.role))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	const enum err e = console_operator_invite(
		call->world, call->arena, &request.caller, &invite, &verdict);

	if (e != OK)
		return console_failed(&request, e);
	if (verdict != CONSOLE_PERMITTED && verdict != CONSOLE_STEP_UP_NEEDED)
		return console_refused(&request, verdict, LIST);
	if (verdict == CONSOLE_PERMITTED && invite.fault == INVITE_FAULTLESS)
		return operator_link_show(&request, &invite.account, invite.token);
	set_inputs(body, inputs);
	mark(call->arena, &invite, inputs);
	return show_form(&request, body, inputs, verdict == CONSOLE_STEP_UP_NEEDED);
}

const struct route console_operator_invite_page_route = { .entry = { METHOD_GET, "/console/operators/new" },
	HANDLE_WAITING(handle_form),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_operator_invite_route = { .entry = { METHOD_POST, "/console/operators/new" },
	HANDLE_WAITING(handle_invite),
	.failure = ANSWER_UNAVAILABLE };
