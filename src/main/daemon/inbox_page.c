#include "main/daemon/inbox_page.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "text/encode.h"
#include "text/language.h"

struct message_values {
	struct str id, address, subject, text, lang, dir, sent, sent_text, code, link_url, preview_url;
};
static const struct template_value message_rows[] = {
	TEXT_VALUE(struct message_values, id),
	NAME_VALUE(struct message_values, address),
	TEXT_VALUE(struct message_values, subject),
	TEXT_VALUE(struct message_values, text),
	TEXT_VALUE(struct message_values, lang),
	TEXT_VALUE(struct message_values, dir),
	TEXT_VALUE(struct message_values, sent),
	TEXT_VALUE(struct message_values, sent_text),
	TEXT_VALUE(struct message_values, code),
	TEXT_VALUE(struct message_values, link_url),
	TEXT_VALUE(struct message_values, preview_url),
};
static const struct template_table message_table = TEMPLATE_TABLE(struct message_values, message_rows);

struct inbox_values {
	struct str address, refresh_url, all_url, older_url;
	bool is_newest; /* the page is not one of older e-mails, so that the script adds new ones */
	struct template_list messages;
};
static const struct template_value inbox_rows[] = {
	NAME_VALUE(struct inbox_values, address),
	TEXT_VALUE(struct inbox_values, refresh_url),
	TEXT_VALUE(struct inbox_values, all_url),
	TEXT_VALUE(struct inbox_values, older_url),
	FLAG_VALUE(struct inbox_values, is_newest),
	LIST_VALUE(struct inbox_values, messages, &message_table),
};
DECLARE_TEMPLATE(inbox_inbox);
const struct page_template inbox_page = { .template = &template_inbox_inbox,
	.values = TEMPLATE_TABLE(struct inbox_values, inbox_rows),
	.script = "inbox" };

/* Returns the language that the e-mail's HTML part declares, which screen readers need. The result is empty
 * if it declares none. */
static struct str message_language(const struct inbox_message *message)
{
	static const struct str start = STR_INIT("<html lang=\"");
	const char *const at = memmem(message->html.p, message->html.n, start.p, start.n);
	struct str rest, tag;

	if (!at)
		return STR("");
	rest = str_from(message->html, (size_t)(at - message->html.p) + start.n);
	return str_cut(&rest, '"', &tag) && language_is_tag(tag) ? tag : STR("");
}

static bool is_word_character(struct str text, size_t i)
{
	const unsigned char c = i < text.n ? (unsigned char)text.p[i] : ' ';

	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c >= 0x80;
}

/* Returns the first number with this many digits that is a word of its own. */
static struct str find_code(struct str text, size_t digits)
{
	for (size_t i = 0; i + digits <= text.n; i++) {
		size_t n = 0;

		if (i > 0 && is_word_character(text, i - 1))
			continue;
		while (i + n < text.n && text.p[i + n] >= '0' && text.p[i + n] <= '9')
			n++;
		if (n == digits && !is_word_character(text, i + n))
			return (struct str){ text.p + i, n };
	}
	return STR("");
}

/* Returns the first URL of this server in the text, up to white space. URLs of other servers are not shown as
 * links. */
static struct str find_link(struct str text, struct str public_url)
{
	const char *const at = public_url.n > 0 ? memmem(text.p, text.n, public_url.p, public_url.n) : NULL;
	struct str url = { at, 0 };

	if (!at || (size_t)(at - text.p) + public_url.n >= text.n || at[public_url.n] != '/')
		return STR("");
	while (at + url.n < text.p + text.n && (unsigned char)at[url.n] > ' ')
		url.n++;
	return url;
}

static enum err fill_message(struct arena *a, const struct inbox_view *view,
	const struct inbox_message *message, struct message_values *out)
{
	char sent[MOMENT_RFC3339_SIZE];
	const struct str lang = message_language(message);

	moment_rfc3339(message->sent, sent);
	*out = (struct message_values){ .id = message->id,
		.address = message->to,
		.subject = message->subject,
		.text = message->text,
		.lang = lang,
		.dir = language_tag_is_rtl(lang) ? STR("rtl") : STR("ltr"),
		.sent = arena_copy(a, str_of(sent)),
		.sent_text = arena_printf(a, "%.10s %.8s UTC", sent, sent + 11),
		.code = find_code(message->text, (size_t)view->rules->otp_digits),
		.link_url = find_link(message->text, view->public_url) };
	if (message->html.n > 0)
		out->preview_url = arena_printf(a, INBOX_PATH "/%.*s/html", STR_ARG(message->id));
	return out->sent.p && out->sent_text.p && (message->html.n == 0 || out->preview_url.p) ? OK
											       : ERR_INPUT;
}

static enum err fill_messages(
	struct arena *a, const struct inbox_view *view, size_t n, struct inbox_values *values)
{
	struct message_values *const rows = arena_array(a, struct message_values, n + 1);

	if (!rows)
		return ERR_INPUT;
	for (size_t i = 0; i < n; i++)
		TRY(fill_message(a, view, &view->messages[i], &rows[i]));
	values->messages = (struct template_list){ rows, n };
	return OK;
}

/* Writes a query of the parameters that are given, with its "?"; `lead` stands before the first one. */
static enum err write_query(
	struct arena *a, const char *lead, struct str to, struct str before, struct str lang, struct str *out)
{
	const struct {
		const char *name;
		struct str value;
	} parameters[] = { { "to", to }, { "before", before }, { "lang", lang } };
	struct buf query;

	buf_init(&query, a);
	for (size_t i = 0; i < array_len(parameters); i++) {
		if (parameters[i].value.n == 0)
			continue;
		buf_printf(&query, "%s%s=", query.n > 0 ? "&" : lead, parameters[i].name);
		percent_encode(&query, parameters[i].value);
	}
	if (query.n == 0)
		buf_add(&query, str_of(lead));
	return buf_done(&query, out);
}

static enum language choose_language(const struct inbox_view *view, struct str accepted)
{
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str preferred[] = { view->lang, found < LANGUAGES ? language_tags[found] : STR(""),
		view->rules->language };

	return language_for(preferred, array_len(preferred));
}

enum err inbox_page_reply(
	struct arena *a, const struct inbox_view *view, struct str accepted, struct reply *reply)
{
	const size_t shown = view->n < view->max ? view->n : view->max;
	const struct str none = STR("");
	struct page_frame frame = { .language = choose_language(view, accepted),
		.brand = view->rules->brand,
		.sandbox = view->rules->sandbox,
		.wide = true,
		.has_frames = true };
	struct inbox_values values = { .address = view->to, .is_newest = view->before.n == 0 };
	struct str rest;

	TRY(write_query(a, "?", view->to, none, view->lang, &values.refresh_url));
	TRY(write_query(a, "?", none, none, view->lang, &values.all_url));
	if (shown < view->n)
		TRY(write_query(
			a, "?", view->to, view->messages[shown - 1].id, view->lang, &values.older_url));
	TRY(write_query(a, "", view->to, view->before, none, &rest));
	TRY(page_set_language_urls(a, &frame, STR(INBOX_PATH), rest));
	TRY(fill_messages(a, view, shown, &values));
	return page_reply(a, &frame, &inbox_page, &values, 200, reply);
}
