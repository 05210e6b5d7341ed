#include "web/console/key_form.h"

#include <assert.h>
#include <string.h>

#include "api/core/fields.h"
#include "app/console/keys.h"
#include "web/console/free_text.h"
#include "web/console/words.h"

#define KEY_DAYS_MAX 3650
#define LABEL_MAX 64

/* A checkbox for each scope, by its number in SCOPES. */
struct key_body {
	struct str label, days, allow_from;
	struct str scope_1, scope_2, scope_3, scope_4, scope_5, scope_6, scope_7;
};
static_assert(SCOPE_COUNT == 8, "each scope has a checkbox");

/* clang-format off */
static const struct field key_fields[] = {
	FIELD(struct key_body, label,      FIELD_TEXT,  FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct key_body, days,       FIELD_TEXT,  FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct key_body, allow_from, FIELD_EXACT, FIELD_OPTIONAL, 0, FORM_LINE_MAX),
	FIELD(struct key_body, scope_1,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_2,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_3,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_4,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_5,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_6,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
	FIELD(struct key_body, scope_7,    FIELD_TEXT,  FIELD_OPTIONAL, 1, 1),
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

static void set_scope_choices(struct arena *a, scope_set chosen, struct form_choice out[SCOPE_COUNT - 1])
{
	for (size_t i = 1; i < SCOPE_COUNT; i++)
		out[i - 1] = (struct form_choice){ arena_printf(a, "scope_%zu", i), STR("1"),
			str_of(scope_name((enum scope)i)), scope_set_has(chosen, (enum scope)i) };
}

static void set_inputs(const struct key_body *body, const struct form_choice scopes[SCOPE_COUNT - 1],
	struct form_input out[KEY_INPUTS])
{
	out[KEY_LABEL] = (struct form_input){ .name = "label",
		.label = "Label",
		.hint = "For example the system that uses the key.",
		.value = body->label };
	out[KEY_SCOPES] = (struct form_input){ .name = "scopes",
		.label = "Scopes",
		.hint = "What calls with the key may do.",
		.kind = INPUT_CHECKBOXES,
		.choices = scopes,
		.n_choices = SCOPE_COUNT - 1 };
	out[KEY_DAYS] = (struct form_input){ .name = "days",
		.label = "Valid for days",
		.is_optional = true,
		.hint = "Leave it empty for a key that does not expire.",
		.kind = INPUT_NUMBER,
		.value = body->days };
	out[KEY_NETWORKS] = (struct form_input){ .name = "allow_from",
		.label = "IP networks",
		.is_optional = true,
		.hint = "At most 10 addresses or networks such as 192.0.2.0/24, from which the key may be used. "
			"Leave it empty for a key that works from everywhere.",
		.value = body->allow_from };
}

static const char *label_fault(struct str label)
{
	if (label.n > LABEL_MAX)
		return "must be at most 64 bytes";
	if (str_has(label, '"') || str_has(label, '\\'))
		return "must have no double quotes and no backslashes";
	return free_text_is_valid(label) ? NULL : "must be one line";
}

static void set_fault(struct form_input *input, const char *fault)
{
	if (fault)
		input->fault = str_of(fault);
}

static void check(const struct key_body *body, struct key_input *out)
{
	int64_t n_days = 0;

	set_fault(&out->inputs[KEY_LABEL], label_fault(body->label));
	if (body->days.n > 0 && (!str_number(body->days, KEY_DAYS_MAX, &n_days) || n_days < 1))
		set_fault(&out->inputs[KEY_DAYS], "must be a whole number from 1 to 3650");
	if (!console_networks_read(body->allow_from, out->allow_from))
		set_fault(&out->inputs[KEY_NETWORKS],
			"must be at most 10 addresses or networks such as 192.0.2.0/24 or 2001:db8::/32");
	out->params = (struct key_params){ .label = body->label,
		.scopes = read_scopes(body),
		.life = days(n_days),
		.allow_from = str_of(out->allow_from) };
	if (out->params.scopes == 0)
		set_fault(&out->inputs[KEY_SCOPES], "must have at least one that is chosen");
}

struct form_values key_form_values(struct arena *a)
{
	struct form_choice *const scopes = arena_array(a, struct form_choice, SCOPE_COUNT - 1);
	struct form_input inputs[KEY_INPUTS];

	if (!scopes)
		return (struct form_values){ { NULL, 0 }, { NULL, 0 } };
	set_scope_choices(a, SCOPES_DEFAULT, scopes);
	set_inputs(&(struct key_body){ .label = STR("") }, scopes, inputs);
	return form_values_of(a, inputs, KEY_INPUTS);
}

bool key_form_read(const struct console_request *request, struct key_input *out, struct reply *refused)
{
	void *body = NULL;

	if (!console_form_read(request, &key_form, &body, refused))
		return false;
	set_scope_choices(request->call->arena, read_scopes(body), out->scopes);
	set_inputs(body, out->scopes, out->inputs);
	check(body, out);
	return true;
}

bool key_form_has_fault(const struct key_input *input)
{
	return form_has_fault(input->inputs, KEY_INPUTS);
}

struct reply key_form_show(
	const struct console_request *request, const struct key_input *input, bool needs_step_up)
{
	struct call *const call = request->call;
	const struct str page = console_tenant_path(call->arena, call->params[0]);
	const struct console_form form = { .title = STR("Create a key"),
		.action = arena_printf(call->arena, "%.*s/keys", STR_ARG(page)),
		.button = STR("Create key"),
		.back_url = page,
		.back_text = call->params[0],
		.needs = CONSOLE_CREATE_KEY,
		.needs_step_up = needs_step_up };

	return console_form_show(request, &form, input->inputs, KEY_INPUTS);
}
