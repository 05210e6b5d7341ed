/* The form of a webhook endpoint. */
#pragma once

#include <stdbool.h>

#include "app/webhook/endpoint.h"
#include "web/console/form_page.h"
#include "web/console/request.h"

enum { ENDPOINT_URL, ENDPOINT_TYPES, ENDPOINT_DESCRIPTION, ENDPOINT_INPUTS };

struct endpoint_input {
	struct str url, types, description; /* as typed */
	char words[WEBHOOK_TYPES_SIZE];	    /* the types as the use case takes them */
	struct form_input inputs[ENDPOINT_INPUTS];
};

/* Sets the inputs from the texts. */
void endpoint_input_init(struct endpoint_input *input);
/* Reads the texts from the body, and checks what needs no use case. The form of a new endpoint also has its
 * tenant's name. Returns false and sets `refused` if the request is no form. */
bool endpoint_input_read(const struct console_request *request, struct endpoint_input *out,
	struct str *tenant, struct reply *refused) must_use;
/* The change that the form asks for; its texts are in the input. */
struct webhook_change endpoint_input_change(const struct endpoint_input *input);
/* Marks the input that the use case refused. Returns false if the refusal is about no input. */
bool endpoint_input_mark(
	struct arena *a, const struct webhook_refusal *refusal, struct endpoint_input *input);
