// A whole app for a story: a mail server, a Didit, a kycd with a tenant and its key; all gone at the end.
import { randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Didit } from './fake_didit.mjs';
import { MailServer } from './mail_server.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { door } from './wait.mjs';

/** Limits far away: stories about limits set their own. */
export const WIDE = {
	KYCD_RATE_PER_SECOND: 1_000_000,
	KYCD_RATE_PER_MINUTE: 1_000_000,
};

/** Thirty programs that start at once, each with tables to make, would wait for each other past their limits. */
const opening = door(4);

let people = 0;

/** An address that nobody else uses. */
export function newEmail(name = 'person') {
	people += 1;
	return `${name}.${people}@example.com`;
}

export function masterKey() {
	return randomBytes(32).toString('base64');
}

export class App {
	/** `t`: the running test, which takes it down at its end. `conf`: what stands in kycd.conf; `files`: others beside it. */
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
				...WIDE,
				...app.didit.settings(),
				...settings,
			},
		});
		await opening(async () => {
			await app.server.start();
			if (tenant) app.key = await app.addTenant(tenant);
		});
		return app;
	}

	/** A tenant and a key of it, by the command line beside the running server. */
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

	/** Prepared and sent a code; gives the code. */
	async coded(email, options) {
		const n = this.mailServer.messagesTo(email).length;
		expect(await this.prepare(email, options), [200, 201]);
		expect(await this.send(email, options), 201, 'otp_sent');
		return (await this.mailServer.messageTo(email, n + 1)).code;
	}

	/** Prepared and proven. */
	async proven(email, options) {
		expect(await this.verify(email, await this.coded(email, options), options), 200, 'email_verified');
		return email;
	}

	/** Proven, with a session; gives {session_id, session_url}. */
	async started(email, options) {
		await this.proven(email, options);
		return expect(await this.create(email, options), 201, 'kyc_session_created').data.session;
	}

	async approved(email, options) {
		const session = await this.started(email, options);
		expect(await this.didit.tell(this.server.base, session.session_id, 'Approved'), 200);
		return session;
	}
}

/** The answer, if it is the expected one; else all of it in the failure. */
export function expect(answer, http, word) {
	const right = [].concat(http).includes(answer.http) && (word === undefined || answer.word === word);
	assert.ok(right, `expected ${http} ${word ?? ''}, got ${answer.http} ${answer.text?.slice(0, 600) ?? ''}`);
	return answer;
}

/** A code that is not this one. */
export function wrong(code, n = 1) {
	return String((Number(code) + n) % 10 ** code.length).padStart(code.length, '0');
}
