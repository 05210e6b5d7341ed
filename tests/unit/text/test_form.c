#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "text/form.h"

struct body {
	struct str email, code, name, language;
};

static const struct field fields[] = {
	FIELD(struct body, email, FIELD_EMAIL, FIELD_REQUIRED, 3, 254),
	FIELD(struct body, code, FIELD_DIGITS, FIELD_REQUIRED, 6, 6),
	FIELD(struct body, name, FIELD_TEXT, FIELD_OPTIONAL, 2, 5),
	FIELD(struct body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, 0, 0),
};

static const struct form form = {
	.fields = fields,
	.n = array_len(fields),
	.size = sizeof(struct body),
	.missing = "email and code are required",
};

static struct arena arena;

static int setup(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

#define GOOD "\"email\":\"a@b.c\",\"code\":\"123456\""
#define C35 "abcdefghijklmnopqrstuvwxyzabcdefghi"

/* A text and the expected result. A field that is NULL is expected to be absent. */
struct row {
	const char *name;
	struct str text;
	enum form_verdict verdict;
	const char *why;
	const char *email, *code, *person_name, *language;
};

typedef enum form_verdict form_reader(
	const struct form *form, struct str text, struct arena *a, void **body, struct form_problem *problem);

static void assert_field(const char *name, struct str got, const char *expected)
{
	if (!str_eq(got, str_of(expected)) || !got.p != !expected)
		fail_msg("%s: \"%.*s\"", name, STR_ARG(got));
}

static void assert_row(form_reader *read, const struct form *with, const struct row *row)
{
	void *result = NULL;
	struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
	const enum form_verdict verdict = read(with, row->text, &arena, &result, &problem);

	if (verdict != row->verdict)
		fail_msg("%s: verdict %d, \"%.*s\"", row->name, (int)verdict, STR_ARG(problem.message));
	assert_field(row->name, problem.message, row->why);
	if (verdict != FORM_READ) {
		assert_null(result);
		return;
	}
	const struct body *const body = result;
	assert_field(row->name, body->email, row->email);
	assert_field(row->name, body->code, row->code);
	assert_field(row->name, body->name, row->person_name);
	assert_field(row->name, body->language, row->language);
}

#define READ(...) FORM_READ, NULL, __VA_ARGS__
#define MISSING FORM_MISSING, "email and code are required", NULL, NULL, NULL, NULL
#define MALFORMED(why) FORM_MALFORMED, why, NULL, NULL, NULL, NULL
#define BASE "a@b.c", "123456"

/* clang-format off */
static const struct row bodies[] = {
	{ "required fields only", STR_INIT("{" GOOD "}"), READ(BASE, NULL, NULL) },
	{ "all fields", STR_INIT("{" GOOD ",\"name\":\"Ada\",\"language\":\"pt-BR\"}"), READ(BASE, "Ada", "pt-BR") },
	{ "any order, white space, unknown fields", STR_INIT("\n{\"x\":[{}],\"code\":\"123456\",\"email\":\"a@b.c\"} "),
		READ(BASE, NULL, NULL) },
	{ "a known name in a nested object", STR_INIT("{" GOOD ",\"x\":{\"email\":1}}"), READ(BASE, NULL, NULL) },
	{ "trimmed and normalised", STR_INIT("{\"email\":\" A@B.C\\n\",\"code\":\" 123-456 \",\"name\":\"\\tAda \"}"),
		READ(BASE, "Ada", NULL) },
	{ "code in digits of other scripts", STR_INIT("{\"email\":\"a@b.c\",\"code\":\"\\uff11\\u0662\\u06f3\\u200b456\"}"),
		READ(BASE, NULL, NULL) },
	{ "the length of a code is not checked", STR_INIT("{\"email\":\"a@b.c\",\"code\":\"1x\"}"),
		READ("a@b.c", "1x", NULL, NULL) },
	{ "a code of hyphens becomes empty", STR_INIT("{\"email\":\"a@b.c\",\"code\":\"---\"}"),
		READ("a@b.c", "", NULL, NULL) },
	{ "optional null and empty", STR_INIT("{" GOOD ",\"name\":null,\"language\":\"  \"}"), READ(BASE, NULL, NULL) },

	{ "empty body", STR_INIT(""), MISSING },
	{ "NULL body", { NULL, 0 }, MISSING },
	{ "blanks", STR_INIT(" \r\n"), MISSING },
	{ "empty object", STR_INIT("{}"), MISSING },
	{ "email missing", STR_INIT("{\"code\":\"123456\"}"), MISSING },
	{ "code missing", STR_INIT("{\"email\":\"a@b.c\"}"), MISSING },
	{ "email null", STR_INIT("{\"email\":null,\"code\":\"123456\"}"), MISSING },
	{ "email empty", STR_INIT("{\"email\":\"\",\"code\":\"123456\"}"), MISSING },
	{ "email blank", STR_INIT("{\"email\":\" \\t\",\"code\":\"123456\"}"), MISSING },
	{ "code blank", STR_INIT("{\"email\":\"a@b.c\",\"code\":\" \\r\\n\"}"), MISSING },
	{ "field names are case-sensitive", STR_INIT("{\"Email\":\"a@b.c\",\"code\":\"123456\"}"), MISSING },

	{ "array", STR_INIT("[]"), MALFORMED("body must be a JSON object") },
	{ "text", STR_INIT("\"email\""), MALFORMED("body must be a JSON object") },
	{ "null", STR_INIT("null"), MALFORMED("body must be a JSON object") },
	{ "not JSON", STR_INIT("email=a@b.c"), MALFORMED("body must be a JSON object") },
	{ "truncated", STR_INIT("{" GOOD), MALFORMED("body must be a JSON object") },
	{ "escaped NUL", STR_INIT("{\"email\":\"a@b.c\\u0000\",\"code\":\"123456\"}"),
		MALFORMED("body must be a JSON object") },

	{ "email twice", STR_INIT("{" GOOD ",\"email\":\"a@b.c\"}"), MALFORMED("email is given twice") },
	{ "email twice, escaped", STR_INIT("{" GOOD ",\"\\u0065mail\":\"a@b.c\"}"), MALFORMED("email is given twice") },
	{ "optional twice", STR_INIT("{" GOOD ",\"name\":\"Ada\",\"name\":null}"), MALFORMED("name is given twice") },
	{ "unknown twice", STR_INIT("{" GOOD ",\"<x>\":1,\"<x>\":2}"), MALFORMED("a field is given twice") },
	{ "a duplicate is reported before a missing field", STR_INIT("{\"code\":1,\"code\":2}"), MALFORMED("code is given twice") },

	{ "email is a number", STR_INIT("{\"email\":1,\"code\":\"123456\"}"), MALFORMED("email must be a string") },
	{ "code is a number", STR_INIT("{\"email\":\"a@b.c\",\"code\":123456}"), MALFORMED("code must be a string") },
	{ "code is a real", STR_INIT("{\"email\":\"a@b.c\",\"code\":1.5}"), MALFORMED("code must be a string") },
	{ "code is a boolean", STR_INIT("{\"email\":\"a@b.c\",\"code\":true}"), MALFORMED("code must be a string") },
	{ "code is an array", STR_INIT("{\"email\":\"a@b.c\",\"code\":[\"1\"]}"), MALFORMED("code must be a string") },
	{ "code is an object", STR_INIT("{\"email\":\"a@b.c\",\"code\":{}}"), MALFORMED("code must be a string") },
	{ "optional of a wrong type", STR_INIT("{" GOOD ",\"name\":false}"), MALFORMED("name must be a string") },

	{ "email malformed", STR_INIT("{\"email\":\"a@b\",\"code\":\"123456\"}"), MALFORMED("email is malformed") },
	{ "email with CR LF", STR_INIT("{\"email\":\"a@b.c\\r\\nx\",\"code\":\"1\"}"), MALFORMED("email is malformed") },
	{ "malformed field comes before the missing one", STR_INIT("{\"email\":\"a@b\"}"), MALFORMED("email is malformed") },
	{ "missing field comes before the malformed one", STR_INIT("{\"code\":1}"), MISSING },
	{ "missing field comes before the malformed optional one", STR_INIT("{\"email\":\"a@b.c\",\"name\":1}"), MISSING },

	{ "name of the minimum length", STR_INIT("{" GOOD ",\"name\":\"ab\"}"), READ(BASE, "ab", NULL) },
	{ "name too short", STR_INIT("{" GOOD ",\"name\":\" a \"}"), MALFORMED("name is malformed") },
	{ "name of the maximum length", STR_INIT("{" GOOD ",\"name\":\" abcde \"}"), READ(BASE, "abcde", NULL) },
	{ "name too long", STR_INIT("{" GOOD ",\"name\":\"abcdef\"}"), MALFORMED("name is malformed") },
	{ "length in bytes: 5", STR_INIT("{" GOOD ",\"name\":\"a\u00E9\u00E9\"}"), READ(BASE, "a\u00E9\u00E9", NULL) },
	{ "length in bytes: 6", STR_INIT("{" GOOD ",\"name\":\"\u00E9\u00E9\u00E9\"}"), MALFORMED("name is malformed") },
	{ "name with LF", STR_INIT("{" GOOD ",\"name\":\"a\\nb\"}"), MALFORMED("name is malformed") },
	{ "name with CR", STR_INIT("{" GOOD ",\"name\":\"a\\rb\"}"), MALFORMED("name is malformed") },
	{ "name with tab", STR_INIT("{" GOOD ",\"name\":\"a\\tb\"}"), MALFORMED("name is malformed") },
	{ "name with unit separator", STR_INIT("{" GOOD ",\"name\":\"a\\u001fb\"}"), MALFORMED("name is malformed") },
	{ "name that begins with a control", STR_INIT("{" GOOD ",\"name\":\"\\u0001ab\"}"), MALFORMED("name is malformed") },
	{ "name with space", STR_INIT("{" GOOD ",\"name\":\"a b\"}"), READ(BASE, "a b", NULL) },
	{ "name with tilde", STR_INIT("{" GOOD ",\"name\":\"a~b\"}"), READ(BASE, "a~b", NULL) },
	{ "name with DEL", STR_INIT("{" GOOD ",\"name\":\"a\\u007fb\"}"), MALFORMED("name is malformed") },
	{ "name with the first of C1", STR_INIT("{" GOOD ",\"name\":\"a\\u0080\"}"), MALFORMED("name is malformed") },
	{ "name with the last of C1", STR_INIT("{" GOOD ",\"name\":\"a\\u009f\"}"), MALFORMED("name is malformed") },
	{ "name with the character after C1", STR_INIT("{" GOOD ",\"name\":\"a\\u00a0b\"}"), READ(BASE, "a\u00A0b", NULL) },
	{ "invisible characters around every kind of field",
		STR_INIT("{\"email\":\"\\u200ba@b.c\\u00a0\",\"code\":\"\\ufeff\\u0967\\u09e8\\u0e533456\",\"name\":\"\\u00a0Ada\\u2060\",\"language\":\"pt\\u200b\"}"),
		READ("a@b.c", "1233456", "Ada", "pt") },
	{ "email of invisible characters", STR_INIT("{\"email\":\"\\u200b\\u00a0\",\"code\":\"123456\"}"), MISSING },

	{ "language that is not a tag", STR_INIT("{" GOOD ",\"language\":\" x!\\n1 \"}"), READ(BASE, NULL, NULL) },
	{ "language that is an address", STR_INIT("{" GOOD ",\"language\":\"ana@example.com\"}"), READ(BASE, NULL, NULL) },
	{ "language with an invalid character after the 35th", STR_INIT("{" GOOD ",\"language\":\"" C35 "@\"}"), READ(BASE, NULL, NULL) },
	{ "language with a non-ASCII character", STR_INIT("{" GOOD ",\"language\":\"portugu\u00EAs\"}"), READ(BASE, NULL, NULL) },
	{ "language with an underscore, as in a locale", STR_INIT("{" GOOD ",\"language\":\" zh-Hant_TW0 \"}"), READ(BASE, NULL, "zh-Hant_TW0") },
	{ "language of 35", STR_INIT("{" GOOD ",\"language\":\"" C35 "\"}"), READ(BASE, NULL, C35) },
	{ "language of 36", STR_INIT("{" GOOD ",\"language\":\"" C35 "j\"}"), READ(BASE, NULL, C35) },
	{ "language is a number", STR_INIT("{" GOOD ",\"language\":1}"), READ(BASE, NULL, NULL) },
	{ "language is an array", STR_INIT("{" GOOD ",\"language\":[]}"), READ(BASE, NULL, NULL) },
};

#define QUERY "email=a@b.c&code=123456"

static const struct row queries[] = {
	{ "required fields only", STR_INIT(QUERY), READ(BASE, NULL, NULL) },
	{ "all fields, encoded", STR_INIT("email=a%40b.c&code=123+456&name=A%20+b&language=pt"), READ(BASE, "A  b", "pt") },
	{ "encoded names", STR_INIT("%65mail=a@b.c&c%6Fde=123456"), READ(BASE, NULL, NULL) },
	{ "unknown parameters", STR_INIT("x=%zz&" QUERY "&y"), READ(BASE, NULL, NULL) },
	{ "escaped plus", STR_INIT("email=a%2bx@b.c&code=1"), READ("a+x@b.c", "1", NULL, NULL) },
	{ "plus", STR_INIT("email=a+x@b.c&code=1"), READ("a+x@b.c", "1", NULL, NULL) },
	{ "space", STR_INIT("email=a%20x@b.c&code=1"), READ("a+x@b.c", "1", NULL, NULL) },
	{ "spaces at the ends are trimmed", STR_INIT("email=+a@b.c%20&code=1"), READ("a@b.c", "1", NULL, NULL) },
	{ "no-break spaces at the ends are trimmed", STR_INIT("email=%C2%A0+a@b.c+%E2%80%8B&code=1"), READ("a@b.c", "1", NULL, NULL) },
	{ "equals in a value", STR_INIT("email=a=x@b.c&code=1"), READ("a=x@b.c", "1", NULL, NULL) },
	{ "language that cannot be decoded", STR_INIT(QUERY "&language=%C3"), READ(BASE, NULL, NULL) },

	{ "nothing", STR_INIT(""), MISSING },
	{ "NULL query", { NULL, 0 }, MISSING },
	{ "no value", STR_INIT("email=&code=1"), MISSING },
	{ "no equals", STR_INIT("email&code=1"), MISSING },
	{ "blank value", STR_INIT("email=+%09&code=1"), MISSING },

	{ "email twice", STR_INIT(QUERY "&email=a@b.c"), MALFORMED("email is given twice") },
	{ "email twice, encoded", STR_INIT(QUERY "&%65mail=a@b.c"), MALFORMED("email is given twice") },
	{ "email twice, one empty", STR_INIT("email=&" QUERY), MALFORMED("email is given twice") },
	{ "language twice", STR_INIT(QUERY "&language=a&language=b"), MALFORMED("language is given twice") },
	{ "unknown twice", STR_INIT("x&" QUERY "&x"), MALFORMED("a field is given twice") },
	{ "malformed name", STR_INIT(QUERY "&%zz=1"), MALFORMED("query is malformed") },
	{ "malformed value", STR_INIT("email=%4&code=1"), MALFORMED("email is malformed") },
	{ "NUL in a value", STR_INIT("email=a@b.c&code=1%00"), MALFORMED("code is malformed") },
	{ "invalid UTF-8", STR_INIT(QUERY "&name=%ff%ff"), MALFORMED("name is malformed") },
	{ "control characters", STR_INIT(QUERY "&name=a%0d%0ab"), MALFORMED("name is malformed") },
};
/* clang-format on */

static void json_bodies_are_read(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(bodies); i++)
		assert_row(form_read_json, &form, &bodies[i]);
}

