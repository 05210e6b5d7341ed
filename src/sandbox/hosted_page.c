#include "sandbox/hosted_page.h"

#include "crypto/digest.h"
#include "text/encode.h"

/* Contrasts (WCAG 2.1, 1.4.3): every pair of text and ground below is above 4.5 in both schemes. */
static const struct str style = STR_INIT(
	":root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1b1f24;--soft:#4d5560;--line:#8a929c;"
	"--warn:#fff4d6;--warn-text:#4a3500;--warn-line:#a87b00;--yes:#0b6b37;--no:#b3261e;--wait:#7a4b00;"
	"--plain:#3b4653;--on:#fff;--link:#0b57b0}"
	"@media(prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1e2328;--text:#eceff2;--soft:#b4bcc6;"
	"--line:#79828d;--warn:#3a2e08;--warn-text:#ffe6a3;--warn-line:#c99a1a;--yes:#7fdca4;--no:#ffb4ab;"
	"--wait:#ffcf7d;--plain:#cfd6de;--on:#101418;--link:#9ecbff}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--ground);color:var(--text);"
	"font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}"
	".banner{background:var(--warn);color:var(--warn-text);border-bottom:2px solid var(--warn-line);"
	"padding:.75rem 1rem}"
	".banner p{max-width:30rem;margin:0 auto}"
	"main{max-width:32rem;margin:0 auto;padding:1rem}"
	".card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem 1.25rem .75rem;"
	"margin:.5rem 0 1rem;overflow-wrap:anywhere}"
	"h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}"
	"p{margin:0 0 1rem}.soft{color:var(--soft)}"
	"button,select,.button{display:block;width:100%;min-height:3rem;font:inherit;border-radius:.5rem;"
	"padding:.625rem 1rem}"
	"button,.button{border:0;margin:.625rem 0;font-weight:600;color:var(--on);background:var(--plain);"
	"cursor:pointer;text-align:center;text-decoration:none}"
	".button{display:flex;align-items:center;justify-content:center}"
	".yes{background:var(--yes)}.no{background:var(--no)}.wait{background:var(--wait)}"
	".pick{border:1px solid var(--line);border-radius:.5rem;margin:.25rem 0 0;padding-right:.75rem}"
	"select{border:0;padding:.625rem .25rem .625rem .625rem;background:var(--card);color:var(--text);text-overflow:ellipsis}"
	"label{display:block;font-weight:600;margin-top:1.5rem}"
	":focus-visible{outline:3px solid var(--link);outline-offset:2px}"
	".trouble{border-left:4px solid var(--no);padding:.25rem .75rem}"
	"dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;font-size:.875rem}"
	"dt{color:var(--soft)}dd{margin:0}");

enum err hosted_page_policy(struct arena *a, struct str *out)
{
	unsigned char digest[DIGEST_BYTES];
	struct str base64;

	sha256(style, digest);
	TRY(base64_write(a, digest, sizeof(digest), &base64));
	/* form-action has no say: browsers apply it to the redirects behind a form too, and where these end
	 * is the integrator's matter. */
	*out = arena_printf(
		a, "default-src 'none'; style-src 'sha256-%.*s'; base-uri 'none'", STR_ARG(base64));
	return out->p ? OK : ERR_INPUT;
}

static void put(struct buf *out, const char *text)
{
	buf_add(out, str_of(text));
}

static const char *title_of(const struct hosted_page *page)
{
	if (!page->session)
		return "No such link";
	return sandbox_session_is_open(page->session) ? "Choose how this check ends"
						      : "This check is finished";
}

static void put_head(struct buf *out, const struct hosted_page *page)
{
	put(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"robots\" content=\"noindex\">\n<title>");
	put(out, title_of(page));
	put(out, " – ");
	html_escape(out, page->brand);
	put(out, " sandbox</title>\n<style>");
	buf_add(out, style);
	put(out,
		"</style>\n</head>\n<body>\n"
		"<div class=\"banner\" role=\"note\"><p><strong>This is a sandbox.</strong> Nobody is verified "
		"here. Never enter real personal data or documents.</p></div>\n<main>\n<div class=\"card\">\n<h1>");
	put(out, title_of(page));
	put(out, "</h1>\n");
}

