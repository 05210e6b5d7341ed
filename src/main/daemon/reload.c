#include "main/daemon/reload.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "main/config/setting.h"
#include "main/config/warnings.h"
#include "main/platform/process.h"

/* How many reloads may change rules; after that a restart is required. Each one allocates a new struct rules,
 * and the old one is never freed, because a call in progress may still use it. */
#define RELOADS_MAX 1000
#define RELOAD_MEMORY ((size_t)4 * 1024 * 1024)

/* clang-format off */
/* The settings that a reload applies. OTP_TTL is not among them because its limit depends on ALLOW_WEAK,
 * which is read only at start. OTP_DIGITS is not among them because codes with the old number of digits are
 * still valid. */
static const struct {
	const char *name, *key;
	bool is_rule; /* true: the setting is a member of struct rules */
} reloadable[] = {
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
	struct arena arena; /* memory of all members */
	struct config config;
	struct raw_config *raw;
	/* The applied settings, for the log. fields[0] is their number. */
	struct log_field fields[1 + array_len(reloadable)];
	size_t n;
	bool rules_changed;
};

/* Returns the index of the setting in reloadable[], or array_len(reloadable) if the setting needs a
 * restart. */
static size_t reloadable_index(const char *name)
{
	size_t i = 0;

	while (i < array_len(reloadable) && strcmp(reloadable[i].name, name) != 0)
		i++;
	return i;
}

static bool value_differs(const struct raw_value *a, const struct raw_value *b)
{
	/* Two derived defaults may differ because another setting has changed. Only that other setting is
	 * reported. */
	if (a->origin == ORIGIN_DEFAULT && b->origin == ORIGIN_DEFAULT)
		return false;
	return !str_eq(a->text, b->text);
}

static void log_setting_warning(
	struct reload_report *report, const char *event, const char *name, const char *reason)
{
	const struct str setting = arena_printf(&report->arena, "KYCD_%s", name);
	const struct log_field fields[] = {
		LOG_WORD("setting", setting.p ? setting.p : name),
		LOG_TEXT("reason", reason),
	};

	log_write(LOG_WARN, event, fields, array_len(fields));
}

/* Adds setting `i` to the list of applied settings. The value of a secret, or of a setting in a file of its
 * own, is logged as "changed". */
static void report_applied(struct reload_report *report, size_t i, size_t index)
{
	const struct raw_value *const value = &report->raw->values[i];
	const bool is_public = settings[i].kind != SETTING_SECRET && !value->is_file;

	report->fields[report->n++] = LOG_WORD(reloadable[index].key, is_public ? value->text.p : "changed");
	report->rules_changed = report->rules_changed || reloadable[index].is_rule;
}

/* Compares the new settings with the old ones. A changed setting that a reload can apply is added to the
 * report; for any other changed setting, a warning is logged that it needs a restart. */
static void compare_settings(const struct reload *reload, struct reload_report *report)
{
	const struct raw_config *const first = reload->runtime->raw;
	const struct raw_config *const last = reload->raw ? reload->raw : first;

	for (size_t i = 0; i < n_settings; i++) {
		const struct raw_value *const now = &report->raw->values[i];
		const size_t index = reloadable_index(settings[i].name);

		if (index < array_len(reloadable) && value_differs(now, &last->values[i]))
			report_applied(report, i, index);
		if (index == array_len(reloadable) && value_differs(now, &first->values[i]))
			log_setting_warning(report, "restart_needed", settings[i].name,
				"the setting has changed and is only read at the start: restart kycd");
	}
}

static struct rules *new_rules(struct reload *reload, const struct config *c, struct str *why)
{
	struct rules *rules;

	*why = STR("the rules have been reloaded too often since the start: restart kycd");
	if (reload->rules_count >= RELOADS_MAX)
		return NULL;
	*why = STR("no memory is left for another reload: restart kycd");
	rules = arena_new(&reload->runtime->arena, struct rules);
	if (!rules)
		return NULL;
	reload->rules_count++;
	*rules = *reload->runtime->world.rules;
	compose_limits(c, rules);
	return rules;
}

/* Applies all changes and returns true, or applies none and returns false. The webhook secrets are set before
 * the rules: once the rules accept provider events, the secrets to verify them must be there. */
