#include "api/endpoints/include.h"

#include <stddef.h>

#include "base/attr.h"
#include "domain/event.h"
#include "domain/printable.h"

/* clang-format off */
static const struct {
	struct str word;
	size_t offset; /* of the flag in struct include */
} words[] = {
	{ STR_INIT("user_id"),     offsetof(struct include, user_id) },
	{ STR_INIT("reference"),   offsetof(struct include, reference) },
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

	*out = (struct include){ .reasons = false };
	while (has_more) {
		has_more = str_cut(&text, ',', &word);
		if (add_word(str_trim(word), out))
			continue;
		*reply = respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
			STR("include has an unknown word; it takes user_id, reference, reasons and next_action"),
			input_cause_name(CAUSE_VALUE), input_cause_explanation(CAUSE_VALUE));
		return false;
	}
	return true;
}

bool read_reference(struct call *call, struct str reference, struct include *include, struct reply *reply)
{
	if (reference.n == 0)
		return true;
	include->user_id = include->reference = true;
	if (printable_is_valid(reference, REFERENCE_MAX_CHARACTERS))
		return true;
	*reply = respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
		STR("reference must be 1 to 128 printable characters"), input_cause_name(CAUSE_NOT_PRINTABLE),
		input_cause_explanation(CAUSE_NOT_PRINTABLE));
	return false;
}

void write_user_id(struct json_writer *w, const char *key, const struct public_user_id *id)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(PUBLIC_USER_ID_PREFIX, id->text, shown);
	json_field_text(w, key, str_of(shown));
}

void write_reference(struct json_writer *w, struct str reference)
{
	if (reference.n > 0)
		json_field_text(w, "reference", reference);
	else
		json_field_null(w, "reference");
}

void write_reasons(struct json_writer *w, struct reasons reasons)
{
	json_key(w, "reasons");
	json_begin_array(w);
	for (int r = 0; r < REASON_COUNT; r++)
		if (reasons_have(reasons, (enum reason)r))
			json_put_text(w, str_of(reason_name((enum reason)r)));
	json_end_array(w);
}

void write_included(struct json_writer *w, const struct include *include, struct included from)
{
	if (include->user_id)
		write_user_id(w, "user_id", &from.ids->user_id);
	if (include->reference)
		write_reference(w, from.ids->reference);
	if (include->reasons)
		write_reasons(w, from.step->reasons);
	if (include->next_action)
		json_field_text(w, "next_action", str_of(next_action_name(from.step->action)));
}

/* clang-format off */
static const struct schema_member included_members[] = {
	{ "user_id",     MEMBER_TEXT,  EXAMPLE_USER_ID, "By `include`, or if the call has a `reference`: the person as your tenant knows them. Other tenants get other ids.", false, NULL, NULL },
	{ "reference",   MEMBER_TEXT,  "customer-4711", "By `include`, or if the call has a `reference`: your own id of the person; null without one.", true, NULL, NULL },
	{ "reasons",     MEMBER_WORDS, "document_expired", "By `include`: why the session was declined, is in review or ended without a result; empty if it is approved.", false, reason_name_at, NULL },
	{ "next_action", MEMBER_TEXT,  "start_session",    "By `include`: what the person does next.", false, next_action_name_at, NULL },
};
/* clang-format on */
const struct json_schema included_schema = SCHEMA(included_members);
const struct json_schema only_included_schema = { NULL, 0, &included_schema };
