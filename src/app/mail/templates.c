#include "app/mail/templates.h"

#include "app/mail/mail_html.h"
#include "base/buf.h"
#include "i18n/messages.h"
#include "text/digit_input.h"
#include "text/language.h"
#include "text/placeholders.h"

/* The subject and the text of a built-in e-mail are lists of pieces; its HTML is a template of src/web/mail/.
 * Each piece is some text, followed by a message of the catalogue; MESSAGE_NONE: no message follows. */
struct piece {
	const char *text;
	enum message_id message;
};

/* The text of the e-mail with a code. The value of {sandbox} includes its line end. */
static const struct piece code_text[] = {
	{ "{code} ", MESSAGE_CODE_LABEL },
	{ "\n\n", MESSAGE_CODE_DIGITS },
	{ "\n\n", MESSAGE_CODE_USE },
	{ "\n\n", MESSAGE_CODE_SECRET },
	{ "\n\n", MESSAGE_CODE_NOT_YOU },
	{ "\n{sandbox}", MESSAGE_NONE },
};

static const struct piece code_subject[] = { { "", MESSAGE_CODE_SUBJECT } };

/* The text of the e-mail that links a wallet. It names the wallet before anything that asks the recipient to
 * enter the code. */
static const struct piece link_text[] = {
	{ "{code} ", MESSAGE_LINK_LABEL },
	{ "\n\n", MESSAGE_LINK_REQUEST },
	{ " ", MESSAGE_CODE_NOT_YOU },
	{ "\n\n", MESSAGE_LINK_MEANING },
	{ "\n\n", MESSAGE_CODE_DIGITS },
	{ "\n\n", MESSAGE_CODE_USE },
	{ "\n\n", MESSAGE_CODE_SECRET },
	{ "\n{sandbox}", MESSAGE_NONE },
};

static const struct piece link_subject[] = { { "", MESSAGE_LINK_SUBJECT } };

static const struct piece verification_link_text[] = {
	{ "", MESSAGE_VERIFICATION_LINK_REQUEST },
	{ " ", MESSAGE_VERIFICATION_LINK_NEEDED },
	{ "\n\n", MESSAGE_VERIFICATION_LINK_OPEN },
	{ "\n{url}\n\n", MESSAGE_VERIFICATION_LINK_EXPIRY },
	{ "\n\n", MESSAGE_VERIFICATION_LINK_NOT_YOU },
	{ "\n{sandbox}", MESSAGE_NONE },
};

static const struct piece verification_link_subject[] = { { "", MESSAGE_VERIFICATION_LINK_SUBJECT } };

#define PIECES(list)                                                                                         \
	{                                                                                                    \
		list, array_len(list)                                                                        \
	}
static const struct {
	const struct piece *pieces;
	size_t n;
} builtin_parts[MAIL_KINDS][MAIL_HTML] = {
	[MAIL_CODE] = { [MAIL_SUBJECT] = PIECES(code_subject), [MAIL_TEXT] = PIECES(code_text) },
	[MAIL_LINK] = { [MAIL_SUBJECT] = PIECES(link_subject), [MAIL_TEXT] = PIECES(link_text) },
	[MAIL_VERIFICATION_LINK] = { [MAIL_SUBJECT] = PIECES(verification_link_subject),
		[MAIL_TEXT] = PIECES(verification_link_text) },
};

/* A language that an e-mail can be written in. */
struct mail_language {
	enum language language;
	const struct template_language *custom; /* NULL: built-in texts only */
};

#define MAIL_LANGUAGES_MAX (LANGUAGES + TEMPLATE_LANGUAGES_MAX)

/* Lists the built-in languages, then the operator's languages that have this e-mail. `tags` gets their tags
 * in the same order. Built-in languages come first because, of equally close languages, the first is
 * chosen. */
