#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "app/core/access.h"
#include "base/buf.h"
#include "i18n/messages.h"
#include "main/cli/branding_options.h"
#include "main/cli/command.h"
#include "main/cli/tenant_lookup.h"
#include "main/cli/tenant_output.h"
#include "main/config/setting.h"
#include "net/url_check.h"
#include "text/language.h"

#define PAGE 32
#define NAME_FORM "1 to 63 lower-case letters, digits and hyphens, not beginning with a hyphen"

/* Prints which form the option must have. Always returns false. */
static bool refuse_option(const char *option, const char *valid_form)
{
	fprintf(stderr, "kycd: %s must be %s\n", option, valid_form);
	return false;
}

static bool read_quota(const struct args *args, bool may_be_none, struct tenant_change *out)
{
	const struct str quota = args_text(args, "--monthly-quota");

	out->has_quota = quota.p != NULL;
	if (!quota.p)
		return true;
	if (may_be_none && str_eq(quota, STR("none"))) {
		out->monthly_quota = NO_QUOTA;
		return true;
	}
	return str_number(quota, INT32_MAX, &out->monthly_quota) ||
	       refuse_option("--monthly-quota", may_be_none ? "a whole number, or none" : "a whole number");
}

/* Reads --site, converts it to its normal form in the buffer `site`, and sets out->site. Returns false after
 * printing an error. */
static bool read_site(
	const struct args *args, bool may_be_none, char site[SITE_SIZE], struct tenant_change *out)
{
	const struct str url = args_text(args, "--site");

	site[0] = '\0';
	if (url.p && !(may_be_none && str_eq(url, STR("none")))) {
		const enum site_form form = site_read(url, site);

		if (form != SITE_VALID)
			return refuse_option("--site", site_form_message(form));
	}
	if (url.p)
		out->site = str_of(site);
	return true;
}

static bool read_disabled(const struct args *args, struct tenant_change *out)
{
	const struct str value = args_text(args, "--disabled");

	if (!value.p)
		return true;
	out->disabled = str_eq(value, STR("on"))    ? CHANGE_DISABLE
			: str_eq(value, STR("off")) ? CHANGE_ENABLE
						    : CHANGE_NOTHING;
	return out->disabled != CHANGE_NOTHING || refuse_option("--disabled", "on or off");
}

static bool read_four_eyes(const struct args *args, struct tenant_change *out)
{
	const struct str value = args_text(args, "--four-eyes");

	out->has_four_eyes = value.p != NULL;
	out->four_eyes = str_eq(value, STR("on"));
	return !value.p || out->four_eyes || str_eq(value, STR("off")) ||
	       refuse_option("--four-eyes", "on or off");
}

static bool read_tenant_change(const struct args *args, bool may_be_none, struct tenant_change *out)
{
	*out = (struct tenant_change){
		.name = str_of(args->words[0]),
		.group_name = args_text(args, "--group"),
		.display_name = args_text(args, "--display-name"),
		.language = args_text(args, "--language"),
		.return_url = args_text(args, "--return-url"),
	};
	if (!tenant_name_is_valid(out->name))
		return refuse_option("the name", NAME_FORM);
	if (out->group_name.p && !tenant_name_is_valid(out->group_name))
		return refuse_option("--group", NAME_FORM);
	if (out->display_name.n > 0 && !display_name_is_valid(out->display_name))
		return refuse_option("--display-name", "one line of 1 to 40 printable characters");
	if (out->language.n > 0 && !tag_is_valid(out->language))
		return refuse_option("--language", "a language tag, such as en or pt-BR");
	if (may_be_none && str_eq(out->return_url, STR("none")))
		out->return_url = STR("");
	if (out->return_url.n > 0 && url_fault(out->return_url))
		return refuse_option("--return-url", url_fault(out->return_url));
	return read_disabled(args, out) && read_four_eyes(args, out) && read_quota(args, may_be_none, out);
}

static enum exit_code print_tenant(struct runtime *runtime, const struct args *args, const struct tenant *t)
{
	struct shown_tenant shown = { .tenant = t };
	const enum err e = operator_load_branding(
		&runtime->world, &runtime->arena, &t->id, &shown.branding, &shown.consent_text);

