-- How the pages and e-mails of a tenant look (src/domain/branding.h). A tenant without a row has no branding. A logo and a
-- consent text are stored once, whichever tenants use them. A digest of zeros: none.

CREATE TABLE brandings (
	tenant_id {text} NOT NULL PRIMARY KEY,
	colour {text} NOT NULL,
	support_url {text} NOT NULL,
	privacy_url {text} NOT NULL,
	logo_digest {bytes} NOT NULL,
	consent_digest {bytes} NOT NULL
) {strict};
CREATE INDEX brandings_by_logo ON brandings (logo_digest, tenant_id);

CREATE TABLE logos (
	digest {bytes} NOT NULL PRIMARY KEY,
	image {bytes} NOT NULL
) {strict};

CREATE TABLE consent_texts (
	digest {bytes} NOT NULL PRIMARY KEY,
	text {bytes} NOT NULL
) {strict};
