#include "provider/provider_ref.h"

#include <stddef.h>

bool provider_ref_read(struct str text, struct provider_ref *out)
{
	bool named = false;

	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];
		const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				    (c >= '0' && c <= '9');

		if (!letter && c != '.' && c != '_' && c != '-')
			return false;
		named = named || c != '.';
	}
	/* "." and ".." would be steps of a path */
	return named && str_copy_to(text, out->text, sizeof(out->text));
}