static void query_strings_are_read(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(queries); i++)
		assert_row(form_read_query, &form, &queries[i]);
}

static void problem_has_a_cause(void **state maybe_unused)
{
	static const struct {
		form_reader *read;
		struct str text;
		enum input_cause cause;
	} rows[] = {
		{ form_read_json, STR_INIT("{}"), CAUSE_MISSING },
		{ form_read_json, STR_INIT(""), CAUSE_MISSING },
		{ form_read_json, STR_INIT("{\"email\":null}"), CAUSE_MISSING },
		{ form_read_json, STR_INIT("{\"email\":\" \"}"), CAUSE_EMPTY },
		{ form_read_json, STR_INIT("{\"email\":\"a@b.c\",\"code\":\"\"}"), CAUSE_EMPTY },
		{ form_read_json, STR_INIT("{\"email\":\"a@b.c\"}"), CAUSE_MISSING },
		{ form_read_json, STR_INIT("[]"), CAUSE_NOT_AN_OBJECT },
		{ form_read_json, STR_INIT("{" GOOD ",}"), CAUSE_TRAILING_COMMA },
		{ form_read_json, STR_INIT("{" GOOD ",\"email\":1}"), CAUSE_DUPLICATE },
		{ form_read_json, STR_INIT("{\"email\":1}"), CAUSE_TYPE },
		{ form_read_json, STR_INIT("{\"email\":\"a@b\"}"), CAUSE_NO_DOT },
		{ form_read_json, STR_INIT("{" GOOD ",\"name\":\"a\"}"), CAUSE_TOO_SHORT },
		{ form_read_json, STR_INIT("{" GOOD ",\"name\":\"abcdef\"}"), CAUSE_TOO_LONG },
		{ form_read_json, STR_INIT("{" GOOD ",\"name\":\"a\\nb\"}"), CAUSE_CONTROL_CHARACTER },
		{ form_read_query, STR_INIT("other=1"), CAUSE_MISSING },
		{ form_read_query, STR_INIT("email="), CAUSE_EMPTY },
		{ form_read_query, STR_INIT("session=1"), CAUSE_POST_ONLY },
		{ form_read_query, STR_INIT("session=1&email=a@b"), CAUSE_NO_DOT },
		{ form_read_query, STR_INIT("email=%zz"), CAUSE_PERCENT_ENCODING },
		{ form_read_query, STR_INIT("%zz=1"), CAUSE_PERCENT_ENCODING },
		{ form_read_query, STR_INIT("email=1&email=2"), CAUSE_DUPLICATE },
	};
	struct form with = form;

	with.post_only = "session";
	for (size_t i = 0; i < array_len(rows); i++) {
		struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
		void *body = NULL;

		assert_int_not_equal(rows[i].read(&with, rows[i].text, &arena, &body, &problem), FORM_READ);
		if (problem.cause != rows[i].cause)
			fail_msg("%s: %.*s", rows[i].text.p, STR_ARG(input_cause_name(problem.cause)));
	}
}

