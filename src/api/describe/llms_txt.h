/* The documentation as Markdown below /docs/, and /llms.txt, which lists it for language models. */
#pragma once

#include "api/core/route.h"

extern const struct route document_route;
extern const struct route llms_txt_route;
