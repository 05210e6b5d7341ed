#include "app/mail/outbox.h"

#include "app/core/branding.h"
#include "app/core/sealed_names.h"
#include "app/event/mail_event.h"
#include "app/mail/code_state.h"
#include "app/mail/health.h"
#include "app/mail/templates.h"
#include "app/person/person.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/lease.h"
#include "port/mailer.h"
#include "text/json.h"

/* The e-mails that effects are. */
static const enum mail_kind mail_kinds[] = {
	[EFFECT_MAIL_CODE] = MAIL_CODE,
	[EFFECT_MAIL_LINK_CODE] = MAIL_LINK,
	[EFFECT_MAIL_VERIFICATION_LINK] = MAIL_VERIFICATION_LINK,
};

/* Uses the first known language of: that of a verification link, the recipient's, that of the wallet's owner
 * (link codes only), the tenant's, and the setting's. */
static enum err choose_language(
	struct outbox_delivery *delivery, const struct user *user, const struct tenant *tenant)
{
	const struct world *const world = delivery->world;
	const struct json_value *payload cleanup_with(json_cleanup) = NULL;

	TRY(json_parse(delivery->plain, true, &payload));
	const struct str requested = json_text(json_get(payload, "language"));
	const bool is_of_link = delivery->effect.kind == EFFECT_MAIL_VERIFICATION_LINK;
	const struct str preferred[] = { is_of_link ? requested : STR(""), str_of(user->language), requested,
		str_of(tenant->language), world->rules->language };
	delivery->language = mail_template_language(
		world->templates, mail_kinds[delivery->effect.kind], preferred, array_len(preferred));
	return OK;
}

/* Loads the tenant's branding and logo. Without its logo, which another transaction may have removed, the
 * e-mail is sent without one. */
static enum err load_branding(struct outbox_delivery *delivery, struct tx *tx)
{
	struct logo logo;

	TRY(branding_load(tx, &delivery->effect.tenant_id, &delivery->branding));
	delivery->logo = STR("");
	if (!branding_has_logo(&delivery->branding))
		return OK;
	const enum err e = logo_load(tx, &delivery->branding.logo_digest, &logo);
	if (e == OK)
		delivery->logo = logo.image;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err prepare_delivery(
	struct outbox_delivery *delivery, struct tx *tx, const struct mail_recipient *to)
{
	const struct world *const world = delivery->world;
	struct tenant tenant = { .id = delivery->effect.tenant_id };
	const struct sealed_field place = { SEALED_EFFECT, delivery->effect.id.text };

	TRY(store_load_tenant(tx, &tenant));
	if (!to->known)
		return ERR_NOT_FOUND;
	TRY(user_unseal(
		world, tx->arena, &to->user, &place, delivery->effect.sealed_payload, &delivery->plain));
	const char *const brand = tenant.display_name;
	TRY(load_branding(delivery, tx));
	delivery->brand = arena_copy(tx->arena, brand[0] ? str_of(brand) : world->rules->brand);
	return delivery->brand.p ? choose_language(delivery, &to->user, &tenant) : ERR_INPUT;
}

/* A row that cannot be unsealed, because the person was erased or the data is corrupt, is dropped. Otherwise
 * it would block the rows that follow it. */
static enum err prepare_if_useful(
	struct outbox_delivery *delivery, struct tx *tx, const struct mail_recipient *to)
{
	const enum err e = delivery->useful ? prepare_delivery(delivery, tx, to) : OK;

	if (e != ERR_NOT_FOUND && e != ERR_INPUT && e != ERR_INTEGRITY)
		return e;
	delivery->useful = false;
	log_event(LOG_ERROR, "mail_decrypt_failed", LOG_WORD("mail_id", delivery->effect.id.text),
		LOG_WORD("err", err_name(e)));
	return OK;
}

/* Finds the row that has been due for the longest time and is not leased. */
static enum err find_due_effect(struct tx *tx, void *arg)
{
	struct outbox_delivery *const delivery = arg;
	struct effect probe = { .done = false, .due_at = world_expiry_now(delivery->world) };
	size_t n;

	TRY(store_clock(tx, &probe.lease_expires_at));
	delivery->leased_at = probe.lease_expires_at;
	TRY(store_find(tx, QUERY_EFFECTS_DUE, &probe, page_of(0, 1), &delivery->effect, &n));
	delivery->found = n > 0;
	return OK;
}

/* Reads whether the e-mail is still worth sending. An e-mail to a person whose rows are forged is not. */
static enum err load_code_state(struct outbox_delivery *delivery, struct tx *tx, moment now,
	struct mail_recipient *to, enum code_state *code)
{
	enum err e = mail_recipient_load(tx, &delivery->effect, to);

	*code = CODE_USELESS;
	if (e == OK)
		e = code_state_load(tx, &delivery->effect, to, now, code);
	return e == ERR_INTEGRITY ? OK : e;
}

static enum err lease_effect(struct tx *tx, void *arg)
{
	struct outbox_delivery *const delivery = arg;
	const moment now = world_expiry_now(delivery->world);
	struct mail_recipient to;
	enum code_state code;

