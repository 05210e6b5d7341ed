/* JSON parser and writer; the only module that uses jansson. The parser rejects NUL in texts, lone
 * surrogates, invalid UTF-8, anything after the value, a depth above 2,048, and on request duplicate keys. A
 * document or a writer must not be used by several threads at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A value in a parsed document. The document owns its values; they are valid until json_free. NULL means
 * "absent" and is accepted by all functions that read values. */
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

/* Parses a document, which may be any JSON value. With `reject_duplicates`, an object with a duplicate key is
 * ERR_CONFLICT. Other invalid input is ERR_INPUT. The caller frees the document with json_free. */
enum err json_parse(struct str text, bool reject_duplicates, const struct json_value **out) must_use;
void json_free(const struct json_value *document);
static inline void json_cleanup(const struct json_value **document)
{
	json_free(*document);
}

enum json_kind json_kind_of(const struct json_value *value);
const struct json_value *json_get(const struct json_value *object, const char *key);
/* Calls `visit` for each member of an object, in the order of the document. Does nothing for other values. */
void json_each_member(const struct json_value *object,
	void (*visit)(void *arg, struct str key, const struct json_value *value), void *arg);
size_t json_count(const struct json_value *array);
const struct json_value *json_at(const struct json_value *array, size_t i);
/* Returns the text, valid until json_free; the empty slice if the value is not a text. */
struct str json_text(const struct json_value *value);
bool json_int(const struct json_value *value, int64_t *out) must_use;
bool json_bool(const struct json_value *value);
/* Returns whether the values are equal. The order of keys does not matter; 1 and 1.0 are different. */
bool json_same(const struct json_value *a, const struct json_value *b);

/* Finds the first duplicate key, for an error message after json_parse returned ERR_CONFLICT. The key is in
 * the arena. ERR_NOT_FOUND: the document has no duplicate key. */
enum err json_duplicate_key(struct arena *a, struct str text, struct str *key) must_use;

/* JSON writer; it inserts commas itself. Texts are escaped only where JSON requires it, and non-ASCII
 * characters are written as UTF-8. In a text that is not valid UTF-8, each non-ASCII byte becomes U+FFFD.
 * Keys are literals of the source. */
struct json_writer {
	struct buf *out;
	bool comma; /* the next value or key needs a comma before it */
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
/* Writes a text that is already JSON. */
void json_put_raw(struct json_writer *w, struct str json);
/* Writes a parsed value in compact form, with its keys in their original order. */
void json_put_value(struct json_writer *w, const struct json_value *value);

/* Write a key and its value. */
void json_field_text(struct json_writer *w, const char *key, struct str s);
void json_field_int(struct json_writer *w, const char *key, int64_t n);
void json_field_bool(struct json_writer *w, const char *key, bool b);
void json_field_null(struct json_writer *w, const char *key);
