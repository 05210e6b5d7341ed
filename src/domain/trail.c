#include "domain/trail.h"

#include <stddef.h>

#include "base/attr.h"

static const char *const act_words[ACT_COUNT] = {
#define ACT(name, word) [ACT_##name] = word,
	ACTS(ACT)
#undef ACT
};

static const char *const actor_kind_words[] = {
	[ACTOR_KEY] = "key",
	[ACTOR_OPERATOR] = "operator",
	[ACTOR_WORKER] = "worker",
	[ACTOR_PROVIDER] = "provider",
};

const char *act_word(enum act a)
{
	return a < ACT_COUNT ? act_words[a] : "unknown";
}

const char *actor_kind_word(enum actor_kind k)
{
	return k < array_len(actor_kind_words) && actor_kind_words[k] ? actor_kind_words[k] : "unknown";
}
