#include "app/mail/templates.h"

#include <stdio.h>

#include "base/buf.h"
#include "i18n/messages.h"
#include "text/digit_input.h"
#include "text/language.h"
#include "text/placeholders.h"

/* A letter of ours is a row of pieces: markup, then a word of the catalogue; WORDS: none. */
struct piece {
	const char *markup;
	enum message_id word;
};

/* {sandbox} brings its own line. */
static const struct piece code_text[] = {
	{ "{code} ", MESSAGE_CODE_IS },
	{ "\n\n", MESSAGE_CODE_DIGITS },
	{ "\n\n", MESSAGE_CODE_USE },
	{ "\n\n", MESSAGE_CODE_SECRET },
	{ "\n\n", MESSAGE_CODE_NOT_YOU },
	{ "\n{sandbox}", MESSAGE_COUNT },
};

/* No colours: those of the reader are the best, in the light and in the dark. */
#define HTML_HEAD                                                                                            \
	"<!DOCTYPE html>\n<html lang=\"{language}\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"        \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"                         \
	"<meta name=\"color-scheme\" content=\"light dark\">\n"                                              \
	"<title>"
#define HTML_CODE                                                                                            \
	"</title>\n</head>\n"                                                                                \
	"<body style=\"margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5\">\n"     \
	"<main style=\"max-width:32em;margin:0 auto;overflow-wrap:anywhere\">\n"                             \
	"<h1 style=\"margin:0 0 16px;font-size:18px;font-weight:normal;line-height:1.5\">"                   \
	"<strong style=\"font-size:32px\">{code}</strong> "
static const struct piece code_html[] = {
	{ HTML_HEAD, MESSAGE_CODE_SUBJECT },
	{ HTML_CODE, MESSAGE_CODE_IS },
	{ "</h1>\n<p>", MESSAGE_CODE_DIGITS },
	{ "</p>\n<p>", MESSAGE_CODE_USE },
	{ "</p>\n<p>", MESSAGE_CODE_SECRET },
	{ "</p>\n<p>", MESSAGE_CODE_NOT_YOU },
	{ "</p>\n{sandbox}</main>\n</body>\n</html>\n", MESSAGE_COUNT },
};

static const struct piece code_subject[] = { { "", MESSAGE_CODE_SUBJECT } };

/* Who asks stands before anything that would have the code typed. */
static const struct piece join_text[] = {
	{ "{code} ", MESSAGE_JOIN_IS },
	{ "\n\n", MESSAGE_JOIN_ASKS },
	{ " ", MESSAGE_CODE_NOT_YOU },
	{ "\n\n", MESSAGE_JOIN_MEANS },
	{ "\n\n", MESSAGE_CODE_DIGITS },
	{ "\n\n", MESSAGE_CODE_USE },
	{ "\n\n", MESSAGE_CODE_SECRET },
	{ "\n{sandbox}", MESSAGE_COUNT },
};

static const struct piece join_html[] = {
	{ HTML_HEAD, MESSAGE_JOIN_SUBJECT },
	{ HTML_CODE, MESSAGE_JOIN_IS },
	{ "</h1>\n<p><strong>", MESSAGE_JOIN_ASKS },
	{ "</strong> ", MESSAGE_CODE_NOT_YOU },
	{ "</p>\n<p>", MESSAGE_JOIN_MEANS },
	{ "</p>\n<p>", MESSAGE_CODE_DIGITS },
	{ "</p>\n<p>", MESSAGE_CODE_USE },
	{ "</p>\n<p>", MESSAGE_CODE_SECRET },
	{ "</p>\n{sandbox}</main>\n</body>\n</html>\n", MESSAGE_COUNT },
};

static const struct piece join_subject[] = { { "", MESSAGE_JOIN_SUBJECT } };

#define PIECES(list)                                                                                         \
	{                                                                                                    \
		list, array_len(list)                                                                        \
	}
