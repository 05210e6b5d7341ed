/* JSON read (jansson) and written. The only room that knows jansson. Reading refuses repeated keys where
 * asked, NUL in texts, lone surrogates, what is not UTF-8, anything after the value, and depth above 2,048.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A value of a parsed document; never owned by who looks at it. NULL is "not there" and is accepted by all
 * readers. */
struct json_value;

enum json_kind {
	JSON_KIND_ABSENT,
	JSON_KIND_NULL,
	JSON_KIND_BOOL,
	JSON_KIND_INT,
	JSON_KIND_REAL,
	JSON_KIND_TEXT,
	JSON_KIND_ARRAY,
	JSON_KIND_OBJECT
};

/* Parses a whole document; any value may stand at the top. `refuse_repeated` refuses an object with a key
 * twice (ERR_CONFLICT); everything else that is not JSON is ERR_INPUT. The document must be closed. */
enum err json_parse(struct str text, bool refuse_repeated, const struct json_value **out) must_use;
void json_free(const struct json_value *document);
static inline void json_cleanup(const struct json_value **document)
{
	json_free(*document);
}

enum json_kind json_kind_of(const struct json_value *value);
const struct json_value *json_get(const struct json_value *object, const char *key);
size_t json_count(const struct json_value *array);
const struct json_value *json_at(const struct json_value *array, size_t i);
/* The text (valid while the document is open), or the empty slice when it is not a text. */
struct str json_text(const struct json_value *value);
bool json_int(const struct json_value *value, int64_t *out) must_use;
bool json_bool(const struct json_value *value);
/* The same value: order of keys aside, 1 and 1.0 differ. */
bool json_same(const struct json_value *a, const struct json_value *b);

/* For naming what json_parse refused with ERR_CONFLICT: the first key that stands twice in its object, in the
 * arena. ERR_NOT_FOUND: there is none. */
enum err json_duplicate_key(struct arena *a, struct str text, struct str *key) must_use;

/* Writing: one writer, commas by itself. Texts are escaped as JSON demands, non-ASCII stays UTF-8; in a
 * text that is no UTF-8 every byte beyond ASCII becomes U+FFFD. Keys are UTF-8 of the source. */
struct json_writer {
	struct buf *out;
	bool comma;
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_begin_object(struct json_writer *w); /* { */
void json_end_object(struct json_writer *w);   /* } */
void json_begin_array(struct json_writer *w);  /* [ */
void json_end_array(struct json_writer *w);    /* ] */
void json_key(struct json_writer *w, const char *key);
void json_put_text(struct json_writer *w, struct str s);
void json_put_int(struct json_writer *w, int64_t n);
void json_put_bool(struct json_writer *w, bool b);
void json_put_null(struct json_writer *w);
/* Text that is JSON already. */
void json_put_raw(struct json_writer *w, struct str json);
/* A parsed value, written again (compact, keys in their order). */
void json_put_value(struct json_writer *w, const struct json_value *value);

/* key and value in one line */
void json_field_text(struct json_writer *w, const char *key, struct str s);
void json_field_int(struct json_writer *w, const char *key, int64_t n);
void json_field_bool(struct json_writer *w, const char *key, bool b);
void json_field_null(struct json_writer *w, const char *key);
