#include "main/daemon/reload.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "main/config/setting.h"
#include "main/config/warnings.h"
#include "main/platform/process.h"

/* Old rules stay, because a call may still go by them: after so many changes a restart is asked for. */
#define RELOADS_MAX 1000
#define RELOAD_MEMORY ((size_t)4 * 1024 * 1024)

/* clang-format off */
/* What is applied while running. Not the life of a code, which must stay right with KYCD_ALLOW_WEAK, and not its
 * digits, for codes of the other length are under way. */
static const struct {
	const char *name, *key;
	bool is_rule; /* stands in struct rules */
} applied[] = {
	{ "LOG",                         "log", false },
	{ "RATE_PER_MINUTE",             "rate_per_minute", true },
	{ "RATE_PER_SECOND",             "rate_per_second", true },
	{ "OTP_ATTEMPTS",                "otp_attempts", true },
	{ "OTP_SEND_BURST",              "otp_send_burst", true },
	{ "OTP_SEND_EVERY",              "otp_send_every", true },
	{ "OTP_SEND_PER_DAY",            "otp_send_per_day", true },
	{ "TRIES",                       "tries", true },
	{ "MAX_CONNECTIONS",             "max_connections", false },
	{ "MAX_CONNECTIONS_PER_ADDRESS", "max_connections_per_address", false },
	{ "DIDIT_WEBHOOK_SECRET",        "didit_webhook_secret", true },
};
/* clang-format on */

struct reload_report {
	struct arena arena; /* of what follows */
	struct config config;
	struct raw_config *raw;
	struct log_field fields[1 + array_len(applied)]; /* what is applied, for the log */
	size_t n;
	bool rules_too;
};

static size_t place_of(const char *name)
{
	size_t i = 0;

	while (i < array_len(applied) && strcmp(applied[i].name, name) != 0)
		i++;
	return i;
}

static bool differs(const struct raw_value *a, const struct raw_value *b)
{
	/* What follows from another setting is named by that one. */
	if (a->origin == ORIGIN_DEFAULT && b->origin == ORIGIN_DEFAULT)
		return false;
	return !str_eq(a->text, b->text);
}

static void warn(struct reload_report *report, const char *fact, const char *name, const char *why)
{
	const struct str setting = arena_printf(&report->arena, "KYCD_%s", name);
	const struct log_field fields[] = {
		LOG_WORD("setting", setting.p ? setting.p : name),
		LOG_TEXT("reason", why),
	};

	log_write(LOG_WARN, fact, fields, array_len(fields));
}

/* A secret is never shown, whatever file it came from. */
static void note(struct reload_report *report, size_t i, size_t place)
{
	const struct raw_value *const value = &report->raw->values[i];
	const bool shown = settings[i].kind != SETTING_SECRET && !value->is_file;

	report->fields[report->n++] = LOG_WORD(applied[place].key, shown ? value->text.p : "changed");
	report->rules_too = report->rules_too || applied[place].is_rule;
}

/* Names what needs a restart, and collects what does not. */
static void compare(const struct reload *reload, struct reload_report *report)
{
	const struct raw_config *const first = reload->runtime->raw;
	const struct raw_config *const last = reload->raw ? reload->raw : first;

	for (size_t i = 0; i < n_settings; i++) {
		const struct raw_value *const now = &report->raw->values[i];
		const size_t place = place_of(settings[i].name);

		if (place < array_len(applied) && differs(now, &last->values[i]))
			note(report, i, place);
		if (place == array_len(applied) && differs(now, &first->values[i]))
			warn(report, "restart_needed", settings[i].name,
				"it changed, and is read at the start only");
	}
}

static struct rules *make_rules(struct reload *reload, const struct config *c, struct str *why)
{
	struct rules *fresh;

