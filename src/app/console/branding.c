#include "app/console/branding.h"

#include "app/admin/operator.h"
#include "app/admin/operator_branding.h"
#include "net/url_check.h"

enum err console_branding_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str tenant, struct console_branding *out,
	enum console_verdict *verdict)
{
	TRY(operator_find_tenant(world, a, tenant, &out->tenant));
	*verdict = console_permit(world, caller, CONSOLE_MANAGE_TENANTS, &out->tenant.id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	return operator_load_branding(world, a, &out->tenant.id, &out->branding, &out->consent_text);
}

bool console_branding_has_fault(const struct console_branding_faults *faults)
{
	return faults->colour || faults->support_url || faults->privacy_url || faults->consent_text;
}

/* Texts in the form in which they are stored. */
struct normal_texts {
	char colour[COLOUR_SIZE];
	char consent_text[CONSENT_TEXT_SIZE_MAX + 1];
};

static const char *read_colour(struct str text, struct normal_texts *out)
{
	struct colour colour;

	if (text.n == 0)
		return NULL;
	if (!colour_parse(text, &colour))
		return "# and six hexadecimal digits, such as #0052cc";
	colour_format(colour, out->colour);
	return NULL;
}

static const char *read_consent_text(struct str text, struct normal_texts *out)
{
	if (text.n == 0)
		return NULL;
	const enum consent_text_form form = consent_text_read(text, out->consent_text);

	return form == CONSENT_TEXT_VALID ? NULL : consent_text_form_message(form);
}

static const char *check_url(struct str url)
{
	return url.n > 0 ? url_fault(url) : NULL;
}

static struct str unless_same(struct str text, struct str present)
{
	return str_eq(text, present) ? (struct str){ NULL, 0 } : text;
}

static enum err apply(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_branding_input *normal, struct console_branding *present)
{
	const struct branding *const branding = &present->branding;
	const struct tenant_change change = { .name = str_of(present->tenant.name),
		.branding = { .colour = unless_same(normal->colour, str_of(branding->colour)),
			.support_url = unless_same(normal->support_url, str_of(branding->support_url)),
			.privacy_url = unless_same(normal->privacy_url, str_of(branding->privacy_url)),
			.consent_text = unless_same(normal->consent_text, present->consent_text) },
		.actor = &caller->actor };
	struct tenant changed;

	return branding_change_is_empty(&change.branding) ? OK
							  : operator_set_tenant(world, a, &change, &changed);
}

enum err console_branding_set(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_branding_change *change, enum console_verdict *verdict)
{
	const struct console_branding_input *const input = &change->input;
	struct normal_texts texts = { "", "" };

	TRY(console_branding_read(world, a, caller, change->tenant, &change->present, verdict));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	change->faults = (struct console_branding_faults){ .colour = read_colour(input->colour, &texts),
		.support_url = check_url(input->support_url),
		.privacy_url = check_url(input->privacy_url),
		.consent_text = read_consent_text(input->consent_text, &texts) };
	if (console_branding_has_fault(&change->faults))
		return OK;
	const struct console_branding_input normal = { .colour = str_of(texts.colour),
		.support_url = input->support_url.p ? input->support_url : STR(""),
		.privacy_url = input->privacy_url.p ? input->privacy_url : STR(""),
		.consent_text = str_of(texts.consent_text) };

	return apply(world, a, caller, &normal, &change->present);
}