static const struct {
	const struct piece *pieces;
	size_t n;
} letter_parts[MAIL_KINDS][MAIL_PARTS] = {
	[MAIL_CODE] = { [MAIL_SUBJECT] = PIECES(code_subject),
		[MAIL_TEXT] = PIECES(code_text),
		[MAIL_HTML] = PIECES(code_html) },
	[MAIL_LINK] = { [MAIL_SUBJECT] = PIECES(join_subject),
		[MAIL_TEXT] = PIECES(join_text),
		[MAIL_HTML] = PIECES(join_html) },
};

/* A language that a letter can be written in. */
struct voice {
	enum language words;
	const struct template_language *own; /* NULL: ours alone */
};

#define VOICES_MAX (LANGUAGES + TEMPLATE_LANGUAGES_MAX)

/* Ours first, so that they are the nearest of equals; then the operator's, where they have this letter. The
 * tags, in that order. */
static size_t list_voices(const struct templates *templates, enum mail_kind kind,
	struct voice voices[VOICES_MAX], struct str tags[VOICES_MAX])
{
	size_t n = LANGUAGES;

	for (size_t i = 0; i < LANGUAGES; i++) {
		voices[i] = (struct voice){ (enum language)i, NULL };
		tags[i] = language_tags[i];
	}
	for (size_t i = 0; templates && i < templates->n; i++) {
		const struct template_language *const own = &templates->languages[i];
		size_t at = 0;

		while (at < LANGUAGES && !str_eq_nocase(own->tag, tags[at]))
			at++;
		if (at < LANGUAGES) {
			voices[at].own = own;
			continue;
		}
		if (!own->parts[kind][MAIL_TEXT].p)
			continue;
		voices[n] = (struct voice){ LANGUAGE_EN, own };
		tags[n++] = own->tag;
	}
	return n;
}

struct str mail_template_language(
	const struct templates *templates, enum mail_kind kind, const struct str *wishes, size_t n_wishes)
{
	struct voice voices[VOICES_MAX];
	struct str tags[VOICES_MAX];
	const size_t n = list_voices(templates, kind, voices, tags);
	const size_t found = language_choose(wishes, n_wishes, tags, n);

	return tags[found < n ? found : LANGUAGE_EN];
}

/* What fills a letter. */
struct fill {
	const struct code_mail_params *from;
	enum mail_kind kind;
	struct voice voice;
	struct str tag, brand, digits;
	char time[MOMENT_CLOCK_SIZE];
	int64_t minutes;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A name may hold what a phone would take for the code. */
static enum err defused(struct str name, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	digit_input_group(&text, name);
	return buf_done(&text, out);
}

static enum err spaced(struct str code, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	for (size_t i = 0; i < code.n; i++) {
		if (i > 0)
			buf_char(&text, ' ');
		buf_char(&text, code.p[i]);
	}
	return buf_done(&text, out);
}

static struct str our_pattern(const struct fill *fill, enum mail_part part, struct arena *a)
{
	struct buf text;
	struct str pattern;

	buf_init(&text, a);
	for (size_t i = 0; i < letter_parts[fill->kind][part].n; i++) {
		const struct piece *const piece = &letter_parts[fill->kind][part].pieces[i];
		enum message_id word = piece->word;

		if (word == MESSAGE_CODE_USE && fill->minutes == 1)
			word = MESSAGE_CODE_USE_SOON;
		buf_add(&text, str_of(piece->markup));
		if (word != MESSAGE_COUNT)
			buf_add(&text, message_text(fill->voice.words, word));
	}
	return buf_done(&text, &pattern) == OK ? pattern : (struct str){ NULL, 0 };
}

/* As a paragraph of its own; nothing where people are really verified. */
static struct str sandbox_remark(const struct fill *fill, bool html, struct arena *a)
{
	const struct str words = message_text(fill->voice.words, MESSAGE_LETTER_SANDBOX);

	if (!fill->from->sandbox)
		return STR("");
	return html ? arena_printf(a, "<p>%.*s</p>\n", STR_ARG(words))
		    : arena_printf(a, "\n%.*s\n", STR_ARG(words));
}

/* One that forgets the remark has it at its end. */
static struct str own_pattern(const struct fill *fill, enum mail_part part, struct arena *a)
{
	const struct str own = fill->voice.own ? fill->voice.own->parts[fill->kind][part]
					       : (struct str){ NULL, 0 };
	struct str rest = own, before, name;
	size_t end = own.n;

