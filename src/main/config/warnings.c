#include "main/config/warnings.h"

#include <assert.h>

#include "i18n/messages.h"
#include "main/config/didit.h"
#include "main/config/setting.h"
#include "main/platform/process.h"
#include "net/https_client.h"
#include "text/language.h"

#define SECRET_SHORT 32
#define CODES_TO_GUESS_LEAST 100000

static bool short_webhook_secret(const struct config *c, struct raw_config *l)
{
	struct str rest = c->didit_webhook_secret, one;
	bool more = rest.n > 0 && !str_eq(rest, STR("none")), found = false;

	(void)l;
	while (more) {
		more = str_cut(&rest, ',', &one);
		found = found || str_trim(one).n < SECRET_SHORT;
	}
	return found;
}

static bool is_weak(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->allow_weak;
}

static bool is_given(struct raw_config *l, const char *name)
{
	return config_value(l, name)->origin > ORIGIN_DEV;
}

static bool later_key(const struct config *c, struct raw_config *l)
{
	return didit_takes_tokens(c) && is_given(l, "DIDIT_API_KEY");
}

static bool later_workflow(const struct config *c, struct raw_config *l)
{
	return didit_takes_tokens(c) && is_given(l, "DIDIT_WORKFLOW_ID");
}

static bool early_id(const struct config *c, struct raw_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_CLIENT_ID");
}

static bool early_secret(const struct config *c, struct raw_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_CLIENT_SECRET");
}

static bool early_features(const struct config *c, struct raw_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_FEATURES");
}

static bool early_auth(const struct config *c, struct raw_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_AUTH_URL");
}

/* Nobody outside reaches an address that only this machine knows: not the provider, not a person. */
static bool no_public_url(const struct config *c, struct raw_config *l)
{
	return !c->dev && !config_is_set(l, "PUBLIC_URL");
}

static bool open_to_all(const struct config *c, struct raw_config *l)
{
	(void)l;
	return !c->dev && str_eq(c->api_keys, STR("optional"));
}

static bool plain_public_url(const struct config *c, struct raw_config *l)
{
	struct str scheme, host, port;
	struct arena a;

	(void)l;
	arena_init(&a, ARENA_CALL_LIMIT);
	const bool plain = !c->dev && url_parts(&a, c->public_url, &scheme, &host, &port) &&
			   str_eq(scheme, STR("http")) && !host_is_loopback(host);
	arena_finish(&a);
	return plain;
}

/* How many codes somebody who guesses needs on average to be right once, by all the attempts of each. */
static int64_t codes_to_guess(const struct config *c)
{
	int64_t codes = 1;

	for (int64_t i = 0; i < c->otp_digits; i++)
		codes *= 10;
	return codes / c->otp_attempts;
}

static bool guessable(const struct config *c, struct raw_config *l)
{
	(void)l;
	return codes_to_guess(c) < CODES_TO_GUESS_LEAST;
}

static void say_guessable(const struct config *c, char out[CONFIG_WARNING_SIZE])
{
	const int64_t n = codes_to_guess(c);

	(void)snprintf(out, CONFIG_WARNING_SIZE,
		"with KYCD_OTP_ATTEMPTS lets who guesses be right with 1 code in %lld, and %lld a day may be asked "
		"for: give more digits or fewer attempts, until it is 1 in %d",
		(long long)(n > 0 ? n : 1), (long long)c->otp_send_per_day, CODES_TO_GUESS_LEAST);
}

static bool few_files(const struct config *c, struct raw_config *l)
{
	(void)l;
	return process_fds_needed(c->max_connections) > process_fd_limit();
}

static void say_few_files(const struct config *c, char out[CONFIG_WARNING_SIZE])
{
	(void)snprintf(out, CONFIG_WARNING_SIZE,
		"needs %lld open files, this user may have %lld: raise the limit (ulimit -n, LimitNOFILE=) or lower "
		"the setting",
		(long long)process_fds_needed(c->max_connections), (long long)process_fd_limit());
}

/* The operator's own letters may speak it. */
static bool foreign_language(const struct config *c, struct raw_config *l)
{
	(void)l;
	return c->mail_templates.n == 0 &&
	       language_nearest(c->language, language_tags, LANGUAGES) == LANGUAGES;
}

/* Who sets it shall not believe that it works. */
#define FOR_LATER "is set, but belongs to v2 and v3: it is ignored"
#define FOR_V1 "is set, but belongs to v1: it is ignored"

/* clang-format off */
static const struct {
	const char *name;
	bool (*applies)(const struct config *config, struct raw_config *raw);
	const char *sentence;
	void (*say)(const struct config *config, char out[CONFIG_WARNING_SIZE]); /* or a sentence with numbers */
} cautions[] = {
	{ "DIDIT_WEBHOOK_SECRET", short_webhook_secret, "is shorter than 32 bytes: ask Didit's console for a new one", NULL },
	{ "ALLOW_WEAK",           is_weak,              "is 1: plain connections to private addresses and long-lived codes are allowed", NULL },
	{ "DIDIT_API_KEY",        later_key,            FOR_LATER, NULL },
	{ "DIDIT_WORKFLOW_ID",    later_workflow,       FOR_LATER, NULL },
	{ "DIDIT_CLIENT_ID",      early_id,             FOR_V1, NULL },
	{ "DIDIT_CLIENT_SECRET",  early_secret,         FOR_V1, NULL },
	{ "DIDIT_FEATURES",       early_features,       FOR_V1, NULL },
	{ "DIDIT_AUTH_URL",       early_auth,           FOR_V1, NULL },
	{ "PUBLIC_URL",           no_public_url,        "is not set: give the https address at which people and the provider reach us", NULL },
	{ "PUBLIC_URL",           plain_public_url,     "is plain http: links and sessions can be read on the way; let a proxy speak TLS and give its https address", NULL },
	{ "API_KEYS",             open_to_all,          "is optional: whoever reaches the server may call it without a key, as the tenant `default`", NULL },
	{ "OTP_DIGITS",           guessable,            NULL, say_guessable },
	{ "MAX_CONNECTIONS",      few_files,            NULL, say_few_files },
	{ "LANGUAGE",             foreign_language,     "names a language without letters and pages of its own: English takes its place", NULL },
};
/* clang-format on */
static_assert(array_len(cautions) <= CONFIG_WARNINGS_MAX, "all of them may apply at once");

size_t config_warnings_find(
	const struct config *config, struct raw_config *raw, struct config_warning out[CONFIG_WARNINGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < array_len(cautions); i++) {
		if (!cautions[i].applies(config, raw))
			continue;
		out[n].name = cautions[i].name;
		if (cautions[i].say)
			cautions[i].say(config, out[n].sentence);
		else
			(void)snprintf(out[n].sentence, CONFIG_WARNING_SIZE, "%s", cautions[i].sentence);
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
