#include "api/describe/docs_values.h"

#include <assert.h>

static const struct template_value word_values[] = {
	TEXT_VALUE(struct docs_word, id),
	TEXT_VALUE(struct docs_word, word),
};
static const struct template_table words = TEMPLATE_TABLE(struct docs_word, word_values);

static const struct template_value field_values[] = {
	TEXT_VALUE(struct docs_field, path),
	TEXT_VALUE(struct docs_field, type),
	MARKUP_VALUE(struct docs_field, markup),
	FLAG_VALUE(struct docs_field, is_nullable),
	FLAG_VALUE(struct docs_field, is_optional),
	LIST_VALUE(struct docs_field, words, &words),
};
static const struct template_table fields = TEMPLATE_TABLE(struct docs_field, field_values);

static const struct template_value answer_values[] = {
	TEXT_VALUE(struct docs_answer, http),
	TEXT_VALUE(struct docs_answer, word),
	MARKUP_VALUE(struct docs_answer, markup),
	TEXT_VALUE(struct docs_answer, example),
	FLAG_VALUE(struct docs_answer, is_good),
	FLAG_VALUE(struct docs_answer, is_open),
	LIST_VALUE(struct docs_answer, fields, &fields),
};
static const struct template_table answers = TEMPLATE_TABLE(struct docs_answer, answer_values);

static const struct template_value sample_values[] = {
	TEXT_VALUE(struct docs_sample, language),
	TEXT_VALUE(struct docs_sample, name),
	TEXT_VALUE(struct docs_sample, program),
	FLAG_VALUE(struct docs_sample, is_first),
};
static const struct template_table samples = TEMPLATE_TABLE(struct docs_sample, sample_values);

static const struct template_value input_values[] = {
	TEXT_VALUE(struct docs_input, id),
	TEXT_VALUE(struct docs_input, label),
	TEXT_VALUE(struct docs_input, place),
	TEXT_VALUE(struct docs_input, example),
};
static const struct template_table inputs = TEMPLATE_TABLE(struct docs_input, input_values);

static const struct template_value call_values[] = {
	TEXT_VALUE(struct docs_call, operation),
	TEXT_VALUE(struct docs_call, method),
	TEXT_VALUE(struct docs_call, path),
	TEXT_VALUE(struct docs_call, title),
	MARKUP_VALUE(struct docs_call, markup),
	TEXT_VALUE(struct docs_call, scope),
	FLAG_VALUE(struct docs_call, needs_key),
	FLAG_VALUE(struct docs_call, has_query),
	FLAG_VALUE(struct docs_call, can_try),
	LIST_VALUE(struct docs_call, fields, &fields),
	LIST_VALUE(struct docs_call, answers, &answers),
	LIST_VALUE(struct docs_call, samples, &samples),
	LIST_VALUE(struct docs_call, inputs, &inputs),
	TEXT_VALUE(struct docs_call, body),
	TEXT_VALUE(struct docs_call, answer_http),
	TEXT_VALUE(struct docs_call, answer_word),
	TEXT_VALUE(struct docs_call, answer_example),
};
static const struct template_table calls = TEMPLATE_TABLE(struct docs_call, call_values);

static const struct template_value group_values[] = {
	TEXT_VALUE(struct docs_group, id),
	TEXT_VALUE(struct docs_group, name),
	MARKUP_VALUE(struct docs_group, markup),
	LIST_VALUE(struct docs_group, calls, &calls),
};
static const struct template_table groups = TEMPLATE_TABLE(struct docs_group, group_values);

static const struct template_value row_values[] = {
	TEXT_VALUE(struct docs_row, word),
	TEXT_VALUE(struct docs_row, http),
	TEXT_VALUE(struct docs_row, text),
	TEXT_VALUE(struct docs_row, state),
	LIST_VALUE(struct docs_row, words, &words),
};
static const struct template_table rows = TEMPLATE_TABLE(struct docs_row, row_values);

static const struct template_value link_values[] = {
	TEXT_VALUE(struct docs_link, url),
	TEXT_VALUE(struct docs_link, name),
	FLAG_VALUE(struct docs_link, is_current),
};
static const struct template_table links = TEMPLATE_TABLE(struct docs_link, link_values);

/* clang-format off */
#define SITE(kind, type, member) { #member, (kind), TEMPLATE_OFFSET(struct docs_reference, site.member, type), NULL }
#define SITE_VALUES                                                                                        \
	SITE(TEMPLATE_TEXT, struct str, version), SITE(TEMPLATE_TEXT, struct str, url),                  \
	SITE(TEMPLATE_FLAG, bool, is_dev), SITE(TEMPLATE_FLAG, bool, has_inbox),                         \
	SITE(TEMPLATE_FLAG, bool, is_sandbox), SITE(TEMPLATE_TEXT, struct str, link_call),               \
	{ "pages", TEMPLATE_LIST, offsetof(struct docs_reference, site.pages), &links }
/* clang-format on */

static_assert(offsetof(struct docs_reference, site) == 0 && offsetof(struct docs_document, site) == 0,
	"SITE_VALUES fits both structs");

static const struct template_value reference_values[] = {
	SITE_VALUES,
	FLAG_VALUE(struct docs_reference, keys_optional),
	LIST_VALUE(struct docs_reference, groups, &groups),
	LIST_VALUE(struct docs_reference, shared_answers, &answers),
	LIST_VALUE(struct docs_reference, answer_words, &rows),
	LIST_VALUE(struct docs_reference, kyc_statuses, &rows),
	LIST_VALUE(struct docs_reference, session_statuses, &rows),
	LIST_VALUE(struct docs_reference, reasons, &rows),
	LIST_VALUE(struct docs_reference, next_actions, &rows),
	LIST_VALUE(struct docs_reference, event_types, &rows),
	LIST_VALUE(struct docs_reference, scopes, &rows),
};
DECLARE_TEMPLATE(docs_reference);
const struct page_template docs_reference_page = { .template = &template_docs_reference,
	.values = TEMPLATE_TABLE(struct docs_reference, reference_values),
	.script = "docs",
	.style = "docs" };

static const struct template_value document_values[] = {
	SITE_VALUES,
	TEXT_VALUE(struct docs_document, title),
	TEXT_VALUE(struct docs_document, markdown_url),
	MARKUP_VALUE(struct docs_document, contents_markup),
	MARKUP_VALUE(struct docs_document, content_markup),
};
DECLARE_TEMPLATE(docs_document);
const struct page_template docs_document_page = { .template = &template_docs_document,
	.values = TEMPLATE_TABLE(struct docs_document, document_values),
	.script = "docs",
	.style = "docs" };
