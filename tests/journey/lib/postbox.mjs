// A real SMTP server on loopback that keeps what it is given and refuses what it is told to refuse.
import { SMTPServer } from 'smtp-server';
import { simpleParser } from 'mailparser';
import { freePort } from './http.mjs';
import { until } from './wait.mjs';

function refusal(code) {
	return Object.assign(new Error('not now'), { responseCode: code });
}

export class Postbox {
	/** `login`: {user, pass}, if one must say who one is. */
	constructor({ port, login } = {}) {
		this.port = port;
		this.login = login;
		this.letters = []; // taken
		this.attempts = []; // each hand-over of a letter's content, taken or not
		this.refusals = []; // each refusal: where
		this.refuse = {}; // login, sender, recipient, content: the number to refuse with
		this.silent = false; // the content is heard, and nothing said to it
	}

	async open() {
		this.port ??= await freePort();
		this.server = new SMTPServer({
			authOptional: !this.login,
			allowInsecureAuth: true,
			disabledCommands: ['STARTTLS', ...(this.login ? [] : ['AUTH'])],
			disableReverseLookup: true,
			logger: false,
			closeTimeout: 100,
			onAuth: (auth, session, done) => this.#judge('login', done, () =>
				auth.username === this.login.user && auth.password === this.login.pass ? { user: auth.username } : undefined),
			onMailFrom: (address, session, done) => this.#judge('sender', done),
			onRcptTo: (address, session, done) => this.#judge('recipient', done),
			onData: (stream, session, done) => this.#take(stream, session, done),
		});
		this.server.on('error', () => {}); // a client that was killed
		await new Promise((resolve, reject) => {
			this.server.once('error', reject);
			this.server.listen(this.port, '127.0.0.1', resolve);
		});
		return this;
	}

	#judge(where, done, judge = () => true) {
		const code = this.refuse[where];
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
			const letter = {
				at,
				raw: raw.toString('latin1'),
				mail,
				from: session.envelope.mailFrom.address,
				to: session.envelope.rcptTo.map((recipient) => recipient.address),
				id: mail.messageId,
				code: /^\d+/.exec(mail.text)?.[0],
			};
			this.attempts.push(letter);
			if (this.silent) return undefined;
			const code = this.refuse.content;
			if (code !== undefined) {
				this.refusals.push('content');
				return done(refusal(code));
			}
			this.letters.push(letter);
			return done(null, 'taken');
		});
	}

	lettersTo(address) {
		return this.letters.filter((letter) => letter.to.includes(address));
	}

	/** The n-th letter to an address (1: the first). */
	async letterTo(address, n = 1, limit = 10_000) {
		return until(`letter ${n} to ${address}`, () => this.lettersTo(address)[n - 1], limit);
	}

	async attemptTo(address, n = 1, limit = 10_000) {
		return until(`attempt ${n} at ${address}`, () => this.attempts.filter((letter) => letter.to.includes(address))[n - 1], limit);
	}

	async close() {
		if (!this.server) return;
		const server = this.server;
		this.server = null;
		await new Promise((resolve) => server.close(resolve));
	}
}
