#include "main/daemon/compose_sandbox.h"

#include <stdio.h>
#include <string.h>

#include "domain/rules.h"
#include "main/config/database_text.h"
#include "main/config/didit.h"
#include "store/sqlite/kv.h"

static bool complain(const char *sentence)
{
	fprintf(stderr, "kycd: %s\n", sentence);
	return false;
}

bool compose_sandbox_alone(struct sandbox_conf *conf, struct str path, const char *name, struct arena *arena,
	struct sandbox_runtime *out)
{
	struct str why = STR("no memory");

	if (sqlite_kv_open(path, SANDBOX_STATE_VERSION, arena, &out->kv, &why) != OK) {
		fprintf(stderr, "kycd: %s: %.*s\n", name, STR_ARG(why));
		return false;
	}
	conf->kv = out->kv;

	const enum err e = sandbox_open(conf, &out->sandbox);

	if (e == ERR_STORAGE)
		fprintf(stderr, "kycd: %s: %.*s: is damaged: remove it, and the sandbox begins anew\n", name,
			STR_ARG(path));
	else if (e != OK)
		fprintf(stderr, "kycd: the sandbox cannot be made (%s)\n", err_name(e));
	return e == OK;
}

static struct str path_beside(struct str database, struct arena *arena)
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
	struct str own = config->didit_base_url, hook, path;
	enum err e;

	own.n -= strlen(SANDBOX_MOUNT);
	hook = arena_printf(arena, "%.*s/webhooks/didit", STR_ARG(own));
	conf.base_url = arena_printf(arena, "%.*s" SANDBOX_MOUNT, STR_ARG(config->public_url));
	path = path_beside(config->database, arena);
	if (!hook.p || !conf.base_url.p || !path.p)
		return complain("no memory");
	if (!compose_sandbox_alone(&conf, path, "the sandbox", arena, out))
		return false;
	e = world->rules->provider_events_off ? sandbox_unregister(out->sandbox)
					      : sandbox_register(out->sandbox, hook,
							config->didit_webhook_secret, config->didit_version);
	return e == OK ||
	       complain("the sandbox cannot tell this program: KYCD_PUBLIC_URL or KYCD_LISTEN is not of its "
			"form, or the sandbox's file cannot be written");
}

void compose_sandbox_down(struct sandbox_runtime *runtime)
{
	sandbox_close(runtime->sandbox);
	if (runtime->kv)
		runtime->kv->ops->close(runtime->kv);
}
