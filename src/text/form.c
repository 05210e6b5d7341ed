#include "text/form.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "text/encode.h"
#include "text/form_field.h"
#include "text/json.h"
#include "text/unicode.h"

/* Input for one field, from a JSON body or a query string. */
struct field_input {
	enum {
		INPUT_ABSENT,
		INPUT_TEXT,
		INPUT_NOT_TEXT,
		INPUT_NOT_WORDS,
		INPUT_MALFORMED,
		INPUT_TOO_LARGE
	} state;
	struct str text;
};

static const char *const type_predicates[] = {
	[FIELD_TEXT] = "must be a string",
	[FIELD_CHARACTERS] = "must be a string",
	[FIELD_SCALAR] = "must be a string or an integer",
	[FIELD_EXACT] = "must be a string",
	[FIELD_EMAIL] = "must be a string",
	[FIELD_DIGITS] = "must be a string",
	[FIELD_LANGUAGE] = "must be a string",
	[FIELD_INTEGER] = "must be an integer",
	[FIELD_WORDS] = "must be a list of strings",
	[FIELD_FLAG] = "must be true or false",
};

/* `subject` is the name of a field, or "query". */
static enum form_verdict malformed_error(struct arena *a, const char *subject, const char *predicate,
	enum input_cause cause, struct form_problem *problem)
{
	const struct str sentence = arena_printf(a, "%s %s", subject, predicate);

	if (!sentence.p)
		return FORM_TOO_LARGE;
	*problem = (struct form_problem){ sentence, cause };
	return FORM_MALFORMED;
}

static enum form_verdict not_an_object_error(
	struct arena *a, enum input_cause cause, struct form_problem *problem)
{
	const struct str sentence = arena_copy(a, STR("body must be a JSON object"));

	if (!sentence.p)
		return FORM_TOO_LARGE;
	*problem = (struct form_problem){ sentence, cause };
	return FORM_MALFORMED;
}

/* What is wrong with a text that the field's parser refused. */
static enum input_cause cause_of_field(const struct field *field, struct str text)
{
	if (field->kind == FIELD_EMAIL)
		return input_cause_of_email(text);
	if (field->kind == FIELD_FLAG)
		return CAUSE_VALUE;
	const size_t n = field_length(field, text);

	if (n < field->min)
		return CAUSE_TOO_SHORT;
	return n > field->max ? CAUSE_TOO_LONG : CAUSE_CONTROL_CHARACTER;
}

/* Returns the problem of a field whose value is not a text. */
static enum form_verdict not_a_text_error(struct arena *a, const struct field *field,
	const struct field_input *input, struct form_problem *problem)
{
	if (input->state == INPUT_NOT_WORDS)
		return malformed_error(
			a, field->name, "has a word that is empty or has a comma", CAUSE_VALUE, problem);
	if (input->state != INPUT_NOT_TEXT)
		return malformed_error(a, field->name, "is malformed", CAUSE_PERCENT_ENCODING, problem);
	return malformed_error(a, field->name, type_predicates[field->kind], CAUSE_TYPE, problem);
}

/* The message states the permitted values, because a client cannot guess them. */
static enum form_verdict integer_error(
	struct arena *a, const struct field *field, struct form_problem *problem)
{
	const struct str predicate = arena_printf(
		a, "must be an integer from %zu to %zu", field->min, field->max);

	return predicate.p ? malformed_error(a, field->name, predicate.p, CAUSE_RANGE, problem)
			   : FORM_TOO_LARGE;
}

/* An empty list of words is malformed if the field needs some; a clearable field may be given empty. */
static bool counts_when_empty(const struct field *field)
{
	return field->presence == FIELD_CLEARABLE || field->kind == FIELD_CHARACTERS ||
	       (field->kind == FIELD_WORDS && field->min > 0);
}

/* Reads one field. If the field is absent and may be absent, returns FORM_READ and leaves `value`
 * unchanged. */
static enum form_verdict read_field(const struct field *field, const struct field_input *input,
	struct arena *a, struct str *value, struct form_problem *problem)
{
	const struct str text = unicode_trim(input->text);
	const struct str kept = field->kind == FIELD_EXACT ? input->text : text;

	if (input->state == INPUT_ABSENT)
		return FORM_READ;
	if (input->state == INPUT_TEXT && text.n == 0 && !counts_when_empty(field))
		return FORM_READ;
	if (input->state == INPUT_TOO_LARGE)
		return FORM_TOO_LARGE;
	if (input->state != INPUT_TEXT)
		return field->kind == FIELD_LANGUAGE ? FORM_READ : not_a_text_error(a, field, input, problem);

	switch (field_parse(field, kept, a, value)) {
	case OK:
		return FORM_READ;
	case ERR_INTERNAL:
		return FORM_TOO_LARGE;
	case ERR_INPUT:
	case ERR_NOT_FOUND:
	case ERR_CONFLICT:
	case ERR_BUSY:
	case ERR_UPSTREAM:
	case ERR_STORAGE:
	case ERR_INTEGRITY:
	case ERR_COUNT:
		break;
	}
	return field->kind == FIELD_INTEGER ? integer_error(a, field, problem)
					    : malformed_error(a, field->name, "is malformed",
						      cause_of_field(field, kept), problem);
}

