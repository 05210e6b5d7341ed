#include "http/forwarded.h"

#include <stdbool.h>

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

/* Reads the elements of one X-Forwarded-For header from right to left and sets `client` to each address.
 * Returns false if the search is over, because the address is not a trusted proxy, the limit was reached, or
 * the element is malformed. */
static bool find_client(struct str list, const struct ip_nets *trusted, int *left, struct ip *client)
{
	struct str element;

	while (cut_last(&list, &element)) {
		struct ip ip;

		if ((*left)-- == 0 || !ip_read(element, &ip))
			return false;
		*client = ip;
		if (!ip_nets_have(trusted, &ip))
			return false;
	}
	return true;
}

struct ip forwarded_client(const struct request *r, const struct ip_nets *trusted, const struct ip *peer)
{
	struct ip client = *peer;
	int left = FORWARDED_MAX;
	bool continue_left = ip_nets_have(trusted, peer);

	for (size_t i = r->n_headers; continue_left && i-- > 0;)
		if (str_eq_nocase(r->headers[i].name, STR("x-forwarded-for")))
			continue_left = find_client(r->headers[i].value, trusted, &left, &client);
	return client;
}
