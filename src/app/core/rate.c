#include "app/core/rate.h"

#include "base/str.h"
#include "domain/rate.h"
#include "port/store.h"

static int64_t reservation_size(int64_t limit)
{
	return limit < 2 * RATE_PARTS ? 1 : limit / RATE_PARTS;
}

static enum err reserve_requests(struct tx *tx, void *arg)
{
	struct rate_reservation *const reservation = arg;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .windows = { NULL, 0 } };
	struct window window;
	moment now;

	if (!str_copy_to(str_of(reservation->name), rate.name, sizeof(rate.name)))
		return ERR_INTERNAL;
	TRY(store_clock(tx, &now));
	const enum err e = store_load_rate(tx, &rate);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	rate_read(&rate, &window, 1, minutes(1), now.ms);
	reservation->reserved = window_take_some(&window, reservation_size(reservation->limit),
		reservation->limit, minutes(1), now.ms, &reservation->wait);
	if (reservation->reserved == 0)
		return OK;
	rate_write(&rate, &window, 1, bytes);
	return store_save_rate(tx, &rate);
}

enum err rate_reserve(const struct world *world, struct arena *a, struct rate_reservation *reservation)
{
	return store_transact(world->store, TX_WRITE, a, reserve_requests, reservation);
}
