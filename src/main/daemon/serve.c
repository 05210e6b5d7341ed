#include "main/daemon/serve.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/admin/cleanup.h"
#include "app/mail/outbox_rows.h"
#include "app/session/pending_session.h"
#include "app/session/pollers.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "main/config/warnings.h"
#include "main/daemon/database.h"
#include "main/daemon/dev_mode.h"
#include "main/daemon/measurements.h"
#include "main/daemon/reload.h"
#include "main/daemon/self_check.h"
#include "main/daemon/watchdog.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"
#include "main/platform/systemd_report.h"
#include "store/sqlite/store.h"

/* How long a stop may take at most, including requests in progress (interface.md 1). */
#define STOP_LIMIT seconds(10)
/* How long requests of the console in progress may delay the stop of the public listener. */
#define CONSOLE_STOP_LIMIT seconds(2)

static void init_signal_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

/* Handler of SIGALRM: ends the process when STOP_LIMIT has passed, for example because a mail server is slow.
 * The next start releases the outbox lease of the e-mail that was being sent. */
static void serve_exit_at_stop_limit(int signal_number)
{
	(void)signal_number;
	_exit(EXIT_DONE);
}

/* Releases the outbox leases and the pending sessions that an earlier process of this database left. */
static bool release_leftovers(struct runtime *runtime)
{
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	enum err e = outbox_take_over(&runtime->world, &a);
	if (e == OK)
		e = pending_session_take_over(&runtime->world, &a);
	arena_finish(&a);
	if (e != OK)
		fprintf(stderr,
			"kycd: the waiting e-mails or the pending sessions cannot be read from the database (%s): "
			"run `kycd db check`\n",
			err_name(e));
	return e == OK;
}

/* Wakes the threads that process what a commit has added. Called by the store after the commit. */
static void wake_threads(void *arg, unsigned added)
{
	struct runtime *const runtime = arg;

	if ((added & ADDED_MAIL) != 0)
		workers_notify(runtime->workers);
	if ((added & ADDED_EVENT) != 0)
		number_worker_notify(runtime->number_worker);
	if ((added & ADDED_DELIVERY) != 0)
		dispatcher_notify(runtime->dispatcher);
}

static bool start_threads(struct runtime *runtime)
{
	/* In a shared database, other instances may hold leases and create sessions, so nothing is released
	 * here: what an instance that crashed has left expires by itself. */
	if (!runtime->world.store->shared && !release_leftovers(runtime))
		return false;
	/* The threads started below inherit this policy. On SQLite the one writer thread wakes many others,
	 * which must not preempt it. PostgreSQL's store switches the policy itself (store/postgres/batch). */
	if (!runtime->world.store->shared)
		thread_set_batch_priority(true);
	if (workers_start(&runtime->world, &runtime->workers) != OK) {
		fprintf(stderr,
			"kycd: the worker threads cannot be started: check the limits of threads and memory\n");
		return false;
	}
	if (dispatcher_start(&runtime->world, runtime->webhook_sender, &runtime->dispatcher) != OK) {
		fprintf(stderr,
			"kycd: the thread that delivers events cannot be started: check the limits of threads and memory\n");
		return false;
	}
	if (number_worker_start(&runtime->world, &runtime->number_worker) != OK) {
		fprintf(stderr,
			"kycd: the thread that numbers events cannot be started: check the limits of threads and memory\n");
		return false;
	}
	if (cleanup_thread_start(&runtime->world, &runtime->cleanup) != OK) {
		fprintf(stderr,
			"kycd: the clean-up thread cannot be started: check the limits of threads and memory\n");
		return false;
	}
	if (pollers_start(&runtime->world, runtime->poll_queue, &runtime->pollers) != OK) {
		fprintf(stderr,
			"kycd: the poller threads cannot be started: check the limits of threads and memory\n");
		return false;
	}
	if (measurements_start(&runtime->config, &runtime->measurements) != OK) {
		fprintf(stderr,
			"kycd: the measuring thread cannot be started: check the limits of threads and memory\n");
		return false;
	}
	runtime->world.store->ops->on_commit(runtime->world.store, wake_threads, runtime);
	if (server_start(runtime->admin_server) == OK && server_start(runtime->public_server) == OK &&
		(!runtime->console.server || server_start(runtime->console.server) == OK) &&
		(!runtime->sandbox.sandbox || sandbox_start(runtime->sandbox.sandbox) == OK))
		return true;
	fprintf(stderr,
		"kycd: the threads of the listeners cannot be started: check the limits of threads and memory\n");
	return false;
}

