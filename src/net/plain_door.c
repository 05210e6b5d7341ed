#include "net/plain_door.h"

#include <sys/socket.h>

#include <curl/curl.h>

#include "net/address.h"

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct plain_door *const door = arg;

	(void)purpose;
	if (door->plain && !address_bears_plain(&address->addr, door->allow_private)) {
		door->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool plain_door_hang(void *curl, struct plain_door *door)
{
	return curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, door) == CURLE_OK;
}
