// Drives the hosted pages of a verification link in a browser: a kycd in development mode, links, and the steps of a person.
import { UNLIMITED_RATES, expect } from './app.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { until } from './wait.mjs';

/** The window of a phone. */
export const PHONE = { width: 390, height: 844 };

/** Starts kycd with its sandbox. `settings`: further environment variables. */
export async function openDevServer(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return server.start();
}

/** Creates a verification link. Returns {id, url, expires_at}, and the path of its page, which contains the token. */
export async function createLink(server, fields = {}, options = {}) {
	const { data } = expect(await server.call('POST', '/v1/verification-links', { body: fields, ...options }), 201);
	return { ...data, path: new URL(data.url).pathname };
}

/** Returns {state, user_id, status} of a link, as the tenant's back-end reads it. */
export async function readLink(server, link) {
	return expect(await server.call('GET', `/v1/verification-links/${link.id}`), 200).data;
}

/** Returns the code in the newest e-mail to the address. `seen`: codes of earlier e-mails. */
export async function codeFor(server, email, seen = []) {
	return until(`a code for ${email}`, async () => {
		const { messages } = (await server.call('GET', `/sandbox/inbox?to=${encodeURIComponent(email)}`)).json;
		return messages.map(({ text }) => /^\d{6}/.exec(text)?.[0]).find((code) => code && !seen.includes(code));
	});
}

/** Returns a code of the same length that is wrong. */
export const wrongCode = (code) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

/** Submits the form whose action ends in `name`. */
export async function submit(page, name) {
	await page.locator(`form[action*="/${name}?"]`).filter({ visible: true }).locator('button:not([type=button])').first().click();
}

/** Submits a form without the browser, as a client that has no session of the person. Returns the answer. */
export function post(server, link, action, fields = {}) {
	return server.call('POST', `${link.path}/${action}?lang=en`, { body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
}

/** From the first page to the address. */
export async function start(page, link) {
	await page.goto(link.url);
	if (await page.locator('#consent').count()) await page.locator('#consent').check();
	await submit(page, 'start');
}

/** Enters the e-mail address, or confirms the one that the link was made for. */
export async function sendCode(page, email) {
	if (email) await page.locator('#email').fill(email);
	await submit(page, 'email');
	await page.locator('#code').waitFor();
}

export async function enterCode(page, code) {
	await page.locator('#code').fill(code);
	await submit(page, 'code');
}

/** Goes to the provider's page, chooses `result`, and comes back. */
export async function doCheck(page, result = 'approve') {
	await submit(page, 'check');
	await page.locator(`button[value="${result}"]`).click();
}

/** From the link to the check. */
export async function prove(server, page, link, email) {
	await start(page, link);
	await sendCode(page, email);
	await enterCode(page, await codeFor(server, email));
	await page.locator('form[action*="/check?"]').waitFor();
}

/** Sends the link's forms without a browser, up to the check. */
export async function proveByHttp(server, link, email) {
	for (const [action, fields] of [['start', {}], ['email', { email }]]) expect(await post(server, link, action, fields), 303);
	expect(await post(server, link, 'code', { code: await codeFor(server, email) }), 303);
}
