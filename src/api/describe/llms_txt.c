#include "api/describe/llms_txt.h"

#include "api/describe/documents.h"
#include "base/buf.h"

/* The form is described on llmstxt.org: a heading, a summary in a quote, and lists of links. */
static struct reply handle_llms_txt(struct call *call)
{
	struct buf text;
	struct str body;

	buf_init(&text, call->arena);
	buf_add(&text,
		STR("# kycd\n\n> kycd is a KYC gateway that a company runs itself. A back-end calls its HTTP API,"
		    " a person proves an e-mail address or a wallet and completes an identity check, and the"
		    " back-end learns the result.\n\n## Documentation\n\n"));
	for (size_t i = 0; i < n_documents; i++)
		buf_printf(&text, "- [%s](/docs/%s): %s\n", documents[i].title, documents[i].name,
			documents[i].summary);
	buf_add(&text,
		STR("\n## API\n\n- [API reference](/docs): every endpoint with its fields and answers, for people.\n"
		    "- [OpenAPI document](/openapi.json): the same for programs.\n"));
	if (buf_done(&text, &body) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, "text/plain; charset=utf-8", body);
}

const struct route llms_txt_route = {
	.entry = { METHOD_GET, "/llms.txt" },
	HANDLE_INLINE(handle_llms_txt),
	.failure = ANSWER_UNAVAILABLE,
};
