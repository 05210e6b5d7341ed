#include "app/console/branding.h"

#include "api/core/answer.h"
#include "api/core/branded_frame.h"
#include "api/core/fields.h"
#include "base/attr.h"
#include "web/console/form_page.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_branding);
DECLARE_TEMPLATE(console_preview);

struct branding_values {
	struct str name;
	bool has_logo;
	struct form_values form;
};

static const struct template_value branding_value_rows[] = {
	TEXT_VALUE(struct branding_values, name),
	FLAG_VALUE(struct branding_values, has_logo),
	FORM_VALUES(struct branding_values, form),
};
const struct page_template console_branding_page = { .template = &template_console_branding,
	.values = TEMPLATE_TABLE(struct branding_values, branding_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

#define COLOUR_HINT "Of buttons and links, such as #0052cc. Empty: the colour of kycd."

/* The hint names the colours that pages use in light and in dark mode: a colour without enough contrast is
 * adjusted. */
static const char *colour_hint(struct arena *a, const struct branding *branding)
{
	char light[COLOUR_SIZE], dark[COLOUR_SIZE];
	struct colour colour;

	if (!colour_parse(str_of(branding->colour), &colour))
		return COLOUR_HINT;
	const struct accent accent = accent_of(colour);

	colour_format(accent.light, light);
	colour_format(accent.dark, dark);
	const struct str hint = arena_printf(a,
		COLOUR_HINT
		" Used now: %s on a light background, %s on a dark one. A colour that is hard to read is adjusted.",
		light, dark);

	return hint.p ? hint.p : COLOUR_HINT;
}

static struct str fault_text(struct arena *a, const char *fault)
{
	return fault ? arena_printf(a, "must be %s", fault) : (struct str){ NULL, 0 };
}

/* Shows the form with what the operator typed, or with the present branding. */
static struct reply show(const struct console_request *request, const struct console_branding *present,
	const struct console_branding_input *input, const struct console_branding_faults *faults)
{
	struct arena *const a = request->call->arena;
	const struct form_input inputs[] = {
		{ .name = "colour",
			.label = "Colour",
			.hint = colour_hint(a, &present->branding),
			.value = input->colour,
			.fault = fault_text(a, faults->colour) },
		{ .name = "support_url",
			.label = "Support page",
			.hint = "A link at the end of pages. Empty: none.",
			.kind = INPUT_URL,
			.value = input->support_url,
			.fault = fault_text(a, faults->support_url) },
		{ .name = "privacy_url",
			.label = "Privacy page",
			.hint = "Your privacy notice, a link at the end of pages. Empty: none.",
			.kind = INPUT_URL,
			.value = input->privacy_url,
			.fault = fault_text(a, faults->privacy_url) },
		{ .name = "consent_text",
			.label = "Consent text",
			.hint = "People must agree to it before they start. One paragraph. Empty: they are not asked.",
			.kind = INPUT_TEXT,
			.value = input->consent_text,
			.fault = fault_text(a, faults->consent_text) },
	};
	const struct branding_values values = { .name = str_of(present->tenant.name),
		.has_logo = branding_has_logo(&present->branding),
		.form = form_values_of(a, inputs, array_len(inputs)) };

	return console_page(
		request, &console_branding_page, &values, console_branding_has_fault(faults) ? 400 : 200);
}

static struct str page_path(const struct console_request *request)
{
	struct call *const call = request->call;
	const struct str tenant = console_tenant_path(call->arena, call->params[0]);

	return arena_printf(call->arena, "%.*s/branding", STR_ARG(tenant));
}

/* Reads the branding for a page. Returns false and sets `refused` if the operator may not. */
static bool read_branding(
	const struct console_request *request, struct console_branding *out, struct reply *refused)
{
	struct call *const call = request->call;
	enum console_verdict verdict;
	const enum err e = console_branding_read(
		call->world, call->arena, &request->caller, call->params[0], out, &verdict);

	if (e == OK && verdict == CONSOLE_PERMITTED)
		return true;
	*refused = e != OK ? console_failed(request, e)
			   : console_refused(request, verdict, STR("/console/tenants"));
	return false;
}

static struct reply handle_page(struct call *call, struct store *store)
{
	const struct console_branding_faults none = { NULL, NULL, NULL, NULL };
	struct console_request request;
	struct console_branding present;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused) || !read_branding(&request, &present, &refused))
		return refused;
	const struct console_branding_input input = { str_of(present.branding.colour),
		str_of(present.branding.support_url), str_of(present.branding.privacy_url),
		present.consent_text };

	return show(&request, &present, &input, &none);
}

