#include "http/forwarded.h"

#include <stdbool.h>

/* The last element of a list, which then ends before it. False: there is none left. */
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

/* A list's elements from the right. False: the client has been found, or there is no way on. */
static bool walk(struct str list, const struct ip_nets *trusted, int *left, struct ip *client)
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
	bool going = ip_nets_have(trusted, peer);

	for (size_t i = r->n_headers; going && i-- > 0;)
		if (str_eq_nocase(r->headers[i].name, STR("x-forwarded-for")))
			going = walk(r->headers[i].value, trusted, &left, &client);
	return client;
}
