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
struct js;

enum js_kind { JS_ABSENT, JS_NULL, JS_BOOL, JS_INT, JS_REAL, JS_TEXT, JS_ARRAY, JS_OBJECT };

/* Parses a whole document; any value may stand at the top. `refuse_repeated` refuses an object with a key
 * twice (ERR_CONFLICT); everything else that is not JSON is ERR_INPUT. The document must be closed. */
enum err js_open(struct str text, bool refuse_repeated, const struct js **out) must_use;
void js_close(const struct js *document);
static inline void js_cleanup(const struct js **document)
{
	js_close(*document);
}

enum js_kind js_kind(const struct js *value);
const struct js *js_get(const struct js *object, const char *key);
size_t js_count(const struct js *array);
const struct js *js_at(const struct js *array, size_t i);
/* The text (valid while the document is open), or the empty slice when it is not a text. */
struct str js_text(const struct js *value);
bool js_int(const struct js *value, int64_t *out) must_use;
bool js_true(const struct js *value);
/* The same value: order of keys aside, 1 and 1.0 differ. */
bool js_same(const struct js *a, const struct js *b);

/* For naming what js_open refused with ERR_CONFLICT: the first key that stands twice in its object, in the
 * arena. ERR_NOT_FOUND: there is none. */
enum err js_repeated_key(struct arena *a, struct str text, struct str *key) must_use;

/* Writing: one writer, commas by itself. Texts are escaped as JSON demands, non-ASCII stays UTF-8; in a
 * text that is no UTF-8 every byte beyond ASCII becomes U+FFFD. Keys are UTF-8 of the source. */
struct js_writer {
	struct buf *out;
	bool comma;
};

void js_begin(struct js_writer *w, struct buf *out);
void js_object(struct js_writer *w);	 /* { */
void js_object_end(struct js_writer *w); /* } */
void js_array(struct js_writer *w);	 /* [ */
void js_array_end(struct js_writer *w);	 /* ] */
void js_key(struct js_writer *w, const char *key);
void js_put_text(struct js_writer *w, struct str s);
void js_put_int(struct js_writer *w, int64_t n);
void js_put_bool(struct js_writer *w, bool b);
void js_put_null(struct js_writer *w);
/* Text that is JSON already. */
void js_put_raw(struct js_writer *w, struct str json);
/* A parsed value, written again (compact, keys in their order). */
void js_put_value(struct js_writer *w, const struct js *value);

/* key and value in one line */
void js_field_text(struct js_writer *w, const char *key, struct str s);
void js_field_int(struct js_writer *w, const char *key, int64_t n);
void js_field_bool(struct js_writer *w, const char *key, bool b);
void js_field_null(struct js_writer *w, const char *key);
