/* The composition root: builds all adapters from the settings, connects them, and closes them in reverse
 * order. It is the only module that knows all the others, and it contains no business rules. If something
 * cannot be built, the functions print one line on stderr and return false. Called only on the main
 * thread. */
#pragma once

#include "api/core/dispatch.h"
#include "app/event/number_worker.h"
#include "app/mail/workers.h"
#include "app/webhook/dispatcher.h"
#include "base/arena.h"
#include "base/err.h"
#include "crypto/keys.h"
#include "domain/rules.h"
#include "http/server.h"
#include "main/config/config.h"
#include "main/daemon/compose_console.h"
#include "main/daemon/compose_sandbox.h"
#include "main/daemon/compose_webhooks.h"
#include "port/store.h"
#include "port/world.h"
#include "store/sqlite/instance_lock.h"
#include "text/ip.h"

struct runtime {
	struct arena arena; /* memory that lasts until compose_down */
	struct config config;
	struct raw_config *raw;
	struct rules rules;
	struct ip_nets trusted_proxies;	 /* KYCD_TRUSTED_PROXIES */
	struct ip_nets webhook_networks; /* see struct rules */
	struct keys keys;
	struct instance_lock lock; /* lock of the SQLite file, held while the server runs */
	struct world world;
	struct single_flights *single_flights;
	struct long_polls *long_polls;
	struct poll_queue *poll_queue;
	struct guard *guard;
	struct sandbox_runtime sandbox; /* empty unless --dev uses the built-in sandbox */
	/* Shares the budget of provider calls and the provider's token with the other instances on the same
	 * database. NULL with a SQLite file. */
	struct shared_state *shared_state;
	struct provider *didit; /* client of the real provider; world.provider is the throttle around it */
	/* Equal to world.mailer if development mode captures e-mails, else NULL. */
	struct mailer *inbox;
	struct workers *workers;
	struct number_worker *number_worker;
	struct webhook_settings webhooks;
	struct webhook_sender *webhook_sender; /* used by the dispatcher only */
	struct dispatcher *dispatcher;
	struct cleanup_thread *cleanup;
	struct pollers *pollers;
	struct measurements *measurements;
	const struct route *public_routes[ROUTER_MAX];
	struct page_limits *page_limits;
	struct api_context public_api, admin_api;
	struct server *public_server, *admin_server;
	struct console_runtime console;
};

/* Loads the settings and builds the clock and the random source, and for NEED_STORE and NEED_ALL also the
 * store and its keys. If `serving`, also locks a SQLite file and migrates an older schema. The caller zeroes
 * `runtime` before the call and calls compose_down afterwards, even after a failure. */
bool compose_up(struct runtime *runtime, const struct config_source *source, bool serving);
/* How many calls may wait for a change at the same time: a quarter of the connections (spec/events.md 3). */
size_t long_polls_max(const struct config *config);
/* Decrypts the keys in runtime->world.store with the master key. */
bool compose_keys(struct runtime *runtime);
/* Locks the database for this process if it is a SQLite file. If another process has the lock, waits up to
 * `limit`, then returns ERR_BUSY. After every failure `*why` is set. */
enum err compose_lock(struct runtime *runtime, duration limit, struct str *why) must_use;
/* Builds what only `serve` needs: mailer, provider, sandbox and listeners. compose_up must have been called
 * with NEED_ALL. Starts no threads. */
bool compose_serving(struct runtime *runtime);
/* Closes everything and wipes the secrets. Accepts a partly built runtime. */
void compose_down(struct runtime *runtime);

/* Sets those rules (rates and limits) that a reload may change while the server runs (main/daemon/reload). */
void compose_limits(const struct config *config, struct rules *rules);
/* Builds the provider client and the throttle around it. With a shared database, also builds the shared
 * state. */
bool compose_provider(struct runtime *runtime);
/* Replaces the secrets that are used to verify provider events by those in `config`. */
enum err compose_secrets(const struct runtime *runtime, const struct config *config) must_use;
