#include "domain/branding.h"

#include <string.h>

static const struct digest no_digest;

static bool digest_is_set(const struct digest *digest)
{
	return memcmp(digest->bytes, no_digest.bytes, sizeof(no_digest.bytes)) != 0;
}

bool branding_has_colour(const struct branding *branding)
{
	return branding->colour[0] != '\0';
}

bool branding_has_logo(const struct branding *branding)
{
	return digest_is_set(&branding->logo_digest);
}

bool branding_has_consent_text(const struct branding *branding)
{
	return digest_is_set(&branding->consent_digest);
}

struct accent accent_of(struct colour colour)
{
	return (struct accent){
		.light = colour_adjusted(colour, BACKGROUND_LIGHT, COLOUR_CONTRAST_TEXT),
		.dark = colour_adjusted(colour, BACKGROUND_DARK, COLOUR_CONTRAST_TEXT),
	};
}
