#include "text/ip_node.h"

#include <stddef.h>

#define PORT_DIGITS_MAX 5

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Removes a pair of double quotes around the text. Returns false if only one of them is there. */
static bool unquote(struct str *text)
{
	const bool opens = text->n > 0 && text->p[0] == '"';
	const bool closes = text->n > 0 && text->p[text->n - 1] == '"';

	if (!opens && !closes)
		return true;
	if (!opens || !closes || text->n < 2)
		return false;
	*text = str_trim((struct str){ text->p + 1, text->n - 2 });
	return true;
}

/* Returns whether the text is a node-port of RFC 7239: 1 to 5 digits, or an obfuscated port that begins with
 * "_". */
static bool is_port(struct str port)
{
	const bool obfuscated = str_starts(port, STR("_"));
	const struct str rest = str_from(port, obfuscated ? 1 : 0);

	if (rest.n == 0 || (!obfuscated && rest.n > PORT_DIGITS_MAX))
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (!is_digit(rest.p[i]) &&
			!(obfuscated && (is_letter(rest.p[i]) || str_has(STR("._-"), rest.p[i]))))
			return false;
	return true;
}

/* Splits `text` into address and port. A text without brackets but with several colons is an IPv6 address.
 * Returns false if the port or the brackets are malformed. */
static bool split_port(struct str text, struct str *address)
{
	struct str rest = text, first;

	if (str_starts(text, STR("["))) {
		rest = str_from(text, 1);
		if (!str_cut(&rest, ']', address))
			return false;
		return rest.n == 0 || (rest.p[0] == ':' && is_port(str_from(rest, 1)));
	}
	if (!str_cut(&rest, ':', &first) || str_has(rest, ':')) {
		*address = text;
		return true;
	}
	*address = first;
	return is_port(rest);
}

/* Removes the zone of an IPv6 address (RFC 4007). Returns false if the zone is empty or the address is
 * IPv4. */
static bool drop_zone(struct str *address)
{
	struct str zone = *address, first;

	if (!str_cut(&zone, '%', &first))
		return true;
	*address = first;
	return zone.n > 0 && str_has(first, ':');
}

bool ip_node_read(struct str text, struct ip *out)
{
	struct str node = str_trim(text), address;

	return unquote(&node) && split_port(node, &address) && drop_zone(&address) && ip_read(address, out);
}

void ip_node_shape(struct str text, char out[IP_NODE_SHAPE_SIZE])
{
	size_t n = 0;

	for (; n < text.n && n < IP_NODE_SHAPE_SIZE - 1; n++) {
		const char c = text.p[n];

		out[n] = is_digit(c) ? '9' : is_letter(c) ? 'a' : c >= ' ' && c <= '~' ? c : '?';
	}
	out[n] = '\0';
}