/* `input` are the fields of which one is required. */
static enum form_verdict missing_field_error(
	const struct form *form, const struct field_input *input, size_t n, struct form_problem *problem)
{
	*problem = (struct form_problem){ str_of(form->missing), CAUSE_MISSING };
	for (size_t i = 0; i < n; i++)
		if (input[i].state == INPUT_TEXT)
			problem->cause = CAUSE_EMPTY;
	return FORM_MISSING;
}

static enum form_verdict read_fields(const struct form *form, const struct field_input *input,
	struct arena *a, void **body, struct form_problem *problem)
{
	char *const filled = arena_bytes(a, form->size, _Alignof(max_align_t));
	bool has_one = false;

	assert(!form->one_of || (form->one_of_first > 0 && form->one_of_first <= form->n));
	if (!filled)
		return FORM_TOO_LARGE;
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const field = &form->fields[i];
		struct str value = { NULL, 0 };
		const enum form_verdict verdict = read_field(field, &input[i], a, &value, problem);

		if (verdict != FORM_READ)
			return verdict;
		has_one = has_one || value.p;
		if (!value.p && field->presence == FIELD_REQUIRED)
			return missing_field_error(form, &input[i], 1, problem);
		if (form->one_of && i + 1 == form->one_of_first && !has_one)
			return missing_field_error(form, input, form->one_of_first, problem);
		assert(field->offset + sizeof(value) <= form->size);
		field_fill(field, value, filled);
	}
	*body = filled;
	return FORM_READ;
}

/* Returns the digits of a JSON integer as input, if the field may be given as an integer. */
static struct field_input input_of_integer(
	const struct field *field, const struct json_value *value, struct arena *a)
{
	int64_t number;

	if ((field->kind != FIELD_SCALAR && field->kind != FIELD_INTEGER) || !json_int(value, &number))
		return (struct field_input){ .state = INPUT_NOT_TEXT };
	const struct str digits = arena_printf(a, "%lld", (long long)number);
	return (struct field_input){ .state = digits.p ? INPUT_TEXT : INPUT_TOO_LARGE, .text = digits };
}

/* Returns the texts of a list as words that are separated by commas. */
static struct field_input input_of_list(const struct json_value *list, struct arena *a)
{
	struct field_input input = { .state = INPUT_TEXT };
	struct buf words;

	buf_init(&words, a);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct str word = json_text(json_at(list, i));

		if (json_kind_of(json_at(list, i)) != JSON_KIND_TEXT)
			return (struct field_input){ .state = INPUT_NOT_TEXT };
		if (word.n == 0 || str_has(word, ','))
			return (struct field_input){ .state = INPUT_NOT_WORDS };
		if (i > 0)
			buf_char(&words, ',');
		buf_add(&words, word);
	}
	if (buf_done(&words, &input.text) != OK)
		input.state = INPUT_TOO_LARGE;
	return input;
}

/* Returns whether a field may be given as a text in JSON. */
static bool takes_json_text(const struct field *field)
{
	return field->kind != FIELD_INTEGER && field->kind != FIELD_WORDS && field->kind != FIELD_FLAG;
}

static struct field_input input_of_json(
	const struct json_value *object, const struct field *field, struct arena *a)
{
	const struct json_value *const value = json_get(object, field->name);

	switch (json_kind_of(value)) {
	case JSON_KIND_ABSENT:
	case JSON_KIND_NULL:
		return (struct field_input){ .state = INPUT_ABSENT };
	case JSON_KIND_TEXT:
		return (struct field_input){ .state = takes_json_text(field) ? INPUT_TEXT : INPUT_NOT_TEXT,
			.text = json_text(value) };
	case JSON_KIND_INT:
		return input_of_integer(field, value, a);
	case JSON_KIND_BOOL:
		if (field->kind == FIELD_FLAG)
			return (struct field_input){ .state = INPUT_TEXT,
				.text = json_bool(value) ? STR("true") : STR("false") };
		break;
	case JSON_KIND_ARRAY:
		if (field->kind == FIELD_WORDS)
			return input_of_list(value, a);
		break;
	case JSON_KIND_REAL:
	case JSON_KIND_OBJECT:
		break;
	}
	return (struct field_input){ .state = INPUT_NOT_TEXT };
}

/* Index of the field with this name; form->n if there is none. */
static size_t field_index(const struct form *form, struct str name)
{
	size_t i = 0;

	while (i < form->n && !str_eq(str_of(form->fields[i].name), name))
		i++;
	return i;
}

/* Sets the message for a key that is given twice. The message names the key only if it is a field of the
 * form; other keys are text from outside and are not repeated. */
