#include "domain/audit.h"

#include <stddef.h>

#include "base/attr.h"

static const char *const action_names[AUDIT_COUNT] = {
#define ACTION(id, name) [AUDIT_##id] = name,
	AUDIT_ACTIONS(ACTION)
#undef ACTION
};

static const char *const actor_kind_names[] = {
	[ACTOR_KEY] = "key",
	[ACTOR_OPERATOR] = "operator",
	[ACTOR_WORKER] = "worker",
	[ACTOR_PROVIDER] = "provider",
	[ACTOR_LINK] = "link",
};

const char *audit_action_name(enum audit_action a)
{
	return a < AUDIT_COUNT ? action_names[a] : "unknown";
}

const char *actor_kind_name(enum actor_kind k)
{
	return k < array_len(actor_kind_names) && actor_kind_names[k] ? actor_kind_names[k] : "unknown";
}
