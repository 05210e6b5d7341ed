#include "app/trail.h"

static void put(char *out, size_t size, const char *text)
{
	/* What does not fit is left out rather than cut: half an id names somebody else. */
	if (!str_copy_to(str_of(text), out, size))
		out[0] = '\0';
}

enum err trail_note(
	const struct world *world, struct tx *tx, const struct actor *actor, const struct deed *deed)
{
	struct trail row = { .at = world_now(world), .actor_kind = actor->kind, .act = deed->act };

	TRY(world_id(world, row.id.text));
	put(row.actor, sizeof(row.actor), actor->id);
	put(row.subject, sizeof(row.subject), deed->subject);
	put(row.tenant, sizeof(row.tenant), deed->tenant);
	put(row.request, sizeof(row.request), actor->request);
	put(row.note, sizeof(row.note), deed->note);
	return store_add_trail(tx, &row);
}
