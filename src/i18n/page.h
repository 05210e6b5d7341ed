/* The common frame of all pages for people: head, style sheet, and the notice that this is a sandbox. The
 * pages use no scripts and nothing from other servers. The style works at a width of 320 px, in dark mode and
 * with large text. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"

/* Largest size of a page in bytes. A new TCP connection can send this much before the first
 * acknowledgement. */
#define PAGE_MAX ((size_t)14 * 1024)

struct web_page {
	struct buf out;
	enum language language;
	/* The values that replace {brand} and {address} in messages. */
	struct str brand, address;
};

/* Writes the page up to and including <main> and its <h1>. If `sandbox` is true, the page begins with the
 * notice that it belongs to a sandbox. */
void page_begin(struct web_page *page, struct arena *a, enum message_id title, bool sandbox);
/* Writes trusted markup without escaping. */
void page_markup(struct web_page *page, const char *markup);
/* Writes a message with its {names} filled in and escaped. */
void page_message(struct web_page *page, enum message_id message);
/* Writes a message as page_message() does, inside <p>. */
void page_paragraph(struct web_page *page, enum message_id message);
/* Writes untrusted text, escaped. */
void page_text(struct web_page *page, struct str text);
/* Completes the page. ERR_INPUT: the page did not fit into the arena. */
enum err page_end(struct web_page *page, struct str *out) must_use;

/* Writes the Content-Security-Policy that allows the style sheet of these pages and nothing else. The caller
 * can append directives. */
enum err page_policy(struct arena *a, struct str *out) must_use;