static void put_select(struct buf *out)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	put(out, "<select id=\"outcome\" name=\"scenario\">\n");
	for (size_t i = 0; i < n; i++) {
		/* these have buttons of their own */
		if (!str_has(catalogue[i].slug, '_'))
			continue;
		put(out, "<option value=\"");
		html_escape(out, catalogue[i].slug);
		put(out, "\">");
		html_escape(out, catalogue[i].title);
		put(out, "</option>\n");
	}
	put(out, "</select>\n");
}

static void put_form_start(struct buf *out, const struct hosted_page *page)
{
	put(out, "<form method=\"post\" action=\"");
	html_escape(out, page->base_path);
	buf_printf(out, "/session/%s/submit\">\n", page->session->token);
}

static void put_choice(struct buf *out, const struct hosted_page *page)
{
	put(out, "<p class=\"soft\">This page stands in for the identity check of <strong>");
	html_escape(out, page->brand);
	put(out, "</strong>: no document, no camera. The person in the result is made up. Afterwards you "
		 "return to where you came from.</p>\n");
	if (page->trouble) {
		put(out, "<p class=\"trouble\" role=\"alert\">");
		put(out, page->trouble);
		put(out, "</p>\n");
	}
	put_form_start(out, page);
	put(out, "<button class=\"yes\" name=\"scenario\" value=\"approve\">Approve</button>\n"
		 "<button class=\"no\" name=\"scenario\" value=\"decline\">Decline</button>\n"
		 "<button class=\"wait\" name=\"scenario\" value=\"review\">Send to review</button>\n"
		 "</form>\n");
	put_form_start(out, page);
	put(out, "<label for=\"outcome\">Or another outcome</label>\n<div class=\"pick\">");
	put_select(out);
	put(out, "</div>\n<button>Run this outcome</button>\n</form>\n");
}

static const char *closing_words(enum didit_status status)
{
	switch (status) {
	case DIDIT_EXPIRED:
		return "This link was not opened in time.";
	case DIDIT_ABANDONED:
		return "This check was not finished in time.";
	case DIDIT_NOT_STARTED:
	case DIDIT_IN_PROGRESS:
	case DIDIT_IN_REVIEW:
	case DIDIT_APPROVED:
	case DIDIT_DECLINED:
	case DIDIT_KYC_EXPIRED:
	case DIDIT_RESUBMITTED:
	case DIDIT_AWAITING_USER:
	case DIDIT_STATUSES:
		break;
	}
	return "There is nothing left to do here. An outcome cannot be chosen twice.";
}

static void put_end(struct buf *out, const struct hosted_page *page)
{
	put(out, "<p class=\"soft\">");
	put(out, closing_words(page->session->status));
	put(out, "</p>\n");
	if (!page->way_back.n)
		return;
	put(out, "<p><a class=\"button\" href=\"");
	html_escape(out, page->way_back);
	put(out, "\">Return</a></p>\n");
}

static void put_facts(struct buf *out, const struct sandbox_session *session)
{
	put(out, "<dl>\n<dt>Status</dt><dd>");
	html_escape(out, didit_status_text(session->status));
	buf_printf(out, "</dd>\n<dt>Session</dt><dd>%lld</dd>\n</dl>\n", (long long)session->number);
}

void hosted_page_write(struct buf *out, const struct hosted_page *page)
{
	put_head(out, page);
	if (!page->session)
		put(out, "<p class=\"soft\">This link is not known here, or its session was deleted.</p>\n");
	else if (sandbox_session_is_open(page->session))
		put_choice(out, page);
	else
		put_end(out, page);
	put(out, "</div>\n");
	if (page->session)
		put_facts(out, page->session);
	put(out, "</main>\n</body>\n</html>\n");
}