/* One of email and code is required; name is optional. */
static const struct field either_fields[] = {
	FIELD(struct body, email, FIELD_EMAIL, FIELD_OPTIONAL, 3, 254),
	FIELD(struct body, code, FIELD_DIGITS, FIELD_OPTIONAL, 6, 6),
	FIELD(struct body, name, FIELD_TEXT, FIELD_OPTIONAL, 3, 3),
};

static void one_of_several_fields_is_required(void **state maybe_unused)
{
	static const struct form one = {
		.fields = either_fields,
		.n = array_len(either_fields),
		.size = sizeof(struct body),
		.missing = "email or code is required",
		.one_of = true,
		.one_of_first = 2,
	};
#define NEITHER FORM_MISSING, "email or code is required", NULL, NULL, NULL, NULL
	static const struct row rows[] = {
		{ "the first", STR_INIT("{\"email\":\"a@b.c\"}"), READ("a@b.c", NULL, NULL, NULL) },
		{ "the second", STR_INIT("{\"email\":null,\"code\":\"1\"}"), READ(NULL, "1", NULL, NULL) },
		{ "both", STR_INIT("{" GOOD "}"), READ(BASE, NULL, NULL) },
		{ "neither", STR_INIT("{}"), NEITHER },
		{ "empty ones", STR_INIT("{\"email\":\" \",\"code\":null}"), NEITHER },
		{ "only a field that is not one of them", STR_INIT("{\"name\":\"Ada\"}"), NEITHER },
		{ "missing field comes before the malformed one", STR_INIT("{\"name\":1}"), NEITHER },
		{ "malformed field comes before the missing one", STR_INIT("{\"email\":\"x\"}"),
			MALFORMED("email is malformed") },
		{ "one malformed", STR_INIT("{\"email\":\"x\",\"code\":\"1\"}"),
			MALFORMED("email is malformed") },
	};

	const struct row exact = { "three bytes", STR_INIT("{\"code\":\"1\",\"name\":\"Ada\"}"),
		READ(NULL, "1", "Ada", NULL) };

	for (size_t i = 0; i < array_len(rows); i++)
		assert_row(form_read_json, &one, &rows[i]);
	assert_row(form_read_json, &one, &exact);
	/* The rule also works if its fields are the last ones of the table. */
	struct form alone = one;
	alone.n = 2;
	assert_row(form_read_json, &alone, &rows[0]);
	assert_row(form_read_json, &alone, &rows[3]);
}

