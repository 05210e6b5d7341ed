#include "app/mail/mail_html.h"

#include "base/attr.h"
#include "base/buf.h"
#include "text/png.h"

/* The host part of a Content-ID, which src/web/mail/_start.html repeats. */
#define CONTENT_ID_HOST "@kycd"
/* The largest size at which a logo is shown, in CSS pixels. */
#define LOGO_WIDTH_MAX 200
#define LOGO_HEIGHT_MAX 56
/* --accent of src/web/style/10_tokens.css, for a tenant without a colour. */
#define ACCENT_LIGHT ((struct colour){ 0x1a, 0x56, 0xb8 })
#define ACCENT_DARK ((struct colour){ 0x8a, 0xb8, 0xff })

struct mail_values {
	struct str lang, dir, subject, brand;
	struct str code, digits, minutes, wallet, url, time, date;
	struct str accent, accent_dark;
	struct str logo_id, logo_width, logo_height;
	enum message_id preheader, use;
	bool is_sandbox;
};

static const struct template_value mail_value_rows[] = {
	TEXT_VALUE(struct mail_values, lang),
	TEXT_VALUE(struct mail_values, dir),
	TEXT_VALUE(struct mail_values, subject),
	NAME_VALUE(struct mail_values, brand),
	TEXT_VALUE(struct mail_values, code),
	TEXT_VALUE(struct mail_values, digits),
	TEXT_VALUE(struct mail_values, minutes),
	TEXT_VALUE(struct mail_values, wallet),
	TEXT_VALUE(struct mail_values, url),
	TEXT_VALUE(struct mail_values, time),
	TEXT_VALUE(struct mail_values, date),
	COLOUR_VALUE(struct mail_values, accent),
	COLOUR_VALUE(struct mail_values, accent_dark),
	TEXT_VALUE(struct mail_values, logo_id),
	TEXT_VALUE(struct mail_values, logo_width),
	TEXT_VALUE(struct mail_values, logo_height),
	MESSAGE_VALUE(struct mail_values, preheader),
	MESSAGE_VALUE(struct mail_values, use),
	FLAG_VALUE(struct mail_values, is_sandbox),
};

DECLARE_TEMPLATE(mail_code);
DECLARE_TEMPLATE(mail_link);
DECLARE_TEMPLATE(mail_verification_link);

#define MAIL_PAGE(name)                                                                                      \
	{                                                                                                    \
		.template = &template_mail_##name,                                                           \
		.values = TEMPLATE_TABLE(struct mail_values, mail_value_rows)                                \
	}
const struct page_template mail_pages[MAIL_KINDS] = {
	[MAIL_CODE] = MAIL_PAGE(code),
	[MAIL_LINK] = MAIL_PAGE(link),
	[MAIL_VERIFICATION_LINK] = MAIL_PAGE(verification_link),
};

static const enum message_id preheaders[MAIL_KINDS] = {
	[MAIL_CODE] = MESSAGE_CODE_LABEL,
	[MAIL_LINK] = MESSAGE_LINK_LABEL,
	[MAIL_VERIFICATION_LINK] = MESSAGE_VERIFICATION_LINK_REQUEST,
};

/* Writes a colour without the form #rrggbb, which can have six digits in a row. */
static struct str css_colour(struct arena *a, struct colour colour)
{
	return arena_printf(a, "rgb(%d,%d,%d)", colour.red, colour.green, colour.blue);
}

static enum err set_colours(const struct mail_html *mail, struct arena *a, struct mail_values *out)
{
	struct accent accent = { ACCENT_LIGHT, ACCENT_DARK };
	struct colour colour;

	if (mail->branding && colour_parse(str_of(mail->branding->colour), &colour))
		accent = accent_of(colour);
	out->accent = css_colour(a, accent.light);
	out->accent_dark = css_colour(a, accent.dark);
	return out->accent.p && out->accent_dark.p ? OK : ERR_INPUT;
}

/* Reduces the size of the logo until it fits, and keeps its proportions. */
static struct png_size shown_size(struct png_size size)
{
	const uint32_t width = size.width, height = size.height;

	if (size.width > LOGO_WIDTH_MAX)
		size = (struct png_size){ LOGO_WIDTH_MAX, height * LOGO_WIDTH_MAX / width };
	if (size.height > LOGO_HEIGHT_MAX)
		size = (struct png_size){ width * LOGO_HEIGHT_MAX / height, LOGO_HEIGHT_MAX };
	size.width += size.width == 0;
	size.height += size.height == 0;
	return size;
}

static enum err set_logo(const struct mail_html *mail, struct arena *a, struct mail_values *out)
{
	if (mail->logo.bytes.n == 0)
		return OK;
	const struct png_size size = shown_size(png_size(mail->logo.bytes));
	out->logo_id = mail->logo.content_id;
	out->logo_id.n -= sizeof(CONTENT_ID_HOST) - 1;
	out->logo_width = arena_printf(a, "%u", (unsigned)size.width);
	out->logo_height = arena_printf(a, "%u", (unsigned)size.height);
	return out->logo_width.p && out->logo_height.p ? OK : ERR_INPUT;
}

struct str mail_logo_id(struct arena *a, struct str message_id)
{
	struct str local;

	(void)str_cut(&message_id, '@', &local);
	return arena_printf(a, "logo.%.*s" CONTENT_ID_HOST, STR_ARG(local));
}

enum err mail_html_write(enum mail_kind kind, const struct mail_html *mail, struct arena *a, struct str *out)
{
	struct mail_values values = {
		.lang = language_tags[mail->language],
		.dir = language_is_rtl(mail->language) ? STR("rtl") : STR("ltr"),
		.subject = mail->subject,
		.brand = mail->brand,
		.code = mail->code,
		.digits = mail->digits,
		.minutes = mail->minutes,
		.wallet = mail->wallet,
		.url = mail->url,
		.time = mail->time,
		.date = mail->date,
		.preheader = preheaders[kind],
		.use = mail->one_minute ? MESSAGE_CODE_USE_ONE_MINUTE : MESSAGE_CODE_USE,
		.is_sandbox = mail->sandbox,
	};
	const struct template_scope scope = { &mail_pages[kind].values, &values, NULL };
	struct buf text;

	TRY(set_colours(mail, a, &values));
	TRY(set_logo(mail, a, &values));
	buf_init(&text, a);
	template_render(&text, mail_pages[kind].template, mail->language, &scope);
	return buf_done(&text, out);
}