static bool apply_settings(struct reload *reload, const struct reload_report *report, struct str *why)
{
	struct runtime *const runtime = reload->runtime;
	const struct config *const c = &report->config;
	const size_t connections = (size_t)c->max_connections,
		     per_address = (size_t)c->max_connections_per_address;
	const struct rules *rules = runtime->world.rules;

	if (report->rules_changed)
		rules = new_rules(reload, c, why);
	if (!rules)
		return false;
	*why = STR("KYCD_DIDIT_WEBHOOK_SECRET cannot be applied: too many secrets, or out of memory");
	if (compose_secrets(runtime, c) != OK)
		return false;
	runtime->world.rules = rules;
	process_raise_fd_limit(c->max_connections);
	server_limit(runtime->public_server, connections, per_address);
	long_polls_limit(runtime->long_polls, long_polls_max(c));
	metric_set(METRIC_CONNECTIONS_MAX, (int64_t)connections);
	server_limit(runtime->admin_server, connections, per_address);
	if (runtime->console.server)
		server_limit(runtime->console.server, connections, per_address);
	return true;
}

/* Logs a reason of the form "KYCD_NAME sentence" as two fields, `setting` and `reason`. */
static void log_rejected(struct str why)
{
	struct str rest = why, name = { NULL, 0 };
	char setting[128];

	if (!str_starts(why, STR("KYCD_")) || !str_cut(&rest, ' ', &name) ||
		!str_copy_to(name, setting, sizeof(setting)))
		(void)snprintf(setting, sizeof(setting), "-");
	log_event(LOG_ERROR, "reload_rejected", LOG_WORD("setting", setting), LOG_TEXT("reason", rest.p));
}

/* Logs the warnings that are also logged at start, but only for the settings that a reload applies. */
static void log_weak_settings(struct reload_report *report)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	const size_t n = config_warnings_find(&report->config, report->raw, found);

	for (size_t i = 0; i < n; i++)
		if (reloadable_index(found[i].name) < array_len(reloadable))
			log_setting_warning(report, "weak_setting", found[i].name, found[i].sentence);
}

/* Logs the applied settings and sets the new log level. The line is written if the old or the new level
 * includes info. */
static void log_applied(struct reload_report *report)
{
	const bool new_level_has_info = str_eq(report->config.log, STR("debug")) ||
					str_eq(report->config.log, STR("info"));

	if (new_level_has_info)
		process_set_log_level(report->config.log);
	report->fields[0] = LOG_NUMBER("applied", (int64_t)report->n - 1);
	log_write(LOG_INFO, "reload_applied", report->fields, report->n);
	process_set_log_level(report->config.log);
	log_weak_settings(report);
}

/* Loads the new settings. If any is refused, logs each reason and returns false. */
static bool load_settings(const struct reload *reload, struct reload_report *report)
{
	struct config_source source = *reload->source;
	struct refusals refusals;

	/* A kycd.conf that was read at start must be readable now. If it is missing, it is probably being
	 * replaced; its settings must not fall back to the defaults. */
	for (size_t i = 0; i < n_settings && !source.file; i++)
		if (reload->runtime->raw->values[i].origin == ORIGIN_FILE)
			source.file = "kycd.conf";
	if (config_load(&source, &report->arena, &report->config, &report->raw, &refusals) == OK)
		return true;
	for (size_t i = 0; i < refusals.n; i++)
		log_rejected(refusals.rows[i].text);
	return false;
}

/* Wipes the settings, which contain all secrets, before their memory is freed. */
static void wipe_arena(struct arena *a)
{
	arena_wipe(a);
	arena_finish(a);
}

void reload_run(struct reload *reload)
{
	struct reload_report report = { .n = 1 };
	struct str why = STR("");

	arena_init(&report.arena, RELOAD_MEMORY);
	if (!load_settings(reload, &report)) {
		wipe_arena(&report.arena);
		return;
	}
	compare_settings(reload, &report);
	if (report.n > 1 && !apply_settings(reload, &report, &why)) {
		log_rejected(why);
		wipe_arena(&report.arena);
		return;
	}
	log_applied(&report);
	wipe_arena(&reload->arena);
	reload->arena = report.arena;
	reload->raw = report.raw;
}

void reload_finish(struct reload *reload)
{
	wipe_arena(&reload->arena);
}
