#include "app/event/person_event.h"

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
