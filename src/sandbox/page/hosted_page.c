#include "sandbox/page/hosted_page.h"

#include "i18n/page.h"
#include "sandbox/page/page_text.h"

struct sheet {
	struct web_page page;
	const struct hosted_page *asked;
};

static void put(struct sheet *sheet, const char *markup)
{
	page_markup(&sheet->page, markup);
}

static void put_steps(struct sheet *sheet)
{
	enum message_id steps[STEPS_MAX];
	const size_t n = steps_of(sheet->asked->session, steps);

	put(sheet, "<h2>");
	page_message(&sheet->page, MESSAGE_CHECK_STEPS);
	put(sheet, "</h2>\n<ol class=\"soft\">\n");
	for (size_t i = 0; i < n; i++) {
		put(sheet, "<li>");
		page_message(&sheet->page, steps[i]);
		put(sheet, "</li>\n");
	}
	put(sheet, "</ol>\n");
}

static void put_form_start(struct sheet *sheet)
{
	put(sheet, "<form method=\"post\" action=\"");
	page_text(&sheet->page, sheet->asked->base_path);
	buf_printf(&sheet->page.out, "/session/%s/submit\">\n", sheet->asked->session->token);
	if (!sheet->asked->by_link)
		return;
	put(sheet, "<input type=\"hidden\" name=\"language\" value=\"");
	page_text(&sheet->page, language_tags[sheet->page.language]);
	put(sheet, "\">\n");
}

/* Approve, decline, review have buttons of their own. */
static bool is_plain(const struct scenario *scenario)
{
	return !str_has(scenario->slug, '_');
}

static void put_buttons(struct sheet *sheet)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	put_form_start(sheet);
	for (size_t i = 0; i < n; i++) {
		if (!is_plain(&catalogue[i]))
			continue;
		buf_printf(&sheet->page.out, "<button class=\"%s\" name=\"scenario\" value=\"%.*s\">",
			catalogue[i].status == DIDIT_APPROVED	? "yes"
			: catalogue[i].status == DIDIT_DECLINED ? "no"
								: "wait",
			STR_ARG(catalogue[i].slug));
		page_message(&sheet->page, outcome_message(&catalogue[i]));
		put(sheet, "</button>\n");
	}
	put(sheet, "</form>\n");
}

static void put_outcome(struct sheet *sheet, const struct scenario *scenario)
{
	buf_printf(&sheet->page.out,
		"<label><input type=\"radio\" name=\"scenario\" required value=\"%.*s\"%s> <span>",
		STR_ARG(scenario->slug), scenario == sheet->asked->chosen ? " checked" : "");
	page_message(&sheet->page, outcome_message(scenario));
	if (!outcome_applies(sheet->asked->session, scenario)) {
		put(sheet, " <span class=\"soft\">(");
		page_message(&sheet->page, MESSAGE_CHECK_NOT_A_STEP);
		put(sheet, ")</span>");
	}
	put(sheet, "</span></label>\n");
}

static void put_group(struct sheet *sheet, enum didit_status status, enum message_id legend)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	put(sheet, "<fieldset>\n<legend>");
	page_message(&sheet->page, legend);
	put(sheet, "</legend>\n");
	for (size_t i = 0; i < n; i++)
		if (!is_plain(&catalogue[i]) && catalogue[i].status == status)
			put_outcome(sheet, &catalogue[i]);
	put(sheet, "</fieldset>\n");
}

static void put_reasons(struct sheet *sheet)
{
	const struct scenario *const wished = sheet->asked->chosen;

	put(sheet, wished && !is_plain(wished) ? "<details open>\n<summary>" : "<details>\n<summary>");
	page_message(&sheet->page, MESSAGE_CHECK_MORE);
	put(sheet, "</summary>\n");
	put_form_start(sheet);
	put_group(sheet, DIDIT_DECLINED, MESSAGE_CHECK_DECLINED);
	put_group(sheet, DIDIT_IN_REVIEW, MESSAGE_CHECK_IN_REVIEW);
	put(sheet, "<button>");
	page_message(&sheet->page, MESSAGE_CHECK_RUN);
	put(sheet, "</button>\n</form>\n</details>\n");
}

