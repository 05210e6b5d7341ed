#include "main/daemon/inbox.h"

#include <string.h>

#include "base/buf.h"
#include "mail/inbox_mailer.h"
#include "main/daemon/inbox_page.h"
#include "text/encode.h"
#include "text/json.h"
#include "text/query.h"

/* Largest number of e-mails in a JSON response and on a page; fewer if they do not fit into the memory of one
 * call. */
#define INBOX_JSON_MAX 20
#define INBOX_PAGE_MAX 10
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

static enum err inbox_json(struct inbox_request *inbox, struct reply *reply)
{
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, inbox->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_key(&w, "messages");
	json_begin_array(&w);
	for (size_t i = 0; i < inbox->n; i++)
		write_message_json(&w, &inbox->messages[i]);
	json_end_array(&w);
	json_end_object(&w);
	TRY(buf_done(&text, &body));
	*reply = respond_text(200, "application/json; charset=utf-8", body);
	return OK;
}

static bool read_message_number(struct str id, int64_t *out)
{
	return str_starts(id, STR(MESSAGE_ID_PREFIX)) &&
	       str_number(str_from(id, sizeof(MESSAGE_ID_PREFIX) - 1), INT64_MAX - 1, out);
}

static enum err inbox_html(struct inbox_request *inbox, struct reply *reply)
{
	const struct inbox_view view = { .rules = &inbox->runtime->rules,
		.public_url = inbox->runtime->config.public_url,
		.to = inbox->query.to,
		.before = inbox->query.before > 0
				  ? query_value(inbox->arena, inbox->request->query, STR("before"))
				  : STR(""),
		.lang = query_value(inbox->arena, inbox->request->query, STR("lang")),
		.messages = inbox->messages,
		.n = inbox->n,
		.max = inbox->query.max - 1 };

	return inbox_page_reply(
		inbox->arena, &view, request_header(inbox->request, STR("Accept-Language")), reply);
}

/* Lists at most `max` e-mails; half as many, and so on, until they fit into the memory of the call. */
static struct reply show_messages(struct inbox_request *inbox, bool html)
{
	const struct arena_mark start = arena_mark(inbox->arena);
	struct reply reply;

	for (size_t max = html ? INBOX_PAGE_MAX : INBOX_JSON_MAX; max > 0; max /= 2) {
		arena_rewind(inbox->arena, start);
		inbox->query.max = html ? max + 1 : max;
		if (inbox_list(inbox->runtime->inbox, &inbox->query, inbox->arena, &inbox->messages,
			    &inbox->n) == OK &&
			(html ? inbox_html(inbox, &reply) : inbox_json(inbox, &reply)) == OK)
			return reply;
	}
	return respond(inbox->arena, ANSWER_UNAVAILABLE);
}

/* The id in "/sandbox/inbox/mail-1/html"; empty: the path is another one. */
static struct str preview_id(struct str path)
{
	static const struct str start = STR_INIT(INBOX_PATH "/"), end = STR_INIT("/html");

	if (path.n <= start.n + end.n || !str_starts(path, start) || !str_ends(path, end))
		return STR("");
	return (struct str){ path.p + start.n, path.n - start.n - end.n };
}

/* Replaces the reference to the e-mail's picture by the picture itself, because a browser knows no `cid:`. */
static enum err embed_picture(
	struct inbox_request *inbox, const struct inbox_message *message, int64_t number, struct str *html)
{
	const struct str reference = arena_printf(inbox->arena, "cid:%.*s", STR_ARG(message->content_id));
	struct str picture, encoded;

	*html = message->html;
	const char *const at = reference.p ? memmem(html->p, html->n, reference.p, reference.n) : NULL;
	if (message->content_id.n == 0 || !at)
		return OK;
	TRY(inbox_picture(inbox->runtime->inbox, number, inbox->arena, &picture));
	TRY(base64_write(inbox->arena, (const unsigned char *)picture.p, picture.n, &encoded));
	const size_t before = (size_t)(at - html->p);
	*html = arena_printf(inbox->arena, "%.*sdata:image/png;base64,%.*s%.*s", (int)before, html->p,
		STR_ARG(encoded), STR_ARG(str_from(*html, before + reference.n)));
	return html->p ? OK : ERR_INPUT;
}

/* The HTML part as it was sent. Its policy makes the browser treat it as a foreign document: it runs no
 * script, sends no form, loads nothing, and can be shown only in a frame of this server. Inline styles are
 * what e-mails consist of. */
static struct reply show_preview(struct inbox_request *inbox, struct str id)
{
	int64_t number;
	struct reply reply;
	struct str html;

	if (!read_message_number(id, &number) || number < 1)
		return respond(inbox->arena, ANSWER_ROUTE_NOT_FOUND);
	inbox->query = (struct inbox_query){ .before = number + 1, .max = 1 };
	if (inbox_list(inbox->runtime->inbox, &inbox->query, inbox->arena, &inbox->messages, &inbox->n) != OK)
		return respond(inbox->arena, ANSWER_UNAVAILABLE);
	if (inbox->n == 0 || !str_eq(inbox->messages[0].id, id) || inbox->messages[0].html.n == 0)
		return respond(inbox->arena, ANSWER_ROUTE_NOT_FOUND);
	if (embed_picture(inbox, &inbox->messages[0], number, &html) != OK)
		return respond(inbox->arena, ANSWER_UNAVAILABLE);
	reply = respond_text(200, "text/html; charset=utf-8", html);
	reply_header(&reply, STR("Content-Security-Policy"),
		STR("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"));
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

bool inbox_has_path(struct str path)
{
	return str_eq(path, STR(INBOX_PATH)) || preview_id(path).n > 0;
}

struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena)
{
	struct inbox_request inbox = { .runtime = runtime, .request = request, .arena = arena };
	const struct str preview = preview_id(request->path);

	if (!runtime->inbox)
		return respond_message(arena, ANSWER_ROUTE_NOT_FOUND,
			STR("E-mails are sent to KYCD_SMTP_URL and not captured here"));
	if (preview.n > 0)
		return show_preview(&inbox, preview);
	inbox.query.to = query_value(inbox.arena, inbox.request->query, STR("to"));
	(void)read_message_number(
		query_value(inbox.arena, inbox.request->query, STR("before")), &inbox.query.before);
	return show_messages(&inbox, accepts_html(request));
}