static size_t list_mail_languages(const struct templates *templates, enum mail_kind kind,
	struct mail_language languages[MAIL_LANGUAGES_MAX], struct str tags[MAIL_LANGUAGES_MAX])
{
	size_t n = LANGUAGES;

	for (size_t i = 0; i < LANGUAGES; i++) {
		languages[i] = (struct mail_language){ (enum language)i, NULL };
		tags[i] = language_tags[i];
	}
	for (size_t i = 0; templates && i < templates->n; i++) {
		const struct template_language *const custom = &templates->languages[i];
		size_t at = 0;

		while (at < LANGUAGES && !str_eq_nocase(custom->tag, tags[at]))
			at++;
		if (at < LANGUAGES) {
			languages[at].custom = custom;
			continue;
		}
		if (!custom->parts[kind][MAIL_TEXT].p)
			continue;
		languages[n] = (struct mail_language){ LANGUAGE_EN, custom };
		tags[n++] = custom->tag;
	}
	return n;
}

struct str mail_template_language(const struct templates *templates, enum mail_kind kind,
	const struct str *preferred, size_t n_preferred)
{
	struct mail_language languages[MAIL_LANGUAGES_MAX];
	struct str tags[MAIL_LANGUAGES_MAX];
	const size_t n = list_mail_languages(templates, kind, languages, tags);
	const size_t found = language_choose(preferred, n_preferred, tags, n);

	return tags[found < n ? found : LANGUAGE_EN];
}

/* Characters that begin and end an isolate (UAX #9): text whose direction is independent of the text around
 * it. U+2066: left to right; U+2068: the direction of its first letter; U+2069 ends the isolate. */
static const char isolate_ltr[] = { '\xE2', '\x81', '\xA6', '\0' };
static const char isolate_any[] = { '\xE2', '\x81', '\xA8', '\0' };
static const char pop_isolate[] = { '\xE2', '\x81', '\xA9', '\0' };

/* The values that are filled into an e-mail. */
struct mail_content {
	const struct mail_params *params;
	enum mail_kind kind;
	struct mail_language mail_language;
	struct str tag, brand, digits, subject;
	bool is_rtl; /* the language is written from right to left */
	char time[MOMENT_CLOCK_SIZE], date[MOMENT_DATE_SIZE];
	int64_t minutes;
	struct mail_picture logo;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Splits long numbers in a person's or company's name, because a phone would offer six digits in a row as the
 * code. */
static enum err group_long_numbers(struct str name, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	digit_input_group(&text, name);
	return buf_done(&text, out);
}

static enum err space_digits(struct str code, struct arena *a, struct str *out)
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

static struct str builtin_pattern(const struct mail_content *content, enum mail_part part, struct arena *a)
{
	struct buf text;
	struct str pattern;

	buf_init(&text, a);
	for (size_t i = 0; i < builtin_parts[content->kind][part].n; i++) {
		const struct piece *const piece = &builtin_parts[content->kind][part].pieces[i];
		enum message_id message = piece->message;

		if (message == MESSAGE_CODE_USE && content->minutes == 1)
			message = MESSAGE_CODE_USE_ONE_MINUTE;
		buf_add(&text, str_of(piece->text));
		if (message != MESSAGE_NONE)
			buf_add(&text, message_text(content->mail_language.language, message));
	}
	return buf_done(&text, &pattern) == OK ? pattern : (struct str){ NULL, 0 };
}

/* Returns the remark that this is a sandbox, as a paragraph of its own; empty if this is not a sandbox. */
static struct str sandbox_remark(const struct mail_content *content, bool html, struct arena *a)
{
	const struct str remark = message_text(content->mail_language.language, MESSAGE_MAIL_SANDBOX);

