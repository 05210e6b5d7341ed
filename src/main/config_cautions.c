#include "main/config_cautions.h"

#include <assert.h>

#include "main/config_didit.h"
#include "text/language.h"
#include "words/words.h"

#define SECRET_SHORT 32

static bool short_webhook_secret(const struct config *c, struct loaded_config *l)
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

static bool is_weak(const struct config *c, struct loaded_config *l)
{
	(void)l;
	return c->allow_weak;
}

static bool is_given(struct loaded_config *l, const char *name)
{
	return config_value(l, name)->origin > ORIGIN_DEV;
}

static bool later_key(const struct config *c, struct loaded_config *l)
{
	return didit_takes_tokens(c) && is_given(l, "DIDIT_API_KEY");
}

static bool later_workflow(const struct config *c, struct loaded_config *l)
{
	return didit_takes_tokens(c) && is_given(l, "DIDIT_WORKFLOW_ID");
}

static bool early_id(const struct config *c, struct loaded_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_CLIENT_ID");
}

static bool early_secret(const struct config *c, struct loaded_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_CLIENT_SECRET");
}

static bool early_features(const struct config *c, struct loaded_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_FEATURES");
}

static bool early_auth(const struct config *c, struct loaded_config *l)
{
	return !didit_takes_tokens(c) && is_given(l, "DIDIT_AUTH_URL");
}

/* Nobody outside reaches an address that only this machine knows: not the provider, not a person. */
static bool no_public_url(const struct config *c, struct loaded_config *l)
{
	return !c->dev && !config_is_set(l, "PUBLIC_URL");
}

/* The operator's own letters may speak it. */
static bool foreign_language(const struct config *c, struct loaded_config *l)
{
	(void)l;
	return c->mail_templates.n == 0 &&
	       language_nearest(c->language, language_tags, LANGUAGES) == LANGUAGES;
}

/* What plan.md has for later: who sets it shall not believe that it works. */
#define FOR_LATER "is set, but belongs to v2 and v3: it is ignored"
#define FOR_V1 "is set, but belongs to v1: it is ignored"
#define UNREAD "is set, but this version does nothing with it yet"

/* clang-format off */
static const struct {
	const char *name;
	bool (*applies)(const struct config *config, struct loaded_config *loaded); /* NULL: when it is set */
	const char *sentence;
} cautions[] = {
	{ "DIDIT_WEBHOOK_SECRET", short_webhook_secret, "is shorter than 32 bytes: ask Didit's console for a new one" },
	{ "ALLOW_WEAK",           is_weak,              "is 1: plain connections to private addresses and long-lived codes are allowed" },
	{ "DIDIT_API_KEY",        later_key,            FOR_LATER },
	{ "DIDIT_WORKFLOW_ID",    later_workflow,       FOR_LATER },
	{ "DIDIT_CLIENT_ID",      early_id,             FOR_V1 },
	{ "DIDIT_CLIENT_SECRET",  early_secret,         FOR_V1 },
	{ "DIDIT_FEATURES",       early_features,       FOR_V1 },
	{ "DIDIT_AUTH_URL",       early_auth,           FOR_V1 },
	{ "PUBLIC_URL",           no_public_url,        "is not set: give the https address at which people and the provider reach us" },
	{ "LANGUAGE",             foreign_language,     "names a language without letters and pages of its own: English takes its place" },
	{ "CHALLENGE_TTL",        NULL,                 UNREAD },
};
/* clang-format on */
static_assert(array_len(cautions) <= CAUTIONS_MAX, "all of them may apply at once");

size_t config_cautions(
	const struct config *config, struct loaded_config *loaded, struct caution out[CAUTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < array_len(cautions); i++)
		if (cautions[i].applies ? cautions[i].applies(config, loaded)
					: config_is_set(loaded, cautions[i].name))
			out[n++] = (struct caution){ cautions[i].name, cautions[i].sentence };
	return n;
}

size_t config_warnings(const struct config *config, struct loaded_config *loaded, FILE *out)
{
	struct caution found[CAUTIONS_MAX];
	const size_t n = config_cautions(config, loaded, found);

	for (size_t i = 0; i < n; i++)
		fprintf(out, "warning: KYCD_%s %s\n", found[i].name, found[i].sentence);
	return n;
}
