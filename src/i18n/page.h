/* The common frame of all pages for people: head, style sheet, and the notice of a sandbox. The pages use no
 * scripts and nothing from other servers. The style works at a width of 320 px, in dark mode and with large
 * text. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"

/* Largest size of a page in bytes: what a new TCP connection sends before the first acknowledgement. */
#define PAGE_MAX ((size_t)14 * 1024)

struct web_page {
	struct buf out;
	enum language language;
	/* The values of {brand} and {address} in messages. */
	struct str brand, address;
};

/* Writes the page up to <main> and its <h1>. With `sandbox`, the page begins with the notice of a sandbox. */
void page_begin(struct web_page *page, struct arena *a, enum message_id title, bool sandbox);
/* Writes trusted markup without escaping. */
void page_markup(struct web_page *page, const char *markup);
/* Writes a message with its {names} filled in and escaped; page_paragraph() puts it into <p>. */
void page_message(struct web_page *page, enum message_id message);
void page_paragraph(struct web_page *page, enum message_id message);
/* Writes untrusted text, escaped. */
void page_text(struct web_page *page, struct str text);
/* Completes the page. ERR_INPUT when the page did not fit into the arena. */
enum err page_end(struct web_page *page, struct str *out) must_use;

/* The Content-Security-Policy that allows the style sheet of these pages and nothing else; the caller can
 * append directives. */
enum err page_policy(struct arena *a, struct str *out) must_use;