static void form_without_fields_requires_an_object(void **state maybe_unused)
{
	static const struct form none = { .fields = fields, .n = 0, .size = sizeof(struct body) };
	static const struct row rows[] = {
		{ "nothing", STR_INIT(""), READ(NULL, NULL, NULL, NULL) },
		{ "fields", STR_INIT("{" GOOD "}"), READ(NULL, NULL, NULL, NULL) },
		{ "an array", STR_INIT("[]"), MALFORMED("body must be a JSON object") },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_row(form_read_json, &none, &rows[i]);
	assert_row(form_read_query, &none, &rows[0]);
}

/* Returns a query string "p0&p1&…" with `n` different names. */
static struct str parameters(size_t n)
{
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < n; i++)
		buf_printf(&buf, "p%zu&", i);
	assert_int_equal(buf_done(&buf, &text), OK);
	return (struct str){ text.p, text.n - 1 };
}

static void number_of_query_parameters_is_limited(void **state maybe_unused)
{
	const struct row most = { "maximum", parameters(FORM_PARAMETERS_MAX), MISSING };
	const struct row more = { "maximum plus one", parameters(FORM_PARAMETERS_MAX + 1),
		MALFORMED("query is malformed") };

	assert_row(form_read_query, &form, &most);
	assert_row(form_read_query, &form, &more);
}

