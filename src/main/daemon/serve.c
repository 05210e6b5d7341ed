#include "main/daemon/serve.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/admin/cleanup.h"
#include "app/mail/outbox_rows.h"
#include "app/session/pollers.h"
#include "base/log.h"
#include "base/metrics.h"
#include "main/config/warnings.h"
#include "main/daemon/database.h"
#include "main/daemon/dev_mode.h"
#include "main/daemon/reload.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"
#include "store/sqlite/store.h"

/* A stop takes at most this long in all (interface.md 1). */
#define STOP_LIMIT seconds(10)

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

/* A letter that a mail server takes its time over must not hold up the stop: its lease is taken over at the
 * next start. */
static void give_up_waiting(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_DONE);
}

static bool take_over(struct runtime *runtime)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const enum err e = outbox_take_over(&runtime->world, &a);
	arena_finish(&a);
	if (e != OK)
		fprintf(stderr, "kycd: the letters that are waiting cannot be read (%s)\n", err_name(e));
	return e == OK;
}

static bool start(struct runtime *runtime)
{
	/* Where others serve it too, a dead one's leases run out by themselves. */
	if (!runtime->world.store->shared && !take_over(runtime))
		return false;
	if (workers_start(&runtime->world, &runtime->workers) != OK) {
		fprintf(stderr, "kycd: the workers cannot be started\n");
		return false;
	}
	if (cleanup_thread_start(&runtime->world, &runtime->cleanup) != OK) {
		fprintf(stderr, "kycd: the clean-up thread cannot be started\n");
		return false;
	}
	if (pollers_start(&runtime->world, runtime->poll_queue, &runtime->pollers) != OK) {
		fprintf(stderr, "kycd: the pollers cannot be started\n");
		return false;
	}
	runtime->world.store->ops->on_commit(runtime->world.store, workers_notify, runtime->workers);
	if (server_start(runtime->admin_server) == OK && server_start(runtime->public_server) == OK &&
		(!runtime->sandbox.sandbox || sandbox_start(runtime->sandbox.sandbox) == OK))
		return true;
	fprintf(stderr, "kycd: the server's threads cannot be started\n");
	return false;
}

static void stop(struct runtime *runtime)
{
	const int64_t started = system_ticks();

	signal(SIGALRM, give_up_waiting);
	alarm((unsigned)(STOP_LIMIT.ms / 1000));
	if (runtime->sandbox.sandbox)
		sandbox_stop(runtime->sandbox.sandbox);
	const bool answered = server_stop(runtime->public_server,
		moment_diff((moment){ system_ticks() }, (moment){ started + STOP_LIMIT.ms - 800 }));
	const bool all = server_stop(runtime->admin_server, milliseconds(400)) && answered;

	/* Before what may be cut off. The log's old pages hold what was wiped meanwhile. */
	if (database_is_file(&runtime->config))
		sqlite_store_checkpoint(database_path(&runtime->config), &runtime->arena);
	/* Calls that were cut still hold store and provider: these go with the process. What they noted is
	 * repaired after the next start. */
	if (!all)
		_exit(EXIT_DONE);
	pollers_stop(runtime->pollers);
	cleanup_thread_stop(runtime->cleanup);
	workers_stop(runtime->workers);
	log_event(LOG_INFO, "stopped", LOG_NUMBER("ms", system_ticks() - started));
}

/* A hang-up ends what a developer started in a terminal that is gone. To a service it says: read the settings
 * again. */
static void wait_for_stop(struct runtime *runtime, const struct config_source *source, const sigset_t *stops)
{
	struct reload reload = { .source = source, .runtime = runtime };
	int signal_number = 0;

	while (sigwait(stops, &signal_number) != 0 || (signal_number == SIGHUP && !runtime->config.dev))
		if (signal_number == SIGHUP)
			reload_run(&reload);
	reload_finish(&reload);
}

static enum exit_code run(struct runtime *runtime, const struct config_source *source)
{
	sigset_t stops;

	stop_signals(&stops);
	/* All other threads are started with every signal blocked (base/lock): the main thread alone is told.
	 */
	sigprocmask(SIG_BLOCK, &stops, NULL);
	process_set_log_format(runtime->config.log_format);
	process_set_log_level(runtime->config.log);
	process_raise_fd_limit(runtime->config.max_connections);
	config_warnings_print(&runtime->config, runtime->raw, stderr);
	metric_set(METRIC_WEAK, runtime->config.allow_weak);
	if (!compose_serving(runtime))
		return EXIT_FAILED;
	if (runtime->config.dev)
		dev_mode_mount(runtime);
	const bool started = start(runtime);
	if (started) {
		log_event(LOG_INFO, "ready", LOG_WORD("listen", runtime->config.listen.p),
			LOG_WORD("instance", runtime->world.instance.text));
		if (runtime->config.dev)
			dev_mode_print_intro(runtime);
		wait_for_stop(runtime, source, &stops);
	}
	stop(runtime);
	return started ? EXIT_DONE : EXIT_FAILED;
}

/* A service may be told to reload while it still waits for its database or brings it forward: the signal
 * waits as well, for the first who asks (wait_for_stop). A stop ends such a start at once, and so does a
 * terminal that is gone. */
static void defer_reload(void)
{
	sigset_t reload;

	sigemptyset(&reload);
	sigaddset(&reload, SIGHUP);
	sigprocmask(SIG_BLOCK, &reload, NULL);
}

enum exit_code serve(const struct config_source *settings)
{
	struct config_source source = *settings;
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	if (!source.dev)
		defer_reload();
	memset(&runtime, 0, sizeof(runtime));
	source.need = NEED_ALL;
	if (compose_up(&runtime, &source, true))
		code = run(&runtime, &source);
	compose_down(&runtime);
	return code;
}