	if (!content->params->sandbox)
		return STR("");
	return html ? arena_printf(a, "<p>%.*s</p>\n", STR_ARG(remark))
		    : arena_printf(a, "\n%.*s\n", STR_ARG(remark));
}

/* Returns the operator's template for this part. The result's `p` is NULL if there is no such template.
 * Appends {sandbox} if the template lacks it. */
static struct str custom_pattern(const struct mail_content *content, enum mail_part part, struct arena *a)
{
	const struct str custom = content->mail_language.custom
					  ? content->mail_language.custom->parts[content->kind][part]
					  : (struct str){ NULL, 0 };
	struct str rest = custom, before, name;
	size_t end = custom.n;

	if (!custom.p || part == MAIL_SUBJECT)
		return custom;
	while (placeholder_next(&rest, &before, &name))
		if (str_eq(name, STR("sandbox")))
			return custom;
	for (size_t i = 0; part == MAIL_HTML && i < custom.n; i++)
		if (custom.n - i >= 6 && str_eq_nocase((struct str){ custom.p + i, 6 }, STR("</body")))
			end = i;
	return arena_printf(
		a, "%.*s{sandbox}%.*s", (int)end, custom.p, (int)(custom.n - end), custom.p + end);
}

/* In a language that is written from right to left, encloses a value in the characters `start` and U+2069,
 * which isolate its direction (UAX #9): otherwise digits that are separated by spaces would be shown in
 * reverse order. The subject and the text part have no markup for this. */
static struct str isolate(
	const struct mail_content *content, const char *start, struct str value, struct arena *a)
{
	if (value.n == 0)
		return STR("");
	return content->is_rtl ? arena_printf(a, "%s%.*s%s", start, STR_ARG(value), pop_isolate) : value;
}

/* The values as an e-mail shows them. */
struct shown_values {
	struct str minutes, remark, digits, time, date, wallet, url, brand;
};

static enum err show_values(
	const struct mail_content *content, bool html, struct arena *a, struct shown_values *out)
{
	*out = (struct shown_values){
		.minutes = arena_printf(a, "%lld", (long long)content->minutes),
		.remark = sandbox_remark(content, html, a),
		.digits = isolate(content, isolate_ltr, content->digits, a),
		.time = isolate(content, isolate_ltr, str_of(content->time), a),
		.date = isolate(content, isolate_ltr, str_of(content->date), a),
		.wallet = isolate(content, isolate_ltr, content->params->wallet, a),
		/* An isolate could become a part of the address when it is copied. */
		.url = content->params->url,
		.brand = html ? content->brand : isolate(content, isolate_any, content->brand, a),
	};
	const bool complete = out->minutes.p && out->remark.p && out->digits.p && out->time.p &&
			      out->date.p && out->wallet.p && out->brand.p;
	return complete ? OK : ERR_INPUT;
}

static enum err fill_pattern(
	const struct mail_content *content, struct str pattern, bool html, struct arena *a, struct str *out)
{
	struct shown_values shown;
	struct buf text;

	TRY(show_values(content, html, a, &shown));
	const struct placeholder values[] = {
		{ "code", content->params->code, PLACEHOLDER_TEXT },
		{ "digits", shown.digits, PLACEHOLDER_TEXT },
		{ "brand", shown.brand, PLACEHOLDER_NAME },
		{ "minutes", shown.minutes, PLACEHOLDER_TEXT },
		{ "time", shown.time, PLACEHOLDER_TEXT },
		{ "date", shown.date, PLACEHOLDER_TEXT },
		{ "language", content->tag, PLACEHOLDER_TEXT },
		{ "sandbox", shown.remark, PLACEHOLDER_MARKUP },
		{ "wallet", shown.wallet, PLACEHOLDER_TEXT },
		{ "url", shown.url, PLACEHOLDER_TEXT },
	};
	buf_init(&text, a);
	placeholders_fill(&text, pattern, values, array_len(values), html);
	return buf_done(&text, out);
}

/* Writes the built-in HTML, which is in the language of the catalogue. */
static enum err write_builtin_html(const struct mail_content *content, struct arena *a, struct str *out)
{
	const struct mail_params *const params = content->params;
	struct shown_values shown;

