/* Steps of verification links for tests: each fails the test if its call fails, and returns the verdict. */
#pragma once

#include "app/verification/check.h"
#include "app/verification/email_proof.h"
#include "app/verification/manage.h"
#include "app/verification/result.h"
#include "app/verification/start.h"
#include "app/verification/view.h"
#include "app/verification/wallet_proof.h"
#include "kit/app_fixture.h"

/* A link as the person has it. */
struct fixture_link {
	struct verification_link_id id;
	struct verification_visit visit; /* with the token, and without an IP address */
};

struct verification_create_result fixture_try_create_link(
	struct app_fixture *fx, const struct caller *caller, const struct verification_link_params *params);
/* Creates a link with the default life. `suggestion` is an address or NULL. */
struct fixture_link fixture_create_link(
	struct app_fixture *fx, const struct caller *caller, const char *suggestion);
struct fixture_link fixture_create_link_with(
	struct app_fixture *fx, const struct caller *caller, const struct verification_link_params *params);
/* The same, started. */
struct fixture_link fixture_started_link(
	struct app_fixture *fx, const struct caller *caller, const char *suggestion);
struct verification_view fixture_view_link(struct app_fixture *fx, const struct fixture_link *link);
enum verification_start_verdict fixture_start_link(struct app_fixture *fx, const struct fixture_link *link);
/* `email` NULL: the link's. */
struct verification_send_result fixture_send_code_to(
	struct app_fixture *fx, const struct fixture_link *link, const char *email);
/* Sends a code, delivers it and copies it. */
void fixture_get_link_code(
	struct app_fixture *fx, const struct fixture_link *link, const char *email, char code[7]);
enum verification_proof_verdict fixture_enter_code(
	struct app_fixture *fx, const struct fixture_link *link, const char *code);
/* Sends a code and enters it. */
void fixture_prove_email(struct app_fixture *fx, const struct fixture_link *link, const char *email);
enum verification_challenge_verdict fixture_request_challenge(
	struct app_fixture *fx, const struct fixture_link *link, const struct signing_wallet *wallet);
struct verification_signature_result fixture_send_signature(
	struct app_fixture *fx, const struct fixture_link *link, const char *signature);
/* Signs the link's challenge as the view shows it. */
struct verification_signature_result fixture_sign_challenge(
	struct app_fixture *fx, const struct fixture_link *link, const struct signing_wallet *wallet);
struct verification_check_result fixture_check(struct app_fixture *fx, const struct fixture_link *link);
struct verification_link_status fixture_get_link(
	struct app_fixture *fx, const struct caller *caller, const struct fixture_link *link);
enum err fixture_revoke_link(
	struct app_fixture *fx, const struct caller *caller, const struct fixture_link *link);
struct verification_link fixture_link_row(struct app_fixture *fx, const struct fixture_link *link);
