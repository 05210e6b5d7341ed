/* Properties: an item that is skipped is skipped again if it is followed by nothing or by other bytes, and is
 * not skipped if its last byte is missing. An item that is skipped is also read. */
#include <stdlib.h>

#include "fuzz.h"
#include "text/cbor.h"

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = { (const char *)data, size };
	struct str rest = input;
	struct cbor_item item;

	if (!cbor_skip(&rest))
		return 0;
	abort_unless(rest.n < input.n && rest.p == input.p + (input.n - rest.n));
	const size_t n = input.n - rest.n;
	rest = (struct str){ input.p, n };
	abort_unless(cbor_skip(&rest) && rest.n == 0);
	rest = (struct str){ input.p, n - 1 };
	abort_unless(!cbor_skip(&rest));
	rest = input;
	abort_unless(cbor_next(&rest, &item) && item.kind != CBOR_ABSENT);
	abort_unless(item.text.n == 0 || (item.text.p > input.p && item.text.p + item.text.n == rest.p));
	return 0;
}
