#include "main/config/warnings.h"

#include <assert.h>

#include "i18n/messages.h"
#include "main/config/database_text.h"
#include "main/config/didit.h"
#include "main/config/setting.h"
#include "main/config/unsafe.h"
#include "main/platform/process.h"
#include "net/https_client.h"
#include "text/language.h"

/* A webhook secret with fewer bytes than this causes a warning. */
#define WEBHOOK_SECRET_MIN 32
/* There is a warning if an attacker who uses all attempts of each code guesses more than one of this many
 * codes. */
#define CODES_PER_HIT_MIN 100000

static bool webhook_secret_short(const struct config *c, struct raw_config *raw)
{
	struct str rest = c->didit_webhook_secret, one;
	bool more = rest.n > 0 && !str_eq(rest, STR("none")), found = false;

	(void)raw;
	while (more) {
		more = str_cut(&rest, ',', &one);
		found = found || str_trim(one).n < WEBHOOK_SECRET_MIN;
	}
	return found;
}

static bool allows_weak_settings(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->allow_weak;
}

static bool is_set_by_operator(struct raw_config *raw, const char *name)
{
	return config_value(raw, name)->origin > ORIGIN_DEV;
}

static bool api_key_ignored(const struct config *c, struct raw_config *raw)
{
	return didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_API_KEY");
}

static bool workflow_ignored(const struct config *c, struct raw_config *raw)
{
	return didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_WORKFLOW_ID");
}

static bool client_id_ignored(const struct config *c, struct raw_config *raw)
{
	return !didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_CLIENT_ID");
}

static bool client_secret_ignored(const struct config *c, struct raw_config *raw)
{
	return !didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_CLIENT_SECRET");
}

static bool features_ignored(const struct config *c, struct raw_config *raw)
{
	return !didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_FEATURES");
}

static bool auth_url_ignored(const struct config *c, struct raw_config *raw)
{
	return !didit_takes_tokens(c) && is_set_by_operator(raw, "DIDIT_AUTH_URL");
}

/* Returns true if KYCD_PUBLIC_URL is not set. Its default is a loopback URL, which neither people nor the
 * provider can reach. */
static bool public_url_missing(const struct config *c, struct raw_config *raw)
{
	return !c->dev && !config_is_set(raw, "PUBLIC_URL");
}

static bool api_keys_optional(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->dev && str_eq(c->api_keys, STR("optional"));
}

static bool public_url_is_plain(const struct config *c, struct raw_config *raw)
{
	struct str scheme, host, port;
	struct arena a;

	(void)raw;
	arena_init(&a, ARENA_CALL_LIMIT);
	const bool plain = !c->dev && url_parts(&a, c->public_url, &scheme, &host, &port) &&
			   str_eq(scheme, STR("http")) && !host_is_loopback(host);
	arena_finish(&a);
	return plain;
}

/* Returns how many codes an attacker must try on average to guess one, if all attempts of each code are
 * used. */
static int64_t codes_per_hit(const struct config *c)
{
	int64_t codes = 1;

	for (int64_t i = 0; i < c->otp_digits; i++)
		codes *= 10;
	return codes / c->otp_attempts;
}

static bool codes_are_guessable(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return codes_per_hit(c) < CODES_PER_HIT_MIN;
}

static void describe_guessable_codes(const struct config *c, char out[CONFIG_WARNING_SIZE])
{
	const int64_t n = codes_per_hit(c);

	(void)snprintf(out, CONFIG_WARNING_SIZE,
		"and KYCD_OTP_ATTEMPTS are weak: guessing all attempts hits 1 code in %lld, and %lld a day may be "
		"requested for a person: use more digits or fewer attempts, so that it is 1 in %d",
		(long long)(n > 0 ? n : 1), (long long)c->otp_send_per_day, CODES_PER_HIT_MIN);
}

static bool fd_limit_too_low(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return process_fds_needed(c->max_connections) > process_fd_limit();
}

static void describe_fd_limit(const struct config *c, char out[CONFIG_WARNING_SIZE])
{
	(void)snprintf(out, CONFIG_WARNING_SIZE,
		"needs %lld open files, but the limit of this user is %lld: raise the limit (ulimit -n, "
		"LimitNOFILE=) or lower the setting",
		(long long)process_fds_needed(c->max_connections), (long long)process_fd_limit());
}

static bool database_connections_ignored(const struct config *c, struct raw_config *raw)
{
	return database_text_is_file(c->database) && is_set_by_operator(raw, "DATABASE_CONNECTIONS");
}

/* Returns true if there are no built-in e-mails and pages in this language. If KYCD_MAIL_TEMPLATES is set,
 * returns false, because the operator's templates may be in this language. */
static bool language_not_built_in(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return c->mail_templates.n == 0 &&
	       language_nearest(c->language, language_tags, LANGUAGES) == LANGUAGES;
}

static bool console_url_unused(const struct config *c, struct raw_config *raw)
{
	(void)raw;
	return !c->dev && c->console_url.n > 0 && c->console_listen.n == 0;
}

static bool console_listen_ignored(const struct config *c, struct raw_config *raw)
{
	return c->dev && is_set_by_operator(raw, "CONSOLE_LISTEN");
}

static bool console_url_ignored(const struct config *c, struct raw_config *raw)
{
	return c->dev && is_set_by_operator(raw, "CONSOLE_URL");
}

/* Warnings for settings that are set but ignored; the operator would otherwise expect them to have an
 * effect. */
