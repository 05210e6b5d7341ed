#include "app/event/person_event.h"

#include "app/core/sealed_names.h"
#include "app/event/numbering.h"
#include "app/person/person.h"
#include "app/person/reference.h"
#include "crypto/keys.h"
#include "crypto/seal.h"

void person_event_set_counts(struct event *event, const struct count_facts *facts)
{
	count_facts_write(facts, event->uncounted);
}

/* Types that are counted. The others never have anything to count. */
#define COUNTED_TYPES                                                                                        \
	(EVENT_TYPE_BIT(EVENT_USER_PREPARED) | EVENT_TYPE_BIT(EVENT_USER_EMAIL_VERIFIED) |                   \
		EVENT_TYPE_BIT(EVENT_USER_WALLET_VERIFIED) | EVENT_TYPE_BIT(EVENT_SESSION_CREATED) |         \
		EVENT_TYPE_BIT(EVENT_USER_ERASED))

static void set_counts_of_type(const struct enrolment *enrolment, struct event *event)
{
	const struct count_facts facts = {
		.before = event->type == EVENT_USER_ERASED ? enrolment->overall_status : 0,
		.after = event->type == EVENT_USER_PREPARED ? OVERALL_PENDING : 0,
	};

	if (event_types_have(COUNTED_TYPES, event->type))
		person_event_set_counts(event, &facts);
}

enum err person_event_init(
	const struct world *world, struct enrolment *enrolment, enum event_type type, struct event *out)
{
	const moment now = world_now(world);

	if (enrolment->public_user_id.text[0] == '\0')
		TRY(world_id(world, enrolment->public_user_id.text));
	/* A row of before the first event has no status yet. */
	if (enrolment->overall_status == 0)
		enrolment->overall_status = OVERALL_PENDING;
	enrolment->event_sequence = event_next_sequence(enrolment->event_sequence, now);
	enrolment->updated_at = now;
	*out = (struct event){ .tenant_id = enrolment->tenant_id,
		.user_id = enrolment->user_id,
		.public_user_id = enrolment->public_user_id,
		.type = type,
		.sequence = enrolment->event_sequence,
		.created_at = now };
	set_counts_of_type(enrolment, out);
	return world_id(world, out->id.text);
}

enum err person_event_seal_reference(const struct world *world, struct arena *a, const struct user *user,
	struct str reference, struct event *event)
{
	const struct sealed_field place = { SEALED_EVENT, event->id.text };
	struct json_writer w;
	struct buf text;
	struct str plain;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "reference", reference);
	json_end_object(&w);
	TRY(buf_done(&text, &plain));
	return user_seal(world, a, user, &place, plain, &event->sealed_data);
}

/* Adds an event that has a reference, which must be sealed. */
static enum err add_with_reference(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const char *channel, const struct count_facts *facts)
{
	struct user user = { .id = enrolment->user_id };
	struct event_draft draft;

	TRY(store_load_user(tx, &user));
	TRY(event_draft_begin(world, tx, &user, enrolment, type, &draft));
	(void)!str_copy_to(str_of(channel), draft.event.detail, sizeof(draft.event.detail));
	if (facts != NULL)
		person_event_set_counts(&draft.event, facts);
	return event_draft_add(world, tx, &user, &draft);
}

static enum err add_event(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const char *channel, const struct count_facts *facts)
{
	struct event event;

	if (enrolment->sealed_reference.n > 0)
		return add_with_reference(world, tx, enrolment, type, channel, facts);
	TRY(person_event_init(world, enrolment, type, &event));
	(void)!str_copy_to(str_of(channel), event.detail, sizeof(event.detail));
	if (facts != NULL)
		person_event_set_counts(&event, facts);
	return event_add(world, tx, &event);
}

enum err person_event_add(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const char *channel)
{
	return add_event(world, tx, enrolment, type, channel, NULL);
}

enum err person_event_add_counting(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const struct count_facts *facts)
{
	return add_event(world, tx, enrolment, type, "", facts);
}

static void begin_members(struct tx *tx, struct event_draft *draft)
{
	buf_init(&draft->text, tx->arena);
	json_writer_init(&draft->w, &draft->text);
	json_begin_object(&draft->w);
}

enum err event_draft_begin(const struct world *world, struct tx *tx, const struct user *user,
	struct enrolment *enrolment, enum event_type type, struct event_draft *out)
{
	struct str reference;

	TRY(person_event_init(world, enrolment, type, &out->event));
	TRY(reference_unseal(world, tx->arena, user, enrolment, &reference));
	begin_members(tx, out);
	if (reference.n > 0)
		json_field_text(&out->w, "reference", reference);
	return OK;
}

enum err event_draft_begin_for_tenant(const struct world *world, struct tx *tx,
	const struct tenant_id *tenant, enum event_type type, struct event_draft *out)
{
	const moment now = world_now(world);

	out->event =
		(struct event){ .tenant_id = *tenant, .type = type, .sequence = now.ms, .created_at = now };
	begin_members(tx, out);
	return world_id(world, out->event.id.text);
}

static enum err seal_with_database_key(
	const struct world *world, struct tx *tx, struct event *event, struct str plain)
{
	const struct seal_place place = { SEALED_EVENT, str_of(event->id.text) };
	unsigned char nonce[SEAL_NONCE_BYTES];

	TRY(world_random(world, nonce, sizeof(nonce)));
	return seal_write(tx->arena, &world->keys->person, &place, nonce, plain, &event->sealed_data);
}

enum err event_draft_add(
	const struct world *world, struct tx *tx, const struct user *user, struct event_draft *draft)
{
	struct event *const event = &draft->event;
	const struct sealed_field place = { SEALED_EVENT, event->id.text };
	struct str plain;

	json_end_object(&draft->w);
	TRY(buf_done(&draft->text, &plain));
	if (user) {
		TRY(user_seal(world, tx->arena, user, &place, plain, &event->sealed_data));
	} else {
		event->user_id = (struct user_id){ "" };
		TRY(seal_with_database_key(world, tx, event, plain));
	}
	return event_add(world, tx, event);
}
