/* The frame of every page that a person meets: head, style, the note that this is a sandbox. One style for
 * all of them, without scripts, without anything from elsewhere; it bears 320 px, the dark and big letters.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"

/* What a page may weigh, in bytes: the first flight of a new TCP connection. */
#define PAGE_MAX ((size_t)14 * 1024)

struct web_page {
	struct buf out;
	enum language language;
	/* What {brand} and {address} in a word stand for. */
	struct str brand, address;
};

/* Up to <main> and the <h1> in it. `sandbox`: says so first. */
void page_begin(struct web_page *page, struct arena *a, enum message_id title, bool sandbox);
/* Markup of ours, as it is. */
void page_markup(struct web_page *page, const char *markup);
/* A word, escaped, with its names filled in; as a paragraph. */
void page_message(struct web_page *page, enum message_id word);
void page_paragraph(struct web_page *page, enum message_id word);
/* Anybody's text, escaped. */
void page_text(struct web_page *page, struct str text);
/* Closes <main>. ERR_INPUT: it did not fit into the arena. */
enum err page_end(struct web_page *page, struct str *out) must_use;

/* The Content-Security-Policy that lets these pages be as they are, and nothing more; may be followed by
 * further directives. */
enum err page_policy(struct arena *a, struct str *out) must_use;
