/* A page for people: a template of src/web/ inside the common frame (src/web/frame/), and the headers of its
 * reply. Thread-safe; all memory is in the caller's arena. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "html/template.h"
#include "http/message.h"
#include "i18n/messages.h"

/* Largest HTML of a page in bytes, which a new TCP connection can send before the first acknowledgement. With
 * its style sheet, script and logo, a page has at most 40 KB (spec/pages-and-console.md). */
#define PAGE_MAX ((size_t)14 * 1024)

/* What a kind of page consists of. */
struct page_template {
	const struct template *template;
	struct template_table values; /* the page's own values, used before those of the frame */
	/* Values that a group of pages has in common, used between the page's own and those of the frame;
	 * NULL: none. */
	const struct template_table *group_values;
	const char *script; /* base name of its script in src/web/script/; NULL: the page has none */
	const char *style; /* base name of its own style sheet in src/web/style/; NULL: only the shared one */
};

/* What the frame of a page shows, and how browsers treat the page. */
struct page_frame {
	enum language language;
	/* The tenant's name, or KYCD_BRAND. */
	struct str brand;
	/* The tenant's colour as six hexadecimal digits in lower case; empty: the usual colour. */
	struct str colour;
	/* Digest of the tenant's logo in lower-case hexadecimal; empty: the brand is written. */
	struct str logo;
	/* Links of the footer; empty: none. */
	struct str support_url, privacy_url;
	/* Shows the notice that this is a sandbox. */
	bool sandbox;
	/* The column is wider, for pages with much content. */
	bool wide;
	/* Path before "/assets/": empty on the public listener. */
	struct str assets;
	/* URL of this page in each language; all empty: the page has no links to other languages. */
	struct str language_urls[LANGUAGES];
	/* Origins, separated by spaces, to which a form of this page may be redirected: browsers apply
	 * `form-action` to redirects. */
	struct str form_origins;
	/* Forms may be sent or redirected to any host. */
	bool any_form_origin;
	/* Other sites may show the page in a frame. */
	bool may_be_framed;
	/* The page shows other pages of this server in frames. */
	bool has_frames;
	/* Browsers send the URL of the page to this server: with `no-referrer` they send `Origin: null` with
	 * its forms. */
	bool same_origin_referrer;
	/* The struct that page_template.group_values describes. */
	const void *group;
};

/* The values of the frame, which every template can use. */
extern const struct template_table page_frame_values;

/* Sets the language URLs to `path` with `?lang=TAG`. `query` is the rest of the query, encoded, or empty. */
enum err page_set_language_urls(
	struct arena *a, struct page_frame *frame, struct str path, struct str query) must_use;

/* Renders the page. `values` is the struct that page->values describes. ERR_INPUT: the page does not fit into
 * the arena, or a name of the template has no value. */
enum err page_render(struct arena *a, const struct page_frame *frame, const struct page_template *page,
	const void *values, struct str *out) must_use;
/* Renders the page and sets `reply` to it: status, body, Content-Language, Content-Security-Policy and
 * Referrer-Policy. The caller adds Cache-Control. Errors as for page_render; then `reply` is unchanged. */
enum err page_reply(struct arena *a, const struct page_frame *frame, const struct page_template *page,
	const void *values, int status, struct reply *reply) must_use;
