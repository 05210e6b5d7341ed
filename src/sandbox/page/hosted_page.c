#include "sandbox/page/hosted_page.h"

#include "i18n/page.h"
#include "sandbox/page/page_text.h"

/* The page that is being written, and its contents. */
struct page_writer {
	struct web_page page;
	const struct hosted_page *content;
};

static void put_markup(struct page_writer *writer, const char *markup)
{
	page_markup(&writer->page, markup);
}

static void put_steps(struct page_writer *writer)
{
	enum message_id steps[STEPS_MAX];
	const size_t n = steps_of(writer->content->session, steps);

	put_markup(writer, "<h2>");
	page_message(&writer->page, MESSAGE_CHECK_STEPS);
	put_markup(writer, "</h2>\n<ol class=\"soft\">\n");
	for (size_t i = 0; i < n; i++) {
		put_markup(writer, "<li>");
		page_message(&writer->page, steps[i]);
		put_markup(writer, "</li>\n");
	}
	put_markup(writer, "</ol>\n");
}

static void put_form_start(struct page_writer *writer)
{
	put_markup(writer, "<form method=\"post\" action=\"");
	page_text(&writer->page, writer->content->base_path);
	buf_printf(&writer->page.out, "/session/%s/submit\">\n", writer->content->session->token);
	if (!writer->content->by_link)
		return;
	put_markup(writer, "<input type=\"hidden\" name=\"language\" value=\"");
	page_text(&writer->page, language_tags[writer->page.language]);
	put_markup(writer, "\">\n");
}

/* Returns true for the scenarios approve, decline and review, which have buttons. All others are in the list
 * of reasons. */
static bool has_own_button(const struct scenario *scenario)
{
	return !str_has(scenario->slug, '_');
}

static void put_buttons(struct page_writer *writer)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	put_form_start(writer);
	for (size_t i = 0; i < n; i++) {
		if (!has_own_button(&catalogue[i]))
			continue;
		buf_printf(&writer->page.out, "<button class=\"%s\" name=\"scenario\" value=\"%.*s\">",
			catalogue[i].status == DIDIT_APPROVED	? "yes"
			: catalogue[i].status == DIDIT_DECLINED ? "no"
								: "wait",
			STR_ARG(catalogue[i].slug));
		page_message(&writer->page, outcome_message(&catalogue[i]));
		put_markup(writer, "</button>\n");
	}
	put_markup(writer, "</form>\n");
}

static void put_scenario_option(struct page_writer *writer, const struct scenario *scenario)
{
	buf_printf(&writer->page.out,
		"<label><input type=\"radio\" name=\"scenario\" required value=\"%.*s\"%s> <span>",
		STR_ARG(scenario->slug), scenario == writer->content->chosen ? " checked" : "");
	page_message(&writer->page, outcome_message(scenario));
	if (!outcome_applies(writer->content->session, scenario)) {
		put_markup(writer, " <span class=\"soft\">(");
		page_message(&writer->page, MESSAGE_CHECK_NOT_INCLUDED);
		put_markup(writer, ")</span>");
	}
	put_markup(writer, "</span></label>\n");
}

static void put_scenario_group(struct page_writer *writer, enum didit_status status, enum message_id legend)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	put_markup(writer, "<fieldset>\n<legend>");
	page_message(&writer->page, legend);
	put_markup(writer, "</legend>\n");
	for (size_t i = 0; i < n; i++)
		if (!has_own_button(&catalogue[i]) && catalogue[i].status == status)
			put_scenario_option(writer, &catalogue[i]);
	put_markup(writer, "</fieldset>\n");
}

static void put_reason_form(struct page_writer *writer)
{
	const struct scenario *const chosen = writer->content->chosen;

	put_markup(writer,
		chosen && !has_own_button(chosen) ? "<details open>\n<summary>" : "<details>\n<summary>");
	page_message(&writer->page, MESSAGE_CHECK_CHOOSE_REASON);
	put_markup(writer, "</summary>\n");
	put_form_start(writer);
	put_scenario_group(writer, DIDIT_DECLINED, MESSAGE_CHECK_DECLINED);
	put_scenario_group(writer, DIDIT_IN_REVIEW, MESSAGE_CHECK_IN_REVIEW);
	put_markup(writer, "<button>");
	page_message(&writer->page, MESSAGE_CHECK_APPLY);
	put_markup(writer, "</button>\n</form>\n</details>\n");
}