/* Reads the form with growing memory limits. The verdict must be FORM_TOO_LARGE for small limits, and then
 * `expected`. */
static void assert_verdict_with_each_memory_limit(
	form_reader *read, struct str text, enum form_verdict expected)
{
	enum form_verdict verdict = FORM_TOO_LARGE;
	size_t limit = 0;

	for (; verdict == FORM_TOO_LARGE; limit++) {
		struct form_problem problem = { STR("before"), CAUSE_VALUE };
		void *body = NULL;
		struct arena tiny;

		assert_true(limit < 2000);
		arena_init(&tiny, limit);
		verdict = read(&form, text, &tiny, &body, &problem);
		if (verdict == FORM_TOO_LARGE) {
			assert_null(body);
			assert_true(str_eq(problem.message, STR("before")));
		}
		arena_finish(&tiny);
	}
	assert_int_equal(verdict, expected);
	assert_true(limit > 4 * sizeof(struct str));
}

static void full_arena_is_too_large(void **state maybe_unused)
{
	assert_verdict_with_each_memory_limit(
		form_read_json, STR("{" GOOD ",\"name\":\"Ada\",\"language\":\"pt\"}"), FORM_READ);
	assert_verdict_with_each_memory_limit(form_read_json, STR("{" GOOD ",\"name\":1}"), FORM_MALFORMED);
	assert_verdict_with_each_memory_limit(form_read_json, STR("{" GOOD ",\"email\":1}"), FORM_MALFORMED);
	assert_verdict_with_each_memory_limit(form_read_json, STR("[]"), FORM_MALFORMED);
	assert_verdict_with_each_memory_limit(form_read_query, STR(QUERY "&name=Ada&language=pt"), FORM_READ);
	assert_verdict_with_each_memory_limit(form_read_query, STR("%zz"), FORM_MALFORMED);
}

