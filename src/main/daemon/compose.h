/* The composition root: builds all adapters from the settings, connects them, and closes them in reverse
 * order. The only module that knows every other one; it contains no business rules. If something cannot be
 * built, the functions print one line on stderr and return false. For the main thread. */
#pragma once

#include "api/core/dispatch.h"
#include "app/mail/workers.h"
#include "base/arena.h"
#include "base/err.h"
#include "crypto/keys.h"
#include "domain/rules.h"
#include "http/server.h"
#include "main/config/config.h"
#include "main/daemon/compose_sandbox.h"
#include "port/store.h"
#include "port/world.h"
#include "store/sqlite/instance_lock.h"
#include "text/ip.h"

struct runtime {
	struct arena arena; /* memory that lasts until compose_down */
	struct config config;
	struct raw_config *raw;
	struct rules rules;
	struct ip_nets trusted_proxies; /* KYCD_TRUSTED_PROXIES */
	struct keys keys;
	struct instance_lock lock; /* on the SQLite file, held while the server runs */
	struct world world;
	struct single_flights *single_flights;
	struct poll_queue *poll_queue;
	struct guard *guard;
	struct sandbox_runtime sandbox; /* empty unless --dev uses the built-in sandbox */
	/* Provider budget and token that all instances on one database share; NULL with a SQLite file. */
	struct shared_state *shared_state;
	struct provider *didit; /* the real provider; world.provider is the throttle around it */
	/* The same as world.mailer if development mode captures e-mails, else NULL. */
	struct mailer *inbox;
	struct workers *workers;
	struct cleanup_thread *cleanup;
	struct pollers *pollers;
	struct api_context public_api, admin_api;
	struct server *public_server, *admin_server;
};

/* Loads the settings and builds what they need: clock and randomness, and for NEED_STORE and NEED_ALL also
 * the store and its keys. If `serving`, also locks a SQLite file and migrates an older schema. The caller
 * zeroes `runtime` before and calls compose_down also after a failure. */
bool compose_up(struct runtime *runtime, const struct config_source *source, bool serving);
/* Unwraps the keys of runtime->world.store with the master key. */
bool compose_keys(struct runtime *runtime);
/* Locks the database for this process if it is a SQLite file. Waits up to `limit` if another process has the
 * lock, then returns ERR_BUSY. On every failure `*why` is set. */
enum err compose_lock(struct runtime *runtime, duration limit, struct str *why) must_use;
/* Builds the rest of what `serve` needs after compose_up with NEED_ALL: mailer, provider, sandbox and
 * listeners. Starts no threads. */
bool compose_serving(struct runtime *runtime);
/* Closes everything and wipes the secrets. Accepts a partly built runtime. */
void compose_down(struct runtime *runtime);

/* Sets the rules that a reload may change while the server runs (main/daemon/reload): rates and limits. */
void compose_limits(const struct config *config, struct rules *rules);
/* Builds the provider client, its throttle and, with a shared database, the shared state. */
bool compose_provider(struct runtime *runtime);
/* Replaces the secrets that provider events are verified with by those of `config`. */
enum err compose_secrets(const struct runtime *runtime, const struct config *config) must_use;
