#include "http/forwarded.h"

#include <stdbool.h>

#include "text/ip_node.h"

/* Removes the last element from a comma-separated list. Returns false if the list is empty. */
static bool cut_last(struct str *list, struct str *last)
{
	size_t at = list->n;

	if (list->p == NULL)
		return false;
	while (at > 0 && list->p[at - 1] != ',')
		at--;
	*last = str_trim(str_from(*list, at));
	*list = at > 0 ? (struct str){ list->p, at - 1 } : (struct str){ NULL, 0 };
	return true;
}

/* Examines one element. FORWARDED_NO_CLIENT: the search continues with the next one. */
static enum forwarded_verdict examine(struct str element, const struct ip_nets *trusted, struct ip *client)
{
	struct ip ip;

	if (element.n == 0)
		return FORWARDED_NO_CLIENT;
	if (!ip_node_read(element, &ip))
		return FORWARDED_MALFORMED;
	*client = ip;
	return ip_nets_have(trusted, &ip) ? FORWARDED_NO_CLIENT : FORWARDED_CLIENT;
}

/* Walks the elements of one header from the right and sets `out`. */
static void find_client(struct str list, const struct ip_nets *trusted, int *left, struct forwarded *out)
{
	struct str element;

	while (out->verdict == FORWARDED_NO_CLIENT && cut_last(&list, &element)) {
		out->element = element;
		out->verdict = (*left)-- > 0 ? examine(element, trusted, &out->client) : FORWARDED_TOO_LONG;
	}
}

struct forwarded forwarded_client(
	const struct request *r, const struct ip_nets *trusted, const struct ip *peer)
{
	struct forwarded out = { .verdict = FORWARDED_NO_CLIENT, .client = *peer };
	int left = FORWARDED_MAX;

	if (!ip_nets_have(trusted, peer))
		out.verdict = FORWARDED_CLIENT;
	for (size_t i = r->n_headers; out.verdict == FORWARDED_NO_CLIENT && i-- > 0;)
		if (str_eq_nocase(r->headers[i].name, STR("x-forwarded-for")))
			find_client(r->headers[i].value, trusted, &left, &out);
	if (out.verdict == FORWARDED_MALFORMED || out.verdict == FORWARDED_TOO_LONG)
		out.client = *peer;
	return out;
}
