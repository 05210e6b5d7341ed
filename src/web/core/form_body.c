#include "web/core/form_body.h"

#include "api/core/answer.h"

static bool is_form(struct str content_type)
{
	struct str type;

	(void)str_cut(&content_type, ';', &type);
	return str_eq_nocase(str_trim(type), STR("application/x-www-form-urlencoded"));
}

enum form_body_verdict form_body_read(
	struct call *call, const struct form *form, void **body, struct reply *reply)
{
	const struct request *const request = call->request;
	struct form_problem problem;

	/* A form without fields has no body, and some clients then send no Content-Type. */
	if (request->body.n > 0 && !is_form(request_header(request, STR("content-type")))) {
		*reply = respond_message(call->arena, ANSWER_UNSUPPORTED_MEDIA_TYPE,
			STR("Content-Type must be application/x-www-form-urlencoded"));
		return FORM_BODY_REFUSED;
	}
	switch (form_read_query(form, request->body, call->arena, body, &problem)) {
	case FORM_READ:
		return FORM_BODY_READ;
	case FORM_MISSING:
	case FORM_MALFORMED:
		return FORM_BODY_BAD;
	case FORM_TOO_LARGE:
		break;
	}
	*reply = respond(call->arena, ANSWER_PAYLOAD_TOO_LARGE);
	return FORM_BODY_REFUSED;
}
