// Sessions in review in a server in development mode.
import assert from 'node:assert/strict';
import { newEmail } from './app.mjs';
import { until } from './wait.mjs';

/** Brings a person to the status In Review. Returns the e-mail address and the path of the review. */
export async function openReview(server, client) {
	const email = newEmail('review');
	const post = (where, body) => server.call('POST', where, { body });
	assert.equal((await post('/kyc/prepare', { email })).word, 'user_prepared');
	assert.equal((await post('/security/email/send-otp', { email })).word, 'otp_sent');
	const message = await until('the e-mail in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
	assert.equal((await post('/security/email/verify-otp', { email, code: /^\d{6}/.exec(message.text)[0] })).word, 'email_verified');
	const { session_id, session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;
	const before = reviewsIn((await client.get('/console/reviews')).text);
	assert.equal((await post(`${session_url.slice(server.base.length)}/submit`, { scenario: 'review' })).http, 200);
	await until('the session to be in review', async () => (await statusOf(server, email)) === 'In Review');
	const path = reviewsIn((await client.get('/console/reviews')).text).find((review) => !before.includes(review));
	assert.ok(path, 'the queue has the session');
	return { email, session_id, path };
}

/** The paths of the reviews in a page of the queue. */
export const reviewsIn = (text) => [...text.matchAll(/href="(\/console\/reviews\/[0-9a-z]{26})"/g)].map(([, path]) => path);

/** The provider's name of the status of the person's session. */
export const statusOf = async (server, email) => (await server.call('POST', '/kyc/status', { body: { email } })).data.session_status;
