#include "text/query.h"

#include "text/encode.h"

struct str query_value(struct arena *a, struct str query, struct str name)
{
	struct str pair, key, value = { NULL, 0 };

	while (query.n > 0) {
		(void)str_cut(&query, '&', &pair);
		(void)str_cut(&pair, '=', &key);
		if (str_eq(key, name) && percent_decode_query(a, pair, &value) == OK)
			return value;
	}
	return STR("");
}

void query_add(struct buf *out, struct str url, struct str parameters)
{
	struct str fragment = url, before;
	const bool has_fragment = str_cut(&fragment, '#', &before);

	buf_add(out, before);
	buf_char(out, str_has(before, '?') ? '&' : '?');
	buf_add(out, parameters);
	if (has_fragment) {
		buf_char(out, '#');
		buf_add(out, fragment);
	}
}