static void stop_threads(struct runtime *runtime)
{
	const int64_t started = system_ticks();

	systemd_report_stopping();
	signal(SIGALRM, serve_exit_at_stop_limit);
	alarm((unsigned)(STOP_LIMIT.ms / 1000));
	if (runtime->sandbox.sandbox)
		sandbox_stop(runtime->sandbox.sandbox);
	long_polls_stop(runtime->long_polls);
	dispatcher_begin_stop(runtime->dispatcher, milliseconds(STOP_LIMIT.ms - 1500));
	const bool console_stopped = !runtime->console.server ||
				     server_stop(runtime->console.server, CONSOLE_STOP_LIMIT);
	const bool public_stopped = server_stop(runtime->public_server,
		moment_diff((moment){ system_ticks() }, (moment){ started + STOP_LIMIT.ms - 800 }));
	const bool all_stopped = server_stop(runtime->admin_server, milliseconds(400)) && public_stopped &&
				 console_stopped;

	/* The checkpoint comes first, because SIGALRM may end the process during the steps below: old pages
	 * in the write-ahead log still contain data that was erased meanwhile. */
	if (database_is_file(&runtime->config))
		sqlite_store_checkpoint(database_path(&runtime->config), &runtime->arena);
	/* Requests that have not ended in time still use store and provider, so these cannot be closed: end
	 * the process at once. The next start releases the pending sessions of these requests. */
	if (!all_stopped)
		_exit(EXIT_DONE);
	measurements_stop(runtime->measurements);
	pollers_stop(runtime->pollers);
	cleanup_thread_stop(runtime->cleanup);
	number_worker_stop(runtime->number_worker);
	dispatcher_stop(runtime->dispatcher);
	workers_stop(runtime->workers);
	log_event(LOG_INFO, "stopped", LOG_NUMBER("ms", system_ticks() - started));
}

/* Two servers on one SQLite file would send e-mails twice and release each other's pending sessions. */
static bool has_lost_lock(struct runtime *runtime)
{
	if (instance_lock_keep(&runtime->lock) != ERR_BUSY)
		return false;
	log_event(LOG_ERROR, "instance_lock_lost", LOG_WORD("file", runtime->lock.path),
		LOG_TEXT("reason", "the file was removed, and another server uses the database now"),
		LOG_TEXT("effect", "this server stops"),
		LOG_TEXT("action", "run only one server with a SQLite file, and never remove its lock file"));
	return true;
}

/* Waits until the server should stop. SIGHUP stops a development server, because it means that the terminal
 * was closed. For a service SIGHUP means reload. Returns false if another server has taken over the database.
 */
static bool wait_for_stop(
	struct runtime *runtime, const struct config_source *source, const sigset_t *signals)
{
	static const struct timespec lock_interval = { .tv_sec = 1 };
	struct reload reload = { .source = source, .runtime = runtime };
	struct watchdog watchdog;
	bool stop = false, lost = false;

	watchdog_init(&watchdog, &runtime->arena, runtime->config.listen, runtime->config.admin_listen,
		runtime->console.server ? runtime->config.console_listen : STR(""));
	systemd_report_ready();
	while (!stop && !lost) {
		const int signal_number = sigtimedwait(signals, NULL, &lock_interval);

		if (signal_number == SIGHUP && !runtime->config.dev) {
			systemd_report_reloading();
			reload_run(&reload);
			systemd_report_ready();
		} else {
			stop = signal_number > 0;
		}
		lost = !stop && has_lost_lock(runtime);
		if (!stop && !lost)
			watchdog_run(&watchdog);
	}
	reload_finish(&reload);
	return !lost;
}

static void log_injected_variables(const struct raw_config *raw)
{
	if (raw->n_injected > 0)
		log_event(LOG_INFO, "variables_ignored", LOG_NUMBER("variables", (int64_t)raw->n_injected),
			LOG_WORD("first", raw->first_injected.p),
			LOG_TEXT("reason",
				"the container platform describes services in them; they are not settings"),
			LOG_TEXT("action",
				"none is needed; in Kubernetes, enableServiceLinks: false omits them"));
}

static enum exit_code run_server(struct runtime *runtime, const struct config_source *source)
{
	sigset_t signals;

	init_signal_set(&signals);
	/* Only the main thread receives signals, because all other threads are started with all signals
	 * blocked (base/lock). */
	sigprocmask(SIG_BLOCK, &signals, NULL);
	process_raise_fd_limit(runtime->config.max_connections);
	config_warnings_print(&runtime->config, runtime->raw, stderr);
	log_injected_variables(runtime->raw);
	metric_set(METRIC_WEAK, runtime->config.allow_weak);
	metric_set(METRIC_START_TIME, system_now().ms / 1000);
	metric_set(METRIC_CONNECTIONS_MAX, runtime->config.max_connections);
	if (!compose_serving(runtime))
		return EXIT_FAILED;
	if (self_check_open(&runtime->config, source, &runtime->world.self_check) != OK) {
		fprintf(stderr, "kycd: the checks for the console cannot be set up: out of memory\n");
		return EXIT_FAILED;
	}
	if (runtime->config.dev)
		dev_mode_mount(runtime);
	const bool started = start_threads(runtime);
	bool stopped_by_signal = false;
	if (started) {
		log_event(LOG_INFO, "ready", LOG_WORD("listen", runtime->config.listen.p),
			LOG_WORD("instance", runtime->world.instance.text));
		if (runtime->config.dev)
			dev_mode_print_intro(runtime);
		stopped_by_signal = wait_for_stop(runtime, source, &signals);
	}
	stop_threads(runtime);
	return stopped_by_signal ? EXIT_DONE : EXIT_FAILED;
}

/* Blocks SIGHUP from the beginning. If it arrives while a service still waits for its database or migrates
 * it, it stays pending until wait_for_stop handles it. SIGTERM and SIGINT are not blocked yet: they end such
 * a start at once. */
static void block_reload_signal(void)
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
		block_reload_signal();
	memset(&runtime, 0, sizeof(runtime));
	source.need = NEED_ALL;
	if (compose_up(&runtime, &source, true))
		code = run_server(&runtime, &source);
	compose_down(&runtime);
	return code;
}
