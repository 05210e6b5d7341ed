#include "app/webhook/delivery_request.h"

#include "app/event/event_json.h"
#include "app/webhook/endpoint_seal.h"
#include "net/endpoint_url.h"

static void read_host(struct delivery_request *request)
{
	struct endpoint_url url;

	request->host[0] = '\0';
	if (endpoint_url_parse(request->url, &url) == ENDPOINT_URL_NONE)
		(void)!str_copy_to(url.host, request->host, sizeof(request->host));
}

enum err delivery_request_sign(const struct world *world, struct arena *a,
	const struct webhook_endpoint *endpoint, const char id[ID_SIZE], struct str body,
	struct delivery_request *out)
{
	struct webhook_secrets secrets;
	struct str keys[WEBHOOK_SECRETS_MAX];

	out->body = body;
	/* Verifiers compare the timestamp with the real time, so development mode does not move it. */
	out->timestamp = world_machine_now(world).ms / 1000;
	shown_id_write(EVENT_ID_PREFIX, id, out->id);
	TRY(webhook_endpoint_url(world, a, endpoint, &out->url));
	read_host(out);
	TRY(webhook_endpoint_secrets(world, endpoint, &secrets));
	for (size_t i = 0; i < secrets.n; i++)
		keys[i] = (struct str){ (const char *)secrets.keys[i].bytes, sizeof(secrets.keys[i].bytes) };
	webhook_signature_write(&(const struct webhook_message){ str_of(out->id), out->timestamp, body },
		keys, secrets.n, out->signature);
	secure_wipe(&secrets, sizeof(secrets));
	return OK;
}

enum err delivery_request_load(
	const struct world *world, struct tx *tx, const struct effect *delivery, struct delivery_request *out)
{
	struct webhook_endpoint endpoint = { .id = delivery->endpoint_id };
	struct event event = { .id = delivery->event_id };
	struct tenant tenant = { .id = delivery->tenant_id };
	struct event_reader reader;
	struct str body;

	TRY(store_load_webhook_endpoint(tx, &endpoint));
	TRY(store_load_event(tx, &event));
	if (event.erased)
		return ERR_NOT_FOUND;
	TRY(store_load_tenant(tx, &tenant));
	reader = (struct event_reader){ .tenant_name = str_of(tenant.name),
		.with_address = endpoint.include_address,
		.with_session_url = endpoint.include_session_url };
	TRY(event_json_write(world, tx, &event, &reader, &body));
	return delivery_request_sign(world, tx->arena, &endpoint, event.id.text, body, out);
}

struct webhook_transfer delivery_transfer(const struct delivery_request *request, void *owner)
{
	return (struct webhook_transfer){ .owner = owner,
		.url = request->url,
		.id = str_of(request->id),
		.timestamp = request->timestamp,
		.signature = str_of(request->signature),
		.body = request->body };
}
