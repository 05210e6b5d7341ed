#include "main/config/validate.h"

#include <stdlib.h>
#include <string.h>

#include "domain/site.h"
#include "mail/mime.h"
#include "mail/smtp_mailer.h"
#include "main/config/didit.h"
#include "main/config/setting.h"
#include "main/config/unsafe.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "text/encode.h"
#include "text/ip.h"

/* Longest lifetime of a code that is allowed without KYCD_ALLOW_WEAK=1 (interface.md 2). It is the limit of
 * NIST SP 800-63B section 5.1.3.2. */
#define OTP_TTL_MAX seconds(600)
/* Shortest retention of events for integrators (spec/events.md 8): a consumer that was down for some days
 * must find its cursor. */
#define KEEP_OUTGOING_EVENTS_MIN days(7)
/* Prefix length of 0.0.0.0/0 when it is written as an IPv4-mapped IPv6 network. */
#define ALL_IPV4_PREFIX 96

static void set_dev_default(struct raw_config *raw, const char *name, const char *text)
{
	struct raw_value *const value = config_value(raw, name);

	if (value->origin == ORIGIN_DEFAULT)
		*value = (struct raw_value){ .text = str_of(text), .origin = ORIGIN_DEV };
}

bool config_uses_sandbox(const struct config *config, struct raw_config *raw)
{
	return config->dev && !config_is_set(raw, "DIDIT_CLIENT_ID") &&
	       !config_is_set(raw, "DIDIT_API_KEY") &&
	       config_value(raw, "DIDIT_BASE_URL")->origin <= ORIGIN_DEV;
}

void config_dev(struct raw_config *raw)
{
	set_dev_default(raw, "DATABASE", "sqlite:var/dev.db");
	set_dev_default(raw, "API_KEYS", "optional");
	set_dev_default(raw, "MAIL_FROM", "kycd <kycd@localhost.localdomain>");
}

static bool is_plain_http(struct str url)
{
	return str_starts(url, STR("http://"));
}

static struct str host_of(struct arena *a, struct str url)
{
	struct str scheme, host, port;

	return url_parts(a, url, &scheme, &host, &port) ? host : STR("");
}

static enum err derive_session_hosts(struct config *config, bool sandbox, struct arena *a)
{
	const struct str base = host_of(a, config->didit_base_url);
	const struct str ours = host_of(a, config->public_url);

	config->didit_session_hosts = sandbox ? arena_printf(a, "verify.didit.me,%.*s,%.*s", STR_ARG(base),
							STR_ARG(ours))
					      : arena_printf(a, "verify.didit.me,%.*s", STR_ARG(base));
	return config->didit_session_hosts.p ? OK : ERR_INPUT;
}

/* Brings the URL of the console to the form in which browsers send it as `Origin`. */
static enum err derive_console_url(struct config *config, struct arena *a)
{
	char origin[SITE_SIZE];

	if (site_read(config->console_url, origin) != SITE_VALID)
		return OK;
	config->console_url = arena_copy(a, str_of(origin));
	return config->console_url.p ? OK : ERR_INPUT;
}

enum err config_derive(struct config *config, struct raw_config *raw, struct arena *a)
{
	const bool sandbox = config_uses_sandbox(config, raw);

	didit_derive_version(config, raw);
	TRY(derive_console_url(config, a));
	if (config->public_url.n == 0) {
		config->public_url = config_own_url(a, config->listen);
		/* An empty PUBLIC_URL counts as not set. */
		config_value(raw, "PUBLIC_URL")->origin = ORIGIN_DEFAULT;
	}
	if (config->didit_callback_url.n == 0)
		config->didit_callback_url = arena_printf(a, "%.*s/return", STR_ARG(config->public_url));
	if (!config->public_url.p || !config->didit_callback_url.p)
		return ERR_INPUT;
	if (sandbox)
		TRY(didit_derive_sandbox(config, raw, a));
	if (config->didit_session_hosts.n == 0)
		TRY(derive_session_hosts(config, sandbox, a));
	config_value(raw, "PUBLIC_URL")->text = config->public_url;
	config_value(raw, "DIDIT_CALLBACK_URL")->text = config->didit_callback_url;
	config_value(raw, "DIDIT_SESSION_HOSTS")->text = config->didit_session_hosts;
	return OK;
}

