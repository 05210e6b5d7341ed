/* The page that a person sees after the provider's check if the tenant has no return URL. */
#pragma once

#include "html/page.h"

/* src/web/return/thanks.html, which has no values of its own. */
extern const struct page_template thanks_page;