	TRY(show_values(content, true, a, &shown));
	const struct mail_html mail = {
		.language = content->mail_language.language,
		.subject = content->subject,
		.brand = shown.brand,
		.code = params->code,
		.digits = shown.digits,
		.minutes = shown.minutes,
		.wallet = shown.wallet,
		.url = shown.url,
		.time = shown.time,
		.date = shown.date,
		.one_minute = content->minutes == 1,
		.sandbox = params->sandbox,
		.branding = params->branding,
		.logo = content->logo,
	};
	return mail_html_write(content->kind, &mail, a, out);
}

static enum err write_part(
	const struct mail_content *content, enum mail_part part, struct arena *a, struct str *out)
{
	struct str pattern = custom_pattern(content, part, a);

	if (!pattern.p && part == MAIL_HTML)
		return write_builtin_html(content, a, out);
	if (!pattern.p)
		pattern = builtin_pattern(content, part, a);
	return pattern.p ? fill_pattern(content, pattern, part == MAIL_HTML, a, out) : ERR_INPUT;
}

static void append_digits_as_letters(struct buf *out, struct str s)
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

/* Writes the Message-ID: the effect's id and the host. Digits are replaced by letters, because an id or a
 * host may contain six digits in a row. */
static enum err write_message_id(const struct mail_params *params, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	append_digits_as_letters(&text, str_of(params->effect->id.text));
	buf_char(&text, '@');
	if (has_long_number(params->host))
		append_digits_as_letters(&text, params->host);
	else
		buf_add(&text, params->host);
	return buf_done(&text, out);
}

static enum mail_kind kind_of(const struct mail_params *params)
{
	if (params->url.n > 0)
		return MAIL_VERIFICATION_LINK;
	return params->wallet.n > 0 ? MAIL_LINK : MAIL_CODE;
}

/* Sets the logo, unless the HTML is a template of the operator's, which cannot show it. */
static enum err choose_logo(struct mail_content *content, struct str message_id, struct arena *a)
{
	const struct template_language *const custom = content->mail_language.custom;

	if (content->params->logo.n == 0 || (custom && custom->parts[content->kind][MAIL_HTML].p))
		return OK;
	content->logo = (struct mail_picture){ content->params->logo, mail_logo_id(a, message_id) };
	return content->logo.content_id.p ? OK : ERR_INPUT;
}

enum err mail_write(const struct mail_params *params, struct arena *a, struct mail_message *out)
{
	struct mail_language languages[MAIL_LANGUAGES_MAX];
	struct str tags[MAIL_LANGUAGES_MAX];
	const enum mail_kind kind = kind_of(params);
	const size_t n = list_mail_languages(params->templates, kind, languages, tags);
	const size_t found = language_nearest(params->language, tags, n);
	const size_t chosen = found < n ? found : LANGUAGE_EN;
	struct mail_content content = { .params = params,
		.kind = kind,
		.mail_language = languages[chosen],
		.tag = tags[chosen],
		.is_rtl = language_tag_is_rtl(tags[chosen]),
		.minutes = (params->life.ms + 59999) / 60000 };
	struct mail_message message = {
		.to = params->to, .language = content.tag, .date = params->effect->created_at
	};
	const moment shown = kind == MAIL_VERIFICATION_LINK ? params->expires_at : params->effect->created_at;

	moment_clock(shown, content.time);
	moment_date(shown, content.date);
	TRY(group_long_numbers(params->brand, a, &content.brand));
	TRY(space_digits(params->code, a, &content.digits));
	TRY(write_message_id(params, a, &message.message_id));
	TRY(choose_logo(&content, message.message_id, a));
	TRY(write_part(&content, MAIL_SUBJECT, a, &message.subject));
	content.subject = message.subject;
	TRY(write_part(&content, MAIL_TEXT, a, &message.text));
	TRY(write_part(&content, MAIL_HTML, a, &message.html));
	message.picture = content.logo;
	*out = message;
	return OK;
}