static void put_scenario_form(struct page_writer *writer)
{
	put_markup(writer, "<div class=\"card\">\n");
	if (writer->content->has_error) {
		put_markup(writer, "<p class=\"trouble\" role=\"alert\">");
		page_message(&writer->page, MESSAGE_CHECK_UNKNOWN_RESULT);
		put_markup(writer, "</p>\n");
	}
	page_paragraph(&writer->page, MESSAGE_CHECK_EXPLANATION);
	put_steps(writer);
	put_markup(writer, "<h2>");
	page_message(&writer->page, MESSAGE_CHECK_CHOOSE_RESULT);
	put_markup(writer, "</h2>\n");
	put_buttons(writer);
	put_reason_form(writer);
	put_markup(writer, "</div>\n");
}

static void put_result(struct page_writer *writer, const struct result_text *result)
{
	put_markup(writer, "<div class=\"card\">\n");
	page_paragraph(&writer->page, result->body);
	page_paragraph(&writer->page, result->advice);
	if (writer->content->session && writer->content->return_url.n > 0) {
		put_markup(writer, "<p><a class=\"button\" href=\"");
		page_text(&writer->page, writer->content->return_url);
		put_markup(writer, "\">");
		page_message(&writer->page, MESSAGE_RESULT_RETURN);
		put_markup(writer, "</a></p>\n");
	} else if (writer->content->session && result->advice != MESSAGE_RESULT_START_AGAIN) {
		page_paragraph(&writer->page, MESSAGE_RETURN_CLOSE);
	}
	put_markup(writer, "</div>\n");
}

/* Writes status and number of the session. The status is not translated, because it is a value of the API. */
static void put_session_details(struct page_writer *writer)
{
	const struct sandbox_session *const session = writer->content->session;

	put_markup(writer, "<dl>\n<dt>");
	page_message(&writer->page, MESSAGE_CHECK_STATUS);
	put_markup(writer, "</dt><dd lang=\"en\">");
	page_text(&writer->page, didit_status_text(session->status));
	put_markup(writer, "</dd>\n<dt>");
	page_message(&writer->page, MESSAGE_CHECK_SESSION);
	buf_printf(&writer->page.out, "</dt><dd>%lld</dd>\n</dl>\n", (long long)session->number);
}

/* Writes links to this page in the other languages. The text of each link is the language's own name. */
static void put_language_links(struct page_writer *writer)
{
	put_markup(writer, "<nav aria-label=\"");
	page_message(&writer->page, MESSAGE_FRAME_LANGUAGE);
	put_markup(writer, "\">\n");
	for (enum language language = 0; language < LANGUAGES; language++) {
		const struct str tag = language_tags[language];

		if (language == writer->page.language) {
			put_markup(writer, "<span aria-current=\"page\">");
		} else {
			put_markup(writer, "<a href=\"");
			page_text(&writer->page, writer->content->base_path);
			buf_printf(&writer->page.out, "/%.*s/session/%s\" lang=\"%.*s\" hreflang=\"%.*s\">",
				STR_ARG(tag), writer->content->session->token, STR_ARG(tag), STR_ARG(tag));
		}
		page_text(&writer->page, message_text(language, MESSAGE_LANGUAGE_NAME));
		put_markup(writer, language == writer->page.language ? "</span>\n" : "</a>\n");
	}
	put_markup(writer, "</nav>\n");
}

enum err hosted_page_write(struct arena *a, const struct hosted_page *content, struct str *out)
{
	struct page_writer writer = { .content = content,
		.page = { .language = content->language, .brand = content->brand } };
	const bool open = content->session && sandbox_session_is_open(content->session);

	if (open) {
		page_begin(&writer.page, a, MESSAGE_CHECK_TITLE, true);
		put_scenario_form(&writer);
	} else {
		const struct result_text result = result_text_of(content->session);

		page_begin(&writer.page, a, result.title, true);
		put_result(&writer, &result);
	}
	if (content->session) {
		put_session_details(&writer);
		put_language_links(&writer);
	}
	return page_end(&writer.page, out);
}
