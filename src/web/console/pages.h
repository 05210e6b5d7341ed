/* The pages of the console, for their test. */
#pragma once

#include "html/page.h"

extern const struct page_template console_account_page, console_audit_page, console_branding_page,
	console_delivery_page, console_endpoint_secret_page, console_endpoint_test_page, console_form_page,
	console_key_page, console_notice_page, console_operator_link_page, console_operators_page,
	console_overview_page, console_people_found_page, console_people_page, console_preview_page,
	console_person_erase_page, console_person_erased_page, console_person_page, console_register_page,
	console_review_page, console_reviews_page, console_sign_in_page, console_step_up_page,
	console_system_page, console_tenant_page, console_tenants_page, console_webhook_page,
	console_webhooks_page;
