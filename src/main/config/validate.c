#include "main/config/validate.h"

#include <stdlib.h>
#include <string.h>

#include "mail/mime.h"
#include "mail/smtp_mailer.h"
#include "main/config/didit.h"
#include "main/config/setting.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "text/encode.h"
#include "text/ip.h"

#define OTP_LIFE_MAX seconds(600)
#define ALL_V4_BITS 96 /* of an IPv4 network of /0 in its mapped form */

/* "KYCD_NAME …" as the reason; always ERR_INPUT. */
enum err config_refuse(struct arena *a, struct str *why, const char *name, const char *sentence)
{
	const struct str text = arena_printf(a, "KYCD_%s %s", name, sentence);

	*why = text.p ? text : STR("settings: out of memory");
	return ERR_INPUT;
}

static void choose(struct raw_config *raw, const char *name, const char *text)
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
	choose(raw, "DATABASE", "sqlite:var/dev.db");
	choose(raw, "API_KEYS", "optional");
	choose(raw, "MAIL_FROM", "kycd <kycd@localhost.localdomain>");
}

static bool starts_http(struct str url)
{
	return str_starts(url, STR("http://"));
}

static struct str host_of(struct arena *a, struct str url)
{
	struct str scheme, host, port;

	return url_parts(a, url, &scheme, &host, &port) ? host : STR("");
}

static enum err derive_hosts(struct config *config, bool sandbox, struct arena *a)
{
	const struct str base = host_of(a, config->didit_base_url);
	const struct str ours = host_of(a, config->public_url);

	config->didit_session_hosts = sandbox ? arena_printf(a, "verify.didit.me,%.*s,%.*s", STR_ARG(base),
							STR_ARG(ours))
					      : arena_printf(a, "verify.didit.me,%.*s", STR_ARG(base));
	return config->didit_session_hosts.p ? OK : ERR_INPUT;
}

enum err config_derive(struct config *config, struct raw_config *raw, struct arena *a)
{
	const bool sandbox = config_uses_sandbox(config, raw);

	didit_derive_version(config, raw);
	if (config->public_url.n == 0) {
		config->public_url = config_own_url(a, config->listen);
		config_value(raw, "PUBLIC_URL")->origin = ORIGIN_DEFAULT; /* set to nothing is the same */
	}
	if (config->didit_callback_url.n == 0)
		config->didit_callback_url = arena_printf(a, "%.*s/return", STR_ARG(config->public_url));
	if (!config->public_url.p || !config->didit_callback_url.p)
		return ERR_INPUT;
	if (sandbox)
		TRY(didit_derive_sandbox(config, raw, a));
	if (config->didit_session_hosts.n == 0)
		TRY(derive_hosts(config, sandbox, a));
	config_value(raw, "PUBLIC_URL")->text = config->public_url;
	config_value(raw, "DIDIT_CALLBACK_URL")->text = config->didit_callback_url;
	config_value(raw, "DIDIT_SESSION_HOSTS")->text = config->didit_session_hosts;
	return OK;
}

/* One rule of what is safe: NULL when it is kept. */
struct rule {
	const char *name;
	enum config_need need;
	bool (*broken)(const struct config *config, struct raw_config *raw);
	const char *sentence;
};

static bool is_listening_wide(struct str address)
{
	struct str host, port;

	return listen_parts(address, &host, &port) && !host_is_loopback(host);
}

static bool no_key(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->secret_key.n == 0 && !c->dev;
}

static bool bad_key(const struct config *c, struct raw_config *l)
{
	unsigned char bytes[32];

	const bool bad = (c->secret_key.n > 0 && !base64_read(c->secret_key, bytes, sizeof(bytes))) ||
			 (c->secret_key.n == 0 && c->dev && config_is_set(l, "SECRET_KEY"));
	explicit_bzero(bytes, sizeof(bytes));
	return bad;
}

static bool no_webhook_secret(const struct config *c, struct raw_config *l)
{
	return c->didit_webhook_secret.n == 0 && (!c->dev || config_is_set(l, "DIDIT_WEBHOOK_SECRET"));
}

