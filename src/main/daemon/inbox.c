#include "main/daemon/inbox.h"

#include <string.h>

#include "base/buf.h"
#include "i18n/page.h"
#include "mail/inbox_mailer.h"
#include "text/encode.h"
#include "text/json.h"
#include "text/language.h"

/* Number of e-mails per response; this many fit into the memory of one call. */
#define INBOX_PAGE 20
/* Number of bytes that are reserved for the HTML after the last e-mail. */
#define INBOX_TAIL 1024
#define MESSAGE_ID_PREFIX "mail-"

struct inbox_request {
	const struct runtime *runtime;
	const struct request *request;
	struct arena *arena;
	struct inbox_query query;
	/* The e-mails to show, newest first. For the HTML page, one more than that if there are more. */
	const struct inbox_message *messages;
	size_t n;
};

static struct reply inbox_reply(struct inbox_request *inbox, struct buf *text, const char *type)
{
	struct str body;

	if (buf_done(text, &body) != OK)
		return respond(inbox->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, type, body);
}

/* Returns the value of a query parameter. The value is empty if the parameter is missing or malformed. */
static struct str query_value(struct inbox_request *inbox, struct str parameter)
{
	struct str rest = inbox->request->query, pair, name, value;

	while (rest.n > 0) {
		(void)str_cut(&rest, '&', &pair);
		(void)str_cut(&pair, '=', &name);
		if (str_eq(name, parameter) && percent_decode_query(inbox->arena, pair, &value) == OK)
			return value;
	}
	return STR("");
}

static void write_message_json(struct json_writer *w, const struct inbox_message *message)
{
	char sent[MOMENT_RFC3339_SIZE];

	moment_rfc3339(message->sent, sent);
	json_begin_object(w);
	json_field_text(w, "id", message->id);
	json_field_text(w, "to", message->to);
	json_field_text(w, "subject", message->subject);
	json_field_text(w, "text", message->text);
	json_field_text(w, "html", message->html);
	json_field_text(w, "sent_at", str_of(sent));
	json_end_object(w);
}

static struct reply inbox_json(struct inbox_request *inbox)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, inbox->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_key(&w, "messages");
	json_begin_array(&w);
	for (size_t i = 0; i < inbox->n; i++)
		write_message_json(&w, &inbox->messages[i]);
	json_end_array(&w);
	json_end_object(&w);
	return inbox_reply(inbox, &text, "application/json; charset=utf-8");
}

/* Writes a link to this page. If `to` is not empty, the page shows only e-mails to that address. If `before`
 * is not empty, it shows only e-mails that are older than the one with that id. */
static void write_page_link(struct web_page *page, enum message_id text, struct str to, struct str before)
{
	page_markup(page, "<a href=\"?");
	if (to.n > 0) {
		page_markup(page, "to=");
		percent_encode(&page->out, to);
	}
	if (before.n > 0) {
		page_markup(page, to.n > 0 ? "&amp;before=" : "before=");
		percent_encode(&page->out, before);
	}
	page_markup(page, "\">");
	page_message(page, text);
	page_markup(page, "</a>\n");
}

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

static void write_start_tag(struct web_page *page, const char *tag, struct str language)
{
	if (language.n > 0)
		buf_printf(&page->out, "<%s lang=\"%.*s\">", tag, STR_ARG(language));
	else
		buf_printf(&page->out, "<%s>", tag);
}

/* Formats one e-mail as HTML. Only its text part is shown, escaped, so that browsers never interpret its HTML
 * part. */
static struct str message_card(
	struct inbox_request *inbox, enum language language, const struct inbox_message *message)
{
	struct web_page card = { .language = language, .address = message->to };
	const struct str tag = message_language(message);
	char sent[MOMENT_RFC3339_SIZE];
	struct str text;

	moment_rfc3339(message->sent, sent);
	buf_init(&card.out, inbox->arena);
	page_markup(&card, "<article class=\"card\">\n");
	write_start_tag(&card, "h2", tag);
	page_text(&card, message->subject);
	page_markup(&card, "</h2>\n<p class=\"soft\">");
	page_message(&card, MESSAGE_INBOX_TO);
	buf_printf(&card.out, "<br><time datetime=\"%s\">%.10s %.8s UTC</time></p>\n", sent, sent, sent + 11);
	write_start_tag(&card, "pre", tag);
	page_text(&card, message->text);
	page_markup(&card, "</pre>\n</article>\n");
	return buf_done(&card.out, &text) == OK ? text : (struct str){ NULL, 0 };
}

