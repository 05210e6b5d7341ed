/* Reads the header `traceparent` (W3C Trace Context), with which callers connect the log lines of several
 * services. kycd logs its ids and calls no other service with it. Pure. */
#pragma once

#include <stdbool.h>

#include "http/message.h"

struct trace_context {
	char trace_id[33];  /* 32 lower-case hexadecimal digits; empty: there is none */
	char parent_id[17]; /* 16 digits: the caller's span */
};

/* Reads the header of the request. False, and both ids are empty: it is missing, malformed, or occurs more
 * than once. Such a request is served like any other. */
bool trace_context_read(const struct request *request, struct trace_context *out);