static bool bad_webhook_secret(const struct config *c, struct raw_config *l)
{
	struct str rest = c->didit_webhook_secret, one;
	int n = 0;
	bool more = rest.n > 0, empty = false;

	(void)l;
	while (more) {
		more = str_cut(&rest, ',', &one);
		empty = empty || str_trim(one).n == 0;
		n++;
	}
	return empty || n > 2;
}

static bool no_smtp(const struct config *c, struct raw_config *l)
{
	return c->smtp_url.n == 0 && (!c->dev || config_is_set(l, "SMTP_URL"));
}

static bool no_sender(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->mail_from.n == 0;
}

static bool is_mailbox(struct str text)
{
	struct str address;

	return mailbox_address(text, &address);
}

static bool bad_smtp(const struct config *c, struct raw_config *l)
{
	const struct smtp_conf conf = { .url = c->smtp_url, .from = STR("kycd@localhost.localdomain") };
	struct mailer *mailer = NULL;

	(void)l;
	if (c->smtp_url.n == 0)
		return false;
	if (smtp_mailer_open(&conf, &mailer) != OK)
		return true;
	mailer->ops->close(mailer);
	return false;
}

static bool bad_sender(const struct config *c, struct raw_config *l)
{
	(void)l;
	return !is_mailbox(c->mail_from);
}

static bool bad_reply_to(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->mail_reply_to.n > 0 && !is_mailbox(c->mail_reply_to);
}

static bool plain_base(const struct config *c, struct raw_config *l)
{
	struct arena a;
	bool broken;

	(void)l;
	arena_init(&a, ARENA_CALL_LIMIT);
	broken = starts_http(c->didit_base_url) &&
		 !host_allows_plaintext(host_of(&a, c->didit_base_url), c->allow_weak);
	arena_finish(&a);
	return broken;
}

static bool plain_auth(const struct config *c, struct raw_config *l)
{
	const struct config copy = { .didit_base_url = c->didit_auth_url, .allow_weak = c->allow_weak };

	return didit_takes_tokens(c) && plain_base(&copy, l);
}

/* Then anybody could say whose call it is. */
static bool all_proxies(const struct config *c, struct raw_config *l)
{
	struct ip_nets nets;
	bool found = false;

	(void)l;
	if (!ip_nets_read(c->trusted_proxies, &nets))
		return false;
	for (size_t i = 0; i < nets.n; i++)
		found = found || nets.rows[i].bits == 0 ||
			(ip_is_v4(&nets.rows[i].net) && nets.rows[i].bits == ALL_V4_BITS);
	return found;
}

static bool is_host(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    strchr(".-_:[]", c)))
			return false;
	}
	return true;
}

static bool bad_session_hosts(const struct config *c, struct raw_config *l)
{
	struct str rest = c->didit_session_hosts, one;
	bool more = rest.n > 0, bad = false;

	(void)l;
	while (more) {
		more = str_cut(&rest, ',', &one);
		bad = bad || !is_host(str_trim(one));
	}
	return bad;
}

static bool long_code(const struct config *c, struct raw_config *l)
{
	(void)l;
	return !c->allow_weak && duration_is_shorter(OTP_LIFE_MAX, c->otp_ttl);
}

static bool wide_admin(const struct config *c, struct raw_config *l)
{
	(void)l;
	return !c->allow_weak && is_listening_wide(c->admin_listen);
}

static bool same_address(const struct config *c, struct raw_config *l)
{
	struct str host, port;

	(void)l;
	/* Port 0 is a free one each time. */
	return str_eq(c->admin_listen, c->listen) && listen_parts(c->listen, &host, &port) &&
	       !str_eq(port, STR("0"));
}

static bool wide_dev(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->dev && is_listening_wide(c->listen) && !c->dev_open;
}

static bool is_open(const struct config *c)
{
	return c->dev && c->dev_open && is_listening_wide(c->listen);
}

static bool open_smtp(const struct config *c, struct raw_config *l)
{
	return is_open(c) && config_is_set(l, "SMTP_URL");
}

static bool open_provider(const struct config *c, struct raw_config *l)
{
	return is_open(c) && !config_uses_sandbox(c, l);
}

