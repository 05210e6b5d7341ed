// Every page that a person sees in development mode, and how to get there. The tests of all pages and `make screenshots` use it.
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { UNLIMITED_RATES, expect, newEmail } from './app.mjs';
import { VERIFY_PAGES } from './verify_pages.mjs';
import { until } from './wait.mjs';

const KEY = { 'x-api-key': 'sandbox' };
const FULL = '00000000-0000-4000-8000-00000000abcd'; // an id that selects no subset of the checks, so the session has all steps
const WEEK = 7 * 86_400;

/** A server in development mode, with functions that make what the pages show. */
export class PeopleServer {
	static async open(settings = {}) {
		const people = new PeopleServer();
		people.folder = await makeFolder();
		people.server = new Server({ folder: people.folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
		await people.server.start();
		people.base = people.server.base;
		return people;
	}

	async close() {
		await this.server.stop().finally(() => this.server.kill());
		await removeFolder(this.folder);
	}

	call(method, path, options = {}) {
		return this.server.call(method, path, options);
	}

	post(path, body, options = {}) {
		return this.call('POST', path, { body, ...options });
	}

	/** Sends a code to a new address and waits until the inbox has the e-mail. Returns the address. */
	async mail(language, name) {
		const email = newEmail(name);
		expect(await this.post('/kyc/prepare', { email, language }), 201);
		expect(await this.post('/security/email/send-otp', { email }), 201);
		await until('the e-mail to be in the inbox', async () => (await this.call('GET', `/sandbox/inbox?to=${email}`)).json.messages.length === 1);
		return email;
	}

	/** Creates a session with the sandbox's API. Returns the path of its page. */
	async session(language, fields = {}) {
		const created = await this.post('/sandbox/didit/v3/session/', { workflow_id: FULL, callback: `${this.base}/return`, language, ...fields }, { headers: KEY });
		return expect(created, 201).json.url.slice(this.base.length);
	}

	async finished(language, scenario) {
		const path = await this.session(language);
		expect(await this.post(`${path}/submit`, { scenario }), 200);
		return path;
	}

	/** Creates a session that is too old; if `opened`, its page was opened before. */
	async expired(language, opened) {
		const path = await this.session(language);
		if (opened) await this.call('GET', path);
		expect(await this.post('/sandbox/clock/advance', { seconds: WEEK }), 200);
		return path;
	}
}

/**
 * The pages. `path(people, language)` makes the state and returns the path. `status`: the HTTP status, 200 if missing.
 * `open(page)`: what to do after the page was loaded. `languages`: the languages that the page has, if not all. `isLarge`: not a page
 * for people: documentation.test.mjs checks it.
 */
export const PAGES = [
	...VERIFY_PAGES,
	{ name: 'inbox-empty', path: async () => `/sandbox/inbox?to=${newEmail('nobody')}` },
	{ name: 'inbox', path: async (people, language) => {
		for (let i = 0; i < 3; i++) await people.mail(language, 'person');
		return '/sandbox/inbox';
	} },
	{ name: 'inbox-one-person', path: async (people, language) => `/sandbox/inbox?to=${await people.mail(language, 'ana')}` },
	{ name: 'sandbox-choice', path: (people, language) => people.session(language) },
	{ name: 'sandbox-reasons', path: (people, language) => people.session(language), open: (page) => page.locator('summary').click() },
	{ name: 'sandbox-approved', path: (people, language) => people.finished(language, 'approve') },
	{ name: 'sandbox-declined', path: (people, language) => people.finished(language, 'decline') },
	{ name: 'sandbox-in-review', path: (people, language) => people.finished(language, 'review') },
	{ name: 'sandbox-expired', path: (people, language) => people.expired(language, false) },
	{ name: 'sandbox-abandoned', path: (people, language) => people.expired(language, true) },
	{ name: 'sandbox-unknown', status: 404, path: async (people, language) => `/sandbox/didit/${language}/session/nobodyknows1` },
	{ name: 'docs-reference', languages: ['en'], isLarge: true, path: async () => '/docs' },
	{ name: 'docs-page', languages: ['en'], isLarge: true, path: async () => '/docs/integrating' },
	{ name: 'return', path: async () => '/return?verificationSessionId=nobody&status=Approved' },
];

/** Returns the pages that exist in the language. */
export const pagesIn = (language) => PAGES.filter(({ languages }) => !languages || languages.includes(language));