	TRY(find_due_effect(tx, delivery));
	if (!delivery->found)
		return OK;
	TRY(load_code_state(delivery, tx, now, &to, &code));
	delivery->useful = code == CODE_LIVE;
	TRY(prepare_if_useful(delivery, tx, &to));
	if (delivery->useful)
		effect_lease(
			&delivery->effect, &delivery->world->instance, delivery->leased_at, LEASE_DURATION);
	else
		effect_finish(&delivery->effect, EFFECT_DROPPED, now);
	if (code == CODE_EXPIRED)
		TRY(email_failed_event(delivery->world, tx, &delivery->effect, "expired"));
	return store_save_effect(tx, &delivery->effect);
}

/* Loads the row again. `*is_leased` is false if the lease expired and another worker took the row. */
static enum err load_if_leased(
	struct tx *tx, const struct effect *effect, struct effect *row, bool *is_leased)
{
	*row = (struct effect){ .id = effect->id };

	const enum err e = store_load_effect(tx, row);
	*is_leased = e == OK && effect_is_leased_by(row, &effect->lease_owner, effect->tries);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Reports that the e-mail was refused, or was given up before its code was replaced or used. */
static enum err report_failure(const struct world *world, struct tx *tx, const struct effect *effect)
{
	struct mail_recipient to;
	enum code_state code;

	if (effect->state == EFFECT_REFUSED)
		return email_failed_event(world, tx, effect, "refused");
	if (effect->state != EFFECT_DROPPED)
		return OK;
	TRY(mail_recipient_load(tx, effect, &to));
	TRY(code_state_load(tx, effect, &to, world_expiry_now(world), &code));
	return code == CODE_USELESS ? OK : email_failed_event(world, tx, effect, "expired");
}

static enum err mark_effect(struct tx *tx, void *arg)
{
	const struct outbox_delivery *const delivery = arg;
	const moment now = world_expiry_now(delivery->world);
	struct effect effect;
	bool is_leased;

	TRY(load_if_leased(tx, &delivery->effect, &effect, &is_leased));
	if (!is_leased)
		return OK;
	if (delivery->state == EFFECT_DEFERRED)
		effect_defer(&effect, now,
			effect_delay(delivery->world->rules->mail_retry, effect.tries, delivery->jitter));
	else
		effect_finish(&effect, delivery->state, now);
	TRY(report_failure(delivery->world, tx, &effect));
	return store_save_effect(tx, &effect);
}

static const struct delivery_outcome {
	enum effect_state state;
	enum log_level level;
	const char *event, *label;
} outcomes[] = {
	[DELIVERY_ACCEPTED] = { EFFECT_ACCEPTED, LOG_INFO, "mail_sent", "accepted" },
	[DELIVERY_REFUSED] = { EFFECT_REFUSED, LOG_WARN, "mail_failed", "refused" },
	[DELIVERY_DEFERRED] = { EFFECT_DEFERRED, LOG_INFO, "mail_deferred", "deferred" },
	[DELIVERY_RELAY_DOWN] = { EFFECT_DEFERRED, LOG_ERROR, "mail_failed", "relay_down" },
};

void outbox_label(void)
{
	for (size_t i = 0; i < array_len(outcomes); i++)
		metric_label(METRIC_OUTBOX_DELIVERIES, 1, i, outcomes[i].label);
	metric_label(METRIC_OUTBOX_DELIVERIES, 0, EFFECT_MAIL_CODE, "code");
	metric_label(METRIC_OUTBOX_DELIVERIES, 0, EFFECT_MAIL_LINK_CODE, "link_code");
	metric_label(METRIC_OUTBOX_DELIVERIES, 0, EFFECT_MAIL_VERIFICATION_LINK, "verification_link");
}

/* Returns the host for the right side of a Message-ID. It is the host of the public URL; an IPv6 address
 * keeps its brackets. */
static struct str message_id_host(struct str url)
{
	struct str part, host;

	if (str_starts(url, STR("http://")) || str_starts(url, STR("https://"))) {
		(void)str_cut(&url, '/', &part);
		url = str_from(url, 1);
	}
	(void)str_cut(&url, '/', &part);
	host = part;
	if (str_starts(part, STR("["))) {
		(void)str_cut(&part, ']', &host);
		host.n++; /* `host` gets the closing bracket, which the setting was checked to have */
	} else {
		(void)str_cut(&part, ':', &host);
	}
	return host.n > 0 ? host : STR("localhost");
}

/* A request id is empty in rows of versions that did not store it. */
static struct log_field request_field(const struct outbox_delivery *delivery)
{
	return delivery->request_id[0] != '\0' ? LOG_WORD("request_id", delivery->request_id)
					       : (struct log_field){ NULL, NULL, 0, false };
}

static void log_delivery_result(
	const struct outbox_delivery *delivery, enum delivery_result result, const struct mail_report *report)
{
	const struct delivery_outcome *const row = &outcomes[result];
	struct log_field fields[4 + MAIL_REPORT_FIELDS + 1] = {
		LOG_WORD("mail_id", delivery->effect.id.text),
		request_field(delivery),
		LOG_NUMBER("tries", delivery->effect.tries),
		LOG_WORD("result", row->label),
	};

	mail_report_fields(report, fields + 4);
	/* The advice is left out unless the mail server failed, which an operator can fix. */
	if (result == DELIVERY_RELAY_DOWN)
		fields[4 + MAIL_REPORT_FIELDS] = LOG_TEXT("action", mail_advice(report));
	log_write(row->level, row->event, fields, array_len(fields));
}

/*~ 9. Side effects of a request are rows that are written in the same commit. Later, a worker thread leases
 * the row, hands the e-mail to the mail server while no transaction is open, and marks the row. */
static enum err send_effect_mail(struct outbox_delivery *delivery, struct arena *a)
{
	const struct world *const world = delivery->world;
	const struct json_value *payload cleanup_with(json_cleanup) = NULL;
	struct mail_message message;
	moment link_expires_at = { 0 };

