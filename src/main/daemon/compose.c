#include "main/daemon/compose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/describe/docs_page.h"
#include "api/describe/openapi.h"
#include "api/endpoints/routes.h"
#include "app/admin/operator.h"
#include "app/core/access.h"
#include "app/core/clock_sync.h"
#include "app/core/keyring.h"
#include "base/log.h"
#include "mail/inbox_mailer.h"
#include "mail/smtp_mailer.h"
#include "main/config/didit.h"
#include "main/config/templates.h"
#include "main/config/validate.h"
#include "main/daemon/compose_listener.h"
#include "main/daemon/compose_sandbox.h"
#include "main/daemon/compose_webhooks.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/daemon/public_routes.h"
#include "main/daemon/self_check.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"
#include "port/provider.h"
#include "port/shared_state.h"
#include "web/core/page_limit.h"
#include "webhook/curl_sender.h"

/* How long a starting server waits for the database lock of the previous server, which may need 10 s to
 * stop. */
#define LOCK_WAIT seconds(30)
#define RUNTIME_MEMORY ((size_t)1024 * 1024 + TEMPLATES_MEMORY + DOCS_MEMORY)

/* Prints the reason on stderr. Always returns false. */
static bool compose_fail(struct str why)
{
	fprintf(stderr, "kycd: %.*s\n", STR_ARG(why));
	return false;
}

void compose_limits(const struct config *c, struct rules *rules)
{
	rules->otp_tries = c->otp_attempts;
	rules->send_bucket = (struct bucket_rule){ c->otp_send_burst, c->otp_send_every };
	rules->sends_per_day = c->otp_send_per_day;
	rules->tries = c->tries;
	rules->rate_per_minute = c->rate_per_minute;
	rules->rate_per_second = c->rate_per_second;
	rules->provider_events_off = str_eq(c->didit_webhook_secret, STR("none"));
}

/* KYCD_WEBHOOK_ALLOWED_NETWORKS, and in development mode loopback. The setting was validated. */
static const struct ip_nets *webhook_networks(struct runtime *runtime)
{
	struct ip_nets *const nets = &runtime->webhook_networks;
	struct ip_nets loopback;

	if (!ip_nets_read(runtime->config.webhook_allowed_networks, nets))
		nets->n = 0;
	if (!runtime->config.dev || !ip_nets_read(STR("127.0.0.0/8, ::1"), &loopback))
		return nets;
	for (size_t i = 0; i < loopback.n && nets->n < IP_NETS_MAX; i++)
		nets->rows[nets->n++] = loopback.rows[i];
	return nets;
}

static void set_rules(struct runtime *runtime)
{
	const struct config *const c = &runtime->config;

	runtime->rules = (struct rules){
		.otp_ttl = c->otp_ttl,
		.challenge_ttl = c->challenge_ttl,
		.otp_digits = c->otp_digits,
		.mail_retry = c->mail_retry,
		.mail_down_after = seconds(60),
		.provider_timeout = c->didit_timeout,
		.reconcile_after = c->reconcile_after,
		.reconcile_every = c->reconcile_every,
		.keep_events = c->keep_events,
		.keep_outgoing_events = c->keep_outgoing_events,
		.brand = c->brand,
		.language = c->language,
		.public_url = c->public_url,
		.docs_url = c->docs_url,
		.callback_url = c->didit_callback_url,
		.session_hosts = c->didit_session_hosts,
		.features = didit_checks(c),
		.webhook_networks = webhook_networks(runtime),
		.webhook_plain = c->allow_weak || c->dev,
		.keys_optional = str_eq(c->api_keys, STR("optional")),
		.all_scopes_without_key = c->dev,
		.sandbox = config_uses_sandbox(c, runtime->raw),
	};
	compose_limits(c, &runtime->rules);
}

enum err compose_lock(struct runtime *runtime, duration limit, struct str *why)
{
	if (!database_is_file(&runtime->config))
		return OK;
	return database_lock(database_path(&runtime->config), limit, &runtime->arena, &runtime->lock, why);
}