/* One rule about the setting `name`. If `broken` returns true, the setting is refused, with a message that
 * consists of its name and `sentence`. */
struct rule {
	const char *name;
	enum config_need need;
	bool (*broken)(const struct config *config, struct raw_config *raw);
	const char *sentence;
	/* Another setting that the rule reads, or NULL. If that setting has been refused, the rule is
	 * skipped. */
	const char *depends;
};

static bool is_beyond_loopback(struct str address)
{
	struct str host, port;

	return listen_parts(address, &host, &port) && !host_is_loopback(host);
}

static bool secret_key_missing(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->secret_key.n == 0 && !c->dev;
}

static bool secret_key_invalid(const struct config *c, struct raw_config *raw)
{
	unsigned char bytes[32];

	const bool bad = (c->secret_key.n > 0 && !base64_read(c->secret_key, bytes, sizeof(bytes))) ||
			 (c->secret_key.n == 0 && c->dev && config_is_set(raw, "SECRET_KEY"));
	explicit_bzero(bytes, sizeof(bytes));
	return bad;
}

static bool webhook_secret_missing(const struct config *c, struct raw_config *raw)
{
	return c->didit_webhook_secret.n == 0 && (!c->dev || config_is_set(raw, "DIDIT_WEBHOOK_SECRET"));
}

static bool webhook_secret_invalid(const struct config *c, struct raw_config *raw)
{
	struct str rest = c->didit_webhook_secret, one;
	int n = 0;
	bool more = rest.n > 0, empty = false;

	(void)raw;
	while (more) {
		more = str_cut(&rest, ',', &one);
		empty = empty || str_trim(one).n == 0;
		n++;
	}
	return empty || n > 2;
}

static bool smtp_url_missing(const struct config *c, struct raw_config *raw)
{
	return c->smtp_url.n == 0 && (!c->dev || config_is_set(raw, "SMTP_URL"));
}

static bool mail_from_missing(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->mail_from.n == 0;
}

static bool is_mailbox(struct str text)
{
	struct str address;

	return mailbox_address(text, &address);
}

static bool smtp_url_invalid(const struct config *c, struct raw_config *raw)
{
	const struct smtp_conf conf = { .url = c->smtp_url, .from = STR("kycd@localhost.localdomain") };
	struct mailer *mailer = NULL;

	(void)raw;
	if (c->smtp_url.n == 0)
		return false;
	if (smtp_mailer_open(&conf, &mailer) != OK)
		return true;
	mailer->ops->close(mailer);
	return false;
}

static bool mail_from_invalid(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !is_mailbox(c->mail_from);
}

static bool reply_to_invalid(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->mail_reply_to.n > 0 && !is_mailbox(c->mail_reply_to);
}

static bool base_url_is_plain(const struct config *c, struct raw_config *raw)
{
	struct arena a;
	bool broken;

	(void)raw;
	arena_init(&a, ARENA_CALL_LIMIT);
	broken = is_plain_http(c->didit_base_url) &&
		 !host_allows_plaintext(host_of(&a, c->didit_base_url), c->allow_weak);
	arena_finish(&a);
	return broken;
}

static bool auth_url_is_plain(const struct config *c, struct raw_config *raw)
{
	const struct config copy = { .didit_base_url = c->didit_auth_url, .allow_weak = c->allow_weak };

	return didit_takes_tokens(c) && base_url_is_plain(&copy, raw);
}

/* Returns true if all addresses are trusted proxies: then any client could forge its address with
 * X-Forwarded-For. */
static bool trusts_all_addresses(const struct config *c, struct raw_config *raw)
{
	struct ip_nets nets;
	bool found = false;

	(void)raw;
	if (!ip_nets_read(c->trusted_proxies, &nets))
		return false;
	for (size_t i = 0; i < nets.n; i++)
		found = found || nets.rows[i].bits == 0 ||
			(ip_is_v4(&nets.rows[i].net) && nets.rows[i].bits == ALL_IPV4_PREFIX);
	return found;
}

static bool has_host_characters_only(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    strchr(".-_:[]", c)))
			return false;
	}
	return true;
}

