#include "main/config/setting.h"

#include <ctype.h>
#include <string.h>

#include "base/moment.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "main/config/database_text.h"
#include "main/config/url_check.h"
#include "main/config/values.h"
#include "net/host_scope.h"
#include "text/ip.h"
#include "text/language.h"

const struct setting settings[] = {
#define SETTING(member, name, kind, initial, argument)                                                       \
	{ name, SETTING_##kind, initial, argument, offsetof(struct config, member) },
#include "main/config/settings.def"
#undef SETTING
};
const size_t n_settings = array_len(settings);

struct reading {
	const struct setting *setting;
	struct str text;
	void *out; /* the member */
};

typedef bool read_value(const struct reading *r);

static bool keep_text(const struct reading *r)
{
	*(struct str *)r->out = r->text;
	return true;
}

static bool read_line(const struct reading *r)
{
	return display_name_is_valid(r->text) && keep_text(r);
}

bool tag_is_valid(struct str tag)
{
	return tag.n < LANGUAGE_SIZE && language_is_tag(tag);
}

static bool read_tag(const struct reading *r)
{
	return tag_is_valid(r->text) && keep_text(r);
}

static bool is_setting(const struct reading *r, const char *name)
{
	return strcmp(r->setting->name, name) == 0;
}

/* NULL: it is right. Only where nothing is the default may it be chosen. */
static const char *url_setting_fault(const struct reading *r)
{
	if (r->text.n == 0 && r->setting->initial[0] == '\0')
		return NULL;
	return is_setting(r, "DOCS_URL") || is_setting(r, "DIDIT_CALLBACK_URL") ? url_fault(r->text)
										: base_url_fault(r->text);
}

/* An address without a slash at its end, so that paths can be put behind it; the documentation's stays as it
 * is. */
static bool read_url(const struct reading *r)
{
	struct str url = r->text;

	if (url_setting_fault(r))
		return false;
	if (!is_setting(r, "DOCS_URL"))
		while (str_ends(url, STR("/")))
			url.n--;
	*(struct str *)r->out = url;
	return true;
}

bool listen_parts(struct str address, struct str *host, struct str *port)
{
	struct str rest = address, head;
	int64_t number;

	if (str_starts(address, STR("["))) {
		rest = str_from(address, 1);
		if (!str_cut(&rest, ']', &head) || !str_starts(rest, STR(":")))
			return false;
		rest = str_from(rest, 1);
	} else if (!str_cut(&rest, ':', &head)) {
		return false;
	}
	if (head.n == 0 || !str_number(rest, 65535, &number))
		return false;
	*host = head;
	*port = rest;
	return true;
}

bool host_is_loopback(struct str host)
{
	return host_allows_plaintext(host, false);
}

static bool read_address(const struct reading *r)
{
	struct str host, port;

	return listen_parts(r->text, &host, &port) && keep_text(r);
}

static bool read_nets(const struct reading *r)
{
	struct ip_nets nets;

	return ip_nets_read(r->text, &nets) && keep_text(r);
}

static bool read_database(const struct reading *r)
{
	return database_fault(r->text) == NULL && keep_text(r);
}

static const char *why_no_database(const struct reading *r)
{
	return database_fault(r->text);
}

/* A scheme, a host and a port, and nothing that could be a password, even a misspelt one. */
static bool is_bare_relay(struct str text)
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
	       !(strcmp(setting->name, "SMTP_URL") == 0 && is_bare_relay(text));
}

static bool read_choice(const struct reading *r)
{
	struct str rest = str_of(r->setting->argument), item;
	bool more = true;

	while (more) {
		more = str_cut(&rest, '|', &item);
		if (str_eq(item, r->text))
			return keep_text(r);
	}
	return false;
}

static bool read_flag(const struct reading *r)
{
	*(bool *)r->out = str_eq(r->text, STR("1"));
	return str_eq(r->text, STR("1")) || str_eq(r->text, STR("0"));
}

static bool read_number(const struct reading *r)
{
	struct str rest = str_of(r->setting->argument), least;
	int64_t min, max;

	(void)str_cut(&rest, '-', &least);
	return str_number(least, INT32_MAX, &min) && str_number(rest, INT32_MAX, &max) &&
	       str_number(r->text, max, (int64_t *)r->out) && *(int64_t *)r->out >= min;
}

static bool read_span(const struct reading *r)
{
	return duration_parse(r->text, (duration *)r->out);
}

static bool read_keep(const struct reading *r)
{
	if (str_eq(r->text, STR("0"))) {
		*(duration *)r->out = (duration){ 0 };
		return true;
	}
	return read_span(r);
}

static bool read_tries(const struct reading *r)
{
	struct tries_rule *const rule = r->out;
	struct str rest = r->text, tries;

	return str_cut(&rest, '/', &tries) && str_number(tries, INT32_MAX, &rule->tries) &&
	       rule->tries >= 1 && duration_parse(rest, &rule->period);
}

/* clang-format off */
static const struct {
	read_value *read;
	const char *right;
	const char *(*fault)(const struct reading *r); /* says more than `right`, or NULL */
} kinds[SETTING_KINDS] = {
	[SETTING_TEXT]     = { keep_text,     "a text", NULL },
	[SETTING_SECRET]   = { keep_text,     "a text", NULL },
	[SETTING_LINE]     = { read_line,     "one line of 1 to 40 printable characters", NULL },
	[SETTING_TAG]      = { read_tag,      "a language tag, such as en or pt-BR", NULL },
	[SETTING_URL]      = { read_url,      "an address that begins with https:// or http://", url_setting_fault },
	[SETTING_ADDRESS]  = { read_address,  "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080", NULL },
	[SETTING_NETS]     = { read_nets,     "up to 64 IP addresses or networks, separated by commas, such as 10.0.0.0/8", NULL },
	[SETTING_DATABASE] = { read_database, "sqlite:FILE, such as sqlite:var/kycd.db", why_no_database },
	[SETTING_CHOICE]   = { read_choice,   "one of: %s", NULL },
	[SETTING_FLAG]     = { read_flag,     "0 or 1", NULL },
	[SETTING_NUMBER]   = { read_number,   "a whole number in %s", NULL },
	[SETTING_DURATION]     = { read_span,     "a whole duration, such as 90, 90s, 10m, 12h or 30d", NULL },
	[SETTING_TRIES]    = { read_tries,    "TRIES/DURATION, such as 5/30d", NULL },
	[SETTING_RETENTION]     = { read_keep,     "a whole duration, such as 7d, or 0", NULL },
};
/* clang-format on */

const char *setting_read(const struct setting *setting, struct str text, struct arena *a, void *config)
{
	const struct reading r = { setting, text, (char *)config + setting->offset };
	const char *const right = kinds[setting->kind].right;
	const char *const place = strchr(right, '%');

	if (kinds[setting->kind].read(&r))
		return NULL;
	const char *const fault = kinds[setting->kind].fault ? kinds[setting->kind].fault(&r) : NULL;
	if (fault)
		return fault;
	if (!place)
		return right;
	const char *const argument = setting->argument[0] == '|' ? setting->argument + 1 : setting->argument;
	const struct str said = arena_printf(a, "%.*s%s", (int)(place - right), right, argument);
	return said.p ? said.p : right;
}
