#include "main/config/setting.h"

#include <ctype.h>
#include <string.h>

#include "base/moment.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "main/config/console_url.h"
#include "main/config/database_text.h"
#include "main/config/values.h"
#include "net/host_scope.h"
#include "net/url_check.h"
#include "text/ip.h"
#include "text/language.h"

const struct setting settings[] = {
#define SETTING(member, name, kind, initial, argument)                                                       \
	{ name, SETTING_##kind, initial, argument, offsetof(struct config, member) },
#include "main/config/settings.def"
#undef SETTING
};
const size_t n_settings = array_len(settings);

/* The input of a parser: the text of one setting, and where to store its value. */
struct setting_input {
	const struct setting *setting;
	struct str text;
	void *out; /* the member of struct config */
	struct arena *arena;
};

/* Converts the text and stores the value. Returns false if the text is invalid. */
typedef bool setting_parser(const struct setting_input *in);

static bool store_text(const struct setting_input *in)
{
	*(struct str *)in->out = in->text;
	return true;
}

static bool parse_line(const struct setting_input *in)
{
	return display_name_is_valid(in->text) && store_text(in);
}

bool tag_is_valid(struct str tag)
{
	return tag.n < LANGUAGE_SIZE && language_is_tag(tag);
}

static bool parse_tag(const struct setting_input *in)
{
	return tag_is_valid(in->text) && store_text(in);
}

static bool is_setting(const struct setting_input *in, const char *name)
{
	return strcmp(in->setting->name, name) == 0;
}

/* Returns NULL if the URL is valid, else the form that it must have. It may be empty only if the setting's
 * default is empty. */
static const char *url_setting_fault(const struct setting_input *in)
{
	if (in->text.n == 0 && in->setting->initial[0] == '\0')
		return NULL;
	if (is_setting(in, "CONSOLE_URL"))
		return console_url_fault(in->text);
	return is_setting(in, "DOCS_URL") || is_setting(in, "DIDIT_CALLBACK_URL") ? url_fault(in->text)
										  : base_url_fault(in->text);
}

/* Stores the URL without slashes at its end, so that paths can be appended. DOCS_URL is stored unchanged,
 * because nothing is appended to it. */
static bool parse_url(const struct setting_input *in)
{
	struct str url = in->text;

	if (url_setting_fault(in))
		return false;
	if (!is_setting(in, "DOCS_URL"))
		while (str_ends(url, STR("/")))
			url.n--;
	*(struct str *)in->out = url;
	return true;
}

bool listen_parts(struct str address, struct str *host, struct str *port)
{
	struct str rest = address, first; /* head: the host */
	int64_t number;

	if (str_starts(address, STR("["))) {
		rest = str_from(address, 1);
		if (!str_cut(&rest, ']', &first) || !str_starts(rest, STR(":")))
			return false;
		rest = str_from(rest, 1);
	} else if (!str_cut(&rest, ':', &first)) {
		return false;
	}
	if (first.n == 0 || !str_number(rest, 65535, &number))
		return false;
	*host = first;
	*port = rest;
	return true;
}

bool host_is_loopback(struct str host)
{
	return host_allows_plaintext(host, false);
}

/* An address may be empty only if the setting's default is empty: then there is no such listener. */
static bool parse_address(const struct setting_input *in)
{
	struct str host, port;

	if (in->text.n == 0 && in->setting->initial[0] == '\0')
		return store_text(in);
	return listen_parts(in->text, &host, &port) && store_text(in);
}

static bool parse_nets(const struct setting_input *in)
{
	struct ip_nets nets;

	return ip_nets_read(in->text, &nets) && store_text(in);
}

static bool parse_database(const struct setting_input *in)
{
	return database_fault(in->text, in->arena) == NULL && store_text(in);
}

static const char *database_setting_fault(const struct setting_input *in)
{
	return database_fault(in->text, in->arena);
}

/* Returns true if the text consists of a scheme, a host and a port. Any other text may contain a password,
 * even if it is a malformed URL. */
static bool is_smtp_url_without_login(struct str text)
{
	struct str host;

	if (!str_starts(text, STR("smtp://")) && !str_starts(text, STR("smtps://")))
		return false;
	text = str_from(text, str_starts(text, STR("smtp://")) ? 7 : 8);
	(void)str_cut(&text, ':', &host);
	for (size_t i = 0; i < host.n; i++)
		if (!isalnum((unsigned char)host.p[i]) && host.p[i] != '.' && host.p[i] != '-')
			return false;
	for (size_t i = 0; i < text.n; i++)
		if (!isdigit((unsigned char)text.p[i]))
			return false;
	return true;
}

bool setting_is_secret(const struct setting *setting, struct str text)
{
	if (text.n == 0)
		return false;
	if (setting->kind == SETTING_DATABASE)
		return database_text_is_secret(text);
	return setting->kind == SETTING_SECRET &&
	       !(strcmp(setting->name, "SMTP_URL") == 0 && is_smtp_url_without_login(text));
}

static bool parse_choice(const struct setting_input *in)
{
	struct str rest = str_of(in->setting->argument), item;
	bool more = true;

	while (more) {
		more = str_cut(&rest, '|', &item);
		if (str_eq(item, in->text))
			return store_text(in);
	}
	return false;
}

static bool parse_flag(const struct setting_input *in)
{
	*(bool *)in->out = str_eq(in->text, STR("1"));
	return str_eq(in->text, STR("1")) || str_eq(in->text, STR("0"));
}

static bool parse_number(const struct setting_input *in)
{
	struct str rest = str_of(in->setting->argument), least; /* "MIN-MAX" */
	int64_t min, max;

	(void)str_cut(&rest, '-', &least);
	return str_number(least, INT32_MAX, &min) && str_number(rest, INT32_MAX, &max) &&
	       str_number(in->text, max, (int64_t *)in->out) && *(int64_t *)in->out >= min;
}

static bool parse_duration(const struct setting_input *in)
{
	return duration_parse(in->text, (duration *)in->out);
}

static bool parse_retention(const struct setting_input *in)
{
	if (str_eq(in->text, STR("0"))) {
		*(duration *)in->out = (duration){ 0 };
		return true;
	}
	return parse_duration(in);
}

static bool parse_tries(const struct setting_input *in)
{
	struct tries_rule *const rule = in->out;
	struct str rest = in->text, tries;

	return str_cut(&rest, '/', &tries) && str_number(tries, INT32_MAX, &rule->tries) &&
	       rule->tries >= 1 && duration_parse(rest, &rule->period);
}

/* clang-format off */
static const struct {
	setting_parser *parse;
	/* Follows "must be "; "%s" stands for the argument of the row in settings.def. */
	const char *valid_form;
	/* Returns a form that is more specific than valid_form, or NULL. This pointer is NULL for kinds that
	 * have only valid_form. */
	const char *(*fault)(const struct setting_input *in);
} kinds[SETTING_KINDS] = {
	[SETTING_TEXT]       = { store_text,      "any text", NULL },
	[SETTING_SECRET]     = { store_text,      "any text", NULL },
	[SETTING_MAILBOX]    = { store_text,      "one e-mail address, or `Name <address>`", NULL },
	[SETTING_LINE]       = { parse_line,      "one line of 1 to 40 printable characters", NULL },
	[SETTING_TAG]        = { parse_tag,       "a language tag, such as en or pt-BR", NULL },
	[SETTING_URL]        = { parse_url,       "a URL that begins with https:// or http://", url_setting_fault },
	[SETTING_ADDRESS]    = { parse_address,   "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080", NULL },
	[SETTING_NETS]       = { parse_nets,      "up to 64 IP addresses or networks, separated by commas, such as 10.0.0.0/8", NULL },
	[SETTING_DATABASE]   = { parse_database,  "sqlite:FILE, such as sqlite:var/kycd.db", database_setting_fault },
	[SETTING_CHOICE]     = { parse_choice,    "one of: %s", NULL },
	[SETTING_FLAG]       = { parse_flag,      "0 or 1", NULL },
	[SETTING_NUMBER]     = { parse_number,    "a whole number in the range %s", NULL },
	[SETTING_DURATION]   = { parse_duration,  "a duration in whole units, such as 90, 90s, 10m, 12h or 30d", NULL },
	[SETTING_TRIES]      = { parse_tries,     "TRIES/DURATION, such as 5/30d", NULL },
	[SETTING_RETENTION]  = { parse_retention, "a duration in whole units, such as 7d, or 0", NULL },
};
/* clang-format on */

const char *setting_read(const struct setting *setting, struct str text, struct arena *a, void *config)
{
	const struct setting_input in = { setting, text, (char *)config + setting->offset, a };
	const char *const form = kinds[setting->kind].valid_form;
	const char *const place = strchr(form, '%');

	if (kinds[setting->kind].parse(&in))
		return NULL;
	const char *const fault = kinds[setting->kind].fault ? kinds[setting->kind].fault(&in) : NULL;
	if (fault)
		return fault;
	if (!place)
		return form;
	const char *const argument = setting->argument[0] == '|' ? setting->argument + 1 : setting->argument;
	const struct str text_with_argument = arena_printf(a, "%.*s%s", (int)(place - form), form, argument);
	return text_with_argument.p ? text_with_argument.p : form;
}
