// The pages of a verification link, as rows of the list of all pages (people_pages.mjs).
import { newEmail } from './app.mjs';
import { codeFor, createLink, proveByHttp, post, wrongCode } from './verification.mjs';
import { expect } from './app.mjs';
import { until } from './wait.mjs';

const MONTH = 31 * 86_400;
const WALLET = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A';

/** Creates a link in the language and sends the given forms. Returns the link. */
async function linkAfter(people, language, forms = [], fields = {}) {
	const link = await createLink(people.server, { language, ...fields });
	for (const [action, values] of forms) expect(await post(people.server, link, action, values), 303);
	return link;
}

const at = (link, language, query = '') => `${link.path}?lang=${language}${query}`;

/** Creates a link whose person has finished the check. Without a scenario, the check was only begun. */
async function checked(people, language, scenario, fields = {}) {
	const link = await createLink(people.server, { language, ...fields });
	const email = newEmail();
	await proveByHttp(people.server, link, email);
	const session = new URL((await post(people.server, link, 'check')).headers.location).pathname;
	await people.call('GET', session);
	if (scenario) expect(await people.post(`${session}/submit`, { scenario }), 200);
	const version = async () => (await people.call('GET', `${link.path}?lang=en`)).text;
	await until('the result', async () => (scenario ? /class="mark (good|bad)|in review/ : /class="mark wait/).test(await version()));
	return { link, email };
}

async function lockedCode(people, language) {
	const email = newEmail();
	const link = await linkAfter(people, language, [['start'], ['email', { email }]]);
	const code = wrongCode(await codeFor(people.server, email));
	for (let i = 0; i < 6; i++) expect(await post(people.server, link, 'code', { code }), 303);
	return link;
}

async function revoked(people, language) {
	const link = await linkAfter(people, language);
	expect(await people.call('DELETE', `/v1/verification-links/${link.id}`), 200);
	return link;
}

async function expired(people, language) {
	const link = await linkAfter(people, language);
	expect(await people.post('/sandbox/clock/advance', { seconds: MONTH }), 200);
	return link;
}

const page = (name, make, more = {}) => ({ name: `verify-${name}`, path: async (people, language) => at(await make(people, language), language, more.query), ...more });

/** Waits until the script has looked for wallets, and the page no longer moves. */
const searched = (view) => view.locator('#wallet-status:not(:empty)').waitFor();

export const VERIFY_PAGES = [
	page('welcome', linkAfter),
	page('address', (people, language) => linkAfter(people, language, [['start']])),
	page('address-error', (people, language) => linkAfter(people, language, [['start']]), { query: '&error=email_invalid' }),
	page('address-given', (people, language) => linkAfter(people, language, [['start']], { email: newEmail() })),
	page('code', (people, language) => linkAfter(people, language, [['start'], ['email', { email: newEmail() }]])),
	page('code-error', (people, language) => linkAfter(people, language, [['start'], ['email', { email: newEmail() }]]), { query: '&error=code_wrong' }),
	page('code-locked', lockedCode),
	page('wallet', (people, language) => linkAfter(people, language, [['start']]), { query: '&step=wallet', open: searched }),
	page('wallet-text', (people, language) => linkAfter(people, language, [['start'], ['challenge', { wallet: WALLET }]]), { open: searched }),
	page('check', async (people, language) => {
		const link = await createLink(people.server, { language });
		await proveByHttp(people.server, link, newEmail());
		return link;
	}),
	page('check-error', async (people, language) => {
		const link = await createLink(people.server, { language });
		await proveByHttp(people.server, link, newEmail());
		return link;
	}, { query: '&error=provider_paused&at=1767225600' }),
	page('result-waiting', async (people, language) => (await checked(people, language)).link),
	page('result-approved', async (people, language) => (await checked(people, language, 'approve', { return_url: 'https://shop.example/' })).link),
	page('result-declined', async (people, language) => (await checked(people, language, 'decline', { return_url: 'https://shop.example/' })).link),
	page('result-in-review', async (people, language) => (await checked(people, language, 'review')).link),
	page('revoked', revoked, { status: 410 }),
	page('expired', expired, { status: 410 }),
	{ name: 'verify-unknown', status: 404, path: async (people, language) => `/verify/unknown?lang=${language}` },
];
