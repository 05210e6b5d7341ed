#include "web/console/form_page.h"

#include "base/attr.h"
#include "web/console/pages.h"
#include "web/core/form_body.h"

DECLARE_TEMPLATE(console_form);

static const struct template_value choice_rows[] = {
	{ "choice_name", TEMPLATE_TEXT, TEMPLATE_OFFSET(struct form_choice, name, struct str), NULL },
	{ "choice_value", TEMPLATE_TEXT, TEMPLATE_OFFSET(struct form_choice, value, struct str), NULL },
	{ "choice_label", TEMPLATE_TEXT, TEMPLATE_OFFSET(struct form_choice, label, struct str), NULL },
	{ "is_chosen", TEMPLATE_FLAG, TEMPLATE_OFFSET(struct form_choice, is_chosen, bool), NULL },
};
static const struct template_table choice_values = TEMPLATE_TABLE(struct form_choice, choice_rows);

struct field_item {
	struct str field, field_label, hint, value, fault, described_by;
	bool is_number, is_url, is_line, is_text, is_select, is_checkboxes, is_required;
	struct template_list choices;
};

static const struct template_value field_rows[] = {
	TEXT_VALUE(struct field_item, field),
	TEXT_VALUE(struct field_item, field_label),
	TEXT_VALUE(struct field_item, hint),
	TEXT_VALUE(struct field_item, value),
	TEXT_VALUE(struct field_item, fault),
	TEXT_VALUE(struct field_item, described_by),
	FLAG_VALUE(struct field_item, is_number),
	FLAG_VALUE(struct field_item, is_url),
	FLAG_VALUE(struct field_item, is_line),
	FLAG_VALUE(struct field_item, is_text),
	FLAG_VALUE(struct field_item, is_select),
	FLAG_VALUE(struct field_item, is_checkboxes),
	FLAG_VALUE(struct field_item, is_required),
	LIST_VALUE(struct field_item, choices, &choice_values),
};
const struct template_table form_field_values = TEMPLATE_TABLE(struct field_item, field_rows);

struct fault_item {
	struct str field, message;
};

static const struct template_value fault_rows[] = {
	TEXT_VALUE(struct fault_item, field),
	TEXT_VALUE(struct fault_item, message),
};
const struct template_table form_fault_values = TEMPLATE_TABLE(struct fault_item, fault_rows);

bool console_form_read(
	const struct console_request *request, const struct form *form, void **body, struct reply *refused)
{
	const enum form_body_verdict verdict = form_body_read(request->call, form, body, refused);

	if (verdict == FORM_BODY_BAD)
		*refused = console_notice(request, CONSOLE_NOTICE_BAD_FORM);
	return verdict == FORM_BODY_READ;
}

bool form_has_fault(const struct form_input *inputs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (inputs[i].fault.p)
			return true;
	return false;
}

static struct str fault_text(struct arena *a, const struct form_input *input)
{
	return input->fault.p ? arena_printf(a, "%s %.*s", input->label, STR_ARG(input->fault)) : STR("");
}

/* The ids of the hint and of the error, which stand at the field. */
static struct str described_by(struct arena *a, const struct form_input *input)
{
	const bool has_hint = input->hint != NULL;

	if (!input->fault.p)
		return has_hint ? arena_printf(a, "%s-hint", input->name) : STR("");
	return has_hint ? arena_printf(a, "%s-error %s-hint", input->name, input->name)
			: arena_printf(a, "%s-error", input->name);
}

static struct field_item field_item(struct arena *a, const struct form_input *input)
{
	return (struct field_item){ .field = str_of(input->name),
		.field_label = input->is_optional ? arena_printf(a, "%s (optional)", input->label)
						  : str_of(input->label),
		.hint = input->hint ? str_of(input->hint) : STR(""),
		.value = input->value,
		.fault = fault_text(a, input),
		.described_by = described_by(a, input),
		.is_line = input->kind == INPUT_LINE,
		.is_number = input->kind == INPUT_NUMBER,
		.is_url = input->kind == INPUT_URL,
		.is_text = input->kind == INPUT_TEXT,
		.is_select = input->kind == INPUT_SELECT,
		.is_checkboxes = input->kind == INPUT_CHECKBOXES,
		.is_required = input->is_required,
		.choices = { input->choices, input->n_choices } };
}

struct form_values form_values_of(struct arena *a, const struct form_input *inputs, size_t n)
{
	struct field_item *const fields = arena_array(a, struct field_item, n + 1);
	struct fault_item *const faults = arena_array(a, struct fault_item, n + 1);
	size_t n_faults = 0;

	if (!fields || !faults)
		return (struct form_values){ { NULL, 0 }, { NULL, 0 } };
	for (size_t i = 0; i < n; i++) {
		fields[i] = field_item(a, &inputs[i]);
		if (inputs[i].fault.p)
			faults[n_faults++] = (struct fault_item){ fields[i].field, fields[i].fault };
	}
	return (struct form_values){ { fields, n }, { faults, n_faults } };
}

struct form_page_values {
	struct str title, text, action, button, back_url, back_text;
	bool needs_step_up;
	struct form_values form;
};

static const struct template_value form_page_rows[] = {
	TEXT_VALUE(struct form_page_values, title),
	TEXT_VALUE(struct form_page_values, text),
	TEXT_VALUE(struct form_page_values, action),
	TEXT_VALUE(struct form_page_values, button),
	TEXT_VALUE(struct form_page_values, back_url),
	TEXT_VALUE(struct form_page_values, back_text),
	FLAG_VALUE(struct form_page_values, needs_step_up),
	FORM_VALUES(struct form_page_values, form),
};
const struct page_template console_form_page = { .template = &template_console_form,
	.values = TEMPLATE_TABLE(struct form_page_values, form_page_rows),
	.group_values = &console_frame_values,
	.style = "console" };

struct reply console_form_show(const struct console_request *request, const struct console_form *form,
	const struct form_input *inputs, size_t n)
{
	const bool has_fault = form_has_fault(inputs, n);

	if (!console_may(request, form->needs))
		return console_refused(request, CONSOLE_ROLE_REFUSED, form->back_url);
	const struct form_page_values values = { form->title, form->text, form->action, form->button,
		form->back_url, form->back_text, !has_fault && form->needs_step_up,
		form_values_of(request->call->arena, inputs, n) };

	return console_page(request, &console_form_page, &values,
		has_fault	      ? 400
		: form->needs_step_up ? 403
				      : 200);
}
