#include "web/console/endpoint_form.h"

#include <string.h>

#include "api/core/fields.h"
#include "app/console/word_list.h"
#include "web/console/free_text.h"

#define TYPES_FAULT "must be types such as kyc.approved, beginnings such as kyc.*, or *"

struct endpoint_body {
	struct str tenant, url, types, description;
};

/* clang-format off */
static const struct field endpoint_fields[] = {
	FIELD(struct endpoint_body, tenant,      FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct endpoint_body, url,         FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct endpoint_body, types,       FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
	FIELD(struct endpoint_body, description, FIELD_TEXT, FIELD_OPTIONAL, 1, FORM_LINE_MAX),
};
static const struct form endpoint_form = FORM(endpoint_fields, struct endpoint_body, "");
/* clang-format on */

void endpoint_input_init(struct endpoint_input *input)
{
	input->inputs[ENDPOINT_URL] = (struct form_input){ .name = "url",
		.label = "URL",
		.hint = "To which events are sent with POST, such as https://shop.example.com/webhooks.",
		.kind = INPUT_URL,
		.is_required = true,
		.value = input->url };
	input->inputs[ENDPOINT_TYPES] = (struct form_input){ .name = "types",
		.label = "Events",
		.hint = "Types such as kyc.approved, beginnings such as kyc.*, or * for all, separated by commas.",
		.is_required = true,
		.value = input->types };
	input->inputs[ENDPOINT_DESCRIPTION] = (struct form_input){ .name = "description",
		.label = "Description",
		.is_optional = true,
		.value = input->description };
}

/* Joins the words with commas. Returns false if they do not fit. */
static bool join_words(struct str text, char out[WEBHOOK_TYPES_SIZE])
{
	size_t n = 0;

	for (struct str word = word_list_next(&text); word.n > 0; word = word_list_next(&text)) {
		if (n + word.n + 2 > WEBHOOK_TYPES_SIZE)
			return false;
		if (n > 0)
			out[n++] = ',';
		memcpy(out + n, word.p, word.n);
		n += word.n;
	}
	out[n] = '\0';
	return true;
}

static void check(struct endpoint_input *input)
{
	if (input->url.n == 0)
		input->inputs[ENDPOINT_URL].fault = STR("must not be empty");
	if (!join_words(input->types, input->words) || input->words[0] == '\0')
		input->inputs[ENDPOINT_TYPES].fault = STR(TYPES_FAULT);
	if (input->description.n >= WEBHOOK_DESCRIPTION_SIZE || !free_text_is_valid(input->description))
		input->inputs[ENDPOINT_DESCRIPTION].fault = STR("must be one line of at most 512 bytes");
}

bool endpoint_input_read(const struct console_request *request, struct endpoint_input *out,
	struct str *tenant, struct reply *refused)
{
	void *read = NULL;

	if (!console_form_read(request, &endpoint_form, &read, refused))
		return false;
	const struct endpoint_body *const body = read;

	out->url = body->url;
	out->types = body->types;
	out->description = body->description;
	*tenant = body->tenant;
	endpoint_input_init(out);
	check(out);
	return true;
}

struct webhook_change endpoint_input_change(const struct endpoint_input *input)
{
	return (struct webhook_change){ .url = input->url,
		.types = str_of(input->words),
		.description = input->description.p ? input->description : STR("") };
}

bool endpoint_input_mark(struct arena *a, const struct webhook_refusal *refusal, struct endpoint_input *input)
{
	switch ((int)refusal->verdict) {
	case WEBHOOK_URL_REFUSED:
		input->inputs[ENDPOINT_URL].fault = arena_printf(
			a, "is not accepted: %.*s", STR_ARG(refusal->url_fault.explanation));
		return true;
	case WEBHOOK_TYPES_UNKNOWN:
		input->inputs[ENDPOINT_TYPES].fault =
			refusal->word.n > 0 ? arena_printf(a, TYPES_FAULT "; \"%.*s\" is none of them",
						      STR_ARG(refusal->word))
					    : STR(TYPES_FAULT);
		return true;
	default:
		return false;
	}
}