	*why = STR("too many changes since the start: restart");
	if (reload->rules_count >= RELOADS_MAX)
		return NULL;
	*why = STR("no memory is left for more changes: restart");
	fresh = arena_new(&reload->runtime->arena, struct rules);
	if (!fresh)
		return NULL;
	reload->rules_count++;
	*fresh = *reload->runtime->world.rules;
	compose_limits(c, fresh);
	return fresh;
}

/* All of it or nothing. The secrets before the rules: no event is let in that cannot be judged. */
static bool apply(struct reload *reload, const struct reload_report *report, struct str *why)
{
	struct runtime *const runtime = reload->runtime;
	const struct config *const c = &report->config;
	const size_t most = (size_t)c->max_connections,
		     most_per_address = (size_t)c->max_connections_per_address;
	const struct rules *rules = runtime->world.rules;

	if (report->rules_too)
		rules = make_rules(reload, c, why);
	if (!rules)
		return false;
	*why = STR("KYCD_DIDIT_WEBHOOK_SECRET cannot be taken over: no memory, or not as many as may be");
	if (compose_secrets(runtime, c) != OK)
		return false;
	runtime->world.rules = rules;
	process_raise_fd_limit(c->max_connections);
	server_limit(runtime->public_server, most, most_per_address);
	server_limit(runtime->admin_server, most, most_per_address);
	return true;
}

/* "KYCD_NAME sentence", in two fields. */
static void refuse(struct str why)
{
	struct str rest = why, name = { NULL, 0 };
	char setting[128];

	if (!str_starts(why, STR("KYCD_")) || !str_cut(&rest, ' ', &name) ||
		!str_copy_to(name, setting, sizeof(setting)))
		(void)snprintf(setting, sizeof(setting), "-");
	log_event(LOG_ERROR, "reload_rejected", LOG_WORD("setting", setting), LOG_TEXT("reason", rest.p));
}

/* A weak setting is no better for having come later. */
static void warn_of_weak(struct reload_report *report)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	const size_t n = config_warnings_find(&report->config, report->raw, found);

	for (size_t i = 0; i < n; i++)
		if (place_of(found[i].name) < array_len(applied))
			warn(report, "weak_setting", found[i].name, found[i].sentence);
}

/* The line of what is applied is told at the old level or at the new one, whichever says more. */
static void tell(struct reload_report *report)
{
	const bool talks = str_eq(report->config.log, STR("debug")) ||
			   str_eq(report->config.log, STR("info"));

	if (talks)
		process_set_log_level(report->config.log);
	report->fields[0] = LOG_NUMBER("applied", (int64_t)report->n - 1);
	log_write(LOG_INFO, "reload_applied", report->fields, report->n);
	process_set_log_level(report->config.log);
	warn_of_weak(report);
}

static bool read_again(const struct reload *reload, struct reload_report *report, struct str *why)
{
	struct config_source source = *reload->source;

	/* A file that was there at the start and is not now is on its way, or lost: not to be done without.
	 */
	for (size_t i = 0; i < n_settings && !source.file; i++)
		if (reload->runtime->raw->values[i].origin == ORIGIN_FILE)
			source.file = "kycd.conf";
	return config_load(&source, &report->arena, &report->config, &report->raw, why) == OK;
}

/* Among the settings that were read are all the secrets. */
static void forget(struct arena *a)
{
	arena_wipe(a);
	arena_finish(a);
}

void reload_run(struct reload *reload)
{
	struct reload_report report = { .n = 1 };
	struct str why = STR("");

	arena_init(&report.arena, RELOAD_MEMORY);
	bool right = read_again(reload, &report, &why);
	if (right) {
		compare(reload, &report);
		right = report.n == 1 || apply(reload, &report, &why);
	}
	if (!right) {
		refuse(why);
		forget(&report.arena);
		return;
	}
	tell(&report);
	forget(&reload->arena);
	reload->arena = report.arena;
	reload->raw = report.raw;
}

void reload_finish(struct reload *reload)
{
	forget(&reload->arena);
}