	if (e != OK)
		return command_failed("the branding of the tenant cannot be read", e);
	if (args_has(args, "--json"))
		tenant_print_json(&shown);
	else
		tenant_print_line(&shown);
	printf("%s", args_has(args, "--json") ? "\n" : "");
	return EXIT_DONE;
}

/* Prints a hint if the group of --group has the same name as a tenant that is in no group. The operator may
 * expect that tenant to share its people with the group. */
static void print_group_hint(struct runtime *runtime, const struct tenant_change *change)
{
	struct tenant other;

	if (change->group_name.n == 0 || str_eq(change->group_name, change->name) ||
		operator_find_tenant(&runtime->world, &runtime->arena, change->group_name, &other) != OK ||
		other.group_name[0] != '@')
		return;
	fprintf(stderr,
		"hint: the tenant %s is not in the group %s, so the two share nothing. As long as that tenant has no "
		"people, `kycd tenant set %s --group %s` adds it to the group\n",
		other.name, other.name, other.name, other.name);
}

/* Prints a hint if kycd has no built-in texts in the tenant's language. If KYCD_MAIL_TEMPLATES is set, prints
 * none, because the operator's templates may be in that language. */
static void print_language_hint(const struct runtime *runtime, const struct tenant_change *change)
{
	if (change->language.n > 0 && runtime->config.mail_templates.n == 0 &&
		language_nearest(change->language, language_tags, LANGUAGES) == LANGUAGES)
		fprintf(stderr,
			"hint: there are no e-mails and pages in %.*s: those in KYCD_LANGUAGE, else in English, are used instead\n",
			STR_ARG(change->language));
}

/* Prints a warning if the quota is 0, which is valid but often meant as "no limit". */
static void print_quota_hint(const struct tenant_change *change)
{
	if (change->has_quota && change->monthly_quota == 0)
		fprintf(stderr,
			"warning: with a quota of 0 the tenant %.*s can create no session. `kycd tenant set %.*s "
			"--monthly-quota none` removes the quota\n",
			STR_ARG(change->name), STR_ARG(change->name));
}

/* Rounds down, so that a contrast that is not sufficient never looks as if it were. */
static double floor_to_hundredths(double ratio)
{
	return (double)(int64_t)(ratio * 100) / 100;
}

/* Prints which colours are used instead, if the tenant's colour cannot be read on a light or dark background.
 */
static void print_colour_hint(const struct tenant_change *change)
{
	struct colour colour;
	char light[COLOUR_SIZE], dark[COLOUR_SIZE];

	if (!colour_parse(change->branding.colour, &colour))
		return;
	const struct accent accent = accent_of(colour);
	colour_format(accent.light, light);
	colour_format(accent.dark, dark);
	const struct {
		struct colour used, background;
		const char *text, *mode;
	} modes[] = { { accent.light, BACKGROUND_LIGHT, light, "light" },
		{ accent.dark, BACKGROUND_DARK, dark, "dark" } };
	for (size_t i = 0; i < array_len(modes); i++)
		if (!colour_eq(modes[i].used, colour))
			fprintf(stderr,
				"hint: the colour %.*s has a contrast of %.2f in %s mode, and text needs %.1f: pages and "
				"e-mails use %s there instead\n",
				STR_ARG(change->branding.colour),
				floor_to_hundredths(colour_contrast(colour, modes[i].background)),
				modes[i].mode, COLOUR_CONTRAST_TEXT, modes[i].text);
}

static void print_hints(struct runtime *runtime, const struct tenant_change *change)
{
	print_quota_hint(change);
	print_group_hint(runtime, change);
	print_language_hint(runtime, change);
	print_colour_hint(change);
}

static bool is_empty_change(const struct tenant_change *c)
{
	return !c->has_quota && !c->has_four_eyes && !c->group_name.p && !c->display_name.p &&
	       !c->language.p && !c->return_url.p && !c->site.p && c->disabled == CHANGE_NOTHING &&
	       branding_change_is_empty(&c->branding);
}

