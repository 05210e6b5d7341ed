/* A template's HTML: elements and attributes of text and tables only, and the text between them. */
#pragma once

#include "app/mail/template_text.h"
#include "base/err.h"

enum err template_html(struct template_parser *r) must_use;
