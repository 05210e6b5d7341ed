#include "app/mail/outbox.h"

#include "app/core/sealed_names.h"
#include "app/mail/health.h"
#include "app/mail/templates.h"
#include "app/person/person.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/lease.h"
#include "port/mailer.h"
#include "text/json.h"

/* Whose letter it is: locked before the code, as by who asks for a code, so that neither waits for the other.
 */
struct addressee {
	struct user user;
	bool known;
};

static enum err meet(struct tx *tx, const struct effect *effect, struct addressee *out)
{
	*out = (struct addressee){ .user = { .id = effect->user_id } };

	const enum err e = store_load_user(tx, &out->user);
	out->known = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* The code for a pair stands with the claim on the address. */
static enum err load_pair_code(
	struct tx *tx, const struct effect *effect, const struct addressee *to, struct otp *otp)
{
	struct claim claim = { .code = { .tenant_id = effect->tenant_id },
		.email_index = to->user.blind_index };

	TRY(store_load_claim(tx, &claim));
	*otp = claim.code;
	return OK;
}

/* A code that expired, was replaced or was used is never sent. */
static enum err is_useful(
	struct tx *tx, const struct effect *effect, const struct addressee *to, moment now, bool *out)
{
	struct otp otp = { .tenant_id = effect->tenant_id, .user_id = effect->user_id };

	const enum err e = effect->kind == EFFECT_MAIL_LINK_CODE ? load_pair_code(tx, effect, to, &otp)
								 : store_load_otp(tx, &otp);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*out = e == OK && str_eq(str_of(otp.mail_id.text), str_of(effect->id.text)) && otp_is_live(&otp, now);
	return OK;
}

/* The reader's, else that of the wallet's owner who has it sent. */
static enum err choose_language(
	struct outbox_delivery *delivery, const struct user *user, const struct tenant *tenant)
{
	const struct world *const world = delivery->world;
	const struct json_value *content cleanup_with(json_cleanup) = NULL;

	TRY(json_parse(delivery->plain, true, &content));
	const struct str wishes[] = { str_of(user->language), json_text(json_get(content, "language")),
		str_of(tenant->language), world->rules->language };
	delivery->language = mail_template_language(world->templates,
		delivery->effect.kind == EFFECT_MAIL_LINK_CODE ? MAIL_LINK : MAIL_CODE, wishes,
		array_len(wishes));
	return OK;
}

static enum err open_letter(struct outbox_delivery *delivery, struct tx *tx, const struct addressee *to)
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
	delivery->brand = arena_copy(tx->arena, brand[0] ? str_of(brand) : world->rules->brand);
	return delivery->brand.p ? choose_language(delivery, &to->user, &tenant) : ERR_INPUT;
}

/* A row that cannot be read, because its person is gone or its bytes are spoilt, must not stand in the way of
 * those behind it. */
static enum err open_if_useful(struct outbox_delivery *delivery, struct tx *tx, const struct addressee *to)
{
	const enum err e = delivery->useful ? open_letter(delivery, tx, to) : OK;

	if (e != ERR_NOT_FOUND && e != ERR_INPUT)
		return e;
	delivery->useful = false;
	log_event(LOG_ERROR, "mail_decrypt_failed", LOG_WORD("mail_id", delivery->effect.id.text),
		LOG_WORD("err", err_name(e)));
	return OK;
}

/* The oldest that is due and that nobody has. */
static enum err look(struct tx *tx, void *arg)
{
	struct outbox_delivery *const delivery = arg;
	struct effect probe = { .done = false, .due_at = world_now(delivery->world) };
	size_t n;

	TRY(store_clock(tx, &probe.lease_expires_at));
	delivery->clock = probe.lease_expires_at;
	TRY(store_find(tx, QUERY_EFFECTS_DUE, &probe, page_of(0, 1), &delivery->effect, &n));
	delivery->found = n > 0;
	return OK;
}

static enum err lease(struct tx *tx, void *arg)
{
	struct outbox_delivery *const delivery = arg;
	const moment now = world_now(delivery->world);
	struct addressee to;

	TRY(look(tx, delivery));
	if (!delivery->found)
		return OK;
	TRY(meet(tx, &delivery->effect, &to));
	TRY(is_useful(tx, &delivery->effect, &to, now, &delivery->useful));
	TRY(open_if_useful(delivery, tx, &to));
	if (delivery->useful)
		effect_lease(&delivery->effect, &delivery->world->instance, delivery->clock, LEASE_DURATION);
	else
		effect_finish(&delivery->effect, EFFECT_DROPPED, now);
	return store_save_effect(tx, &delivery->effect);
}

/* Not if the lease ran out and somebody else took the letter: the row is theirs then. */
static enum err load_ours(struct tx *tx, const struct effect *effect, struct effect *row, bool *ours)
{
	*row = (struct effect){ .id = effect->id };

