/* A sender for tests, with short time limits, a fake look-up of names, and listed networks. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/lock.h"
#include "webhook/curl_sender.h"

/* 2026-11-29T19:46:22Z */
#define FIXTURE_NOW ((moment){ 1795981582000 })

struct sender_fixture {
	struct clock clock;
	struct webhook_sender *sender;
	struct arena arena;
};

static inline int64_t fixture_ticks(struct clock *clock maybe_unused)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline moment fixture_now(struct clock *clock maybe_unused)
{
	return FIXTURE_NOW;
}

static inline struct curl_sender_conf fixture_conf(struct sender_fixture *f, const char *listed)
{
	static const struct clock_ops ops = {
		.now = fixture_now, .ticks = fixture_ticks, .machine_now = fixture_now
	};
	struct curl_sender_conf conf = { .clock = &f->clock, .rules.allow_plain = true };

	f->clock.ops = &ops;
	assert_true(ip_nets_read(str_of(listed), &conf.rules.listed));
	return conf;
}

static inline void fixture_open(struct sender_fixture *f, const struct curl_sender_conf *conf)
{
	assert_int_equal(curl_sender_open(conf, &f->sender), OK);
	arena_init(&f->arena, (size_t)4 * 1024 * 1024);
}

static inline void fixture_close(struct sender_fixture *f)
{
	f->sender->ops->close(f->sender);
	arena_finish(&f->arena);
}

static inline struct webhook_transfer fixture_transfer(struct str url)
{
	return (struct webhook_transfer){ .url = url,
		.id = STR("evt_1"),
		.timestamp = 1795981582,
		.signature = STR("v1,abc v1,def"),
		.body = STR("{\"a\":1}") };
}

static inline void fixture_start(struct sender_fixture *f, struct str url, void *owner)
{
	struct webhook_transfer transfer = fixture_transfer(url);

	transfer.owner = owner;
	assert_int_equal(f->sender->ops->start(f->sender, &transfer), OK);
}

/* Waits for one result. */
static inline struct webhook_transfer_result fixture_result(struct sender_fixture *f)
{
	struct webhook_transfer_result result = { .http_status = -1 };

	for (int i = 0; i < 20; i++)
		if (f->sender->ops->poll(f->sender, seconds(10), &f->arena, &result, 1) == 1)
			return result;
	fail_msg("no result");
	return result;
}

static inline struct webhook_transfer_result fixture_send(struct sender_fixture *f, struct str url)
{
	fixture_start(f, url, f);
	const struct webhook_transfer_result result = fixture_result(f);

	assert_ptr_equal(result.owner, f);
	assert_int_equal(f->sender->ops->in_flight(f->sender), 0);
	return result;
}