/* clang-format off */
static const struct rule rules[] = {
	{ "SECRET_KEY", NEED_STORE, no_key,  "is not set: put the output of `kycd secret generate` there and keep it safe" },
	{ "SECRET_KEY", NEED_STORE, bad_key, "is not right: it must be base64 of 32 bytes, as `kycd secret generate` prints it" },
	{ "DIDIT_WEBHOOK_SECRET", NEED_ALL, no_webhook_secret,  "is not set: give the secret of the webhook in Didit's console, or `none`" },
	{ "DIDIT_WEBHOOK_SECRET", NEED_ALL, bad_webhook_secret, "is not right: it must be one secret, or two separated by a comma, none of them empty" },
	{ "SMTP_URL",   NEED_ALL, no_smtp,   "is not set: give smtp://[user:pass@]host:port or smtps://…" },
	{ "MAIL_FROM",  NEED_ALL, no_sender, "is not set: give the address that letters come from" },
	{ "SMTP_URL",   NEED_ALL, bad_smtp,  "is not right: it must be smtp://[user:pass@]host:port or smtps://…, the port from 1 to 65535" },
	{ "MAIL_FROM",  NEED_ALL, bad_sender, "is not right: it must be one address, or `Name <address>`" },
	{ "MAIL_REPLY_TO", NEED_ALL, bad_reply_to, "is not right: it must be one address, or `Name <address>`" },
	{ "DIDIT_CLIENT_ID",     NEED_ALL, didit_no_client_id,     "is not set: give the client id from Didit's console" },
	{ "DIDIT_CLIENT_SECRET", NEED_ALL, didit_no_client_secret, "is not set: give the client secret from Didit's console" },
	{ "DIDIT_API_KEY",       NEED_ALL, didit_no_api_key,
		"is not set: give the API key from Didit's console (on v1: KYCD_DIDIT_CLIENT_ID and KYCD_DIDIT_CLIENT_SECRET)" },
	{ "DIDIT_API_KEY",       NEED_ALL, didit_bad_api_key,      "is not right: it has a space, a line end or a character that no key has" },
	{ "DIDIT_WORKFLOW_ID",   NEED_ALL, didit_no_workflow,      "is not set: give the workflow's id from Didit's console" },
	{ "DIDIT_WORKFLOW_ID",   NEED_ALL, didit_bad_workflow,     "is not right: it must be a UUID, as Didit's console shows it" },
	{ "DIDIT_BASE_URL", NEED_ALL, plain_base, "is plain http to another machine: give an https address" },
	{ "DIDIT_AUTH_URL", NEED_ALL, plain_auth, "is plain http to another machine: give an https address" },
	{ "DIDIT_SESSION_HOSTS", NEED_ALL, bad_session_hosts, "is not right: it must be host names, or HOST:PORT, separated by commas, without https:// and *" },
	{ "TRUSTED_PROXIES", NEED_ALL, all_proxies, "names every address as a proxy, so that anybody could say whose call it is: give the proxies' own" },
	{ "OTP_TTL",      NEED_ALL, long_code,  "is above 600 s: give 600 or less (or set KYCD_ALLOW_WEAK=1)" },
	{ "ADMIN_LISTEN", NEED_ALL, wide_admin, "is not on loopback: metrics are nobody else's business (or set KYCD_ALLOW_WEAK=1)" },
	{ "ADMIN_LISTEN", NEED_ALL, same_address, "is the address of KYCD_LISTEN too: give it a port of its own" },
	{ "LISTEN",       NEED_ALL, wide_dev,   "is not on loopback: --dev is open to everybody there (set KYCD_DEV_OPEN=1 to allow it)" },
	{ "SMTP_URL",     NEED_ALL, open_smtp,  "is a real mail server: that is refused where --dev is open to others" },
	{ "DIDIT_BASE_URL", NEED_ALL, open_provider, "names a real provider: that is refused where --dev is open to others" },
};
/* clang-format on */

enum err config_validate(const struct config *config, struct raw_config *raw, enum config_need need,
	struct arena *a, struct str *why)
{
	for (size_t i = 0; i < array_len(rules); i++)
		if (rules[i].need <= need && rules[i].broken(config, raw))
			return config_refuse(a, why, rules[i].name, rules[i].sentence);
	return OK;
}
