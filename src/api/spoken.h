/* What a route may say, all in all: what its endpoint answers (api/cards), its own failure, and what the
 * order of checks may say before (interface.md 3), which is the same for all routes of a kind and stands here
 * once. */
#pragma once

#include "api/cards.h"
#include "api/dispatch.h"

struct spoken {
	int http;
	enum answer answer;	   /* ANSWER_COUNT: outside the envelope */
	const struct plain *plain; /* then this */
	bool shared;		   /* not the endpoint's own */
};

#define SPOKEN_MAX 40
#define SPOKEN_NAME_SIZE 64

/* In the order of their numbers, each once; gives how many. Only for rows with a card. */
size_t spoken_by(const struct route *route, struct spoken out[SPOKEN_MAX]);
/* "user_prepared": unique among answers that differ. */
void spoken_name(const struct spoken *s, char out[SPOKEN_NAME_SIZE]);
bool spoken_is_json(const struct spoken *s);
/* Schema and example of the whole body, which is JSON. The route's own sentences stand in the example; NULL:
 * any route's. */
void write_spoken_schema(struct json_writer *w, const struct spoken *s);
void write_spoken_example(struct json_writer *w, const struct spoken *s, const struct route *route);
