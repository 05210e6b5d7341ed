#include "main/daemon/watchdog.h"

#include "base/arena.h"
#include "base/log.h"
#include "main/platform/system_clock.h"
#include "main/platform/systemd_report.h"
#include "net/probe.h"

#define PROBE_LIMIT seconds(2)

void watchdog_init(struct watchdog *watchdog, struct arena *a, struct str listen, struct str admin_listen,
	struct str console_listen)
{
	*watchdog = (struct watchdog){
		/* systemd recommends half of its limit. A third permits one report to be late. */
		.interval = milliseconds(systemd_watchdog_limit().ms / 3),
		.public_url = arena_printf(a, "http://%.*s/health/live", STR_ARG(listen)),
		.admin_url = arena_printf(a, "http://%.*s/health/live", STR_ARG(admin_listen)),
		.has_console = console_listen.n > 0,
		.console_url = arena_printf(a, "http://%.*s/", STR_ARG(console_listen)),
		.next = system_ticks(),
	};
}

/* Returns whether the listener answers. A 503 is an answer: the connections may be used up. */
static bool listener_answers(struct str url)
{
	struct probe_result result = { 0 };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const bool answers = url.p != NULL && probe_http(url, true, PROBE_LIMIT, &a, &result) == OK;
	arena_finish(&a);
	return answers;
}

void watchdog_run(struct watchdog *watchdog)
{
	const int64_t now = system_ticks();

	if (watchdog->interval.ms == 0 || now < watchdog->next)
		return;
	watchdog->next = now + watchdog->interval.ms;
	if (listener_answers(watchdog->admin_url) && listener_answers(watchdog->public_url) &&
		(!watchdog->has_console || listener_answers(watchdog->console_url))) {
		systemd_report_alive();
		return;
	}
	log_event(LOG_ERROR, "listener_not_answering",
		LOG_TEXT("reason", "a listener did not answer a request within 2 s"),
		LOG_TEXT("effect", "systemd restarts kycd if this continues"));
}