	if (!own.p || part == MAIL_SUBJECT)
		return own;
	while (placeholder_next(&rest, &before, &name))
		if (str_eq(name, STR("sandbox")))
			return own;
	for (size_t i = 0; part == MAIL_HTML && i < own.n; i++)
		if (own.n - i >= 6 && str_eq_nocase((struct str){ own.p + i, 6 }, STR("</body")))
			end = i;
	return arena_printf(a, "%.*s{sandbox}%.*s", (int)end, own.p, (int)(own.n - end), own.p + end);
}

static enum err fill_part(const struct fill *fill, enum mail_part part, struct arena *a, struct str *out)
{
	const bool html = part == MAIL_HTML;
	const struct str minutes = arena_printf(a, "%lld", (long long)fill->minutes);
	const struct str remark = sandbox_remark(fill, html, a);
	struct str pattern = own_pattern(fill, part, a);
	struct buf text;

	if (!pattern.p)
		pattern = our_pattern(fill, part, a);
	if (!pattern.p || !minutes.p || !remark.p)
		return ERR_INPUT;
	const struct placeholder values[] = {
		{ "code", fill->from->code, PLACEHOLDER_TEXT },
		{ "digits", fill->digits, PLACEHOLDER_TEXT },
		{ "brand", fill->brand, PLACEHOLDER_NAME },
		{ "minutes", minutes, PLACEHOLDER_TEXT },
		{ "time", str_of(fill->time), PLACEHOLDER_TEXT },
		{ "language", fill->tag, PLACEHOLDER_TEXT },
		{ "sandbox", remark, PLACEHOLDER_MARKUP },
		{ "wallet", fill->from->wallet, PLACEHOLDER_TEXT },
	};
	buf_init(&text, a);
	placeholders_fill(&text, pattern, values, array_len(values), html);
	return buf_done(&text, out);
}

static void put_lettered(struct buf *out, struct str s)
{
	for (; s.n > 0; s = str_from(s, 1))
		buf_char(out, (char)(is_digit(s.p[0]) ? 'A' + (s.p[0] - '0') : s.p[0]));
}

static bool has_long_number(struct str s)
{
	for (; s.n > 0; s = str_from(s, 1))
		if (digit_input_prefix(s) >= AUTOFILL_DIGITS)
			return true;
	return false;
}

/* The effect's id in letters only: an id may hold six digits in a row, and so may a host. */
static enum err message_id(const struct code_mail_params *from, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	put_lettered(&text, str_of(from->effect->id.text));
	buf_char(&text, '@');
	if (has_long_number(from->host))
		put_lettered(&text, from->host);
	else
		buf_add(&text, from->host);
	return buf_done(&text, out);
}

enum err mail_write_code(const struct code_mail_params *from, struct arena *a, struct mail_message *out)
{
	struct voice voices[VOICES_MAX];
	struct str tags[VOICES_MAX];
	const enum mail_kind kind = from->wallet.n > 0 ? MAIL_LINK : MAIL_CODE;
	const size_t n = list_voices(from->templates, kind, voices, tags);
	const size_t found = language_nearest(from->language, tags, n);
	const size_t chosen = found < n ? found : LANGUAGE_EN;
	struct fill fill = { .from = from, .kind = kind, .voice = voices[chosen], .tag = tags[chosen] };
	struct mail_message message = {
		.to = from->to, .language = fill.tag, .date = from->effect->created_at
	};

	fill.minutes = (from->life.ms + 59999) / 60000;
	moment_clock(from->effect->created_at, fill.time);
	TRY(defused(from->brand, a, &fill.brand));
	TRY(spaced(from->code, a, &fill.digits));
	TRY(fill_part(&fill, MAIL_SUBJECT, a, &message.subject));
	TRY(fill_part(&fill, MAIL_TEXT, a, &message.text));
	TRY(fill_part(&fill, MAIL_HTML, a, &message.html));
	TRY(message_id(from, a, &message.message_id));
	*out = message;
	return OK;
}
