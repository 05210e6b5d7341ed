// The fixture of most tests: a running kycd with one tenant and an API key, a mail server and a fake Didit. All are stopped, and
// their files removed, when the test ends.
import { randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Didit } from './fake_didit.mjs';
import { MailServer } from './mail_server.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { limitConcurrency } from './wait.mjs';

/** Rate limits that no test reaches. Tests of rate limits set their own. */
export const UNLIMITED_RATES = {
	KYCD_RATE_PER_SECOND: 1_000_000,
	KYCD_RATE_PER_MINUTE: 1_000_000,
};

/** Starting many servers at once, each of which creates its tables, would exceed their start time-outs. */
const limitStarts = limitConcurrency(4);

let emailCount = 0;

/** Returns an e-mail address that no other call in this process returns. */
export function newEmail(name = 'person') {
	emailCount += 1;
	return `${name}.${emailCount}@example.com`;
}

export function masterKey() {
	return randomBytes(32).toString('base64');
}

export class App {
	/**
	 * `t`: the running test; the app is closed when it ends. `settings`: environment variables of the server. `mailServer`, `didit`:
	 * options of the class MailServer and of the class Didit. `under`: command line that runs the server. `conf`:
	 * the text of kycd.conf. `files`: other files of the server's folder, by name. `args`: arguments of `kycd serve`.
	 */
	static async open(t, { settings = {}, mailServer = {}, didit = {}, tenant = 'shop', under = [], files = {}, conf, args = [] } = {}) {
		const app = new App();
		t.after(() => app.close());
		app.folder = await makeFolder();
		if (conf !== undefined) files = { ...files, 'kycd.conf': conf };
		for (const [name, text] of Object.entries(files)) await writeFile(path.join(app.folder, name), text);
		app.mailServer = new MailServer(mailServer);
		if (!mailServer.closed) await app.mailServer.open();
		app.didit = await new Didit(didit).open();
		app.server = new Server({
			folder: app.folder,
			under,
			args,
			settings: {
				KYCD_DATABASE: 'sqlite:kycd.db',
				KYCD_SECRET_KEY: masterKey(),
				KYCD_SMTP_URL: `smtp://127.0.0.1:${app.mailServer.port}`,
				KYCD_MAIL_FROM: 'kycd <no-reply@kycd.example>',
				KYCD_MAIL_RETRY: 1,
				...UNLIMITED_RATES,
				...app.didit.settings(),
				...settings,
			},
		});
		await limitStarts(async () => {
			await app.server.start();
			if (tenant) app.key = await app.addTenant(tenant);
		});
		return app;
	}

	/** Adds a tenant with the command line while the server runs. Returns a new API key of the tenant. */
	async addTenant(name, ...options) {
		await this.server.run('tenant', 'add', name, ...options);
		return this.addKey(name);
	}

	async addKey(tenant, ...options) {
		return this.server.run('key', 'create', '--tenant', tenant, ...options);
	}

	async close() {
		try {
			if (this.server) await this.server.stop();
		} finally {
			await this.server?.kill();
			await this.didit?.close();
			await this.mailServer?.close();
			if (this.folder) await removeFolder(this.folder);
		}
	}

	call(method, where, { key = this.key, headers = {}, ...rest } = {}) {
		return this.server.call(method, where, { headers: key ? { 'x-api-key': key, ...headers } : headers, ...rest });
	}

	post(where, body, options = {}) {
		return this.call('POST', where, { body, ...options });
	}

	prepare(email, options) {
		return this.post('/kyc/prepare', { email }, options);
	}

	send(email, options) {
		return this.post('/security/email/send-otp', { email }, options);
	}

	verify(email, code, options) {
		return this.post('/security/email/verify-otp', { email, code }, options);
	}

	create(email, options) {
		return this.post('/kyc/create/verify_public_kyc', { email }, options);
	}

	status(email, options) {
		return this.post('/kyc/status', { email }, options);
	}

	/** Prepares the person and requests a code by e-mail. Returns the code. */
	async requestCode(email, options) {
		const before = this.mailServer.messagesTo(email).length;
		expect(await this.prepare(email, options), [200, 201]);
		expect(await this.send(email, options), 201, 'otp_sent');
		return (await this.mailServer.messageTo(email, before + 1)).code;
	}

	/** Prepares the person and verifies the e-mail address. Returns the address. */
	async verifyPerson(email, options) {
		expect(await this.verify(email, await this.requestCode(email, options), options), 200, 'email_verified');
		return email;
	}

	/** Verifies the e-mail address and creates a session. Returns {session_id, session_url}. */
	async startSession(email, options) {
		await this.verifyPerson(email, options);
		return expect(await this.create(email, options), 201, 'kyc_session_created').data.session;
	}

	/** Creates a session and sends the webhook that approves it. Returns the session. */
	async approvePerson(email, options) {
		const session = await this.startSession(email, options);
		expect(await this.didit.sendStatusEvent(this.server.base, session.session_id, 'Approved'), 200);
		return session;
	}
}

/**
 * Returns the answer if its HTTP status is `http` (a number or a list) and its JSON member `status` is `word`, if given. Otherwise
 * fails with the answer's text.
 */
export function expect(answer, http, word) {
	const matches = [].concat(http).includes(answer.http) && (word === undefined || answer.word === word);
	assert.ok(matches, `expected ${http} ${word ?? ''}, got ${answer.http} ${answer.text?.slice(0, 600) ?? ''}`);
	return answer;
}

/** Returns a code that differs from `code`; each `n` from 1 gives another one. */
export function wrongCode(code, n = 1) {
	return String((Number(code) + n) % 10 ** code.length).padStart(code.length, '0');
}
