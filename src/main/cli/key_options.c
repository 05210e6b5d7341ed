#include "main/cli/key_options.h"

#include <stdio.h>
#include <string.h>

#include "text/ip.h"

/* Reads a rate. `may_be_none`: the word `none` means the limit in the settings. */
static bool read_rate(const struct args *args, const char *option, bool may_be_none, int64_t *out)
{
	const struct str text = args_text(args, option);

	*out = 0;
	if (!text.p || (may_be_none && str_eq(text, STR("none"))) ||
		(str_number(text, INT32_MAX, out) && *out >= 1))
		return true;
	fprintf(stderr, "kycd: %s must be a whole number from 1 to 2147483647%s\n", option,
		may_be_none ? ", or none" : "");
	return false;
}

static bool is_valid_label(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if ((unsigned char)label.p[i] < ' ' || label.p[i] == '"' || label.p[i] == '\\' ||
			label.p[i] == 0x7f)
			return false;
	return label.n <= 64 && str_is_utf8(label);
}

static bool read_label(const struct args *args, struct str *out)
{
	*out = args_text(args, "--label");
	if (is_valid_label(*out))
		return true;
	fprintf(stderr,
		"kycd: --label must be one line of at most 64 bytes without double quotes and backslashes\n");
	return false;
}

static bool read_expires(const struct args *args, bool may_be_none, duration *out)
{
	const struct str expires = args_text(args, "--expires");

	*out = (duration){ 0 };
	if (!expires.p || (may_be_none && str_eq(expires, STR("none"))) || duration_parse(expires, out))
		return true;
	fprintf(stderr, "kycd: --expires must be a duration in whole units, such as 90d%s\n",
		may_be_none ? ", or none" : "");
	return false;
}

static bool read_scopes(const struct args *args, scope_set *out)
{
	char names[SCOPE_NAMES_SIZE];
	struct str name;
	enum scope scope;

	*out = 0;
	for (size_t i = 0; (name = args_text_at(args, "--scope", i)).p; i++) {
		if (scope_read(name, &scope)) {
			scope_set_add(out, scope);
			continue;
		}
		scope_set_write(SCOPES_ALL, ' ', names);
		fprintf(stderr, "kycd: --scope must be one of %s\n", names);
		return false;
	}
	return true;
}

/* Appends the network to the list. Returns false if it is malformed or the list is full. */
static bool add_network(struct str text, size_t i, char list[ALLOW_FROM_SIZE])
{
	const size_t n = strlen(list), comma = i > 0 ? 1 : 0;
	struct ip_nets nets;

	if (str_has(text, ',') || !ip_nets_read(text, &nets) || nets.n != 1 || i >= ALLOW_FROM_MAX ||
		n + comma + text.n >= ALLOW_FROM_SIZE)
		return false;
	if (comma)
		list[n] = ',';
	memcpy(list + n + comma, text.p, text.n);
	list[n + comma + text.n] = '\0';
	return true;
}

static bool read_allow_from(
	const struct args *args, bool may_be_none, struct key_option_texts *texts, struct str *out)
{
	const struct str first = args_text(args, "--allow-from");
	struct str text;

	*out = (struct str){ NULL, 0 };
	texts->allow_from[0] = '\0';
	if (!first.p)
		return true;
	const bool clears = may_be_none && str_eq(first, STR("none")) &&
			    !args_text_at(args, "--allow-from", 1).p;
	for (size_t i = 0; !clears && (text = args_text_at(args, "--allow-from", i)).p; i++) {
		if (add_network(text, i, texts->allow_from))
			continue;
		fprintf(stderr,
			"kycd: --allow-from must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32, at most %d times%s\n",
			ALLOW_FROM_MAX, may_be_none ? ", or none" : "");
		return false;
	}
	*out = str_of(texts->allow_from);
	return true;
}

bool key_params_read(const struct args *args, struct key_option_texts *texts, struct key_params *out)
{
	*out = (struct key_params){ .tenant = args_text(args, "--tenant") };
	if (!out->tenant.p) {
		fprintf(stderr, "kycd: --tenant NAME is missing\n");
		return false;
	}
	return read_label(args, &out->label) && read_expires(args, false, &out->life) &&
	       read_rate(args, "--rate-per-minute", false, &out->rate_per_minute) &&
	       read_rate(args, "--rate-per-second", false, &out->rate_per_second) &&
	       read_scopes(args, &out->scopes) && read_allow_from(args, false, texts, &out->allow_from);
}

bool key_change_read(const struct args *args, struct key_option_texts *texts, struct key_change *out)
{
	*out = (struct key_change){ .has_rate_per_minute = args_has(args, "--rate-per-minute"),
		.has_rate_per_second = args_has(args, "--rate-per-second"),
		.has_expiry = args_has(args, "--expires") };
	if (!read_label(args, &out->label) || !read_expires(args, true, &out->life) ||
		!read_rate(args, "--rate-per-minute", true, &out->rate_per_minute) ||
		!read_rate(args, "--rate-per-second", true, &out->rate_per_second) ||
		!read_scopes(args, &out->scopes) || !read_allow_from(args, true, texts, &out->allow_from))
		return false;
	if (out->label.p || out->has_expiry || out->has_rate_per_minute || out->has_rate_per_second ||
		out->scopes || out->allow_from.p)
		return true;
	fprintf(stderr, "kycd: key set needs at least one option to change: see `kycd key set --help`\n");
	return false;
}

bool key_overlap_read(const struct args *args, duration *out)
{
	const struct str overlap = args_text(args, "--overlap");

	if (overlap.p && duration_parse(overlap, out))
		return true;
	fprintf(stderr,
		"kycd: --overlap must be the duration in whole units for which both keys work, such as 7d\n");
	return false;
}
