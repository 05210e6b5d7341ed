#include "app/verification/link_mail.h"

#include "app/core/sealed_names.h"
#include "base/buf.h"
#include "text/json.h"

/* An e-mail that could not be handed over for so long is dropped, even if its link lives longer. */
#define MAIL_LIFE days(1)

static enum err load_recipient(const struct link_mail *mail, struct tx *tx, struct address *address,
	struct user *user, bool *is_known)
{
	blind_index_of(mail->world, mail->caller->tenant.group_name, &mail->to, &address->blind_index);
	const enum err e = store_load_address(tx, address);

	*is_known = e == OK;
	*user = mail->new_user->user;
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	*user = (struct user){ .id = address->user_id };
	return store_load_user(tx, user);
}

static enum err save_recipient(
	const struct link_mail *mail, struct tx *tx, const struct user *user, bool is_known)
{
	if (is_known)
		return store_save_user(tx, user);
	TRY(store_add_user(tx, user));
	return store_add_address(tx, &mail->new_user->address);
}

static enum err seal_payload(const struct link_mail *mail, struct tx *tx, const struct user *user,
	moment expires_at, struct effect *effect)
{
	const struct sealed_field place = { SEALED_EFFECT, effect->id.text };
	struct json_writer w;
	struct buf text;
	struct str plain;

	buf_init(&text, tx->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "to", mail->to.normal);
	json_field_text(&w, "url", mail->url);
	json_field_int(&w, "expires_at", expires_at.ms);
	json_field_text(&w, "language", mail->language);
	json_field_text(&w, "request_id", str_of(mail->caller->actor.request_id));
	json_end_object(&w);
	TRY(buf_done(&text, &plain));
	return user_seal(mail->world, tx->arena, user, &place, plain, &effect->sealed_payload);
}

static enum err enqueue(const struct link_mail *mail, struct tx *tx, const struct user *user,
	const struct verification_link *row)
{
	const moment now = world_expiry_now(mail->world), latest = moment_add(now, MAIL_LIFE);
	struct effect effect = { .kind = EFFECT_MAIL_VERIFICATION_LINK,
		.tenant_id = row->tenant_id,
		.user_id = user->id,
		.state = EFFECT_QUEUED,
		.created_at = world_now(mail->world), /* the Date of the e-mail */
		.due_at = now,
		.expires_at = moment_is_before(latest, row->expires_at) ? latest : row->expires_at };

	/* Both ids are of the same kind, so that the delivery finds the link (app/mail/outbox). */
	(void)!str_copy_to(str_of(row->id.text), effect.id.text, sizeof(effect.id.text));
	TRY(seal_payload(mail, tx, user, row->expires_at, &effect));
	return store_enqueue_effect(tx, &effect);
}

enum err link_mail_queue(const struct link_mail *mail, struct tx *tx, const struct verification_link *row,
	struct send_result *out)
{
	struct address address = { 0 };
	struct user user;
	bool is_known;

	*out = (struct send_result){ .verdict = SEND_MAIL_DOWN };
	if (mail->mail_down)
		return OK;
	TRY(load_recipient(mail, tx, &address, &user, &is_known));
	TRY(otp_check_rate(mail->world, tx, mail->caller, EFFECT_MAIL_VERIFICATION_LINK, &user, out));
	if (out->verdict != SEND_QUEUED)
		return OK;
	TRY(save_recipient(mail, tx, &user, is_known));
	return enqueue(mail, tx, &user, row);
}