static enum form_verdict duplicate_key_error(
	const struct form *form, struct str text, struct arena *a, struct form_problem *problem)
{
	struct str key = { NULL, 0 };
	const enum err e = json_duplicate_key(a, text, &key);
	const size_t i = e == OK ? field_index(form, key) : form->n;

	if (e == ERR_INTERNAL)
		return FORM_TOO_LARGE;
	return malformed_error(a, i < form->n ? form->fields[i].name : "a field", "is given twice",
		CAUSE_DUPLICATE, problem);
}

enum form_verdict form_read_json(
	const struct form *form, struct str text, struct arena *a, void **body, struct form_problem *problem)
{
	const struct json_value *json cleanup_with(json_cleanup) = NULL;
	struct field_input *const input = arena_array(a, struct field_input, form->n);

	if (!input)
		return FORM_TOO_LARGE;
	const enum err e = json_parse(str_trim(text).n ? text : STR("{}"), true, &json);
	if (e == ERR_INTERNAL)
		return FORM_TOO_LARGE;
	if (e == ERR_CONFLICT)
		return duplicate_key_error(form, text, a, problem);
	if (e != OK)
		return not_an_object_error(a, input_cause_of_json(text), problem);
	if (json_kind_of(json) != JSON_KIND_OBJECT)
		return not_an_object_error(a, CAUSE_NOT_AN_OBJECT, problem);

	for (size_t i = 0; i < form->n; i++)
		input[i] = input_of_json(json, &form->fields[i], a);
	return read_fields(form, input, a, body, problem);
}

/* Replaces spaces by "+". A client that does not escape the "+" of an e-mail address in a query sends a
 * space. */
static struct str spaces_to_plus(struct str decoded, struct arena *a)
{
	const struct str trimmed = unicode_trim(decoded);
	char *const text = arena_bytes(a, trimmed.n + 1, 1);

	if (!text)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < trimmed.n; i++)
		text[i] = trimmed.p[i] == ' ' ? '+' : trimmed.p[i];
	return (struct str){ text, trimmed.n };
}

/* Decodes a parameter's value into `input`. A malformed value sets INPUT_MALFORMED and is not an error here.
 * ERR_INTERNAL: out of memory. */
static enum err parse_parameter_value(
	const struct field *field, struct str value, struct arena *a, struct field_input *input)
{
	struct str text = { NULL, 0 };

	const enum err e = percent_decode_query(a, value, &text);
	if (e == ERR_INPUT) {
		input->state = INPUT_MALFORMED;
		return OK;
	}
	TRY(e);
	if (field->kind == FIELD_EMAIL)
		text = spaces_to_plus(text, a);
	if (!text.p)
		return ERR_INTERNAL;
	*input = (struct field_input){ .state = INPUT_TEXT, .text = text };
	return OK;
}

/* Names of the query parameters read so far, to detect duplicates. */
struct parameter_names {
	struct str names[FORM_PARAMETERS_MAX];
	size_t n;
};

static bool has_name(const struct parameter_names *seen, struct str name)
{
	for (size_t i = 0; i < seen->n; i++)
		if (str_eq(seen->names[i], name))
			return true;
	return false;
}

/* Reads one `name=value`. Returns FORM_READ if the caller can continue with the next parameter. */
static enum form_verdict read_parameter(const struct form *form, struct str parameter, struct arena *a,
	struct field_input *input, struct parameter_names *seen, struct form_problem *problem)
{
	struct str name;

	str_cut(&parameter, '=', &name);
	if (seen->n == array_len(seen->names))
		return malformed_error(a, "query", "is malformed", CAUSE_TOO_MANY, problem);
	const enum err e = percent_decode_query(a, name, &name);
	if (e == ERR_INPUT)
		return malformed_error(a, "query", "is malformed", CAUSE_PERCENT_ENCODING, problem);
	if (e != OK)
		return FORM_TOO_LARGE;
	const size_t i = field_index(form, name);
	if (has_name(seen, name))
		return malformed_error(a, i < form->n ? form->fields[i].name : "a field", "is given twice",
			CAUSE_DUPLICATE, problem);
	seen->names[seen->n++] = name;
	if (i < form->n && parse_parameter_value(&form->fields[i], parameter, a, &input[i]) != OK)
		return FORM_TOO_LARGE;
	return FORM_READ;
}

enum form_verdict form_read_query(
	const struct form *form, struct str query, struct arena *a, void **body, struct form_problem *problem)
{
	struct field_input *const input = arena_array(a, struct field_input, form->n);
	struct parameter_names seen = { .n = 0 };
	struct str parameter;

	if (!input)
		return FORM_TOO_LARGE;
	while (query.n > 0) {
		str_cut(&query, '&', &parameter);
		const enum form_verdict verdict = read_parameter(form, parameter, a, input, &seen, problem);
		if (verdict != FORM_READ)
			return verdict;
	}
	const enum form_verdict verdict = read_fields(form, input, a, body, problem);
	if (verdict == FORM_MISSING && form->post_only && has_name(&seen, str_of(form->post_only)))
		problem->cause = CAUSE_POST_ONLY;
	return verdict;
}