	const enum err e = store_load_effect(tx, row);
	*ours = e == OK && effect_is_leased_by(row, &effect->lease_owner, effect->tries);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err finish(struct tx *tx, void *arg)
{
	const struct outbox_delivery *const delivery = arg;
	const moment now = world_now(delivery->world);
	struct effect effect;
	bool ours;

	TRY(load_ours(tx, &delivery->effect, &effect, &ours));
	if (!ours)
		return OK;
	if (delivery->state == EFFECT_DEFERRED)
		effect_defer(&effect, now,
			effect_delay(delivery->world->rules->mail_retry, effect.tries, delivery->jitter));
	else
		effect_finish(&effect, delivery->state, now);
	return store_save_effect(tx, &effect);
}

static const struct fate {
	enum effect_state state;
	enum log_level level;
	const char *event, *what;
} fates[] = {
	[DELIVERY_ACCEPTED] = { EFFECT_ACCEPTED, LOG_INFO, "mail_sent", "accepted" },
	[DELIVERY_REFUSED] = { EFFECT_REFUSED, LOG_WARN, "mail_failed", "refused" },
	[DELIVERY_DEFERRED] = { EFFECT_DEFERRED, LOG_INFO, "mail_deferred", "deferred" },
	[DELIVERY_RELAY_DOWN] = { EFFECT_DEFERRED, LOG_ERROR, "mail_failed", "relay_down" },
};

void outbox_label(void)
{
	for (size_t i = 0; i < array_len(fates); i++)
		metric_label(METRIC_OUTBOX_DELIVERIES, 1, i, fates[i].what);
	metric_label(METRIC_OUTBOX_DELIVERIES, 0, EFFECT_MAIL_CODE, "code");
	metric_label(METRIC_OUTBOX_DELIVERIES, 0, EFFECT_MAIL_LINK_CODE, "link_code");
}

/* The right side of a Message-ID: the host of the public URL, an IPv6 address in its brackets. */
static struct str host_of(struct str url)
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
		host.n++; /* the bracket behind it; the setting was checked */
	} else {
		(void)str_cut(&part, ':', &host);
	}
	return host.n > 0 ? host : STR("localhost");
}

static void log_result(const struct outbox_delivery *delivery, enum delivery_result result)
{
	const struct fate *const row = &fates[result];
	const struct log_field fields[] = {
		LOG_WORD("mail_id", delivery->effect.id.text),
		LOG_WORD("result", row->what),
		LOG_WORD("reason", delivery->reason),
		LOG_NUMBER("tries", delivery->effect.tries),
		LOG_TEXT("action", mail_advice(delivery->reason)),
	};

	/* Only an operator can do something about a mail server that takes nothing. */
	log_write(row->level, row->event, fields, array_len(fields) - (result != DELIVERY_RELAY_DOWN));
}

/*~ 9. What the rules ask the world to do is a row of the same commit. Later, on a worker's thread: the row is
 * leased, the letter handed over while no transaction is open, the row marked. */
static enum err hand_over(struct outbox_delivery *delivery, struct arena *a)
{
	const struct world *const world = delivery->world;
	const struct json_value *content cleanup_with(json_cleanup) = NULL;
	struct mail_message message;

	TRY(json_parse(delivery->plain, true, &content));
	const struct code_mail_params from = {
		.effect = &delivery->effect,
		.to = json_text(json_get(content, "to")),
		.code = json_text(json_get(content, "code")),
		.wallet = json_text(json_get(content, "wallet")),
		.brand = delivery->brand,
		.language = delivery->language,
		.templates = world->templates,
		.host = host_of(world->rules->public_url),
		.life = world->rules->otp_ttl,
		.sandbox = world->rules->sandbox,
	};
	TRY(mail_write_code(&from, a, &message));
	const enum delivery_result result = mailer_send(world->mailer, &message, a, &delivery->reason);
	const struct fate *const row = &fates[result];
	mail_health_record(world, result, delivery->reason);
	delivery->state = row->state;
	metric_add(METRIC_OUTBOX_DELIVERIES, (size_t)delivery->effect.kind, (size_t)result, 1);
	log_result(delivery, result);
	return OK;
}

enum err outbox_lease(const struct world *world, struct arena *a, struct outbox_delivery *delivery)
{
	*delivery = (struct outbox_delivery){ .world = world, .state = EFFECT_DEFERRED, .reason = "" };

	/* Who only looks does not need the one writer. */
	TRY(store_transact(world->store, TX_READ, a, look, delivery));
	return delivery->found ? store_transact(world->store, TX_WRITE, a, lease, delivery) : OK;
}

enum err outbox_deliver(struct outbox_delivery *delivery, struct arena *a)
{
	if (!delivery->found || !delivery->useful)
		return OK;
	/* What cannot be written or handed over now is tried again; the row says when. */
	TRY(world_random(delivery->world, &delivery->jitter, sizeof(delivery->jitter)));
	const enum err e = hand_over(delivery, a);
	if (e != OK)
		log_event(LOG_ERROR, "mail_write_failed", LOG_WORD("mail_id", delivery->effect.id.text),
			LOG_WORD("err", err_name(e)));
	return outbox_mark(delivery, a);
}

enum err outbox_mark(struct outbox_delivery *delivery, struct arena *a)
{
	return store_transact(delivery->world->store, TX_WRITE, a, finish, delivery);
}

bool outbox_must_mark(const struct outbox_delivery *delivery)
{
	return delivery->found && delivery->useful &&
	       moment_is_before(world_now(delivery->world), delivery->effect.expires_at);
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

static enum err renew(struct tx *tx, void *arg)
{
	const struct renewal *const r = arg;
	struct effect row;
	moment now;
	bool ours;

	TRY(store_clock(tx, &now));
	for (size_t i = 0; i < r->n; i++) {
		TRY(load_ours(tx, &r->held[i], &row, &ours));
		if (!ours)
			continue;
		effect_renew(&row, now, LEASE_DURATION);
		TRY(store_save_effect(tx, &row));
	}
	return OK;
}

enum err outbox_renew(const struct world *world, struct arena *a, const struct effect *held, size_t n)
{
	struct renewal r = { held, n };

	return n > 0 ? store_transact(world->store, TX_WRITE, a, renew, &r) : OK;
}
