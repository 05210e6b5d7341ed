// A real SMTP server on loopback that keeps what it is given and refuses what it is told to refuse.
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';
import { freePort } from './http.mjs';
import { until } from './wait.mjs';

function refusal(code) {
	return Object.assign(new Error('not now'), { responseCode: code });
}

export class MailServer {
	/** `login`: {user, pass}, if one must say who one is. `tls`: `start` (smtps) or `offered` (STARTTLS), with a certificate
	 * that nobody trusts. */
	constructor({ port, login, tls } = {}) {
		this.port = port;
		this.login = login;
		this.tls = tls;
		this.messages = []; // taken
		this.attempts = []; // each hand-over of a message's content, taken or not
		this.refusals = []; // each refusal: where
		this.refuse = {}; // login, sender, recipient, content: the number to refuse with, or (address) => number
		this.stalled = new Set(); // recipients that get no answer
		this.stalls = 0;
		this.logins = 0;
		this.silent = false; // the content is heard, and nothing said to it
	}

	async open() {
		this.port ??= await freePort();
		this.server = new SMTPServer({
			authOptional: !this.login,
			allowInsecureAuth: true,
			secure: this.tls === 'start',
			disabledCommands: [...(this.tls === 'offered' ? [] : ['STARTTLS']), ...(this.login ? [] : ['AUTH'])],
			disableReverseLookup: true,
			logger: false,
			closeTimeout: 100,
			onAuth: (auth, session, done) => this.#judge('login', done, () => ++this.logins &&
				auth.username === this.login.user && auth.password === this.login.pass ? { user: auth.username } : undefined),
			onMailFrom: (address, session, done) => this.#judge('sender', done),
			onRcptTo: (to, session, done) => this.#stalls(to.address) || this.#judge('recipient', done, () => true, to.address),
			onData: (stream, session, done) => this.#take(stream, session, done),
		});
		this.server.on('error', () => {}); // a client that was killed
		await new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(this.port, '127.0.0.1', resolve);
		});
		return this;
	}

	#stalls(address) {
		const stalls = this.stalled.has(address);
		if (stalls) this.stalls += 1;
		return stalls;
	}

	#refusal(where, address) {
		const code = this.refuse[where];
		return typeof code === 'function' ? code(address) : code;
	}

	#judge(where, done, judge = () => true, address = undefined) {
		const code = this.#refusal(where, address);
		if (code !== undefined) {
			this.refusals.push(where);
			return done(refusal(code));
		}
		const verdict = judge();
		return verdict ? done(null, verdict) : done(refusal(535));
	}

	#take(stream, session, done) {
		const at = performance.now();
		const pieces = [];
		stream.on('data', (piece) => pieces.push(piece));
		stream.on('end', async () => {
			const raw = Buffer.concat(pieces);
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
			if (this.silent) return undefined;
			const code = this.#refusal('content', message.to[0]);
			if (code !== undefined) {
				this.refusals.push('content');
				return done(refusal(code));
			}
			message.taken = performance.now();
			this.messages.push(message);
			return done(null, 'taken');
		});
	}

	messagesTo(address) {
		return this.messages.filter((message) => message.to.includes(address));
	}

	/** The n-th message to an address (1: the first). */
	async messageTo(address, n = 1, limit = 10_000) {
		return until(`message ${n} to ${address}`, () => this.messagesTo(address)[n - 1], limit);
	}

	async attemptTo(address, n = 1, limit = 10_000) {
		return until(`attempt ${n} at ${address}`, () => this.attempts.filter((message) => message.to.includes(address))[n - 1], limit);
	}

	/** Ends all conversations, and goes on listening. */
	async hangUp() {
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
