/* Builds the values of the reference (docs_values.h) from the descriptions of the routes. Every function adds
 * to lists in the builder's arena. If the arena is too small, `failed` is set and the result is incomplete.
 */
#pragma once

#include "api/core/dispatch.h"
#include "api/describe/docs_values.h"
#include "api/describe/responses.h"
#include "base/arena.h"

struct docs_builder {
	struct arena *a;
	const struct api_context *api;
	bool failed;
};

/* Adds a zeroed item of `size` bytes and returns it; NULL if the arena is too small. */
void *docs_add(struct docs_builder *b, struct template_list *list, size_t size);
void docs_add_word(struct docs_builder *b, struct template_list *list, struct str id, struct str word);
/* Returns the markup of a text whose `code` in backquotes becomes an element. */
struct str docs_prose(struct docs_builder *b, const char *text);
/* Returns a word that can be the id of an element: letters in lower case, `-` for everything else. */
struct str docs_id(struct docs_builder *b, const char *prefix, const char *text);
/* Returns the text of the buffer. */
struct str docs_done(struct docs_builder *b, struct buf *text);

/* The parameters and fields of a request. */
void docs_add_request_fields(struct docs_builder *b, struct template_list *fields, const struct route *route);
/* The members of an answer that its envelope does not have. */
void docs_add_answer_fields(
	struct docs_builder *b, struct template_list *fields, const struct route_response *answer);
/* Sets the answers of a call, without those that every call shares, and the example of the usual one. */
void docs_set_answers(struct docs_builder *b, struct docs_call *call, const struct route *route);
/* The answers of the checks that precede an endpoint. */
void docs_add_shared_answers(struct docs_builder *b, struct template_list *answers);
/* The groups with their calls. */
void docs_add_groups(struct docs_builder *b, struct template_list *groups);
/* The tables of statuses, reasons and other words. */
void docs_set_words(struct docs_builder *b, struct docs_reference *reference);