static bool session_hosts_invalid(const struct config *c, struct raw_config *raw)
{
	struct str rest = c->didit_session_hosts, one;
	bool more = rest.n > 0, bad = false;

	(void)raw;
	while (more) {
		more = str_cut(&rest, ',', &one);
		bad = bad || !has_host_characters_only(str_trim(one));
	}
	return bad;
}

static bool otp_ttl_too_long(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->allow_weak && duration_is_shorter(OTP_TTL_MAX, c->otp_ttl);
}

static bool outgoing_events_too_short(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return duration_is_shorter(c->keep_outgoing_events, KEEP_OUTGOING_EVENTS_MIN);
}

static bool admin_listen_is_public(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->allow_weak && is_beyond_loopback(c->admin_listen);
}

/* Equal addresses are allowed with port 0: the system then assigns a different free port to each
 * listener. */
static bool is_same_address(struct str a, struct str b)
{
	struct str host, port;

	return str_eq(a, b) && listen_parts(a, &host, &port) && !str_eq(port, STR("0"));
}

static bool listen_addresses_equal(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return is_same_address(c->admin_listen, c->listen);
}

static bool console_address_is_used(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->dev && (is_same_address(c->console_listen, c->listen) ||
				  is_same_address(c->console_listen, c->admin_listen));
}

static bool console_url_missing(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->dev && c->console_listen.n > 0 && c->console_url.n == 0;
}

static bool dev_mode_is_public(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->dev && is_beyond_loopback(c->listen) && !c->dev_open;
}

static bool is_open_dev_mode(const struct config *c)
{
	return c->dev && c->dev_open && is_beyond_loopback(c->listen);
}

static bool public_dev_with_smtp(const struct config *c, struct raw_config *raw)
{
	return is_open_dev_mode(c) && config_is_set(raw, "SMTP_URL");
}

static bool public_dev_with_provider(const struct config *c, struct raw_config *raw)
{
	return is_open_dev_mode(c) && !config_uses_sandbox(c, raw);
}