/* Longer than what is valid, so that a text that is too long is shown again with its fault. */
#define URL_FIELD_MAX FORM_LINE_MAX
#define CONSENT_FIELD_MAX 16384

/* clang-format off */
static const struct field branding_fields[] = {
	FIELD(struct console_branding_input, colour,       FIELD_TEXT,  FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct console_branding_input, support_url,  FIELD_TEXT,  FIELD_OPTIONAL, 1, URL_FIELD_MAX),
	FIELD(struct console_branding_input, privacy_url,  FIELD_TEXT,  FIELD_OPTIONAL, 1, URL_FIELD_MAX),
	FIELD(struct console_branding_input, consent_text, FIELD_EXACT, FIELD_OPTIONAL, 0, CONSENT_FIELD_MAX),
};
static const struct form branding_form = FORM(branding_fields, struct console_branding_input, "");
/* clang-format on */

static struct reply handle_form(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_branding_change change = { .tenant = call->params[0] };
	enum console_verdict verdict;
	void *read = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!console_form_read(&request, &branding_form, &read, &refused))
		return refused;
	change.input = *(const struct console_branding_input *)read;
	change.input.consent_text = str_trim(change.input.consent_text);
	const enum err e = console_branding_set(call->world, call->arena, &request.caller, &change, &verdict);
	if (e == OK && verdict == CONSOLE_PERMITTED && console_branding_has_fault(&change.faults))
		return show(&request, &change.present, &change.input, &change.faults);
	return console_finish(&request, e, verdict, page_path(&request), "branding-changed");
}

/* A page as people see it, in the frame with the tenant's colour and logo. */
struct preview_values {
	struct str name, consent_text;
};

static const struct template_value preview_value_rows[] = {
	TEXT_VALUE(struct preview_values, name),
	TEXT_VALUE(struct preview_values, consent_text),
};
const struct page_template console_preview_page = { .template = &template_console_preview,
	.values = TEMPLATE_TABLE(struct preview_values, preview_value_rows) };

static struct reply handle_preview(struct call *call, struct store *store)
{
	const struct rules *const rules = call->world->rules;
	struct page_frame frame = { .language = LANGUAGE_EN,
		.brand = rules->brand,
		.sandbox = rules->sandbox,
		.same_origin_referrer = true };
	struct console_request request;
	struct console_branding present;
	struct reply reply;

	(void)store;
	if (!console_admit(call, &request, &reply) || !read_branding(&request, &present, &reply))
		return reply;
	if (present.tenant.display_name[0] != '\0')
		frame.brand = str_of(present.tenant.display_name);
	const struct preview_values values = { str_of(present.tenant.name), present.consent_text };
	if (frame_add_branding(call->arena, &present.branding, &frame) != OK ||
		page_reply(call->arena, &frame, &console_preview_page, &values, 200, &reply) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return reply;
}

#define BRANDING_ROUTE(name, method, end, handler)                                                           \
	const struct route name = { .entry = { method, "/console/tenants/:tenant/" end },                    \
		HANDLE_WAITING(handler),                                                                     \
		.failure = ANSWER_UNAVAILABLE }
BRANDING_ROUTE(console_branding_route, METHOD_GET, "branding", handle_page);
BRANDING_ROUTE(console_branding_form_route, METHOD_POST, "branding", handle_form);
BRANDING_ROUTE(console_preview_route, METHOD_GET, "preview", handle_preview);
