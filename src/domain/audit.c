#include "domain/audit.h"

#include <stddef.h>

#include "base/attr.h"

static const char *const act_words[AUDIT_COUNT] = {
#define ACTION(name, word) [AUDIT_##name] = word,
	AUDIT_ACTIONS(ACTION)
#undef ACTION
};

static const char *const actor_kind_words[] = {
	[ACTOR_KEY] = "key",
	[ACTOR_OPERATOR] = "operator",
	[ACTOR_WORKER] = "worker",
	[ACTOR_PROVIDER] = "provider",
};

const char *audit_action_name(enum audit_action a)
{
	return a < AUDIT_COUNT ? act_words[a] : "unknown";
}

const char *actor_kind_name(enum actor_kind k)
{
	return k < array_len(actor_kind_words) && actor_kind_words[k] ? actor_kind_words[k] : "unknown";
}
