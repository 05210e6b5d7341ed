/* Builds the world from the settings, and takes it down in reverse order. The only room that knows all others
 * by name; it may build and connect, never decide. What cannot be built is told in one sentence on stderr. */
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
	struct arena arena; /* texts of the whole run */
	struct config config;
	struct raw_config *raw;
	struct rules rules;
	struct ip_nets trusted; /* KYCD_TRUSTED_PROXIES */
	struct keys keys;
	struct instance_lock lock; /* on the database's file, while it is served */
	struct world world;
	struct single_flights *single_flights;
	struct poll_queue *poll_queue;
	struct guard *guard;
	struct sandbox_runtime sandbox; /* empty unless --dev uses it */
	struct shared_state
		*shared_state;	/* what instances on one store share before the provider; NULL: alone */
	struct provider *didit; /* behind the door that world.provider is */
	struct mailer *inbox;	/* the mailer, when letters stay here; else NULL */
	struct workers *workers;
	struct cleanup_thread *cleanup;
	struct pollers *pollers;
	struct api_context public_api, admin_api;
	struct server *public_server, *admin_server;
};

/* Settings, then what they need: clock, random, and with NEED_STORE and NEED_ALL the store and its keys.
 * `serving`: the database is held, and an older schema is brought forward. False: stderr has been told why.
 * Zeroed before. */
bool compose_up(struct runtime *runtime, const struct config_source *source, bool serving);
/* Opens the keys of house->world.store with the master key. False: stderr has been told why. */
bool compose_keys(struct runtime *runtime);
/* Takes the hold on the database's file, if it is one, waiting that long for another one's. ERR_BUSY and
 * others: with `why`. */
enum err compose_lock(struct runtime *runtime, duration limit, struct str *why) must_use;
/* The rest of what `serve` needs, on a house with NEED_ALL: everything but running threads. */
bool compose_serving(struct runtime *runtime);
/* Accepts half-built ones. */
void compose_down(struct runtime *runtime);

/* The part of the rules that may change while the server runs (main/daemon/reload): rates and limits. */
void compose_limits(const struct config *config, struct rules *rules);
/* The provider and the secrets of its events. False: stderr has been told why. */
bool compose_provider(struct runtime *runtime);
/* The provider's events are signed with these from now on. */
enum err compose_secrets(const struct runtime *runtime, const struct config *config) must_use;
