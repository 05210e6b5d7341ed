#include "main/daemon/compose_sandbox.h"

#include <stdio.h>
#include <string.h>

#include "domain/rules.h"
#include "main/config/database_text.h"
#include "main/config/didit.h"
#include "store/sqlite/kv.h"

/* Prints the reason on stderr. Always returns false. */
static bool compose_sandbox_fail(const char *sentence)
{
	fprintf(stderr, "kycd: %s\n", sentence);
	return false;
}

bool compose_sandbox_open(struct sandbox_conf *conf, struct str path, const char *name, struct arena *arena,
	struct sandbox_runtime *out)
{
	struct str why = STR("out of memory");

	if (sqlite_kv_open(path, SANDBOX_STATE_VERSION, arena, &out->kv, &why) != OK) {
		fprintf(stderr, "kycd: %s: %.*s\n", name, STR_ARG(why));
		return false;
	}
	conf->kv = out->kv;

	const enum err e = sandbox_open(conf, &out->sandbox);

	if (e == ERR_STORAGE)
		fprintf(stderr, "kycd: %s: %.*s: is damaged: remove it and the sandbox starts empty\n", name,
			STR_ARG(path));
	else if (e != OK)
		fprintf(stderr, "kycd: the sandbox cannot be created (%s)\n", err_name(e));
	return e == OK;
}

static struct str state_path(struct str database, struct arena *arena)
{
	struct str stem = str_from(database, strlen("sqlite:"));

	if (!database_text_is_file(database))
		return STR("var/dev.sandbox.db");
	if (str_ends(stem, STR(".db")))
		stem.n -= strlen(".db");
	return arena_printf(arena, "%.*s.sandbox.db", STR_ARG(stem));
}

bool compose_sandbox(const struct config *config, const struct world *world, struct arena *arena,
	struct sandbox_runtime *out)
{
	struct sandbox_conf conf = { .clock = world->clock, .random = world->random, .brand = config->brand };
	struct str base = config->didit_base_url, webhook, path;
	enum err e;

	base.n -= strlen(SANDBOX_MOUNT);
	webhook = arena_printf(arena, "%.*s/webhooks/didit", STR_ARG(base));
	conf.base_url = arena_printf(arena, "%.*s" SANDBOX_MOUNT, STR_ARG(config->public_url));
	path = state_path(config->database, arena);
	if (!webhook.p || !conf.base_url.p || !path.p)
		return compose_sandbox_fail("out of memory");
	if (!compose_sandbox_open(&conf, path, "the sandbox", arena, out))
		return false;
	e = world->rules->provider_events_off ? sandbox_unregister(out->sandbox)
					      : sandbox_register(out->sandbox, webhook,
							config->didit_webhook_secret, config->didit_version);
	return e == OK ||
	       compose_sandbox_fail(
		       "the sandbox cannot register the webhook of this server: KYCD_PUBLIC_URL or KYCD_LISTEN is "
		       "invalid, or the sandbox's file cannot be written");
}

void compose_sandbox_down(struct sandbox_runtime *runtime)
{
	sandbox_close(runtime->sandbox);
	if (runtime->kv)
		runtime->kv->ops->close(runtime->kv);
}
