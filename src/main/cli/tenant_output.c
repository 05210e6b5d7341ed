#include "main/cli/tenant_output.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "text/encode.h"
#include "text/json.h"

#define DIGEST_HEX_SIZE (2 * sizeof(struct digest) + 1)

static void digest_hex(const struct digest *digest, char out[DIGEST_HEX_SIZE])
{
	hex_write(digest->bytes, sizeof(digest->bytes), out);
}

/* The colour that the operator gave, and those that are used in light and in dark mode. */
struct shown_colours {
	char light[COLOUR_SIZE], dark[COLOUR_SIZE];
};

static struct shown_colours used_colours(const struct branding *branding)
{
	struct shown_colours used = { "", "" };
	struct colour colour;

	if (colour_parse(str_of(branding->colour), &colour)) {
		const struct accent accent = accent_of(colour);

		colour_format(accent.light, used.light);
		colour_format(accent.dark, used.dark);
	}
	return used;
}

static void write_branding_json(struct json_writer *w, const struct shown_tenant *shown)
{
	const struct branding *const branding = &shown->branding;
	const struct shown_colours used = used_colours(branding);
	char logo[DIGEST_HEX_SIZE];

	digest_hex(&branding->logo_digest, logo);
	json_field_text(w, "colour", str_of(branding->colour));
	json_field_text(w, "colour_light", str_of(used.light));
	json_field_text(w, "colour_dark", str_of(used.dark));
	if (branding_has_logo(branding))
		json_field_text(w, "logo", str_of(logo));
	else
		json_field_null(w, "logo");
	json_field_text(w, "support_url", str_of(branding->support_url));
	json_field_text(w, "privacy_url", str_of(branding->privacy_url));
	json_field_text(w, "consent_text", shown->consent_text);
}

/* Prints a second line for a tenant that has a branding. */
static void print_branding_line(const struct shown_tenant *shown)
{
	const struct branding *const branding = &shown->branding;
	const struct shown_colours used = used_colours(branding);
	char logo[DIGEST_HEX_SIZE];

	if (!branding_is_set(branding))
		return;
	digest_hex(&branding->logo_digest, logo);
	printf("    colour %s", branding_has_colour(branding) ? branding->colour : "-");
	if (branding_has_colour(branding))
		printf(" (light %s, dark %s)", used.light, used.dark);
	printf("  logo %.12s  support %s  privacy %s  consent text %s\n",
		branding_has_logo(branding) ? logo : "-",
		branding->support_url[0] != '\0' ? branding->support_url : "-",
		branding->privacy_url[0] != '\0' ? branding->privacy_url : "-",
		branding_has_consent_text(branding) ? "yes" : "-");
}

static void write_tenant_json(struct json_writer *w, const struct shown_tenant *shown)
{
	const struct tenant *const t = shown->tenant;
	char disabled_at[MOMENT_RFC3339_SIZE];

	json_begin_object(w);
	json_field_text(w, "id", str_of(t->id.text));
	json_field_text(w, "name", str_of(t->name));
	if (tenant_has_own_group(t))
		json_field_null(w, "group");
	else
		json_field_text(w, "group", str_of(t->group_name));
	if (t->monthly_quota == NO_QUOTA)
		json_field_null(w, "monthly_quota");
	else
		json_field_int(w, "monthly_quota", t->monthly_quota);
	json_field_text(w, "display_name", str_of(t->display_name));
	json_field_text(w, "language", str_of(t->language));
	json_field_text(w, "return_url", str_of(t->return_url));
	json_field_text(w, "site", str_of(t->site));
	json_field_bool(w, "four_eyes", t->four_eyes);
	moment_rfc3339(t->disabled_at, disabled_at);
	if (tenant_is_disabled(t))
		json_field_text(w, "disabled_at", str_of(disabled_at));
	else
		json_field_null(w, "disabled_at");
	write_branding_json(w, shown);
	json_end_object(w);
}

void tenant_print_json(const struct shown_tenant *shown)
{
	struct arena a;
	struct buf text;
	struct json_writer w;
	struct str body;

	arena_init(&a, ARENA_CALL_LIMIT);
	buf_init(&text, &a);
	json_writer_init(&w, &text);
	write_tenant_json(&w, shown);
	if (buf_done(&text, &body) == OK)
		printf("%.*s", STR_ARG(body));
	arena_finish(&a);
}

void tenant_print_line(const struct shown_tenant *shown)
{
	const struct tenant *const t = shown->tenant;
	char quota[24] = "no quota";

	if (t->monthly_quota != NO_QUOTA)
		snprintf(quota, sizeof(quota), "%lld per month", (long long)t->monthly_quota);
	printf("%-24s %-20s %-16s language %-8s return %s  site %s  %s%s%s\n", t->name,
		tenant_has_own_group(t) ? "no group" : t->group_name, quota,
		t->language[0] != '\0' ? t->language : "-", t->return_url[0] != '\0' ? t->return_url : "-",
		t->site[0] != '\0' ? t->site : "-", tenant_is_disabled(t) ? "disabled  " : "",
		t->four_eyes ? "four eyes  " : "", t->display_name);
	print_branding_line(shown);
}
