/* `GET /docs` in dev mode: the description as one page that needs no script and nothing from elsewhere. */
#pragma once

#include "api/dispatch.h"

struct reply handle_docs(struct call *call);
