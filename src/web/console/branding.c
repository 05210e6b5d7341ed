#include "app/console/branding.h"

#include "api/core/answer.h"
#include "api/core/branded_frame.h"
#include "api/core/fields.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/words.h"
#include "web/core/form_body.h"

DECLARE_TEMPLATE(console_branding);
DECLARE_TEMPLATE(console_preview);

struct branding_fault {
	struct str field, label, message;
};

static const struct template_value fault_rows[] = {
	TEXT_VALUE(struct branding_fault, field),
	TEXT_VALUE(struct branding_fault, label),
	TEXT_VALUE(struct branding_fault, message),
};
static const struct template_table fault_values = TEMPLATE_TABLE(struct branding_fault, fault_rows);

#define FAULTS_MAX 4

struct branding_values {
	struct str name, colour, light, dark, support_url, privacy_url, consent_text;
	struct str colour_fault, support_fault, privacy_fault, consent_fault;
	bool has_logo;
	struct template_list faults;
};

static const struct template_value branding_value_rows[] = {
	TEXT_VALUE(struct branding_values, name),
	TEXT_VALUE(struct branding_values, colour),
	TEXT_VALUE(struct branding_values, light),
	TEXT_VALUE(struct branding_values, dark),
	TEXT_VALUE(struct branding_values, support_url),
	TEXT_VALUE(struct branding_values, privacy_url),
	TEXT_VALUE(struct branding_values, consent_text),
	TEXT_VALUE(struct branding_values, colour_fault),
	TEXT_VALUE(struct branding_values, support_fault),
	TEXT_VALUE(struct branding_values, privacy_fault),
	TEXT_VALUE(struct branding_values, consent_fault),
	FLAG_VALUE(struct branding_values, has_logo),
	LIST_VALUE(struct branding_values, faults, &fault_values),
};
const struct page_template console_branding_page = { .template = &template_console_branding,
	.values = TEMPLATE_TABLE(struct branding_values, branding_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* The colours that pages use in light and in dark mode: a colour without enough contrast is adjusted. */
static void set_used_colours(struct arena *a, const struct branding *branding, struct branding_values *out)
{
	char light[COLOUR_SIZE], dark[COLOUR_SIZE];
	struct colour colour;

	if (!colour_parse(str_of(branding->colour), &colour))
		return;
	const struct accent accent = accent_of(colour);

	colour_format(accent.light, light);
	colour_format(accent.dark, dark);
	out->light = arena_copy(a, str_of(light));
	out->dark = arena_copy(a, str_of(dark));
}

static struct template_list fault_items(struct arena *a, const struct console_branding_faults *faults)
{
	const struct {
		const char *field, *label, *message;
	} rows[FAULTS_MAX] = {
		{ "colour", "Colour", faults->colour },
		{ "support_url", "Support page", faults->support_url },
		{ "privacy_url", "Privacy page", faults->privacy_url },
		{ "consent_text", "Consent text", faults->consent_text },
	};
	struct branding_fault *const items = arena_array(a, struct branding_fault, FAULTS_MAX);
	size_t n = 0;

	for (size_t i = 0; items && i < FAULTS_MAX; i++)
		if (rows[i].message)
			items[n++] = (struct branding_fault){ str_of(rows[i].field), str_of(rows[i].label),
				str_of(rows[i].message) };
	return (struct template_list){ items, n };
}

static struct str fault_text(const char *fault)
{
	return fault ? str_of(fault) : STR("");
}

/* Shows the form with what the operator typed, or with the present branding. */
static struct reply show(const struct console_request *request, const struct console_branding *present,
	const struct console_branding_input *input, const struct console_branding_faults *faults)
{
	struct arena *const a = request->call->arena;
	struct branding_values values = { .name = str_of(present->tenant.name),
		.colour = input->colour,
		.support_url = input->support_url,
		.privacy_url = input->privacy_url,
		.consent_text = input->consent_text,
		.colour_fault = fault_text(faults->colour),
		.support_fault = fault_text(faults->support_url),
		.privacy_fault = fault_text(faults->privacy_url),
		.consent_fault = fault_text(faults->consent_text),
		.has_logo = branding_has_logo(&present->branding),
		.faults = fault_items(a, faults) };

	set_used_colours(a, &present->branding, &values);
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
#define URL_FIELD_MAX 4096
#define CONSENT_FIELD_MAX 16384

/* clang-format off */
static const struct field branding_fields[] = {
	FIELD(struct console_branding_input, colour,       FIELD_TEXT,  FIELD_OPTIONAL, 1, 64),
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
	const enum form_body_verdict form = form_body_read(call, &branding_form, &read, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	if (form == FORM_BODY_BAD)
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
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
