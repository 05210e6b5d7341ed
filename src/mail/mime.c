#include "mail/mime.h"

#include <string.h>

#include "base/buf.h"
#include "base/moment.h"
#include "mail/mime_body.h"
#include "text/encode.h"

/* The boundary between the parts of the e-mail. Quoted-printable never produces "=_", so no content can look
 * like it (RFC 2045 section 6.7). */
#define BOUNDARY "=_kycd_alternatives"
/* The boundary between the HTML and its picture. Base64 contains no "_". */
#define RELATED_BOUNDARY "=_kycd_related"
#define HEADER_LINE_MAX 76  /* maximum length of a header line that contains an encoded word (RFC 2047) */
#define ENCODED_WORD_MAX 75 /* RFC 2047 */
#define HEADER_VALUE_MAX 900
#define ADDRESS_MAX 254
#define MESSAGE_ID_MAX 200
#define LANGUAGE_MAX 35

static const char hex[] = "0123456789ABCDEF";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_header_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return false;
	return s.n <= HEADER_VALUE_MAX && str_is_utf8(s);
}

bool address_is_safe(struct str address)
{
	size_t at = 0, n_at = 0;

	for (size_t i = 0; i < address.n; i++) {
		const char c = address.p[i];

		if (c <= ' ' || c >= 127 || memchr("<>()[]\\,;:\"", c, 11) != NULL)
			return false;
		if (c == '@') {
			at = i;
			n_at++;
		}
	}
	return n_at == 1 && at > 0 && at + 1 < address.n && address.n <= ADDRESS_MAX;
}

static bool mailbox_split(struct str mailbox, struct str *name, struct str *address)
{
	struct str rest = str_trim(mailbox), first;

	if (rest.n == 0 || rest.p[rest.n - 1] != '>') {
		*name = STR("");
		*address = rest;
		return address_is_safe(rest);
	}
	rest.n--;
	if (!str_cut(&rest, '<', &first))
		return false;
	first = str_trim(first);
	if (first.n >= 2 && first.p[0] == '"' && first.p[first.n - 1] == '"')
		first = (struct str){ first.p + 1, first.n - 2 };
	*name = first;
	*address = rest;
	return is_header_value(first) && address_is_safe(rest);
}

bool mailbox_address(struct str mailbox, struct str *address)
{
	struct str name;

	return mailbox_split(mailbox, &name, address);
}

/* Returns whether Q encoding leaves `c` unchanged, even in a display name (RFC 2047 section 5 (3)). */
static bool is_unencoded_in_q(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       memchr("!*+-/", c, 5) != NULL;
}

static size_t q_encoded_length(struct str s, size_t i, size_t n)
{
	size_t length = 0;

	for (size_t k = i; k < i + n; k++)
		length += is_unencoded_in_q(s.p[k]) || s.p[k] == ' ' ? 1 : 3;
	return length;
}

static void add_q_encoded(struct buf *out, char c)
{
	if (c == ' ') {
		buf_char(out, '_');
	} else if (is_unencoded_in_q(c)) {
		buf_char(out, c);
	} else {
		buf_char(out, '=');
		buf_char(out, hex[(unsigned char)c >> 4]);
		buf_char(out, hex[(unsigned char)c & 15]);
	}
}

/* Writes `s` as encoded words, folded over several lines. `column` is the number of characters already
 * written to the current line. */
static void add_encoded_words(struct buf *out, struct str s, size_t column)
{
	static const struct str lead = STR_INIT("=?UTF-8?Q?");
	size_t word = lead.n;

	buf_add(out, lead);
	for (size_t i = 0, n; i < s.n; i += n) {
		n = mime_unsplittable_length(s, i);
		if (word + q_encoded_length(s, i, n) + 2 > ENCODED_WORD_MAX ||
			column + word + q_encoded_length(s, i, n) + 2 > HEADER_LINE_MAX) {
			buf_add(out, STR("?=\r\n "));
			buf_add(out, lead);
			word = lead.n;
			column = 1;
		}
		for (size_t k = i; k < i + n; k++)
			add_q_encoded(out, s.p[k]);
		word += q_encoded_length(s, i, n);
	}
	buf_add(out, STR("?="));
}

/* Returns whether `s` can be written unencoded, folded at its spaces. It must be encoded when it is not
 * ASCII, looks like an encoded word, has spaces that folding would lose, or has words too long to fold. */
static bool can_be_unencoded(struct str s)
{
	size_t word = 0;

	for (size_t i = 0; i < s.n; i++) {
		const bool space = s.p[i] == ' ';

		word = space ? 0 : word + 1;
		if ((unsigned char)s.p[i] >= 127 || word > 60)
			return false;
		if (space && (i == 0 || i + 1 == s.n || s.p[i + 1] == ' '))
			return false;
		if (s.p[i] == '=' && i + 1 < s.n && s.p[i + 1] == '?')
			return false;
	}
	return true;
}

static void add_folded(struct buf *out, struct str s, size_t column)
{
	struct str word;
	bool more = true, first = true;

	while (more) {
		more = str_cut(&s, ' ', &word);
		if (!first && column + 1 + word.n > HEADER_LINE_MAX) {
			buf_add(out, STR("\r\n"));
			column = 0;
		}
		if (!first)
			buf_char(out, ' ');
		buf_add(out, word);
		column += word.n + 1;
		first = false;
	}
}

