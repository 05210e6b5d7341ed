/* What a person's browser sees of us: the way back from the provider. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint handle_return;

/* The headers of a page: it loads nothing, runs nothing and is framed by nobody. */
void page_add_headers(struct reply *reply);