	TRY(json_parse(delivery->plain, true, &payload));
	(void)!json_int(json_get(payload, "expires_at"), &link_expires_at.ms);
	if (!str_copy_to(json_text(json_get(payload, "request_id")), delivery->request_id,
		    sizeof(delivery->request_id)))
		delivery->request_id[0] = '\0';
	const struct mail_params params = {
		.effect = &delivery->effect,
		.to = json_text(json_get(payload, "to")),
		.code = json_text(json_get(payload, "code")),
		.url = json_text(json_get(payload, "url")),
		.expires_at = link_expires_at,
		.wallet = json_text(json_get(payload, "wallet")),
		.brand = delivery->brand,
		.branding = &delivery->branding,
		.logo = delivery->logo,
		.language = delivery->language,
		.templates = world->templates,
		.host = message_id_host(world->rules->public_url),
		.life = world->rules->otp_ttl,
		.sandbox = world->rules->sandbox,
	};
	TRY(mail_write(&params, a, &message));
	struct mail_report report = mail_report_of("");
	const enum delivery_result result = mailer_send(world->mailer, &message, a, &report);
	const struct delivery_outcome *const row = &outcomes[result];
	mail_health_record(world, result, &report);
	delivery->state = row->state;
	metric_add(METRIC_OUTBOX_DELIVERIES, (size_t)delivery->effect.kind, (size_t)result, 1);
	log_delivery_result(delivery, result, &report);
	return OK;
}

enum err outbox_lease(const struct world *world, struct arena *a, struct outbox_delivery *delivery)
{
	*delivery = (struct outbox_delivery){ .world = world, .state = EFFECT_DEFERRED };

	/* Searches for a row in a read transaction first. If no row is due, SQLite's only writer is not
	 * occupied. */
	TRY(store_transact(world->store, TX_READ, a, find_due_effect, delivery));
	return delivery->found ? store_transact(world->store, TX_WRITE, a, lease_effect, delivery) : OK;
}

enum err outbox_deliver(struct outbox_delivery *delivery, struct arena *a)
{
	if (!delivery->found || !delivery->useful)
		return OK;
	/* If the e-mail cannot be written or handed over, the row is marked as deferred, and the e-mail is
	 * tried again later. */
	TRY(world_random(delivery->world, &delivery->jitter, sizeof(delivery->jitter)));
	const enum err e = send_effect_mail(delivery, a);
	if (e != OK)
		log_event(LOG_ERROR, "mail_write_failed", LOG_WORD("mail_id", delivery->effect.id.text),
			request_field(delivery), LOG_WORD("err", err_name(e)));
	return outbox_mark(delivery, a);
}

enum err outbox_mark(struct outbox_delivery *delivery, struct arena *a)
{
	return store_transact(delivery->world->store, TX_WRITE, a, mark_effect, delivery);
}

bool outbox_must_mark(const struct outbox_delivery *delivery)
{
	return delivery->found && delivery->useful &&
	       moment_is_before(world_expiry_now(delivery->world), delivery->effect.expires_at);
}

enum err outbox_work(const struct world *world, struct arena *a, bool *worked)
{
	struct outbox_delivery delivery;

	TRY(outbox_lease(world, a, &delivery));
	*worked = delivery.found;
	return outbox_deliver(&delivery, a);
}

struct renewal {
	const struct effect *held;
	size_t n;
};

static enum err renew_leases(struct tx *tx, void *arg)
{
	const struct renewal *const r = arg;
	struct effect row;
	moment now;
	bool is_leased;

	TRY(store_clock(tx, &now));
	for (size_t i = 0; i < r->n; i++) {
		TRY(load_if_leased(tx, &r->held[i], &row, &is_leased));
		if (!is_leased)
			continue;
		effect_renew(&row, now, LEASE_DURATION);
		TRY(store_save_effect(tx, &row));
	}
	return OK;
}

enum err outbox_renew(const struct world *world, struct arena *a, const struct effect *held, size_t n)
{
	struct renewal r = { held, n };

	return n > 0 ? store_transact(world->store, TX_WRITE, a, renew_leases, &r) : OK;
}
