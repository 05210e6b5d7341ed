/* The faults of a request's body or query. Each one is a value of `details.cause` in the API, with a sentence
 * for the developer who made the request. The sentences repeat nothing of the input. Thread-safe. */
#pragma once

#include "base/str.h"

/* clang-format off */
/*        name               value                explanation */
#define INPUT_CAUSES(CAUSE)                                                                                              \
	/* a required field */                                                                                          \
	CAUSE(MISSING,           "missing",           "a required field is absent or null; names of fields are case-sensitive") \
	CAUSE(EMPTY,             "empty",             "a required field is empty")                                      \
	CAUSE(POST_ONLY,         "post_only",         "this parameter is taken only in the JSON body of a POST, not in a query") \
	/* a body as a whole */                                                                                         \
	CAUSE(BOM,               "bom",               "the body begins with a byte order mark (U+FEFF); send UTF-8 without it") \
	CAUSE(ENCODING,          "encoding",          "the text is not UTF-8")                                          \
	CAUSE(NUL,               "nul",               "the text has a NUL character")                                   \
	CAUSE(TRAILING_COMMA,    "trailing_comma",    "the body has a comma before a closing bracket")                  \
	CAUSE(QUOTES,            "quotes",            "names and texts in JSON are written in double quotes (U+0022)")  \
	CAUSE(COMMENT,           "comment",           "the body has a comment, which JSON does not know")               \
	CAUSE(LITERAL,           "literal",           "the body has a word that JSON does not know, such as None or NaN; it knows true, false and null") \
	CAUSE(FORM_ENCODED,      "form_encoded",      "the body is a form (name=value), not JSON")                      \
	CAUSE(ESCAPE,            "escape",            "a text of the body has a malformed escape sequence")             \
	CAUSE(CONTROL_CHARACTER, "control_character", "a text has a control character, such as a line break")           \
	CAUSE(TRUNCATED,         "truncated",         "the body ends before its last bracket or quote is closed")       \
	CAUSE(EXTRA_TEXT,        "extra_text",        "the body goes on after the end of the JSON object")              \
	CAUSE(TOO_DEEP,          "too_deep",          "the body is nested too deeply")                                  \
	CAUSE(SYNTAX,            "syntax",            "the body is not JSON")                                           \
	CAUSE(NOT_AN_OBJECT,     "not_an_object",     "the body is JSON but not an object; a text may have been encoded twice") \
	/* a query as a whole */                                                                                        \
	CAUSE(PERCENT_ENCODING,  "percent_encoding",  "the query is not percent-encoded UTF-8, or has a NUL")           \
	CAUSE(TOO_MANY,          "too_many",          "the query has too many parameters")                              \
	/* a field */                                                                                                   \
	CAUSE(DUPLICATE,         "duplicate",         "a field is given twice")                                         \
	CAUSE(TYPE,              "type",              "the field has another type than documented")                     \
	CAUSE(RANGE,             "range",             "the number is smaller or larger than permitted")                 \
	CAUSE(VALUE,             "value",             "the field has none of its permitted values")                     \
	CAUSE(NOT_PRINTABLE,     "not_printable",     "the text has an invisible character, such as a zero-width one, or no visible one") \
	CAUSE(TOO_SHORT,         "too_short",         "the field is shorter than permitted")                            \
	CAUSE(TOO_LONG,          "too_long",          "the field is longer than permitted (an e-mail address: 254 bytes, 64 before the @, 63 in each part of its domain)") \
	/* an e-mail address */                                                                                         \
	CAUSE(SPACE,             "space",             "the e-mail address has a space in it")                           \
	CAUSE(DISPLAY_NAME,      "display_name",      "only the address is expected, without a name and angle brackets") \
	CAUSE(QUOTED_LOCAL,      "quoted_local",      "an e-mail address with quotes is not accepted")                  \
	CAUSE(AT_SIGN,           "at_sign",           "the e-mail address must have exactly one @; send one address")   \
	CAUSE(NON_ASCII_LOCAL,   "non_ascii_local",   "the part before the @ has characters outside ASCII, which is not accepted") \
	CAUSE(LOCAL_PART,        "local_part",        "the part before the @ is empty, has a character that is not permitted, or a dot at its end or beside another") \
	CAUSE(IP_ADDRESS,        "ip_address",        "the part after the @ is an IP address instead of a domain")      \
	CAUSE(NO_DOT,            "no_dot",            "the domain after the @ has no dot")                              \
	CAUSE(DOMAIN,            "domain",            "the part after the @ is not a domain")

enum input_cause {
#define CAUSE(name, value, explanation) CAUSE_##name,
	INPUT_CAUSES(CAUSE)
#undef CAUSE
	INPUT_CAUSE_COUNT
};
/* clang-format on */

struct str input_cause_name(enum input_cause cause);
struct str input_cause_explanation(enum input_cause cause);

/* Returns what is wrong with a text for which json_parse returned ERR_INPUT. */
enum input_cause input_cause_of_json(struct str text);
/* Returns what is wrong with a text for which email_normalise returned ERR_INPUT. */
enum input_cause input_cause_of_email(struct str text);