struct scalar_body {
	struct str id;
};

static const struct field scalar_fields[] = { FIELD(
	struct scalar_body, id, FIELD_SCALAR, FIELD_OPTIONAL, 1, 20) };
static const struct form scalar_form = { scalar_fields, 1, sizeof(struct scalar_body), "", false, 0, NULL };

static void scalar_is_a_text_or_an_integer(void **state maybe_unused)
{
	static const struct {
		const char *text, *id, *why;
	} rows_of_scalars[] = {
		{ "{\"id\":1}", "1", NULL },
		{ "{\"id\":\" 1 \"}", "1", NULL },
		{ "{\"id\":\"0x1\"}", "0x1", NULL },
		{ "{\"id\":-5}", "-5", NULL },
		{ "{\"id\":9223372036854775807}", "9223372036854775807", NULL },
		{ "{\"id\":null}", NULL, NULL },
		{ "{}", NULL, NULL },
		{ "{\"id\":1.0}", NULL, "id must be a string or an integer" },
		{ "{\"id\":true}", NULL, "id must be a string or an integer" },
		{ "{\"id\":[1]}", NULL, "id must be a string or an integer" },
		{ "{\"id\":\"123456789012345678901\"}", NULL, "id is malformed" },
	};

	for (size_t i = 0; i < array_len(rows_of_scalars); i++) {
		void *result = NULL;
		struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
		const enum form_verdict verdict = form_read_json(
			&scalar_form, str_of(rows_of_scalars[i].text), &arena, &result, &problem);

		assert_int_equal(verdict, rows_of_scalars[i].why ? FORM_MALFORMED : FORM_READ);
		assert_field(rows_of_scalars[i].text, problem.message, rows_of_scalars[i].why);
		if (verdict == FORM_READ)
			assert_field(rows_of_scalars[i].text, ((struct scalar_body *)result)->id,
				rows_of_scalars[i].id);
	}
}

struct integer_body {
	struct form_integer wait;
};

static const struct field integer_fields[] = { FIELD(
	struct integer_body, wait, FIELD_INTEGER, FIELD_OPTIONAL, 1, 25) };
static const struct form integer_form = { integer_fields, 1, sizeof(struct integer_body), "", false, 0,
	NULL };

