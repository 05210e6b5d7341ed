#include "crypto/solana_transaction.h"

#include <stddef.h>

#define KEY 32
#define BLOCKHASH 32
/* Size of the header: one byte each for the numbers of signatures, of read-only signers, and of read-only
 * accounts that do not sign. */
#define HEADER 3
#define COMPACT_MAX 3 /* number of bytes of the longest compact-u16 number */

static bool skip(struct str *rest, size_t n)
{
	if (rest->n < n)
		return false;
	*rest = str_from(*rest, n);
	return true;
}

/* Reads a number of Solana's compact-u16 encoding: seven bits per byte, lowest bits first; the top bit is set
 * when another byte follows. */
static bool take_compact(struct str *rest, size_t *out)
{
	*out = 0;
	for (size_t i = 0; i < COMPACT_MAX && i < rest->n; i++) {
		const unsigned char byte = (unsigned char)rest->p[i];

		*out |= (size_t)(byte & 0x7F) << (7 * i);
		if (byte < 0x80)
			return skip(rest, i + 1) && *out <= 0xFFFF;
	}
	return false;
}

/* Skips a list that starts with the number of its elements. Each element has `size` bytes. */
static bool skip_list(struct str *rest, size_t size)
{
	size_t n;

	return take_compact(rest, &n) && skip(rest, n * size);
}

/* Skips an instruction: the index of a program, the indices of its accounts, and its input. */
static bool skip_instruction(struct str *rest)
{
	return skip(rest, 1) && skip_list(rest, 1) && skip_list(rest, 1);
}

/* Skips one address table look-up: the table's key, the indices of writable accounts and of read-only
 * accounts. */
static bool skip_lookup(struct str *rest)
{
	return skip(rest, KEY) && skip_list(rest, 1) && skip_list(rest, 1);
}

static bool skip_each(struct str *rest, bool (*skip_one)(struct str *))
{
	size_t n;

	if (!take_compact(rest, &n))
		return false;
	while (n-- > 0)
		if (!skip_one(rest))
			return false;
	return true;
}

bool is_solana_transaction(struct str bytes)
{
	const unsigned char first = bytes.n > 0 ? (unsigned char)bytes.p[0] : 0;
	const bool is_versioned = first == 0x80;

	/* A later version: its first byte is 0x81 or above. UTF-8 text can begin with 0xC0 and above, but not
	 * with these bytes. */
	if (first > 0x80 && first < 0xC0)
		return true;
	if (is_versioned)
		bytes = str_from(bytes, 1);
	return skip(&bytes, HEADER) && skip_list(&bytes, KEY) && skip(&bytes, BLOCKHASH) &&
	       skip_each(&bytes, skip_instruction) && (!is_versioned || skip_each(&bytes, skip_lookup)) &&
	       bytes.n == 0;
}