static void put_choice(struct sheet *sheet)
{
	put(sheet, "<div class=\"card\">\n");
	if (sheet->asked->has_error) {
		put(sheet, "<p class=\"trouble\" role=\"alert\">");
		page_message(&sheet->page, MESSAGE_CHECK_NO_SUCH_OUTCOME);
		put(sheet, "</p>\n");
	}
	page_paragraph(&sheet->page, MESSAGE_CHECK_STANDS_IN);
	put_steps(sheet);
	put(sheet, "<h2>");
	page_message(&sheet->page, MESSAGE_CHECK_OUTCOME);
	put(sheet, "</h2>\n");
	put_buttons(sheet);
	put_reasons(sheet);
	put(sheet, "</div>\n");
}

static void put_end(struct sheet *sheet, const struct result_text *ending)
{
	put(sheet, "<div class=\"card\">\n");
	page_paragraph(&sheet->page, ending->body);
	page_paragraph(&sheet->page, ending->advice);
	if (sheet->asked->session && sheet->asked->return_url.n > 0) {
		put(sheet, "<p><a class=\"button\" href=\"");
		page_text(&sheet->page, sheet->asked->return_url);
		put(sheet, "\">");
		page_message(&sheet->page, MESSAGE_END_RETURN);
		put(sheet, "</a></p>\n");
	} else if (sheet->asked->session && ending->advice != MESSAGE_END_ANEW) {
		page_paragraph(&sheet->page, MESSAGE_PAGE_CLOSE);
	}
	put(sheet, "</div>\n");
}

/* The status is a word of the API: it is the same in each language. */
static void put_facts(struct sheet *sheet)
{
	const struct sandbox_session *const session = sheet->asked->session;

	put(sheet, "<dl>\n<dt>");
	page_message(&sheet->page, MESSAGE_CHECK_STATUS);
	put(sheet, "</dt><dd lang=\"en\">");
	page_text(&sheet->page, didit_status_text(session->status));
	put(sheet, "</dd>\n<dt>");
	page_message(&sheet->page, MESSAGE_CHECK_SESSION);
	buf_printf(&sheet->page.out, "</dt><dd>%lld</dd>\n</dl>\n", (long long)session->number);
}

/* The same page in the other languages, each called by its own name. */
static void put_languages(struct sheet *sheet)
{
	put(sheet, "<nav aria-label=\"");
	page_message(&sheet->page, MESSAGE_CHECK_LANGUAGE);
	put(sheet, "\">\n");
	for (enum language language = 0; language < LANGUAGES; language++) {
		const struct str tag = language_tags[language];

		if (language == sheet->page.language) {
			put(sheet, "<span aria-current=\"page\">");
		} else {
			put(sheet, "<a href=\"");
			page_text(&sheet->page, sheet->asked->base_path);
			buf_printf(&sheet->page.out, "/%.*s/session/%s\" lang=\"%.*s\" hreflang=\"%.*s\">",
				STR_ARG(tag), sheet->asked->session->token, STR_ARG(tag), STR_ARG(tag));
		}
		page_text(&sheet->page, message_text(language, MESSAGE_LANGUAGE_NAME));
		put(sheet, language == sheet->page.language ? "</span>\n" : "</a>\n");
	}
	put(sheet, "</nav>\n");
}

enum err hosted_page_write(struct arena *a, const struct hosted_page *asked, struct str *out)
{
	struct sheet sheet = { .asked = asked,
		.page = { .language = asked->language, .brand = asked->brand } };
	const bool open = asked->session && sandbox_session_is_open(asked->session);

	if (open) {
		page_begin(&sheet.page, a, MESSAGE_CHECK_TITLE, true);
		put_choice(&sheet);
	} else {
		const struct result_text ending = result_text_of(asked->session);

		page_begin(&sheet.page, a, ending.title, true);
		put_end(&sheet, &ending);
	}
	if (asked->session) {
		put_facts(&sheet);
		put_languages(&sheet);
	}
	return page_end(&sheet.page, out);
}
