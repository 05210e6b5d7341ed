#include "net/plaintext_guard.h"

#include <sys/socket.h>

#include <curl/curl.h>

#include "net/host_scope.h"

static curl_socket_t open_checked_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct plaintext_guard *const guard = arg;

	(void)purpose;
	if (guard->plain && !sockaddr_allows_plaintext(&address->addr, guard->allow_private)) {
		guard->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool plaintext_guard_install(void *curl, struct plaintext_guard *guard)
{
	return curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_checked_socket) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, guard) == CURLE_OK;
}
