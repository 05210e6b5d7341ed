#include "api/core/branded_frame.h"

#include "text/encode.h"

/* The colour as the page's style sheet names it. */
static struct str colour_of(struct arena *a, const struct branding *branding)
{
	const struct str colour = str_of(branding->colour);

	return branding_has_colour(branding) ? arena_copy(a, str_from(colour, 1)) : STR("");
}

static struct str logo_of(struct arena *a, const struct branding *branding)
{
	char hex[2 * sizeof(branding->logo_digest.bytes) + 1];

	if (!branding_has_logo(branding))
		return STR("");
	hex_write(branding->logo_digest.bytes, sizeof(branding->logo_digest.bytes), hex);
	return arena_copy(a, str_of(hex));
}

enum err frame_add_branding(struct arena *a, const struct branding *branding, struct page_frame *frame)
{
	frame->colour = colour_of(a, branding);
	frame->logo = logo_of(a, branding);
	frame->support_url = str_of(branding->support_url);
	frame->privacy_url = str_of(branding->privacy_url);
	return frame->colour.p && frame->logo.p ? OK : ERR_INPUT;
}
