#include "main/daemon/inbox.h"

#include <string.h>

#include "base/buf.h"
#include "i18n/page.h"
#include "mail/inbox_mailer.h"
#include "text/encode.h"
#include "text/json.h"
#include "text/language.h"

/* As many as fit into the memory of one call. */
#define INBOX_SHOWN 20
/* Of the page, behind the last letter. */
#define INBOX_TAIL 1024
#define ID_START "mail-"

struct inbox_request {
	const struct runtime *runtime;
	const struct request *request;
	struct arena *arena;
	struct inbox_query query;
	const struct inbox_message *messages; /* for a page one more than is shown, if there is one */
	size_t n;
};

static struct reply done(struct inbox_request *look, struct buf *text, const char *type)
{
	struct str body;

	if (buf_done(text, &body) != OK)
		return respond(look->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, type, body);
}

/* The query's value of that name; empty when absent or broken. */
static struct str asked(struct inbox_request *look, struct str wanted)
{
	struct str rest = look->request->query, pair, name, value;

	while (rest.n > 0) {
		(void)str_cut(&rest, '&', &pair);
		(void)str_cut(&pair, '=', &name);
		if (str_eq(name, wanted) && percent_decode_query(look->arena, pair, &value) == OK)
			return value;
	}
	return STR("");
}

static void put_letter(struct json_writer *w, const struct inbox_message *message)
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

static struct reply show_json(struct inbox_request *look)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, look->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_key(&w, "messages");
	json_begin_array(&w);
	for (size_t i = 0; i < look->n; i++)
		put_letter(&w, &look->messages[i]);
	json_end_array(&w);
	json_end_object(&w);
	return done(look, &text, "application/json; charset=utf-8");
}

/* A link to this page again, of the same addressee unless for `all`, below the letter `before`. */
static void put_link(struct web_page *page, enum message_id word, struct str to, struct str before)
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
	page_message(page, word);
	page_markup(page, "</a>\n");
}

/* Of a letter, as its HTML part names it, so that it is read out in its own; empty when it does not. */
static struct str letter_language(const struct inbox_message *message)
{
	static const struct str start = STR_INIT("<html lang=\"");
	const char *const at = memmem(message->html.p, message->html.n, start.p, start.n);
	struct str rest, tag;

	if (!at)
		return STR("");
	rest = str_from(message->html, (size_t)(at - message->html.p) + start.n);
	return str_cut(&rest, '"', &tag) && language_is_tag(tag) ? tag : STR("");
}

static void put_start(struct web_page *page, const char *tag, struct str language)
{
	if (language.n > 0)
		buf_printf(&page->out, "<%s lang=\"%.*s\">", tag, STR_ARG(language));
	else
		buf_printf(&page->out, "<%s>", tag);
}

/* Only the text part, escaped: nothing of a letter is ever run. */
static struct str letter_card(
	struct inbox_request *look, enum language language, const struct inbox_message *message)
{
	struct web_page card = { .language = language, .address = message->to };
	const struct str tag = letter_language(message);
	char sent[MOMENT_RFC3339_SIZE];
	struct str text;

	moment_rfc3339(message->sent, sent);
	buf_init(&card.out, look->arena);
	page_markup(&card, "<article class=\"card\">\n");
	put_start(&card, "h2", tag);
	page_text(&card, message->subject);
	page_markup(&card, "</h2>\n<p class=\"soft\">");
	page_message(&card, MESSAGE_INBOX_TO);
	buf_printf(&card.out, "<br><time datetime=\"%s\">%.10s %.8s UTC</time></p>\n", sent, sent, sent + 11);
	put_start(&card, "pre", tag);
	page_text(&card, message->text);
	page_markup(&card, "</pre>\n</article>\n");
	return buf_done(&card.out, &text) == OK ? text : (struct str){ NULL, 0 };
}

/* As many as the page bears, at least one, and the way to the others. */
static void put_letters(struct web_page *page, struct inbox_request *look)
{
	size_t shown = 0;

	while (shown < look->n && shown < INBOX_SHOWN) {
		const struct str card = letter_card(look, page->language, &look->messages[shown]);

		if (!card.p)
			page->out.failed = true;
		if (shown > 0 && page->out.n + card.n + INBOX_TAIL > PAGE_MAX)
			break;
		buf_add(&page->out, card);
		shown++;
	}
	if (shown < look->n)
		put_link(page, MESSAGE_INBOX_OLDER, look->query.to, look->messages[shown - 1].id);
}

static enum language choose_language(const struct inbox_request *look)
{
	const struct str accepted = request_header(look->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str wishes[] = { found < LANGUAGES ? language_tags[found] : STR(""),
		look->runtime->rules.language };

	return language_for(wishes, array_len(wishes));
}

static struct reply show_page(struct inbox_request *look)
{
	struct web_page page = { .language = choose_language(look),
		.brand = look->runtime->rules.brand,
		.address = look->query.to };
	struct str policy, body;

	page_begin(&page, look->arena, MESSAGE_INBOX_TITLE, look->runtime->rules.sandbox);
	page_paragraph(&page, MESSAGE_INBOX_EXPLANATION);
	if (look->query.to.n > 0)
		page_paragraph(&page, MESSAGE_INBOX_FILTERED);
	page_markup(&page, "<nav>\n");
	put_link(&page, MESSAGE_INBOX_REFRESH, look->query.to, STR(""));
	if (look->query.to.n > 0)
		put_link(&page, MESSAGE_INBOX_ALL, STR(""), STR(""));
	page_markup(&page, "</nav>\n");
	if (look->n == 0)
		page_paragraph(&page, MESSAGE_INBOX_EMPTY);
	put_letters(&page, look);
	if (page_end(&page, &body) != OK || page_policy(look->arena, &policy) != OK)
		return respond(look->arena, ANSWER_UNAVAILABLE);

	struct reply reply = respond_text(200, "text/html; charset=utf-8", body);

	reply_header(&reply, STR("Content-Language"), language_tags[page.language]);
	reply_header(&reply, STR("Content-Security-Policy"), policy);
	reply_header(&reply, STR("Referrer-Policy"), STR("no-referrer"));
	return reply;
}

static bool wants_page(const struct request *request)
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
	struct inbox_request look = { .runtime = runtime, .request = request, .arena = arena };
	struct str before;

	if (!runtime->inbox)
		return respond_message(
			arena, ANSWER_ROUTE_NOT_FOUND, STR("Letters go to KYCD_SMTP_URL, not here"));
	look.query.to = asked(&look, STR("to"));
	look.query.max = wants_page(request) ? INBOX_SHOWN + 1 : INBOX_SHOWN;
	before = asked(&look, STR("before"));
	if (str_starts(before, STR(ID_START)))
		(void)str_number(str_from(before, sizeof(ID_START) - 1), INT64_MAX, &look.query.before);
	if (inbox_list(runtime->inbox, &look.query, arena, &look.messages, &look.n) != OK)
		return respond(arena, ANSWER_UNAVAILABLE);
	return wants_page(request) ? show_page(&look) : show_json(&look);
}
