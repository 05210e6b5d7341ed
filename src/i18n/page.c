#include "i18n/page.h"

#include "base/attr.h"
#include "crypto/digest.h"
#include "text/encode.h"
#include "text/placeholders.h"

/* In both colour schemes, every pair of text and background colour has a contrast above 4.5
 * (WCAG 2.2, 1.4.3). */
static const struct str style = STR_INIT(
	":root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1b1f24;--soft:#4d5560;--line:#767e88;"
	"--warn:#fff4d6;--warn-text:#4a3500;--warn-line:#a87b00;--yes:#0b6b37;--no:#b3261e;--wait:#7a4b00;"
	"--plain:#3b4653;--on:#fff;--link:#0b57b0}"
	"@media(prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1e2328;--text:#eceff2;--soft:#b4bcc6;"
	"--line:#8b949f;--warn:#3a2e08;--warn-text:#ffe6a3;--warn-line:#c99a1a;--yes:#7fdca4;--no:#ffb4ab;"
	"--wait:#ffcf7d;--plain:#cfd6de;--on:#101418;--link:#9ecbff}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--ground);color:var(--text);overflow-wrap:anywhere;"
	"font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}"
	"header{background:var(--warn);color:var(--warn-text);border-bottom:2px solid var(--warn-line);"
	"padding:.75rem 1rem}"
	"header p{max-width:30rem;margin:0 auto}"
	"main{max-width:32rem;margin:0 auto;padding:1rem}"
	".card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem 1.25rem .75rem;"
	"margin:0 0 1rem}"
	"h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}"
	"h2{font-size:1.125rem;line-height:1.3;margin:1.5rem 0 .5rem}"
	".card>h2:first-child{margin-top:0}"
	"p,ol{margin:0 0 1rem}ol{padding-left:2rem}.soft{color:var(--soft)}"
	"a{color:var(--link)}"
	"button,.button{display:flex;align-items:center;justify-content:center;width:100%;min-height:3rem;"
	"margin:.625rem 0;padding:.625rem 1rem;border:1px solid transparent;border-radius:.5rem;font:inherit;"
	"font-weight:600;color:var(--on);background:var(--plain);text-align:center;text-decoration:none;cursor:pointer}"
	".yes{background:var(--yes)}.no{background:var(--no)}.wait{background:var(--wait)}"
	"summary{padding:.75rem 0;font-weight:600;cursor:pointer;color:var(--link)}"
	"fieldset{border:0;margin:0 0 1rem;padding:0;min-width:0}legend{font-weight:600;padding:0}"
	"label{display:flex;gap:.75rem;align-items:flex-start;padding:.5rem 0;cursor:pointer}"
	"input{flex:none;width:1.5rem;height:1.5rem;margin:0;accent-color:var(--link)}"
	":focus-visible{outline:3px solid var(--link);outline-offset:2px}"
	".trouble{border-left:4px solid var(--no);padding:.25rem .75rem}"
	"dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;font-size:.875rem}"
	"dt{color:var(--soft)}dd{margin:0}"
	"nav a,nav span{display:inline-block;padding:.75rem 1rem .75rem 0}"
	"pre{white-space:pre-wrap;font:inherit;margin:1rem 0 .5rem}");

enum err page_policy(struct arena *a, struct str *out)
{
	unsigned char digest[DIGEST_BYTES];
	struct str base64;

	sha256(style, digest);
	TRY(base64_write(a, digest, sizeof(digest), &base64));
	*out = arena_printf(
		a, "default-src 'none'; style-src 'sha256-%.*s'; base-uri 'none'", STR_ARG(base64));
	return out->p ? OK : ERR_INPUT;
}

void page_markup(struct web_page *page, const char *markup)
{
	buf_add(&page->out, str_of(markup));
}

void page_text(struct web_page *page, struct str text)
{
	html_escape(&page->out, text);
}

/* Messages contain no markup, so only the values that are filled in are escaped. */
void page_message(struct web_page *page, enum message_id message)
{
	const struct placeholder values[] = {
		{ "brand", page->brand, PLACEHOLDER_NAME },
		{ "address", page->address, PLACEHOLDER_NAME },
	};

	placeholders_fill(&page->out, message_text(page->language, message), values, array_len(values), true);
}

void page_paragraph(struct web_page *page, enum message_id message)
{
	page_markup(page, "<p>");
	page_message(page, message);
	page_markup(page, "</p>\n");
}

void page_begin(struct web_page *page, struct arena *a, enum message_id title, bool sandbox)
{
	buf_init(&page->out, a);
	page_markup(page, "<!DOCTYPE html>\n<html lang=\"");
	buf_add(&page->out, language_tags[page->language]);
	page_markup(page, language_is_rtl(page->language) ? "\" dir=\"rtl\">\n" : "\" dir=\"ltr\">\n");
	page_markup(page, "<head>\n<meta charset=\"utf-8\">\n"
			  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			  "<meta name=\"robots\" content=\"noindex\">\n<title>");
	page_message(page, title);
	page_markup(page, " – ");
	page_text(page, page->brand);
	page_markup(page, "</title>\n<style>");
	buf_add(&page->out, style);
	page_markup(page, "</style>\n</head>\n<body>\n");
	if (sandbox) {
		page_markup(page, "<header><p><strong>");
		page_message(page, MESSAGE_SANDBOX_NOTICE);
		page_markup(page, "</strong> ");
		page_message(page, MESSAGE_SANDBOX_NO_REAL_DATA);
		page_markup(page, "</p></header>\n");
	}
	page_markup(page, "<main>\n<h1>");
	page_message(page, title);
	page_markup(page, "</h1>\n");
}

enum err page_end(struct web_page *page, struct str *out)
{
	page_markup(page, "</main>\n</body>\n</html>\n");
	return buf_done(&page->out, out);
}