static enum err add_text_header(struct buf *out, const char *name, struct str value)
{
	const size_t column = strlen(name) + 2;

	if (!is_header_value(value))
		return ERR_INPUT;
	buf_printf(out, "%s: ", name);
	if (can_be_unencoded(value))
		add_folded(out, value, column);
	else
		add_encoded_words(out, value, column);
	buf_add(out, STR("\r\n"));
	return OK;
}

/* Returns whether a display name can be written as a quoted string. Encoding it without need would raise spam
 * scores. */
static bool is_quotable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 127 || s.p[i] == '"' || s.p[i] == '\\')
			return false;
	return s.n <= 60;
}

static void add_display_name(struct buf *out, struct str name, size_t column)
{
	if (is_quotable(name))
		buf_printf(out, "\"%.*s\"", STR_ARG(name));
	else
		add_encoded_words(out, name, column);
	buf_add(out, STR("\r\n "));
}

static enum err add_mailbox_header(struct buf *out, const char *name, struct str mailbox)
{
	struct str display, address;

	if (!mailbox_split(mailbox, &display, &address))
		return ERR_INPUT;
	buf_printf(out, "%s: ", name);
	if (display.n > 0)
		add_display_name(out, display, strlen(name) + 2);
	buf_printf(out, "<%.*s>\r\n", STR_ARG(address));
	return OK;
}

static bool is_message_id(struct str id)
{
	size_t digits = 0;

	for (size_t i = 0; i < id.n; i++) {
		digits = is_digit(id.p[i]) ? digits + 1 : 0;
		if (digits >= CODE_DIGITS)
			return false;
	}
	return id.n <= MESSAGE_ID_MAX && address_is_safe(id);
}

static bool is_language(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && s.p[i] != '-' && !((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z'))
			return false;
	return s.n <= LANGUAGE_MAX;
}

static enum err add_headers(
	struct buf *out, const struct mail_message *message, struct str from, struct str reply_to)
{
	char date[MOMENT_RFC5322_SIZE];

	if (!is_message_id(message->message_id) || !is_language(message->language) ||
		!address_is_safe(message->to))
		return ERR_INPUT;
	moment_rfc5322(message->date, date);
	buf_printf(out, "Date: %s\r\n", date);
	TRY(add_mailbox_header(out, "From", from));
	if (reply_to.n > 0)
		TRY(add_mailbox_header(out, "Reply-To", reply_to));
	TRY(add_mailbox_header(out, "To", message->to));
	TRY(add_text_header(out, "Subject", message->subject));
	buf_printf(out, "Message-ID: <%.*s>\r\n", STR_ARG(message->message_id));
	/* RFC 3834 section 5: keeps vacation responders from answering. */
	buf_add(out, STR("Auto-Submitted: auto-generated\r\n"));
	if (message->language.n > 0)
		buf_printf(out, "Content-Language: %.*s\r\n", STR_ARG(message->language));
	buf_add(out, STR("MIME-Version: 1.0\r\n"
			 "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\r\n\r\n"));
	return OK;
}

static enum err add_text_part(struct buf *out, const char *boundary, const char *type, struct str content)
{
	if (!str_is_utf8(content))
		return ERR_INPUT;
	buf_printf(out,
		"--%s\r\nContent-Type: %s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		boundary, type);
	mime_add_quoted_printable(out, content);
	return OK;
}

static enum err add_picture(struct arena *a, struct buf *out, const struct mail_picture *picture)
{
	struct str encoded;

	if (!is_message_id(picture->content_id))
		return ERR_INPUT;
	TRY(base64_write(a, (const unsigned char *)picture->bytes.p, picture->bytes.n, &encoded));
	buf_printf(out,
		"--" RELATED_BOUNDARY "\r\nContent-Type: image/png; name=\"logo.png\"\r\n"
		"Content-Transfer-Encoding: base64\r\nContent-ID: <%.*s>\r\n"
		"Content-Disposition: inline; filename=\"logo.png\"\r\n\r\n",
		STR_ARG(picture->content_id));
	mime_add_base64(out, encoded);
	return OK;
}

/* Writes the HTML, together with its picture if it has one (RFC 2387). */
static enum err add_html(struct arena *a, struct buf *out, const struct mail_message *message)
{
	if (message->picture.bytes.n == 0)
		return add_text_part(out, BOUNDARY, "text/html", message->html);
	buf_add(out, STR("--" BOUNDARY "\r\nContent-Type: multipart/related; boundary=\"" RELATED_BOUNDARY
			 "\"; type=\"text/html\"\r\n\r\n"));
	TRY(add_text_part(out, RELATED_BOUNDARY, "text/html", message->html));
	TRY(add_picture(a, out, &message->picture));
	buf_add(out, STR("--" RELATED_BOUNDARY "--\r\n"));
	return OK;
}

enum err mime_write(struct arena *a, const struct mail_message *message, struct str from, struct str reply_to,
	struct str *bytes)
{
	struct buf out;

	buf_init(&out, a);
	TRY(add_headers(&out, message, from, reply_to));
	/* The HTML part comes after the text part, because e-mail programs show the last alternative that
	 * they support (RFC 2046 section 5.1.4). */
	TRY(add_text_part(&out, BOUNDARY, "text/plain", message->text));
	TRY(add_html(a, &out, message));
	buf_add(&out, STR("--" BOUNDARY "--\r\n"));
	return buf_done(&out, bytes);
}
