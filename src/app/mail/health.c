#include "app/mail/health.h"

#include <string.h>

#include "base/log.h"

#define PROBE_INTERVAL seconds(10)
#define PROBE_TIME_MAX seconds(30) /* the longest time that a probe may take, see port/mailer.h */

/* Advice for each step and reason of port/mailer.h. An entry matches steps and reasons that begin with its
 * texts, so that "" matches all, and longer entries come first. */
/* clang-format off */
static const struct {
	const char *step, *reason, *advice;
} advices[] = {
	{ "",       "resolve",     "the host in KYCD_SMTP_URL has no IP address: check its spelling and the DNS" },
	{ "",       "connect",     "the mail server does not accept connections: check it, the firewall, host and port in KYCD_SMTP_URL" },
	{ "",       "address",     "plain SMTP is not allowed to the IP address of the host in KYCD_SMTP_URL: use smtps://" },
	{ "",       "timeout",     "the mail server takes longer than 28 s to answer: check its load, its log and the network" },
	{ "",       "starttls",    "the mail server offers no STARTTLS: enable it there, or use smtps:// in KYCD_SMTP_URL" },
	{ "",       "tls",         "the TLS handshake failed: check that the port in KYCD_SMTP_URL uses TLS (smtps: often 465)" },
	{ "",       "certificate", "the mail server's certificate is untrusted, expired or for another name: replace it, or use its name" },
	{ "",       "login",       "the mail server offers no login mechanism that kycd may use: enable PLAIN there, see docs/operating.md" },
	{ "",       "broken",      "the mail server closed the connection early or sent an incomplete reply: check its log" },
	{ "",       "message",     "the e-mail could not be written: check KYCD_MAIL_FROM and KYCD_MAIL_REPLY_TO" },
	{ "",       "memory",      "kycd is out of memory: check what else uses memory on this machine" },
	{ "",       "454",         "the mail server cannot check logins or start TLS at present: check its log" },
	{ "login",  "538",         "the mail server accepts logins over TLS only: use smtps:// in KYCD_SMTP_URL" },
	{ "login",  "5",           "the mail server refuses the login: check user and password in KYCD_SMTP_URL" },
	{ "sender", "530",         "the mail server wants a login or TLS first: put user and password, or smtps://, into KYCD_SMTP_URL" },
	{ "sender", "5",           "the mail server refuses the sender: check that it lets KYCD_MAIL_FROM send, and its log" },
	{ "",       "4",           "the mail server cannot accept mail at present: check its log" },
	{ "",       "5",           "the mail server rejects connections from kycd: check that it accepts this machine, and its log" },
};
/* clang-format on */

const char *mail_advice(const struct mail_report *report)
{
	for (size_t i = 0; i < array_len(advices); i++)
		if (str_starts(str_of(report->step), str_of(advices[i].step)) &&
			str_starts(str_of(report->reason), str_of(advices[i].reason)))
			return advices[i].advice;
	return "";
}

static struct log_field field_unless_empty(const char *key, const char *text, bool quoted)
{
	return text[0] != '\0' ? (struct log_field){ key, text, 0, quoted }
			       : (struct log_field){ NULL, NULL, 0, false };
}

void mail_report_fields(const struct mail_report *report, struct log_field fields[MAIL_REPORT_FIELDS])
{
	const struct log_field all[MAIL_REPORT_FIELDS] = {
		LOG_WORD("reason", report->reason),
		field_unless_empty("step", report->step, false),
		field_unless_empty("enhanced_status", report->enhanced_status, false),
		field_unless_empty("login_offer", report->login_offer, true),
		field_unless_empty("reply", report->reply, true),
	};

	memcpy(fields, all, sizeof(all));
}

static void mark_mail_up(struct mailer *mailer)
{
	if (atomic_exchange(&mailer->down_since, NOT_DOWN) == NOT_DOWN)
		return;
	atomic_store(&mailer->probe_result, MAILER_NOT_PROBED);
	if (!atomic_exchange(&mailer->reported_down, false))
		return;
	atomic_store(&mailer->recovered, true);
	log_event(LOG_INFO, "mail_recovered");
}