static bool open_store(struct runtime *runtime, enum database_use use)
{
	struct str why = STR("cannot be opened");

	if ((use == DATABASE_EXISTING || compose_lock(runtime, LOCK_WAIT, &why) == OK) &&
		database_open(&runtime->config, use, &runtime->arena, &runtime->world.store, &why) == OK)
		return true;
	fprintf(stderr, "kycd: KYCD_DATABASE: %.*s\n", STR_ARG(why));
	return false;
}

static void print_store_error(enum err e)
{
	const char *const error = database_error();

	fprintf(stderr, "kycd: KYCD_DATABASE: cannot be read or written (%s): the database %s\n", err_name(e),
		error ? error : "may be damaged or locked by another process: run `kycd db check`");
}

bool compose_keys(struct runtime *runtime)
{
	struct secret_key master cleanup_with(secret_key_wipe) = { { 0 } };
	struct arena call;
	char id[MASTER_ID_SIZE], other_id[MASTER_ID_SIZE] = "";

	if (!master_key_read(&runtime->config, &master))
		return false;
	arena_init(&call, ARENA_CALL_LIMIT);
	const enum err e = keyring_open(&runtime->world, &call, &master, &runtime->keys, other_id);
	arena_finish(&call);
	keyring_master_id(&master, id);
	if (e == ERR_CONFLICT)
		fprintf(stderr,
			"kycd: KYCD_SECRET_KEY is not the key of this database: the database was created with key %s, "
			"but this is key %s. Set the right key, or another KYCD_DATABASE\n",
			other_id, id);
	else if (e == ERR_INPUT)
		fprintf(stderr,
			"kycd: the keys in the database cannot be decrypted with key %s: the database is damaged. "
			"Restore a backup\n",
			id);
	else if (e != OK)
		print_store_error(e);
	return e == OK;
}

/* Makes this process follow the database's clock. Instances that share a database compare times that other
 * instances have written, so all of them use the same clock. */
static bool sync_clock(struct runtime *runtime)
{
	struct arena call;

	arena_init(&call, ARENA_CALL_LIMIT);
	const enum err e = clock_sync_run(&runtime->world, &call);
	arena_finish(&call);
	if (e != OK)
		print_store_error(e);
	return e == OK;
}

/* Loads the settings. If any is refused, prints every reason and returns false. */
static bool load_config(struct runtime *runtime, const struct config_source *source)
{
	struct refusals refusals;

	if (config_load(source, &runtime->arena, &runtime->config, &runtime->raw, &refusals) == OK)
		return true;
	refusals_print(&refusals, stderr);
	return false;
}

bool compose_up(struct runtime *runtime, const struct config_source *source, bool serving)
{
	const enum database_use serve_use = source->create ? DATABASE_SERVE_CREATE : DATABASE_SERVE;
	struct str why;

	arena_init(&runtime->arena, RUNTIME_MEMORY);
	runtime->lock = INSTANCE_LOCK_NONE;
	log_clock_set(system_now);
	if (!crypto_start())
		return compose_fail(STR("libsodium cannot be initialised on this machine"));
	if (!load_config(runtime, source))
		return false;
	if (serving) { /* before anything is logged */
		process_set_log_format(runtime->config.log_format);
		process_set_log_level(runtime->config.log);
	}
	set_rules(runtime);
	runtime->world = (struct world){ .clock = system_clock(),
		.random = system_random(),
		.keys = &runtime->keys,
		.rules = &runtime->rules };
	if (world_id(&runtime->world, runtime->world.instance.text) != OK)
		return compose_fail(STR("the system returns no random bytes (getrandom)"));
	runtime->world.host = process_host_name(&runtime->arena);
	runtime->world.version = STR(KYCD_VERSION);
	compose_webhooks(&runtime->config, &runtime->world, &runtime->webhooks);
	if (source->need == NEED_NOTHING)
		return true;
	if (source->need == NEED_ALL && templates_read(runtime->config.mail_templates, &runtime->arena,
						&runtime->world.templates, &why) != OK)
		return compose_fail(why);
	return open_store(runtime, serving ? serve_use : DATABASE_EXISTING) && sync_clock(runtime) &&
	       compose_keys(runtime);
}

