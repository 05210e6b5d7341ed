/* The branding of a tenant in the frame of a page. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "domain/branding.h"
#include "html/page.h"

/* Sets colour, logo and links of the frame. The links refer to `branding`. ERR_INPUT: the arena is full. */
enum err frame_add_branding(
	struct arena *a, const struct branding *branding, struct page_frame *frame) must_use;
