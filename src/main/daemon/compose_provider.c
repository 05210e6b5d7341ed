/* The functions of main/daemon/compose.h that build the provider. */
#include <stdio.h>

#include "app/core/shared_state.h"
#include "main/config/didit.h"
#include "main/daemon/compose.h"
#include "provider/didit_provider.h"
#include "provider/throttled_provider.h"
#include "text/encode.h"

/* Prints the reason on stderr. Always returns false. */
static bool compose_provider_fail(struct str why)
{
	fprintf(stderr, "kycd: %.*s\n", STR_ARG(why));
	return false;
}

/* Generates a random webhook secret for the built-in sandbox of --dev. Each start uses a new one, which is
 * not stored. */
static bool make_webhook_secret(struct runtime *runtime)
{
	unsigned char bytes[32];
	char *const hex = arena_bytes(&runtime->arena, 2 * sizeof(bytes) + 1, 1);

	if (!hex || world_random(&runtime->world, bytes, sizeof(bytes)) != OK)
		return compose_provider_fail(STR("the system returns no random bytes (getrandom)"));
	hex_write(bytes, sizeof(bytes), hex);
	runtime->config.didit_webhook_secret = str_of(hex);
	return true;
}

static size_t split_list(struct str text, struct str *out, size_t max)
{
	size_t n = 0;
	bool more = text.n > 0;

	while (more && n < max) {
		struct str item;

		more = str_cut(&text, ',', &item);
		item = str_trim(item);
		if (item.n > 0)
			out[n++] = item;
	}
	return n;
}

/* Reads the webhook secrets and returns their number. Returns 0 if KYCD_DIDIT_WEBHOOK_SECRET is `none`, which
 * switches events off. */
static size_t read_webhook_secrets(const struct config *c, struct str out[DIDIT_SECRETS_MAX])
{
	if (str_eq(c->didit_webhook_secret, STR("none")))
		return 0;
	return split_list(c->didit_webhook_secret, out, DIDIT_SECRETS_MAX);
}

enum err compose_secrets(const struct runtime *runtime, const struct config *config)
{
	struct str secrets[DIDIT_SECRETS_MAX];
	const size_t n = read_webhook_secrets(config, secrets);

	return didit_provider_set_secrets(runtime->didit, secrets, n);
}

static bool open_throttle(struct runtime *runtime)
{
	if (throttled_provider_open(runtime->didit, runtime->world.clock, runtime->config.didit_timeout,
		    &runtime->world.provider) != OK)
		return compose_provider_fail(STR("out of memory"));
	throttled_provider_share(runtime->world.provider, runtime->shared_state);
	return true;
}

/* Sets world.provider to the throttle, which enforces the provider's rate limits before it calls the real
 * provider. */
bool compose_provider(struct runtime *runtime)
{
	const struct config *const c = &runtime->config;
	struct didit_conf conf = { .version = c->didit_version,
		.base_url = c->didit_base_url,
		.auth_url = c->didit_auth_url,
		.client_id = c->didit_client_id,
		.client_secret = c->didit_client_secret,
		.api_key = c->didit_api_key,
		.limit = c->didit_timeout,
		.allow_private = c->allow_weak,
		.sandbox = runtime->rules.sandbox,
		.clock = runtime->world.clock };

	if (runtime->world.store->shared && shared_state_open(&runtime->world, &runtime->shared_state) != OK)
		return compose_provider_fail(STR("out of memory"));
	conf.shared_state = runtime->shared_state;

	if (c->didit_webhook_secret.n == 0 && !make_webhook_secret(runtime))
		return false;
	conf.n_secrets = read_webhook_secrets(c, conf.secrets);
	conf.n_session_hosts = split_list(c->didit_session_hosts, conf.session_hosts, DIDIT_HOSTS_MAX);
	if (didit_provider_open(&conf, &runtime->didit) == OK)
		return open_throttle(runtime);
	if (!didit_takes_tokens(c))
		return compose_provider_fail(
			STR("KYCD_DIDIT_BASE_URL, KYCD_DIDIT_API_KEY or KYCD_DIDIT_SESSION_HOSTS is invalid: "
			    "compare them with `kycd config show`"));
	return compose_provider_fail(STR(
		"KYCD_DIDIT_BASE_URL, KYCD_DIDIT_AUTH_URL, KYCD_DIDIT_CLIENT_ID, KYCD_DIDIT_CLIENT_SECRET or "
		"KYCD_DIDIT_SESSION_HOSTS is invalid: compare them with `kycd config show`"));
}
