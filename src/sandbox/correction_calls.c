#include "sandbox/correction_calls.h"

#include "base/attr.h"
#include "sandbox/corrections.h"
#include "sandbox/hand_calls.h"
#include "sandbox/progress.h"
#include "sandbox/sections.h"
#include "sandbox/wishes.h"

static bool body_fits(struct visit *visit, const struct json_value *body, const struct correctable *what)
{
	for (size_t i = 0; i < what->n; i++)
		if (!checks_pass(visit, body, NULL, &what->all[i].check, 1))
			return false;
	return true;
}

static void say_trouble(struct visit *visit, enum err e)
{
	if (e == ERR_NOT_FOUND)
		visit_say_field(visit, "non_field_errors", "There is no field that can be corrected.");
	else if (e == ERR_INPUT)
		visit_say_field(
			visit, "non_field_errors", "Ensure corrections have no more than 4096 bytes.");
	else
		visit_say_detail(visit, 500, "The correction could not be kept.");
}

/* An approval rests on its document: one that has run out ends it (didit-api.md 13, newest). */
static void tell(struct visit *visit, struct sandbox_session *session)
{
	progress_tell_correction(visit->site, session, visit->now);
	if (session->status == DIDIT_APPROVED)
		session->runs_out = corrected_document_end(session);
	progress_lapse(visit->site, session, visit->now, true);
}

static void correct(struct visit *visit, const struct correctable *what)
{
	struct sandbox_session *const session = progress_find(visit);
	const struct json_value *body cleanup_with(json_cleanup) = session ? wish_body(visit) : NULL;
	struct sandbox_session wanted;

	if (!session)
		visit_say_unknown(visit);
	if (!body || !body_fits(visit, body, what))
		return;
	if (!section_has_run(session, what->section)) {
		visit_say_detail(visit, 400, "There are no data of this feature yet.");
		return;
	}
	wanted = *session;

	enum err e = corrections_join(visit->arena, session, what, body, &wanted.corrections);

	if (e == OK)
		e = state_reword(session, &wanted);
	if (e != OK) {
		say_trouble(visit, e);
		return;
	}
	say_session_id(visit, session);
	tell(visit, session);
}

void serve_correct_document(struct visit *visit)
{
	correct(visit, &correctable_document);
}

void serve_correct_address(struct visit *visit)
{
	correct(visit, &correctable_address);
}