static bool open_mailer(struct runtime *runtime)
{
	const struct config *const c = &runtime->config;
	const struct smtp_conf conf = { .url = c->smtp_url,
		.from = c->mail_from,
		.reply_to = c->mail_reply_to,
		.allow_plain_private = c->allow_weak };

	if (c->smtp_url.n == 0) {
		if (inbox_mailer_open(runtime->world.clock, &runtime->world.mailer) != OK)
			return compose_fail(STR("the development inbox cannot be created: out of memory"));
		runtime->inbox = runtime->world.mailer;
		return true;
	}
	if (smtp_mailer_open(&conf, &runtime->world.mailer) == OK)
		return true;
	return compose_fail(
		STR("KYCD_SMTP_URL, KYCD_MAIL_FROM or KYCD_MAIL_REPLY_TO is invalid: they must be "
		    "smtp://[user:pass@]host:port, and an e-mail address or `Name <address>`"));
}

static bool open_webhook_sender(struct runtime *runtime)
{
	return curl_sender_open(&runtime->webhooks.conf, &runtime->webhook_sender) == OK ||
	       compose_fail(STR("the sender of webhook requests cannot be created: out of memory"));
}

static bool open_sandbox(struct runtime *runtime)
{
	return !runtime->rules.sandbox ||
	       compose_sandbox(&runtime->config, &runtime->world, &runtime->arena, &runtime->sandbox);
}

/* If API keys are optional, creates the tenant `default`, to which calls without a key belong. */
static bool add_default_tenant(struct runtime *runtime)
{
	const struct tenant_change change = { .name = STR(DEFAULT_TENANT) };
	struct tenant tenant;
	struct arena call;

	if (!runtime->rules.keys_optional)
		return true;
	arena_init(&call, ARENA_CALL_LIMIT);
	const enum err e = operator_add_tenant(&runtime->world, &call, &change, &tenant);
	arena_finish(&call);
	return e == OK || e == ERR_CONFLICT ||
	       compose_fail(STR("the tenant `default` cannot be created: run `kycd db check`"));
}

static size_t count_public_routes(const struct config *c)
{
	if (c->dev)
		return n_public_routes_in_dev;
	return c->docs ? n_public_routes_with_docs : n_public_routes;
}

static void set_api_contexts(struct runtime *runtime)
{
	const bool has_console = runtime->console.is_served && runtime->config.dev;

	runtime->public_api = (struct api_context){ .world = &runtime->world,
		.guard = runtime->guard,
		.single_flights = runtime->single_flights,
		.long_polls = runtime->long_polls,
		.poll_queue = runtime->poll_queue,
		.version = STR(KYCD_VERSION),
		.micros = system_micros,
		.page_limits = runtime->page_limits,
		.routes = runtime->public_routes,
		.console = has_console ? &runtime->console.settings : NULL,
		.n_routes = public_routes_list(
			count_public_routes(&runtime->config), has_console, runtime->public_routes),
		.docs = { .is_dev = runtime->config.dev, .has_inbox = runtime->inbox != NULL },
		.first_label = 1,
		.extra_prefix = "/api" };
	runtime->admin_api = runtime->public_api;
	runtime->admin_api.routes = admin_routes;
	runtime->admin_api.n_routes = n_admin_routes;
	runtime->admin_api.first_label = 1 + runtime->public_api.n_routes;
	runtime->admin_api.extra_prefix = NULL;
	runtime->admin_api.console = NULL;
	dispatch_label(&runtime->public_api);
	dispatch_label(&runtime->admin_api);
	compose_console_routes(
		&runtime->public_api, runtime->admin_api.first_label + n_admin_routes, &runtime->console);
	routes_label();
}

/* Builds the documentation if it is served. */
static bool describe_docs(struct runtime *runtime)
{
	if (!runtime->config.dev && !runtime->config.docs)
		return true;
	return docs_describe(&runtime->public_api, &runtime->arena) == OK;
}

