#include "html/page.h"

#include "base/attr.h"
#include "html/asset.h"

/* A link to the page in another language. */
struct language_link {
	struct str url, tag, name;
	bool is_current;
};

static const struct template_value language_link_values[] = {
	TEXT_VALUE(struct language_link, url),
	TEXT_VALUE(struct language_link, tag),
	TEXT_VALUE(struct language_link, name),
	FLAG_VALUE(struct language_link, is_current),
};
static const struct template_table language_links = TEMPLATE_TABLE(
	struct language_link, language_link_values);

/* The values that the templates of src/web/frame/ use. A page can use them as well. */
struct frame_values {
	struct str lang, dir, brand, style_url, page_style_url, script_url, logo_url, support_url,
		privacy_url;
	bool is_sandbox, is_wide, has_footer;
	struct template_list languages;
};

static const struct template_value frame_value_rows[] = {
	TEXT_VALUE(struct frame_values, lang),
	TEXT_VALUE(struct frame_values, dir),
	NAME_VALUE(struct frame_values, brand),
	TEXT_VALUE(struct frame_values, style_url),
	TEXT_VALUE(struct frame_values, page_style_url),
	TEXT_VALUE(struct frame_values, script_url),
	TEXT_VALUE(struct frame_values, logo_url),
	TEXT_VALUE(struct frame_values, support_url),
	TEXT_VALUE(struct frame_values, privacy_url),
	FLAG_VALUE(struct frame_values, is_sandbox),
	FLAG_VALUE(struct frame_values, is_wide),
	FLAG_VALUE(struct frame_values, has_footer),
	LIST_VALUE(struct frame_values, languages, &language_links),
};
const struct template_table page_frame_values = TEMPLATE_TABLE(struct frame_values, frame_value_rows);

enum err page_set_language_urls(struct arena *a, struct page_frame *frame, struct str path, struct str query)
{
	for (enum language language = 0; language < LANGUAGES; language++) {
		frame->language_urls[language] = arena_printf(a, "%.*s?lang=%.*s%s%.*s", STR_ARG(path),
			STR_ARG(language_tags[language]), query.n > 0 ? "&" : "", STR_ARG(query));
		if (!frame->language_urls[language].p)
			return ERR_INPUT;
	}
	return OK;
}

static struct str style_url(struct arena *a, const struct page_frame *frame)
{
	static const struct str extension = STR_INIT(".css");
	const struct str name = asset_style()->name;

	if (frame->colour.n == 0)
		return arena_printf(a, "%.*s/assets/%.*s", STR_ARG(frame->assets), STR_ARG(name));
	return arena_printf(a, "%.*s/assets/%.*s-%.*s.css", STR_ARG(frame->assets),
		(int)(name.n - extension.n), name.p, STR_ARG(frame->colour));
}

static enum err add_language_links(struct arena *a, const struct page_frame *frame, struct template_list *out)
{
	struct language_link *links;

	if (frame->language_urls[0].n == 0)
		return OK;
	links = arena_array(a, struct language_link, LANGUAGES);
	if (!links)
		return ERR_INPUT;
	for (enum language language = 0; language < LANGUAGES; language++)
		links[language] = (struct language_link){ frame->language_urls[language],
			language_tags[language], message_text(language, MESSAGE_LANGUAGE_NAME),
			language == frame->language };
	*out = (struct template_list){ links, LANGUAGES };
	return OK;
}

/* Sets `out` to the URL of an asset that the page names; `base` is NULL if it names none. */
static enum err set_asset_url(struct arena *a, const struct page_frame *frame, const char *base,
	const struct asset *(*find)(struct str base), struct str *out)
{
	const struct asset *const asset = base ? find(str_of(base)) : NULL;

	if (!base)
		return OK;
	if (!asset)
		return ERR_INPUT;
	*out = arena_printf(a, "%.*s/assets/%.*s", STR_ARG(frame->assets), STR_ARG(asset->name));
	return out->p ? OK : ERR_INPUT;
}

static enum err set_urls(struct arena *a, const struct page_frame *frame, const struct page_template *page,
	struct frame_values *out)
{
	out->style_url = style_url(a, frame);
	TRY(set_asset_url(a, frame, page->style, asset_page_style, &out->page_style_url));
	TRY(set_asset_url(a, frame, page->script, asset_script, &out->script_url));
	if (frame->logo.n > 0)
		out->logo_url = arena_printf(
			a, "%.*s/assets/logo-%.*s.png", STR_ARG(frame->assets), STR_ARG(frame->logo));
	return out->style_url.p && (frame->logo.n == 0 || out->logo_url.p) ? OK : ERR_INPUT;
}

enum err page_render(struct arena *a, const struct page_frame *frame, const struct page_template *page,
	const void *values, struct str *out)
{
	struct frame_values frame_values = {
		.lang = language_tags[frame->language],
		.dir = language_is_rtl(frame->language) ? STR("rtl") : STR("ltr"),
		.brand = frame->brand,
		.support_url = frame->support_url,
		.privacy_url = frame->privacy_url,
		.is_sandbox = frame->sandbox,
		.is_wide = frame->wide,
		.has_footer = frame->support_url.n > 0 || frame->privacy_url.n > 0 ||
			      frame->language_urls[0].n > 0,
	};
	const struct template_scope outer = { &page_frame_values, &frame_values, NULL };
	const struct template_scope group = { page->group_values, frame->group, &outer };
	const struct template_scope scope = { &page->values, values, page->group_values ? &group : &outer };
	struct buf text;

	TRY(set_urls(a, frame, page, &frame_values));
	TRY(add_language_links(a, frame, &frame_values.languages));
	buf_init(&text, a);
	template_render(&text, page->template, frame->language, &scope);
	return buf_done(&text, out);
}

/* Scripts and styles come only from this server's assets. Nothing is loaded from other hosts. */
static enum err write_policy(struct arena *a, const struct page_frame *frame, struct str *out)
{
	struct buf policy;

	buf_init(&policy, a);
	buf_add(&policy, STR("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
			     "connect-src 'self'; base-uri 'none'"));
	if (frame->has_frames)
		buf_add(&policy, STR("; frame-src 'self'"));
	if (!frame->any_form_origin) {
		buf_add(&policy, STR("; form-action 'self'"));
		if (frame->form_origins.n > 0)
			buf_char(&policy, ' ');
		buf_add(&policy, frame->form_origins);
	}
	if (!frame->may_be_framed)
		buf_add(&policy, STR("; frame-ancestors 'none'"));
	return buf_done(&policy, out);
}

enum err page_reply(struct arena *a, const struct page_frame *frame, const struct page_template *page,
	const void *values, int status, struct reply *reply)
{
	struct str body, policy;

	TRY(page_render(a, frame, page, values, &body));
	TRY(write_policy(a, frame, &policy));
	*reply = (struct reply){ .status = status, .content_type = "text/html; charset=utf-8", .body = body };
	reply_header(reply, STR("Content-Language"), language_tags[frame->language]);
	reply_header(reply, STR("Content-Security-Policy"), policy);
	reply_header(reply, STR("Referrer-Policy"),
		frame->same_origin_referrer ? STR("same-origin") : STR("no-referrer"));
	return OK;
}
