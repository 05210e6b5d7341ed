/* The values of the templates in src/web/docs/: the API reference, and a page of docs/. Members with markup
 * are escaped already; all others are escaped by the template. */
#pragma once

#include <stdbool.h>

#include "html/page.h"

/* A word of a list, with a link if `id` is not empty. */
struct docs_word {
	struct str id, word;
};

/* A parameter, a field of a body, or a member of an answer. */
struct docs_field {
	struct str path;   /* such as "data.session.id" */
	struct str type;   /* "string, required" */
	struct str markup; /* the description */
	bool is_nullable;
	bool is_optional; /* only some answers have it */
	struct template_list words;
};

struct docs_answer {
	struct str http, word, markup, example;
	bool is_good, is_open;
	struct template_list fields;
};

struct docs_sample {
	struct str language, name, program;
	bool is_first;
};

/* A field of a form that sends the call. */
struct docs_input {
	struct str id, label, place, example;
};

struct docs_call {
	struct str operation, method, path, title, markup, scope;
	bool needs_key, has_query, can_try;
	struct template_list fields, answers, samples, inputs;
	struct str body; /* example of the body; empty: the call takes none */
	struct str answer_http, answer_word, answer_example;
};

struct docs_group {
	struct str id, name, markup;
	struct template_list calls;
};

/* A row of a table of words. Columns that a table does not have stay empty. */
struct docs_row {
	struct str word, http, text, state;
	struct template_list words; /* calls, or the words that can follow */
};

/* A page in the navigation. */
struct docs_link {
	struct str url, name;
	bool is_current;
};

/* What both kinds of pages show beside their content. */
struct docs_site {
	struct str version, url;
	bool is_dev, has_inbox, is_sandbox;
	struct str link_call; /* the operation that creates a verification link, if there is one */
	struct template_list pages;
};

struct docs_reference {
	struct docs_site site;
	bool keys_optional;
	struct template_list groups, shared_answers;
	struct template_list answer_words, kyc_statuses, session_statuses, reasons, next_actions, event_types,
		scopes;
};

struct docs_document {
	struct docs_site site;
	struct str title, markdown_url, contents_markup, content_markup;
};

extern const struct page_template docs_reference_page, docs_document_page;