/* Memory of one call of the admin listener: /metrics grows with the number of tenants. */
#define ADMIN_CALL_BYTES ((size_t)4 * 1024 * 1024)
#define DEV_CALL_BYTES CONSOLE_CALL_BYTES /* the inbox lists 20 e-mails with their HTML */

static bool open_listeners(struct runtime *runtime)
{
	const struct config *const config = &runtime->config;
	const struct listener_conf public_listener = { .setting = "KYCD_LISTEN",
		.address = config->listen,
		.call_bytes = config->dev ? DEV_CALL_BYTES : ARENA_CALL_LIMIT,
		.api = &runtime->public_api };
	const struct listener_conf admin_listener = { .setting = "KYCD_ADMIN_LISTEN",
		.address = config->admin_listen,
		.call_bytes = ADMIN_CALL_BYTES,
		.api = &runtime->admin_api };
	const struct ip_nets *const trusted = &runtime->trusted_proxies;

	return compose_listener(config, trusted, &public_listener, &runtime->public_server) &&
	       compose_listener(config, trusted, &admin_listener, &runtime->admin_server) &&
	       compose_console_listener(config, trusted, &runtime->console);
}

size_t long_polls_max(const struct config *config)
{
	return (size_t)config->max_connections / 4;
}

/*~ 1. The composition root: every part of the server is built here from the settings and passed to the code
 * that uses it. No other layer reads the wall clock, the system's randomness or the environment by itself.
 * The reading guide begins here and follows one request: a person enters a code (`POST
 * /security/email/verify-otp`). */
bool compose_serving(struct runtime *runtime)
{
	if (single_flights_open(&runtime->single_flights) != OK ||
		long_polls_open(long_polls_max(&runtime->config), &runtime->long_polls) != OK ||
		poll_queue_open(&runtime->poll_queue) != OK ||
		page_limits_open(&runtime->page_limits) != OK ||
		guard_open(&runtime->world, &runtime->guard) != OK)
		return compose_fail(STR("out of memory"));
	/* The networks can be read, because the setting was validated when it was loaded. */
	if (!open_mailer(runtime) || !open_webhook_sender(runtime) || !compose_provider(runtime) ||
		!open_sandbox(runtime) || !add_default_tenant(runtime) ||
		!ip_nets_read(runtime->config.trusted_proxies, &runtime->trusted_proxies) ||
		!compose_console_settings(
			&runtime->config, runtime->raw, &runtime->world, &runtime->arena, &runtime->console))
		return false;
	set_api_contexts(runtime);
	if (openapi_describe(&runtime->public_api, &runtime->arena) != OK || !describe_docs(runtime))
		return compose_fail(STR("out of memory"));
	return open_listeners(runtime);
}

void compose_down(struct runtime *runtime)
{
	server_close(runtime->public_server);
	server_close(runtime->admin_server);
	server_close(runtime->console.server);
	compose_sandbox_down(&runtime->sandbox);
	self_check_close(runtime->world.self_check);
	if (runtime->world.provider)
		runtime->world.provider->ops->close(runtime->world.provider);
	if (runtime->shared_state)
		runtime->shared_state->ops->close(runtime->shared_state);
	if (runtime->world.mailer)
		runtime->world.mailer->ops->close(runtime->world.mailer);
	if (runtime->webhook_sender)
		runtime->webhook_sender->ops->close(runtime->webhook_sender);
	guard_close(runtime->guard);
	single_flights_close(runtime->single_flights);
	long_polls_close(runtime->long_polls);
	poll_queue_close(runtime->poll_queue);
	page_limits_close(runtime->page_limits);
	if (runtime->world.store)
		runtime->world.store->ops->close(runtime->world.store);
	instance_lock_release(&runtime->lock);
	secure_wipe(&runtime->keys, sizeof(runtime->keys));
	arena_wipe(&runtime->arena);
	arena_finish(&runtime->arena);
	memset(runtime, 0, sizeof(*runtime));
}
