/* Deletion of sessions, one or many (didit-api.md 2.4, 4.4). Each function writes the response. */
#pragma once

#include "sandbox/request/request_ctx.h"

/* Deletes one session. v1 answers 204, v2 and v3 answer 200 with the session's ids and what happened to its
 * face data. */
void serve_session_delete(struct request_ctx *ctx);
/* Deletes the sessions with the numbers in the body, or all sessions. Unknown numbers are ignored. Up to
 * DELETION_RESULTS_MAX deleted sessions are answered with 200 and a result for each, more with 202 and a job.
 */
#define DELETION_RESULTS_MAX 20
void serve_session_delete_many(struct request_ctx *ctx);
/* Shows the job of a deletion that was answered with 202. */
void serve_deletion_job(struct request_ctx *ctx);
