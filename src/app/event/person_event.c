#include "app/event/person_event.h"

#include "app/core/sealed_names.h"
#include "app/event/numbering.h"
#include "app/person/person.h"
#include "app/person/reference.h"
#include "crypto/keys.h"
#include "crypto/seal.h"

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
	enum event_type type, const char *channel)
{
	struct user user = { .id = enrolment->user_id };
	struct event_draft draft;

	TRY(store_load_user(tx, &user));
	TRY(event_draft_begin(world, tx, &user, enrolment, type, &draft));
	(void)!str_copy_to(str_of(channel), draft.event.detail, sizeof(draft.event.detail));
	return event_draft_add(world, tx, &user, &draft);
}

enum err person_event_add(const struct world *world, struct tx *tx, struct enrolment *enrolment,
	enum event_type type, const char *channel)
{
	struct event event;

	if (enrolment->sealed_reference.n > 0)
		return add_with_reference(world, tx, enrolment, type, channel);
	TRY(person_event_init(world, enrolment, type, &event));
	(void)!str_copy_to(str_of(channel), event.detail, sizeof(event.detail));
	return event_add(world, tx, &event);
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
