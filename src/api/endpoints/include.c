#include "api/endpoints/include.h"

#include <stddef.h>

#include "base/attr.h"

/* clang-format off */
static const struct {
	struct str word;
	size_t offset; /* of the flag in struct include */
} words[] = {
	{ STR_INIT("reasons"),     offsetof(struct include, reasons) },
	{ STR_INIT("next_action"), offsetof(struct include, next_action) },
};
/* clang-format on */

static bool add_word(struct str word, struct include *out)
{
	for (size_t i = 0; i < array_len(words); i++) {
		if (!str_eq(words[i].word, word))
			continue;
		*(bool *)((char *)out + words[i].offset) = true;
		return true;
	}
	return false;
}

bool read_include(struct call *call, struct str text, struct include *out, struct reply *reply)
{
	struct str word;
	bool has_more = text.n > 0;

	*out = (struct include){ false, false };
	while (has_more) {
		has_more = str_cut(&text, ',', &word);
		if (add_word(str_trim(word), out))
			continue;
		*reply = respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
			STR("include has an unknown word; it takes reasons and next_action"),
			input_cause_name(CAUSE_VALUE), input_cause_explanation(CAUSE_VALUE));
		return false;
	}
	return true;
}

static void write_reasons(struct json_writer *w, struct reasons reasons)
{
	json_key(w, "reasons");
	json_begin_array(w);
	for (int r = 0; r < REASON_COUNT; r++)
		if (reasons_have(reasons, (enum reason)r))
			json_put_text(w, str_of(reason_name((enum reason)r)));
	json_end_array(w);
}

void write_included(struct json_writer *w, const struct include *include, const struct next_step *step)
{
	if (include->reasons)
		write_reasons(w, step->reasons);
	if (include->next_action)
		json_field_text(w, "next_action", str_of(next_action_name(step->action)));
}

/* clang-format off */
static const struct schema_member included_members[] = {
	{ "reasons",     MEMBER_WORDS, "document_expired", "By `include`: why the session was declined, is in review or ended without a result; empty if it is approved.", false, reason_name_at, NULL },
	{ "next_action", MEMBER_TEXT,  "start_session",    "By `include`: what the person does next.", false, next_action_name_at, NULL },
};
/* clang-format on */
const struct json_schema included_schema = SCHEMA(included_members);
const struct json_schema only_included_schema = { NULL, 0, &included_schema };
