#include <stdio.h>

#include "app/shared_state.h"
#include "main/compose.h"
#include "main/config_didit.h"
#include "provider/didit_provider.h"
#include "provider/throttled_provider.h"
#include "text/encode.h"

static bool complain(struct str why)
{
	fprintf(stderr, "kycd: %.*s\n", STR_ARG(why));
	return false;
}

/* In --dev with the sandbox: made anew at each start, known to nobody. */
static bool make_webhook_secret(struct house *house)
{
	unsigned char luck[32];
	char *const hex = arena_bytes(&house->arena, 2 * sizeof(luck) + 1, 1);

	if (!hex || world_random(&house->world, luck, sizeof(luck)) != OK)
		return complain(STR("the system gives no randomness"));
	hex_write(luck, sizeof(luck), hex);
	house->config.didit_webhook_secret = str_of(hex);
	return true;
}

static size_t split(struct str text, struct str *out, size_t max)
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

static size_t read_secrets(const struct config *c, struct str out[DIDIT_SECRETS_MAX])
{
	if (str_eq(c->didit_webhook_secret, STR("none")))
		return 0;
	return split(c->didit_webhook_secret, out, DIDIT_SECRETS_MAX);
}

enum err compose_secrets(const struct house *house, const struct config *config)
{
	struct str secrets[DIDIT_SECRETS_MAX];
	const size_t n = read_secrets(config, secrets);

	return didit_provider_set_secrets(house->didit, secrets, n);
}

static bool open_door(struct house *house)
{
	if (throttled_provider_open(house->didit, house->world.clock, house->config.didit_timeout,
		    &house->world.provider) != OK)
		return complain(STR("no memory"));
	throttled_provider_share(house->world.provider, house->shared_state);
	return true;
}

/* The provider, behind the door that keeps to its limits. */
bool compose_provider(struct house *house)
{
	const struct config *const c = &house->config;
	struct didit_conf conf = { .version = c->didit_version,
		.base_url = c->didit_base_url,
		.auth_url = c->didit_auth_url,
		.client_id = c->didit_client_id,
		.client_secret = c->didit_client_secret,
		.api_key = c->didit_api_key,
		.limit = c->didit_timeout,
		.allow_private = c->allow_weak,
		.sandbox = house->rules.sandbox,
		.clock = house->world.clock };

	if (house->world.store->shared && shared_state_open(&house->world, &house->shared_state) != OK)
		return complain(STR("no memory"));
	conf.shared_state = house->shared_state;

	if (c->didit_webhook_secret.n == 0 && !make_webhook_secret(house))
		return false;
	conf.n_secrets = read_secrets(c, conf.secrets);
	conf.n_session_hosts = split(c->didit_session_hosts, conf.session_hosts, DIDIT_HOSTS_MAX);
	if (didit_provider_open(&conf, &house->didit) == OK)
		return open_door(house);
	if (!didit_takes_tokens(c))
		return complain(
			STR("KYCD_DIDIT_BASE_URL, KYCD_DIDIT_API_KEY or KYCD_DIDIT_SESSION_HOSTS is not "
			    "right: see `kycd config show`"));
	return complain(STR(
		"KYCD_DIDIT_BASE_URL, KYCD_DIDIT_AUTH_URL, KYCD_DIDIT_CLIENT_ID, KYCD_DIDIT_CLIENT_SECRET or "
		"KYCD_DIDIT_SESSION_HOSTS is not right: see `kycd config show`"));
}