static const struct {
	enum form_verdict (*read)(const struct form *form, struct str text, struct arena *a, void **body,
		struct form_problem *problem);
	const char *text;
	int64_t value; /* 0: the field is absent */
	const char *why;
	enum input_cause cause;
} integer_rows[] = {
	{ form_read_json, "{\"wait\":1}", 1, NULL, INPUT_CAUSE_COUNT },
	{ form_read_json, "{\"wait\":25}", 25, NULL, INPUT_CAUSE_COUNT },
	{ form_read_json, "{}", 0, NULL, INPUT_CAUSE_COUNT },
	{ form_read_json, "{\"wait\":null}", 0, NULL, INPUT_CAUSE_COUNT },
	{ form_read_json, "{\"wait\":0}", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
	{ form_read_json, "{\"wait\":26}", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
	{ form_read_json, "{\"wait\":-1}", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
	{ form_read_json, "{\"wait\":9223372036854775807}", 0, "wait must be an integer from 1 to 25",
		CAUSE_RANGE },
	{ form_read_json, "{\"wait\":1.0}", 0, "wait must be an integer", CAUSE_TYPE },
	{ form_read_json, "{\"wait\":\"1\"}", 0, "wait must be an integer", CAUSE_TYPE },
	{ form_read_json, "{\"wait\":true}", 0, "wait must be an integer", CAUSE_TYPE },
	{ form_read_query, "wait=25", 25, NULL, INPUT_CAUSE_COUNT },
	{ form_read_query, "wait=", 0, NULL, INPUT_CAUSE_COUNT },
	{ form_read_query, "wait=26", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
	{ form_read_query, "wait=1s", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
	{ form_read_query, "wait=%2B1", 0, "wait must be an integer from 1 to 25", CAUSE_RANGE },
};

static void integer_has_a_range(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(integer_rows); i++) {
		void *result = NULL;
		struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
		const enum form_verdict verdict = integer_rows[i].read(
			&integer_form, str_of(integer_rows[i].text), &arena, &result, &problem);

		assert_int_equal(verdict, integer_rows[i].why ? FORM_MALFORMED : FORM_READ);
		assert_field(integer_rows[i].text, problem.message, integer_rows[i].why);
		assert_int_equal(problem.cause, integer_rows[i].cause);
		if (verdict != FORM_READ)
			continue;
		const struct form_integer wait = ((struct integer_body *)result)->wait;

		assert_int_equal(wait.is_given, integer_rows[i].value != 0);
		assert_int_equal(wait.value, integer_rows[i].value);
	}
}

struct list_body {
	struct str words, text;
	struct form_integer flag;
};

static const struct field list_fields[] = {
	FIELD(struct list_body, words, FIELD_WORDS, FIELD_OPTIONAL, 1, 3),
	FIELD(struct list_body, text, FIELD_TEXT, FIELD_CLEARABLE, 0, 5),
	FIELD(struct list_body, flag, FIELD_FLAG, FIELD_OPTIONAL, 0, 0),
};

static const struct form list_form = {
	.fields = list_fields, .n = array_len(list_fields), .size = sizeof(struct list_body), .missing = ""
};

/* A list of words, a text that may be cleared, and a boolean. */
static void words_flags_and_clearable_texts_are_read(void **state maybe_unused)
{
	static const struct {
		const char *json, *why, *words, *text;
		enum input_cause cause;
		int flag; /* -1: absent */
	} rows[] = {
		{ "{}", NULL, NULL, NULL, 0, -1 },
		{ "{\"words\":[\"a\"]}", NULL, "a", NULL, 0, -1 },
		{ "{\"words\":[\"a\",\"b\",\"c\"]}", NULL, "a,b,c", NULL, 0, -1 },
		{ "{\"words\":null,\"text\":null,\"flag\":null}", NULL, NULL, NULL, 0, -1 },
		{ "{\"words\":[]}", "words is malformed", NULL, NULL, CAUSE_TOO_SHORT, 0 },
		{ "{\"words\":[\"a\",\"b\",\"c\",\"d\"]}", "words is malformed", NULL, NULL, CAUSE_TOO_LONG,
			0 },
		{ "{\"words\":[\"a\",\"\"]}", "words has a word that is empty or has a comma", NULL, NULL,
			CAUSE_VALUE, 0 },
		{ "{\"words\":[\"a,b\"]}", "words has a word that is empty or has a comma", NULL, NULL,
			CAUSE_VALUE, 0 },
		{ "{\"words\":[\"a\\nb\"]}", "words is malformed", NULL, NULL, CAUSE_CONTROL_CHARACTER, 0 },
		{ "{\"words\":[[\"a\"]]}", "words must be a list of strings", NULL, NULL, CAUSE_TYPE, 0 },
		{ "{\"words\":\"a\"}", "words must be a list of strings", NULL, NULL, CAUSE_TYPE, 0 },
		{ "{\"text\":\"\"}", NULL, NULL, "", 0, -1 },
		{ "{\"text\":\" \"}", NULL, NULL, "", 0, -1 },
		{ "{\"text\":\" b \"}", NULL, NULL, "b", 0, -1 },
		{ "{\"flag\":true}", NULL, NULL, NULL, 0, 1 },
		{ "{\"flag\":false}", NULL, NULL, NULL, 0, 0 },
		{ "{\"flag\":\"true\"}", "flag must be true or false", NULL, NULL, CAUSE_TYPE, 0 },
		{ "{\"flag\":1}", "flag must be true or false", NULL, NULL, CAUSE_TYPE, 0 },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
		void *read = NULL;
		const enum form_verdict verdict = form_read_json(
			&list_form, str_of(rows[i].json), &arena, &read, &problem);

		print_message("# %s\n", rows[i].json);
		assert_int_equal(verdict, rows[i].why ? FORM_MALFORMED : FORM_READ);
		if (rows[i].why) {
			assert_field(rows[i].json, problem.message, rows[i].why);
			assert_int_equal(problem.cause, rows[i].cause);
			continue;
		}
		const struct list_body *const body = read;
		assert_field(rows[i].json, body->words, rows[i].words);
		assert_field(rows[i].json, body->text, rows[i].text);
		assert_int_equal(body->flag.is_given ? body->flag.value : -1, rows[i].flag);
	}
}

/* The length is a number of characters, of whatever size. An empty text is malformed, not absent. */
static void characters_are_counted(void **state maybe_unused)
{
	static const struct field characters[] = {
		FIELD(struct body, name, FIELD_CHARACTERS, FIELD_OPTIONAL, 2, 3),
	};
	static const struct form one = {
		.fields = characters, .n = array_len(characters), .size = sizeof(struct body), .missing = ""
	};
	static const struct {
		const char *json, *name;
		enum input_cause cause; /* if the name is malformed; otherwise INPUT_CAUSE_COUNT */
	} rows[] = {
		{ "{}", NULL, INPUT_CAUSE_COUNT },
		{ "{\"name\":null}", NULL, INPUT_CAUSE_COUNT },
		{ "{\"name\":\"\"}", NULL, CAUSE_TOO_SHORT },
		{ "{\"name\":\"  \"}", NULL, CAUSE_TOO_SHORT },
		{ "{\"name\":\"a\"}", NULL, CAUSE_TOO_SHORT },
		{ "{\"name\":\"\u4f60\"}", NULL, CAUSE_TOO_SHORT },
		{ "{\"name\":\" ab \"}", "ab", INPUT_CAUSE_COUNT },
		{ "{\"name\":\"\u4f60\u597d\"}", "\u4f60\u597d", INPUT_CAUSE_COUNT },
		{ "{\"name\":\"\U0001F600\U0001F600\U0001F600\"}", "\U0001F600\U0001F600\U0001F600",
			INPUT_CAUSE_COUNT },
		{ "{\"name\":\"\u00e4\u00f6\u00fc\u00df\"}", NULL, CAUSE_TOO_LONG },
		{ "{\"name\":\"abcd\"}", NULL, CAUSE_TOO_LONG },
		{ "{\"name\":\"a\\nb\"}", NULL, CAUSE_CONTROL_CHARACTER },
		{ "{\"name\":7}", NULL, CAUSE_TYPE },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct form_problem problem = { { NULL, 0 }, INPUT_CAUSE_COUNT };
		void *read = NULL;
		const enum form_verdict verdict = form_read_json(
			&one, str_of(rows[i].json), &arena, &read, &problem);

		print_message("# %s\n", rows[i].json);
		assert_int_equal(problem.cause, rows[i].cause);
		assert_int_equal(verdict, rows[i].cause == INPUT_CAUSE_COUNT ? FORM_READ : FORM_MALFORMED);
		if (verdict == FORM_READ)
			assert_field(rows[i].json, ((const struct body *)read)->name, rows[i].name);
	}
}

static void words_and_flags_are_read_from_a_query(void **state maybe_unused)
{
	struct form_problem problem;
	void *read = NULL;

	assert_int_equal(
		form_read_query(&list_form, STR("words=a,b&flag=true"), &arena, &read, &problem), FORM_READ);
	const struct list_body *const body = read;
	assert_field("words", body->words, "a,b");
	assert_true(body->flag.is_given && body->flag.value == 1);
	assert_int_equal(
		form_read_query(&list_form, STR("flag=yes"), &arena, &read, &problem), FORM_MALFORMED);
	assert_int_equal(problem.cause, CAUSE_VALUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_bodies_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(query_strings_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(integer_has_a_range, setup, teardown),
		cmocka_unit_test_setup_teardown(problem_has_a_cause, setup, teardown),
		cmocka_unit_test_setup_teardown(one_of_several_fields_is_required, setup, teardown),
		cmocka_unit_test_setup_teardown(form_without_fields_requires_an_object, setup, teardown),
		cmocka_unit_test_setup_teardown(number_of_query_parameters_is_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(scalar_is_a_text_or_an_integer, setup, teardown),
		cmocka_unit_test_setup_teardown(words_flags_and_clearable_texts_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(characters_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(words_and_flags_are_read_from_a_query, setup, teardown),
		cmocka_unit_test_setup_teardown(full_arena_is_too_large, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
