// An SMTP server on loopback that records the messages it accepts, and rejects what the test configures.
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';
import { freePort } from './http.mjs';
import { until } from './wait.mjs';

function smtpError(code) {
	return Object.assign(new Error('rejected by the test'), { responseCode: code });
}

export class MailServer {
	/**
	 * `login`: {user, pass, methods, refused} if clients must log in; the mechanisms that are offered, and those of them that are
	 * refused even with the right password. smtp-server answers mechanisms that it does not know with 504. `tls`: 'start' (TLS from the start, smtps) or 'offered' (STARTTLS), with a
	 * certificate that no client trusts.
	 */
	constructor({ port, login, tls } = {}) {
		this.port = port;
		this.login = login;
		this.tls = tls;
		this.messages = []; // accepted messages
		this.attempts = []; // messages whose content was received, accepted or not
		this.refusals = []; // the step of each rejection
		this.refuse = {}; // by step (login, sender, recipient, content): the reply code, or a function (address) => reply code
		this.stalled = new Set(); // recipients for which the server sends no reply to RCPT
		this.stalls = 0; // number of RCPT commands without a reply
		this.logins = 0;
		this.loginMethods = []; // the mechanism of each complete login
		this.ignoresContent = false; // whether the content is received and no reply sent
	}

	async open() {
		this.port ??= await freePort();
		this.server = new SMTPServer({
			authOptional: !this.login,
			...(this.login?.methods && { authMethods: this.login.methods }),
			allowInsecureAuth: true,
			secure: this.tls === 'start',
			disabledCommands: [...(this.tls === 'offered' ? [] : ['STARTTLS']), ...(this.login ? [] : ['AUTH'])],
			disableReverseLookup: true,
			logger: false,
			closeTimeout: 100,
			onAuth: (auth, session, done) => this.#decide('login', done, () => this.#checkLogin(auth)),
			onMailFrom: (address, session, done) => this.#decide('sender', done),
			onRcptTo: (to, session, done) => this.#stalls(to.address) || this.#decide('recipient', done, () => true, to.address),
			onData: (stream, session, done) => this.#receive(stream, session, done),
		});
		// Ignores errors of clients, such as one that was killed.
		this.server.on('error', () => {});
		await new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(this.port, '127.0.0.1', resolve);
		});
		return this;
	}

	#checkLogin(auth) {
		this.logins += 1;
		this.loginMethods.push(auth.method);
		const right = auth.method === 'CRAM-MD5' ? auth.validatePassword(this.login.pass) : (auth.password ?? auth.accessToken) === this.login.pass;
		return right && auth.username === this.login.user && !this.login.refused?.includes(auth.method) ? { user: auth.username } : undefined;
	}

	#stalls(address) {
		const stalls = this.stalled.has(address);
		if (stalls) this.stalls += 1;
		return stalls;
	}

	#rejectionCode(step, address) {
		const code = this.refuse[step];
		return typeof code === 'function' ? code(address) : code;
	}

	#decide(step, done, check = () => true, address = undefined) {
		const code = this.#rejectionCode(step, address);
		if (code !== undefined) {
			this.refusals.push(step);
			return done(smtpError(code));
		}
		const result = check();
		return result ? done(null, result) : done(smtpError(535));
	}

	#receive(stream, session, done) {
		const at = performance.now();
		const chunks = [];
		stream.on('data', (chunk) => chunks.push(chunk));
		stream.on('end', async () => {
			const raw = Buffer.concat(chunks);
			const mail = await simpleParser(raw, { skipImageLinks: true });
			const message = {
				at,
				raw: raw.toString('latin1'),
				mail,
				from: session.envelope.mailFrom.address,
				to: session.envelope.rcptTo.map((recipient) => recipient.address),
				id: mail.messageId,
				code: /^\d+/.exec(mail.text)?.[0],
			};
			this.attempts.push(message);
			if (this.ignoresContent) return undefined;
			const code = this.#rejectionCode('content', message.to[0]);
			if (code !== undefined) {
				this.refusals.push('content');
				return done(smtpError(code));
			}
			message.acceptedAt = performance.now();
			this.messages.push(message);
			return done(null, 'accepted');
		});
	}

	messagesTo(address) {
		return this.messages.filter((message) => message.to.includes(address));
	}

	/** Waits for the n-th message to an address, counted from 1. `limit`: time-out in milliseconds. */
	async messageTo(address, n = 1, limit = 10_000) {
		return until(`message ${n} to ${address}`, () => this.messagesTo(address)[n - 1], limit);
	}

	/** Like messageTo, but for messages whose content was received, accepted or not. */
	async attemptTo(address, n = 1, limit = 10_000) {
		return until(`delivery attempt ${n} to ${address}`, () => this.attempts.filter((message) => message.to.includes(address))[n - 1], limit);
	}

	/** Closes all connections and continues to listen on the same port. */
	async closeConnections() {
		await this.close();
		await this.open();
	}

	async close() {
		if (!this.server) return;
		const server = this.server;
		this.server = null;
		await new Promise((resolve) => server.close(resolve));
	}
}