/* Writes as many e-mails as fit into PAGE_MAX, at least one, and a link to older ones. */
static void write_messages(struct web_page *page, struct inbox_request *inbox)
{
	size_t shown = 0;

	while (shown < inbox->n && shown < INBOX_PAGE) {
		const struct str card = message_card(inbox, page->language, &inbox->messages[shown]);

		if (!card.p)
			page->out.failed = true;
		if (shown > 0 && page->out.n + card.n + INBOX_TAIL > PAGE_MAX)
			break;
		buf_add(&page->out, card);
		shown++;
	}
	if (shown < inbox->n)
		write_page_link(page, MESSAGE_INBOX_OLDER, inbox->query.to, inbox->messages[shown - 1].id);
}

static enum language inbox_language(const struct inbox_request *inbox)
{
	const struct str accepted = request_header(inbox->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str preferred[] = { found < LANGUAGES ? language_tags[found] : STR(""),
		inbox->runtime->rules.language };

	return language_for(preferred, array_len(preferred));
}

static struct reply inbox_page(struct inbox_request *inbox)
{
	struct web_page page = { .language = inbox_language(inbox),
		.brand = inbox->runtime->rules.brand,
		.address = inbox->query.to };
	struct str policy, body;

	page_begin(&page, inbox->arena, MESSAGE_INBOX_TITLE, inbox->runtime->rules.sandbox);
	page_paragraph(&page, MESSAGE_INBOX_EXPLANATION);
	if (inbox->query.to.n > 0)
		page_paragraph(&page, MESSAGE_INBOX_FILTERED);
	page_markup(&page, "<nav>\n");
	write_page_link(&page, MESSAGE_INBOX_REFRESH, inbox->query.to, STR(""));
	if (inbox->query.to.n > 0)
		write_page_link(&page, MESSAGE_INBOX_ALL, STR(""), STR(""));
	page_markup(&page, "</nav>\n");
	if (inbox->n == 0)
		page_paragraph(&page, MESSAGE_INBOX_EMPTY);
	write_messages(&page, inbox);
	if (page_end(&page, &body) != OK || page_policy(inbox->arena, &policy) != OK)
		return respond(inbox->arena, ANSWER_UNAVAILABLE);

	struct reply reply = respond_text(200, "text/html; charset=utf-8", body);

	reply_header(&reply, STR("Content-Language"), language_tags[page.language]);
	reply_header(&reply, STR("Content-Security-Policy"), policy);
	reply_header(&reply, STR("Referrer-Policy"), STR("no-referrer"));
	return reply;
}

static bool accepts_html(const struct request *request)
{
	struct str rest = request_header(request, STR("accept")), item, type;

	while (rest.n > 0) {
		(void)str_cut(&rest, ',', &item);
		(void)str_cut(&item, ';', &type);
		if (str_eq_nocase(str_trim(type), STR("text/html")))
			return true;
	}
	return false;
}

struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena)
{
	struct inbox_request inbox = { .runtime = runtime, .request = request, .arena = arena };
	struct str before;

	if (!runtime->inbox)
		return respond_message(arena, ANSWER_ROUTE_NOT_FOUND,
			STR("E-mails are sent to KYCD_SMTP_URL and not captured here"));
	inbox.query.to = query_value(&inbox, STR("to"));
	inbox.query.max = accepts_html(request) ? INBOX_PAGE + 1 : INBOX_PAGE;
	before = query_value(&inbox, STR("before"));
	if (str_starts(before, STR(MESSAGE_ID_PREFIX)))
		(void)str_number(
			str_from(before, sizeof(MESSAGE_ID_PREFIX) - 1), INT64_MAX, &inbox.query.before);
	if (inbox_list(runtime->inbox, &inbox.query, arena, &inbox.messages, &inbox.n) != OK)
		return respond(arena, ANSWER_UNAVAILABLE);
	return accepts_html(request) ? inbox_page(&inbox) : inbox_json(&inbox);
}
