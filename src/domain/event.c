#include "domain/event.h"

#include <assert.h>
#include <string.h>

static const char *const names[EVENT_TYPE_COUNT] = {
#define TYPE(id, name) [EVENT_##id] = name,
	EVENT_TYPES(TYPE)
#undef TYPE
};

const char *event_type_name(enum event_type type)
{
	assert(type > EVENT_NONE && type < EVENT_TYPE_COUNT);
	return names[type];
}

enum event_type event_type_of_status(enum overall_status status)
{
	static const enum event_type types[OVERALL_STATUS_COUNT] = {
		[OVERALL_APPROVED] = EVENT_KYC_APPROVED,
		[OVERALL_DECLINED] = EVENT_KYC_DECLINED,
		[OVERALL_IN_REVIEW] = EVENT_KYC_IN_REVIEW,
		[OVERALL_EXPIRED] = EVENT_KYC_EXPIRED,
	};

	return types[status];
}

/* Returns whether `word` is `*`, or a prefix that ends in `.*` and that `name` has. */
static bool is_prefix_of(struct str word, const char *name)
{
	if (str_eq(word, STR("*")))
		return true;
	if (word.n < 3 || !str_ends(word, STR(".*")))
		return false;
	return str_starts(str_of(name), (struct str){ word.p, word.n - 1 });
}

bool event_types_add(struct str word, event_type_set *set)
{
	event_type_set found = 0;

	for (int type = EVENT_NONE + 1; type < EVENT_TYPE_COUNT; type++) {
		if (str_eq(word, str_of(names[type])) || is_prefix_of(word, names[type]))
			found |= EVENT_TYPE_BIT(type);
	}
	*set |= found;
	return found != 0;
}

bool event_types_parse(struct str words, event_type_set *out)
{
	event_type_set set = 0;
	bool more = true;
	struct str word;

	for (size_t n = 0; more; n++) {
		more = str_cut(&words, ',', &word);
		if (n == EVENT_TYPE_WORDS_MAX || !event_types_add(word, &set))
			return false;
	}
	*out = set;
	return true;
}

struct str event_types_unknown(struct str words)
{
	event_type_set set = 0;
	bool more = true;
	struct str word;

	while (more) {
		more = str_cut(&words, ',', &word);
		if (!event_types_add(word, &set))
			return word;
	}
	return STR("");
}

int64_t event_next_sequence(int64_t last, moment now)
{
	return now.ms > last ? now.ms : last + 1;
}

void shown_id_write(const char *prefix, const char id[ID_SIZE], char out[SHOWN_ID_SIZE])
{
	const struct str first = str_of(prefix), rest = str_of(id);

	assert(first.n + rest.n < SHOWN_ID_SIZE);
	memcpy(out, first.p, first.n);
	memcpy(out + first.n, rest.p, rest.n);
	out[first.n + rest.n] = '\0';
}

bool shown_id_read(const char *prefix, struct str text, char out[ID_SIZE])
{
	if (!str_starts(text, str_of(prefix)))
		return false;
	const struct str id = str_from(text, str_of(prefix).n);

	return id_is_valid(id) && str_copy_to(id, out, ID_SIZE);
}
