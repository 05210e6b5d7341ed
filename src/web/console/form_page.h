/* Forms of the console's pages. A refused form is shown again with what the operator entered: a summary names
 * each field that is wrong, and the field itself says why. A page includes console/_faults and
 * console/_fields for its form (VALUES of FORM_VALUES), or the form has a page of its own
 * (console_form_show). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "html/template.h"
#include "text/form.h"
#include "web/console/request.h"

enum form_input_kind { INPUT_LINE, INPUT_NUMBER, INPUT_URL, INPUT_TEXT, INPUT_SELECT, INPUT_CHECKBOXES };

/* A value of a selection, or a checkbox. */
struct form_choice {
	struct str name; /* of a checkbox */
	struct str value, label;
	bool is_chosen;
};

struct form_input {
	const char *name;
	const char *label, *hint; /* `hint` NULL: none */
	enum form_input_kind kind;
	bool is_required, is_optional; /* is_optional: the label says so */
	struct str value;
	/* What is wrong, as a text that follows the label, e.g. "must be a whole number"; p NULL: nothing. */
	struct str fault;
	const struct form_choice *choices; /* of a selection or checkboxes */
	size_t n_choices;
};

/* What the templates show of a form. */
struct form_values {
	struct template_list fields, faults;
};
extern const struct template_table form_field_values, form_fault_values;
#define FORM_VALUES(type, member)                                                                            \
	{ "fields", TEMPLATE_LIST, TEMPLATE_OFFSET(type, member.fields, struct template_list),               \
		&form_field_values },                                                                        \
	{                                                                                                    \
		"faults", TEMPLATE_LIST, TEMPLATE_OFFSET(type, member.faults, struct template_list),         \
			&form_fault_values                                                                   \
	}

/* Longest text of a field of one line that is read, so that one that is too long is shown again. */
#define FORM_LINE_MAX 4096

/* Reads the body of a form. Returns false and sets `refused` if it is no form, or a field is no text. Fields
 * that may be refused should be optional and accept FORM_LINE_MAX bytes. */
bool console_form_read(const struct console_request *request, const struct form *form, void **body,
	struct reply *refused) must_use;

bool form_has_fault(const struct form_input *inputs, size_t n);
/* Empty lists if there is no memory. */
struct form_values form_values_of(struct arena *a, const struct form_input *inputs, size_t n);

struct console_form {
	struct str title, text; /* `text` empty: none */
	struct str action;	/* the path to which it is sent */
	struct str button;
	struct str back_url, back_text;
	enum console_action needs; /* that the role must permit; otherwise the form is not shown */
	bool needs_step_up;	   /* the passkey must be used first; the form says how */
};
/* Responds with the form on a page of its own: 400 if a field has a fault, 403 if the passkey is needed
 * first, and otherwise 200. */
struct reply console_form_show(const struct console_request *request, const struct console_form *form,
	const struct form_input *inputs, size_t n);