enum exit_code run_tenant_add(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct tenant_change change;
	struct tenant tenant;
	struct runtime runtime;
	struct branding_options branding;
	char site[SITE_SIZE];
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_tenant_change(args, false, &change) || !read_site(args, false, site, &change) ||
		!branding_change_read(args, false, &branding, &change.branding))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = operator_add_tenant(&runtime.world, &runtime.arena, &change, &tenant);

		code = e == OK		   ? print_tenant(&runtime, args, &tenant)
		       : e == ERR_CONFLICT ? command_failed("a tenant with this name already exists", OK)
					   : command_failed("the tenant cannot be added", e);
		if (e == OK)
			print_hints(&runtime, &change);
	}
	compose_down(&runtime);
	return code;
}

enum exit_code run_tenant_set(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct tenant_change change;
	struct tenant tenant;
	struct runtime runtime;
	struct branding_options branding;
	char site[SITE_SIZE];
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_tenant_change(args, true, &change) || !read_site(args, true, site, &change) ||
		!branding_change_read(args, true, &branding, &change.branding))
		return EXIT_USAGE;
	if (is_empty_change(&change)) {
		fprintf(stderr,
			"kycd: tenant set needs at least one option to change: see `kycd tenant set --help`\n");
		return EXIT_USAGE;
	}
	if (command_open(&runtime, source)) {
		const enum err e = operator_set_tenant(&runtime.world, &runtime.arena, &change, &tenant);

		code = e == OK		    ? print_tenant(&runtime, args, &tenant)
		       : e == ERR_NOT_FOUND ? tenant_lookup_none()
		       : e == ERR_CONFLICT
			       ? command_failed(
					 "the group cannot be changed, because people are enrolled with this tenant already: add a "
					 "new tenant",
					 OK)
			       : command_failed("the tenant cannot be changed", e);
		if (e == OK)
			print_hints(&runtime, &change);
	}
	compose_down(&runtime);
	return code;
}

enum exit_code run_tenant_rename(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const struct str name = str_of(args->words[0]), new_name = str_of(args->words[1]);
	struct tenant tenant;
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!tenant_name_is_valid(name) || !tenant_name_is_valid(new_name)) {
		(void)refuse_option("each name", NAME_FORM);
		return EXIT_USAGE;
	}
	if (str_eq(name, STR(DEFAULT_TENANT)))
		return command_failed(
			"the tenant default cannot be renamed, because calls without a key belong "
			"to the tenant of this name",
			OK);
	if (command_open(&runtime, source)) {
		const enum err e = operator_rename_tenant(
			&runtime.world, &runtime.arena, name, new_name, &tenant);

		if (e == OK)
			code = print_tenant(&runtime, args, &tenant);
		else if (e == ERR_NOT_FOUND)
			tenant_lookup_none();
		else if (e == ERR_CONFLICT)
			command_failed("a tenant with the new name already exists", OK);
		else
			command_failed("the tenant cannot be renamed", e);
	}
	compose_down(&runtime);
	return code;
}

static enum err print_tenant_page(struct runtime *runtime, bool json, size_t skip, size_t *n)
{
	struct tenant rows[PAGE];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	enum err e = operator_list_tenants(&runtime->world, &a, page_of(skip, PAGE), rows, n);
	for (size_t i = 0; e == OK && i < *n; i++) {
		struct shown_tenant shown = { .tenant = &rows[i] };

		e = operator_load_branding(
			&runtime->world, &a, &rows[i].id, &shown.branding, &shown.consent_text);
		if (e != OK)
			break;
		if (!json) {
			tenant_print_line(&shown);
			continue;
		}
		printf("%s", skip + i > 0 ? ",\n " : "[");
		tenant_print_json(&shown);
	}
	arena_finish(&a);
	return e;
}

enum exit_code run_tenant_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const bool json = args_has(args, "--json");
	struct runtime runtime;
	enum err e = OK;
	size_t skip = 0, n = PAGE;

	(void)c;
	if (!command_open(&runtime, source)) {
		compose_down(&runtime);
		return EXIT_FAILED;
	}
	while (e == OK && n == PAGE) {
		e = print_tenant_page(&runtime, json, skip, &n);
		skip += n;
	}
	if (json && e == OK)
		printf("%s\n", skip > 0 ? "]" : "[]");
	compose_down(&runtime);
	return e == OK ? EXIT_DONE : command_failed("the tenants cannot be read", e);
}
