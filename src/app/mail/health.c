#include "app/mail/health.h"

#include <string.h>

#include "base/log.h"

#define ASK_EVERY seconds(10)
#define ASK_LIMIT seconds(30) /* port/mailer.h */

/* The words of port/mailer.h. A reply's number is looked for behind them, by how it begins. */
/* clang-format off */
static const struct {
	const char *why, *advice;
} advices[] = {
	{ "resolve",     "KYCD_SMTP_URL names a host without an address: check its spelling and the DNS" },
	{ "connect",     "nobody answers there: check host and port of KYCD_SMTP_URL, the mail server and the firewall" },
	{ "address",     "the host of KYCD_SMTP_URL has an address where plain SMTP is not allowed: use smtps://" },
	{ "timeout",     "the mail server takes longer than 28 s: look at its load, its log and the network" },
	{ "starttls",    "the mail server offers no STARTTLS: switch it on there, or use smtps:// in KYCD_SMTP_URL" },
	{ "tls",         "no TLS could be agreed on: check that the port of KYCD_SMTP_URL speaks it (smtps: often 465)" },
	{ "certificate", "the certificate is not trusted, has run out or is for another name: mend it, or use its name" },
	{ "login",       "the mail server takes no login that we know: check its AUTH methods and KYCD_SMTP_URL" },
	{ "broken",      "the mail server ended the conversation early, or its reply had no end: its log says why" },
	{ "letter",      "the letter could not be written: check KYCD_MAIL_FROM and KYCD_MAIL_REPLY_TO" },
	{ "memory",      "there is no memory left: look at what else runs on this machine" },
	{ "454",         "the mail server cannot check logins or speak TLS just now: its log says why" },
	{ "53",          "the mail server refuses the login: check user and password in KYCD_SMTP_URL" },
	{ "4",           "the mail server has no time just now: its log says why" },
	{ "5",           "the mail server refuses us: check that it lets KYCD_MAIL_FROM send; its log says why" },
};
/* clang-format on */

const char *mail_advice(const char *why)
{
	for (size_t i = 0; i < array_len(advices); i++)
		if (str_starts(str_of(why), str_of(advices[i].why)))
			return advices[i].advice;
	return "";
}

static void it_goes(struct mailer *mailer)
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

static void say_hopeless(struct mailer *mailer, const char *why)
{
	if (!atomic_exchange(&mailer->reported_down, true))
		log_event(LOG_ERROR, "mail_down", LOG_WORD("reason", why),
			LOG_TEXT("effect", "send-otp answers 500 until one can be handed over"),
			LOG_TEXT("action", mail_advice(why)));
}

static bool stuck_for(const struct world *world, duration limit)
{
	const int64_t now = world_now(world).ms;
	int64_t since = atomic_load(&world->mailer->down_since);

	/* A clock that is set back begins to count anew, else it hides the trouble for as long. */
	if (since > now && atomic_compare_exchange_strong(&world->mailer->down_since, &since, now))
		since = now;
	return since != NOT_DOWN && now - since >= limit.ms;
}

void mail_health_record(const struct world *world, enum delivery_result result, const char *why)
{
	struct mailer *const mailer = world->mailer;
	int64_t not_yet = NOT_DOWN;

	if (result != DELIVERY_RELAY_DOWN) {
		it_goes(mailer);
		return;
	}
	atomic_store(&mailer->last_try, world_ticks(world));
	(void)atomic_compare_exchange_strong(&mailer->down_since, &not_yet, world_now(world).ms);
	if (stuck_for(world, world->rules->mail_down_after))
		say_hopeless(mailer, why);
}

/* True for one of all who ask within `gap`. */
static bool is_my_turn(_Atomic int64_t *last, int64_t now, duration gap)
{
	int64_t seen = atomic_load(last);

	return now - seen >= gap.ms && atomic_compare_exchange_strong(last, &seen, now);
}

static duration ask_every(const struct world *world)
{
	return duration_is_shorter(world->rules->mail_retry, ASK_EVERY) ? world->rules->mail_retry
									: ASK_EVERY;
}

bool mail_is_down(const struct world *world)
{
	struct mailer *const mailer = world->mailer;

	if (!stuck_for(world, world->rules->mail_down_after))
		return false;
	return atomic_load(&mailer->probe_result) != MAILER_PROBE_OK ||
	       !is_my_turn(&mailer->last_try, world_ticks(world), ASK_EVERY);
}

void mail_health_probe(const struct world *world, struct arena *a)
{
	struct mailer *const mailer = world->mailer;
	const char *why = "";

	if (atomic_load(&mailer->down_since) == NOT_DOWN ||
		!is_my_turn(&mailer->last_probe, world_ticks(world), ask_every(world)))
		return;
	/* One at a time, however long it takes. */
	atomic_store(&mailer->last_probe, world_ticks(world) + ASK_LIMIT.ms);
	const bool willing = mailer_probe(mailer, a, &why);
	atomic_store(&mailer->last_probe, world_ticks(world));
	if (!willing) {
		atomic_store(&mailer->probe_result, MAILER_PROBE_FAILED);
		if (stuck_for(world, world->rules->mail_down_after))
			say_hopeless(mailer, why);
		return;
	}
	/* It was unwilling and is no more. If it was willing all the time, what is in the way comes behind
	 * what asking sees, and only a letter can find out. */
	if (atomic_load(&mailer->probe_result) == MAILER_PROBE_FAILED)
		it_goes(mailer);
	else
		atomic_store(&mailer->probe_result, MAILER_PROBE_OK);
}
