#define ZLIB_CONST
#include "html/gzip.h"

#include <limits.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest window, with the header of gzip instead of zlib's */
#define GZIP_MEMORY 8	      /* zlib's default */

/* Returns whether the parameters of an item are a weight of zero, such as "q=0" or "q=0.000". */
static bool is_weight_zero(struct str parameters)
{
	struct str rest = str_trim(parameters);

	if (rest.n < 3 || (rest.p[0] != 'q' && rest.p[0] != 'Q') || rest.p[1] != '=')
		return false;
	for (rest = str_from(rest, 2); rest.n > 0; rest = str_from(rest, 1))
		if (rest.p[0] != '0' && rest.p[0] != '.')
			return false;
	return true;
}

bool gzip_is_accepted(const struct request *request)
{
	struct str rest = request_header(request, STR("Accept-Encoding")), item, name;

	while (rest.n > 0) {
		(void)str_cut(&rest, ',', &item);
		(void)str_cut(&item, ';', &name);
		if (str_eq_nocase(str_trim(name), STR("gzip")))
			return !is_weight_zero(item);
	}
	return false;
}

enum err gzip_write(struct arena *a, struct str text, struct str *out)
{
	z_stream stream = { .next_in = (const Bytef *)text.p };
	enum err e = ERR_INPUT;

	if (text.n > UINT_MAX || deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW,
					 GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return ERR_INPUT;
	const uLong size = deflateBound(&stream, (uLong)text.n);
	unsigned char *const bytes = size <= UINT_MAX ? arena_bytes(a, size, 1) : NULL;

	stream.avail_in = (uInt)text.n;
	stream.next_out = bytes;
	stream.avail_out = (uInt)size;
	if (bytes && deflate(&stream, Z_FINISH) == Z_STREAM_END) {
		*out = (struct str){ (const char *)bytes, stream.total_out };
		e = OK;
	}
	(void)deflateEnd(&stream);
	return e;
}
