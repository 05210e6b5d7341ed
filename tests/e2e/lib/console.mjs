// The console in tests: a development server, operators with passkeys in a real Chromium (a virtual authenticator over the DevTools
// protocol), and forms that are sent without a browser.
import assert from 'node:assert/strict';
import { UNLIMITED_RATES } from './app.mjs';
import { call } from './http.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';

/** A server in development mode, whose console is at `site`. */
export class ConsoleServer extends Server {
	/** `under` as in the class Server. */
	static async open(t, settings = {}, { under } = {}) {
		const folder = await makeFolder();
		const server = new ConsoleServer({ folder, args: ['--dev'], under, settings: { ...UNLIMITED_RATES, ...settings } });
		t.after(async () => {
			await server.stop().finally(() => server.kill());
			await removeFolder(folder);
		});
		await server.start();
		server.site = `http://localhost:${server.port}`;
		return server;
	}

	/** Runs a command with --dev, as `make run` configures it. */
	command(...args) {
		return this.run(...args, '--dev');
	}

	/** Adds an operator and returns the path of the one-time link. */
	async addOperator(email, role, ...args) {
		return linkIn(await this.command('operator', 'add', email, '--role', role, ...args));
	}

	async newLink(email) {
		return linkIn(await this.command('operator', 'link', email));
	}

	/** Returns the path of the link that signs in at once, once. */
	async devLink() {
		return this.waitForLog(/\/console\/dev\/[\w-]{43}/);
	}
}

function linkIn(text) {
	const link = /\/console\/register\/[\w-]{43}/.exec(text)?.[0];
	assert.ok(link, `no link in: ${text}`);
	return link;
}

/** A client without a browser: keeps the cookie, and sends forms with the token of the page that it read last. */
export class ConsoleClient {
	constructor(server, cookie) {
		Object.assign(this, { server, cookie });
	}

	/** Signs in as the admin of development mode. */
	static async ofDev(server) {
		const client = new ConsoleClient(server);
		const answer = await client.get(await server.devLink());
		assert.equal(answer.http, 303, answer.text);
		return client;
	}

	/** Uses the session of a browser's page. */
	static async ofPage(server, page) {
		const cookies = await page.context().cookies(server.site);
		return new ConsoleClient(server, cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
	}

	async #send(method, where, options = {}) {
		const answer = await call(this.server.base + where, { method, ...options, headers: { host: `localhost:${this.server.port}`, ...(this.cookie && { cookie: this.cookie }), ...options.headers } });
		const set = [answer.headers['set-cookie'] ?? []].flat()[0];
		if (set) this.cookie = set.split(';')[0];
		this.csrf = /name="csrf" value="([0-9a-f]{64})"/.exec(answer.text)?.[1] ?? this.csrf;
		return answer;
	}

	get(where) {
		return this.#send('GET', where);
	}

	/** Gets a step-up for one act. Development mode needs no passkey. */
	async stepUp() {
		await this.get('/console/step-up');
		assert.equal((await this.post('/console/step-up')).http, 303);
	}

	/** Sends a form. `headers` replaces those that a browser would send; `csrf: undefined` in the fields leaves the token out. */
	post(where, fields = {}, { headers } = {}) {
		const all = Object.entries({ csrf: this.csrf, ...fields }).filter(([, value]) => value !== undefined);
		return this.#send('POST', where, { body: new URLSearchParams(all).toString(), headers: { origin: this.server.site, 'content-type': 'application/x-www-form-urlencoded', ...headers } });
	}
}

/** Adds a virtual authenticator to a page. Returns an object that sends its DevTools commands: `send('setUserVerified', {…})`. */
export async function addAuthenticator(page) {
	const session = await page.context().newCDPSession(page);
	await session.send('WebAuthn.enable');
	const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
		options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
	});
	return { send: (command, fields = {}) => session.send(`WebAuthn.${command}`, { authenticatorId, ...fields }) };
}

/** Opens a page with an authenticator and registers a passkey at the path of a one-time link. */
export async function registerInBrowser(browser, server, link) {
	const page = await browser.page({ allow: [server.site] });
	page.authenticator = await addAuthenticator(page);
	await page.goto(server.site + link);
	await page.getByRole('button', { name: 'Register a passkey' }).click();
	await page.waitForURL(/\/console(\?|$)/);
	return page;
}
