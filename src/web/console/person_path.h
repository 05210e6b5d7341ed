/* The parameters of the routes of a person: /console/people/:tenant/:id. */
#pragma once

#include <stdbool.h>

#include "app/console/person.h"
#include "web/console/request.h"

/* Reads tenant and id. Returns false if the id is malformed: the page responds with 404. */
bool person_path_read(const struct console_request *request, struct console_person_name *out) must_use;
/* The page of the person, in the arena of the call. */
struct str person_path(const struct console_request *request, const struct console_person_name *name);