/* clang-format off */
static const struct rule rules[] = {
	{ "SECRET_KEY",           NEED_STORE, secret_key_missing,       "is not set. Generate one with `kycd secret generate`, and keep a copy in a safe place", NULL },
	{ "SECRET_KEY",           NEED_STORE, secret_key_invalid,       "is invalid: it must be 32 bytes in base64. Generate one with `kycd secret generate`", NULL },
	{ "SECRET_KEY",           NEED_STORE, secret_key_is_constant,   "is not random: its bytes are all equal. Generate one with `kycd secret generate`", NULL },
	{ "DATABASE",             NEED_STORE, database_is_plain,        "allows an unencrypted connection to another machine (sslmode is disable or allow): append ?sslmode=verify-full (or set KYCD_ALLOW_WEAK=1 for a private address)", "ALLOW_WEAK" },
	{ "DIDIT_WEBHOOK_SECRET", NEED_ALL,   webhook_secret_missing,   "is not set: copy the webhook's secret from Didit's console, or set it to `none` to receive no events", NULL },
	{ "DIDIT_WEBHOOK_SECRET", NEED_ALL,   webhook_secret_invalid,   "is invalid: it must be one secret, or two separated by a comma, none of them empty", NULL },
	{ "SMTP_URL",             NEED_ALL,   smtp_url_missing,         "is not set: set it to smtp://[user:pass@]host:port or smtps://[user:pass@]host:port", NULL },
	{ "MAIL_FROM",            NEED_ALL,   mail_from_missing,        "is not set: set it to the sender address of e-mails", NULL },
	{ "SMTP_URL",             NEED_ALL,   smtp_url_invalid,         "is invalid: it must be smtp://[user:pass@]host:port or smtps://[user:pass@]host:port, the port from 1 to 65535; in user and password write ; as %3B and @ as %40", NULL },
	{ "MAIL_FROM",            NEED_ALL,   mail_from_invalid,        "is invalid: it must be one e-mail address, or `Name <address>`", NULL },
	{ "MAIL_REPLY_TO",        NEED_ALL,   reply_to_invalid,         "is invalid: it must be one e-mail address, or `Name <address>`", NULL },
	{ "DIDIT_CLIENT_ID",      NEED_ALL,   didit_client_id_missing,  "is not set: copy the client id from Didit's console", "DIDIT_VERSION" },
	{ "DIDIT_CLIENT_SECRET",  NEED_ALL,   didit_client_secret_missing, "is not set: copy the client secret from Didit's console", "DIDIT_VERSION" },
	{ "DIDIT_API_KEY",        NEED_ALL,   didit_api_key_missing,    "is not set: copy the API key from Didit's console (for v1, set KYCD_DIDIT_CLIENT_ID and KYCD_DIDIT_CLIENT_SECRET instead)", "DIDIT_VERSION" },
	{ "DIDIT_API_KEY",        NEED_ALL,   didit_api_key_invalid,    "is invalid: it contains a space, a line end or another character that API keys do not have", NULL },
	{ "DIDIT_WORKFLOW_ID",    NEED_ALL,   didit_workflow_missing,   "is not set: copy the workflow's id from Didit's console", "DIDIT_VERSION" },
	{ "DIDIT_WORKFLOW_ID",    NEED_ALL,   didit_workflow_invalid,   "is invalid: it must be a UUID, as shown in Didit's console", "DIDIT_VERSION" },
	{ "DIDIT_BASE_URL",       NEED_ALL,   base_url_is_plain,        "is plain http to another machine: use an https URL", "ALLOW_WEAK" },
	{ "DIDIT_AUTH_URL",       NEED_ALL,   auth_url_is_plain,        "is plain http to another machine: use an https URL", "DIDIT_VERSION" },
	{ "DIDIT_SESSION_HOSTS",  NEED_ALL,   session_hosts_invalid,    "is invalid: it must be host names, or HOST:PORT, separated by commas, without https:// and *", NULL },
	{ "TRUSTED_PROXIES",      NEED_ALL,   trusts_all_addresses,     "trusts every address as a proxy, so any client could forge its own address: list only the addresses of your proxies", NULL },
	{ "OTP_TTL",              NEED_ALL,   otp_ttl_too_long,         "is above 600 s: set it to 600 or less (or set KYCD_ALLOW_WEAK=1)", "ALLOW_WEAK" },
	{ "KEEP_OUTGOING_EVENTS", NEED_ALL,   outgoing_events_too_short, "is below 7d, so consumers of events could miss some after an outage: set it to 7d or more", NULL },
	{ "ADMIN_LISTEN",         NEED_ALL,   admin_listen_is_public,   "is not a loopback address, so others could read the metrics: use 127.0.0.1 (or set KYCD_ALLOW_WEAK=1)", "ALLOW_WEAK" },
	{ "ADMIN_LISTEN",         NEED_ALL,   listen_addresses_equal,   "is the same address as KYCD_LISTEN: use another port", "LISTEN" },
	{ "CONSOLE_LISTEN",       NEED_ALL,   console_address_is_used,  "is the same address as KYCD_LISTEN or KYCD_ADMIN_LISTEN: use another port", "LISTEN" },
	{ "CONSOLE_URL",          NEED_ALL,   console_url_missing,      "is not set, but KYCD_CONSOLE_LISTEN is: set it to the https URL at which operators open the console, such as https://console.example.com", "CONSOLE_LISTEN" },
	{ "LISTEN",               NEED_ALL,   dev_mode_is_public,       "is not a loopback address, so other machines could use development mode: use 127.0.0.1 (or set KYCD_DEV_OPEN=1)", "DEV_OPEN" },
	{ "SMTP_URL",             NEED_ALL,   public_dev_with_smtp,     "names a real mail server, which is refused while development mode is open to other machines: unset it, or listen on 127.0.0.1", "LISTEN" },
	{ "DIDIT_BASE_URL",       NEED_ALL,   public_dev_with_provider, "names a real provider, which is refused while development mode is open to other machines: unset it, or listen on 127.0.0.1", "LISTEN" },
};
/* clang-format on */

void config_validate(
	const struct config *config, struct raw_config *raw, enum config_need need, struct refusals *refusals)
{
	for (size_t i = 0; i < array_len(rules); i++) {
		const struct rule *const rule = &rules[i];

		if (rule->need > need || refusals_have(refusals, rule->name) ||
			(rule->depends && refusals_have(refusals, rule->depends)))
			continue;
		if (rule->broken(config, raw))
			refusals_add(refusals, rule->name, rule->sentence);
	}
}
