#include "provider/provider_ref.h"

#include <stddef.h>

bool provider_ref_read(struct str text, struct provider_ref *out)
{
	bool has_other_than_dot = false;

	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];
		const bool is_alnum = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				      (c >= '0' && c <= '9');

		if (!is_alnum && c != '.' && c != '_' && c != '-')
			return false;
		has_other_than_dot = has_other_than_dot || c != '.';
	}
	/* "." and ".." would have a special meaning in a URL path */
	if (!has_other_than_dot || !str_copy_to(text, out->text, sizeof(out->text)))
		return false;
	provider_ref_normalise(out);
	return true;
}