bool mail_take_recovered(const struct world *world)
{
	return atomic_exchange(&world->mailer->recovered, false);
}

void mail_set_recovered(const struct world *world)
{
	atomic_store(&world->mailer->recovered, true);
}

static void report_mail_down(struct mailer *mailer, const struct mail_report *report)
{
	struct log_field fields[MAIL_REPORT_FIELDS + 2];

	if (atomic_exchange(&mailer->reported_down, true))
		return;
	mail_report_fields(report, fields);
	fields[MAIL_REPORT_FIELDS] = LOG_TEXT(
		"effect", "send-otp answers 500 until an e-mail can be handed to the mail server");
	fields[MAIL_REPORT_FIELDS + 1] = LOG_TEXT("action", mail_advice(report));
	log_write(LOG_ERROR, "mail_down", fields, array_len(fields));
}

bool mail_is_reported_down(const struct world *world)
{
	return atomic_load(&world->mailer->reported_down);
}

static bool mail_is_failing_for(const struct world *world, duration limit)
{
	const int64_t now = world_now(world).ms;
	int64_t since = atomic_load(&world->mailer->down_since);

	/* If the clock was set back to before the start of the failure, the time is counted from now on.
	 * Otherwise the failure would go unnoticed for as long as the clock was set back. */
	if (since > now && atomic_compare_exchange_strong(&world->mailer->down_since, &since, now))
		since = now;
	return since != NOT_DOWN && now - since >= limit.ms;
}

void mail_health_record(
	const struct world *world, enum delivery_result result, const struct mail_report *report)
{
	struct mailer *const mailer = world->mailer;
	int64_t expected = NOT_DOWN;

	if (result != DELIVERY_RELAY_DOWN) {
		mark_mail_up(mailer);
		return;
	}
	atomic_store(&mailer->last_try, world_ticks(world));
	(void)atomic_compare_exchange_strong(&mailer->down_since, &expected, world_now(world).ms);
	if (mail_is_failing_for(world, world->rules->mail_down_after))
		report_mail_down(mailer, report);
}

/* Returns true for only one of the calls within `gap`; the next interval starts with that call. */
static bool claim_interval(_Atomic int64_t *last, int64_t now, duration gap)
{
	int64_t seen = atomic_load(last);

	return now - seen >= gap.ms && atomic_compare_exchange_strong(last, &seen, now);
}

static duration probe_interval(const struct world *world)
{
	return duration_is_shorter(world->rules->mail_retry, PROBE_INTERVAL) ? world->rules->mail_retry
									     : PROBE_INTERVAL;
}

bool mail_is_down(const struct world *world)
{
	struct mailer *const mailer = world->mailer;

	if (!mail_is_failing_for(world, world->rules->mail_down_after))
		return false;
	return atomic_load(&mailer->probe_result) != MAILER_PROBE_OK ||
	       !claim_interval(&mailer->last_try, world_ticks(world), PROBE_INTERVAL);
}

void mail_health_probe(const struct world *world, struct arena *a)
{
	struct mailer *const mailer = world->mailer;
	struct mail_report report = mail_report_of("");

	if (atomic_load(&mailer->down_since) == NOT_DOWN ||
		!claim_interval(&mailer->last_probe, world_ticks(world), probe_interval(world)))
		return;
	/* Prevents other threads from probing at the same time, however long this probe takes. */
	atomic_store(&mailer->last_probe, world_ticks(world) + PROBE_TIME_MAX.ms);
	const bool is_accepting = mailer_probe(mailer, a, &report);
	atomic_store(&mailer->last_probe, world_ticks(world));
	if (!is_accepting) {
		atomic_store(&mailer->probe_result, MAILER_PROBE_FAILED);
		if (mail_is_failing_for(world, world->rules->mail_down_after))
			report_mail_down(mailer, &report);
		return;
	}
	/* If the mail server failed a probe before and passes now, it has recovered. If every probe passed,
	 * the cause is something that a probe does not test, and only a sent e-mail can show that it is
	 * gone. */
	if (atomic_load(&mailer->probe_result) == MAILER_PROBE_FAILED)
		mark_mail_up(mailer);
	else
		atomic_store(&mailer->probe_result, MAILER_PROBE_OK);
}
