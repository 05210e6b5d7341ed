/* Checks the HTML part of a template: only elements and attributes for text and tables are allowed, and
 * placeholders only in the text between them. */
#pragma once

#include "app/mail/template_text.h"
#include "base/err.h"

enum err template_check_html(struct template_parser *parser) must_use;
