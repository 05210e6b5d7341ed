// Settings of kycd outside dev mode.
import { masterKey } from './app.mjs';

/** Credentials of the provider's API versions. */
export const v1Credentials = { KYCD_DIDIT_CLIENT_ID: 'id', KYCD_DIDIT_CLIENT_SECRET: 'secret' };
export const v3Credentials = { KYCD_DIDIT_API_KEY: 'key', KYCD_DIDIT_WORKFLOW_ID: '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80' };

/** Valid settings with the given credentials. */
export const validSettings = (credentials) => ({
	KYCD_DATABASE: 'sqlite:kycd.db',
	KYCD_PUBLIC_URL: 'https://kyc.example',
	KYCD_SECRET_KEY: masterKey(),
	KYCD_SMTP_URL: 'smtp://127.0.0.1:2525',
	KYCD_MAIL_FROM: 'no-reply@kycd.example',
	KYCD_DIDIT_WEBHOOK_SECRET: 'w'.repeat(32),
	...credentials,
});