#define IGNORED_ON_V1 "is set, but is only used with v2 and v3: it is ignored"
#define IGNORED_IN_DEV                                                                                       \
	"is set, but --dev serves the console at http://localhost and the port of KYCD_LISTEN: it is ignored"
#define IGNORED_ON_V2_V3 "is set, but is only used with v1: it is ignored"

/* clang-format off */
static const struct {
	const char *name;
	bool (*applies)(const struct config *config, struct raw_config *raw);
	const char *sentence;
	/* Writes the sentence if it contains numbers. NULL if `sentence` is the text. */
	void (*describe)(const struct config *config, char out[CONFIG_WARNING_SIZE]);
} config_warnings[] = {
	{ "DIDIT_WEBHOOK_SECRET", webhook_secret_short,   "is shorter than 32 bytes: create a new one in Didit's console", NULL },
	{ "ALLOW_WEAK",           allows_weak_settings,   "is 1: unencrypted connections to private addresses and codes valid for more than 600 s are allowed", NULL },
	{ "DIDIT_API_KEY",        api_key_ignored,        IGNORED_ON_V1, NULL },
	{ "DIDIT_WORKFLOW_ID",    workflow_ignored,       IGNORED_ON_V1, NULL },
	{ "DIDIT_CLIENT_ID",      client_id_ignored,      IGNORED_ON_V2_V3, NULL },
	{ "DIDIT_CLIENT_SECRET",  client_secret_ignored,  IGNORED_ON_V2_V3, NULL },
	{ "DIDIT_FEATURES",       features_ignored,       IGNORED_ON_V2_V3, NULL },
	{ "DIDIT_AUTH_URL",       auth_url_ignored,       IGNORED_ON_V2_V3, NULL },
	{ "PUBLIC_URL",           public_url_missing,     "is not set: set it to the https URL at which people and the provider reach this server", NULL },
	{ "PUBLIC_URL",           public_url_is_plain,    "is plain http, so links and sessions can be read in transit: put a TLS proxy in front and set its https URL", NULL },
	{ "API_KEYS",             api_keys_optional,      "is optional: any client that reaches the server can call it without a key, as the tenant `default`", NULL },
	{ "SECRET_KEY",           secret_key_is_pattern,  "is not random: its bytes count or repeat a pattern, so it can be guessed: generate one with `kycd secret generate` before there is data", NULL },
	{ "LISTEN",               listen_lacks_tls,       "is not a loopback address, and no TLS proxy is named: put one in front, with its https URL in KYCD_PUBLIC_URL and its address in KYCD_TRUSTED_PROXIES, or listen on 127.0.0.1", NULL },
	{ "CONSOLE_LISTEN",       console_listen_lacks_tls, "is not a loopback address, and no TLS proxy is named: put one in front, with its address in KYCD_TRUSTED_PROXIES, or listen on 127.0.0.1", NULL },
	{ "CONSOLE_URL",          console_shares_host,    "has the host of KYCD_PUBLIC_URL, so that the console shares cookies and passkeys with the public pages: give the console a host name of its own", NULL },
	{ "CONSOLE_URL",          console_url_unused,     "is set, but KYCD_CONSOLE_LISTEN is not: this server does not serve the console", NULL },
	{ "CONSOLE_LISTEN",       console_listen_ignored, IGNORED_IN_DEV, NULL },
	{ "CONSOLE_URL",          console_url_ignored,    IGNORED_IN_DEV, NULL },
	{ "DATABASE",             database_is_unverified, "does not verify the certificate of the PostgreSQL server, so another machine could take its place: append ?sslmode=verify-full, and sslrootcert=FILE if its CA is your own", NULL },
	{ "TRUSTED_PROXIES",      proxies_are_broad,      "trusts a network larger than 10.0.0.0/8 or fc00::/7, so strangers could forge their address: list only the addresses of your proxies", NULL },
	{ "DIDIT_CALLBACK_URL",   callback_url_is_plain,  "is plain http, so people return over an unencrypted connection: use an https URL", NULL },
	{ "DEV_OPEN",             dev_open_is_ignored,    "is 1, but is only used with --dev: it is ignored", NULL },
	{ "OTP_DIGITS",           codes_are_guessable,    NULL, describe_guessable_codes },
	{ "MAX_CONNECTIONS",      fd_limit_too_low,       NULL, describe_fd_limit },
	{ "DATABASE_CONNECTIONS", database_connections_ignored, "is set, but is only used with PostgreSQL: it is ignored", NULL },
	{ "LANGUAGE",             language_not_built_in,  "is a language without built-in e-mails and pages: English is used instead", NULL },
};
/* clang-format on */
static_assert(array_len(config_warnings) <= CONFIG_WARNINGS_MAX, "all warnings may apply at once");

size_t config_warnings_find(
	const struct config *config, struct raw_config *raw, struct config_warning out[CONFIG_WARNINGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < array_len(config_warnings); i++) {
		if (!config_warnings[i].applies(config, raw))
			continue;
		out[n].name = config_warnings[i].name;
		if (config_warnings[i].describe)
			config_warnings[i].describe(config, out[n].sentence);
		else
			(void)snprintf(
				out[n].sentence, CONFIG_WARNING_SIZE, "%s", config_warnings[i].sentence);
		n++;
	}
	return n;
}

size_t config_warnings_print(const struct config *config, struct raw_config *raw, FILE *out)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	const size_t n = config_warnings_find(config, raw, found);

	for (size_t i = 0; i < n; i++)
		fprintf(out, "warning: KYCD_%s %s\n", found[i].name, found[i].sentence);
	return n;
}
