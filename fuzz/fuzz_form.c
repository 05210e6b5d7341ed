/* Properties: a form that was read satisfies its table of fields, and a form that was rejected had a reason
 * to be. This file evaluates the rules a second time, independently, from the parsed document. An input that
 * starts with "?" is a query string, any other input a JSON body. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/email.h"
#include "text/form.h"
#include "text/json.h"
#include "text/unicode.h"

struct body {
	struct str email, code, name, comment, language;
};

static const struct field fields[] = {
	FIELD(struct body, email, FIELD_EMAIL, FIELD_OPTIONAL, 3, 254),
	FIELD(struct body, code, FIELD_DIGITS, FIELD_OPTIONAL, 6, 6),
	FIELD(struct body, name, FIELD_TEXT, FIELD_REQUIRED, 2, 8),
	FIELD(struct body, comment, FIELD_TEXT, FIELD_OPTIONAL, 1, 20),
	FIELD(struct body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 0),
};

static const struct form form = {
	.fields = fields,
	.n = array_len(fields),
	.size = sizeof(struct body),
	.missing = "email or code, and name are required",
	.one_of = true,
	.one_of_first = 2,
};

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static bool has_tag_characters(struct str s)
{
	static const char tag[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || strchr(tag, s.p[i]) == NULL)
			return false;
	return s.n > 0;
}

static bool is_trimmed(struct str s)
{
	return unicode_trim(s).n == s.n;
}

/* Returns whether the text contains a control character: C0, DEL or C1. */
static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == 0x7F || (c == 0xC2 && (unsigned char)s.p[i + 1] < 0xA0))
			return true;
	}
	return false;
}

static void check_text(struct str s, size_t min, size_t max)
{
	abort_unless(
		s.n >= min && s.n <= max && s.n > 0 && is_trimmed(s) && str_is_utf8(s) && !has_control(s));
}

static void check_fields(struct arena *a, const struct body *body)
{
	struct str again = { NULL, 0 };

	abort_unless(body->email.p || body->code.p);
	if (body->email.p)
		abort_unless(email_normalise(a, body->email, &again) == OK && str_eq(body->email, again));
	if (body->code.p)
		abort_unless(
			str_is_utf8(body->code) && !str_has(body->code, ' ') && !str_has(body->code, '-'));
	abort_unless(body->name.p != NULL);
	check_text(body->name, 2, 8);
	if (body->comment.p)
		check_text(body->comment, 1, 20);
	if (body->language.p)
		abort_unless(body->language.n <= 35 && has_tag_characters(body->language));
}

static bool is_given(const struct json_value *document, const char *name)
{
	return unicode_trim(json_text(json_get(document, name))).n > 0;
}

static bool is_text_or_nothing(const struct json_value *document, const char *name)
{
	const enum json_kind kind = json_kind_of(json_get(document, name));

	return kind == JSON_KIND_TEXT || kind == JSON_KIND_NULL || kind == JSON_KIND_ABSENT;
}

/* Checks that the fields read are exactly those of the document. */
static void check_against_document(const struct json_value *document, const struct body *body)
{
	abort_unless(json_kind_of(document) == JSON_KIND_OBJECT);
	for (size_t i = 0; i + 1 < array_len(fields); i++)
		abort_unless(is_text_or_nothing(document, fields[i].name));
	abort_unless(is_given(document, "email") == (body->email.p != NULL));
	abort_unless(is_given(document, "code") == (body->code.p != NULL));
	abort_unless(is_given(document, "comment") == (body->comment.p != NULL));
	abort_unless(has_tag_characters(unicode_trim(json_text(json_get(document, "language")))) ==
		     (body->language.p != NULL));
	abort_unless(str_eq(unicode_trim(json_text(json_get(document, "name"))), body->name));
	abort_unless(!body->comment.p ||
		     str_eq(unicode_trim(json_text(json_get(document, "comment"))), body->comment));
	abort_unless(!body->language.p ||
		     str_starts(unicode_trim(json_text(json_get(document, "language"))), body->language));
}

/* Checks that a required field of the document is missing. Called after FORM_MISSING. */
static void check_missing(const struct json_value *document)
{
	const bool one = is_given(document, "email") || is_given(document, "code");

	abort_unless(!one || !is_given(document, "name"));
}

/* Checks that the message is one of the fixed messages and repeats nothing of the input. */
static void check_message(struct str why)
{
	static const char *const problems[] = { "is malformed", "must be a string", "is given twice" };
	struct str rest = why, subject;

	abort_unless(why.p != NULL);
	if (str_eq(why, STR("body must be a JSON object")) || str_eq(why, STR("query is malformed")) ||
		str_eq(why, STR("a field is given twice")))
		return;
	abort_unless(str_cut(&rest, ' ', &subject));
	bool is_known = false, is_field = false;
	for (size_t i = 0; i < array_len(problems); i++)
		is_known = is_known || str_eq(rest, str_of(problems[i]));
	for (size_t i = 0; i < array_len(fields); i++)
		is_field = is_field || str_eq(subject, str_of(fields[i].name));
	abort_unless(is_known && is_field);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool is_query = size > 0 && data[0] == '?';
	const struct str text = str_from((struct str){ (const char *)data, size }, is_query);
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
	void *body = NULL;
	struct arena arena;

	arena_init(&arena, (size_t)16 * 1024 * 1024);
	const enum form_verdict verdict = is_query ? form_read_query(&form, text, &arena, &body, &problem)
						   : form_read_json(&form, text, &arena, &body, &problem);
	const enum err parsed = is_query ? ERR_NOT_FOUND : json_parse(text, true, &document);
	abort_unless(verdict != FORM_TOO_LARGE);
	abort_unless((verdict == FORM_READ) == (body != NULL));
	if (verdict == FORM_MALFORMED)
		check_message(problem.message);
	if (verdict == FORM_MALFORMED || verdict == FORM_MISSING)
		abort_unless(
			problem.cause < INPUT_CAUSE_COUNT && input_cause_explanation(problem.cause).n > 0);
	if (verdict == FORM_READ)
		check_fields(&arena, body);
	if (verdict == FORM_READ && !is_query)
		check_against_document(document, body);
	if (verdict == FORM_MISSING && parsed == OK)
		check_missing(document);
	abort_unless(is_query || parsed == OK || verdict == FORM_MALFORMED || str_trim(text).n == 0);
	arena_finish(&arena);
	return 0;
}
