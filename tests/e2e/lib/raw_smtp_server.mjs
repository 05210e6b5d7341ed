// A mail server that behaves as badly as it is told to, on a bare socket; else it takes every message.
import net from 'node:net';
import { freePort } from './http.mjs';
import { until } from './wait.mjs';

const FRIENDLY = {
	greeting: '220 relay.example ESMTP\r\n',
	EHLO: '250-relay.example\r\n250 SIZE 1000000\r\n',
	MAIL: '250 ok\r\n',
	RCPT: '250 ok\r\n',
	DATA: '354 go on\r\n',
	message: '250 taken\r\n',
	RSET: '250 ok\r\n',
	QUIT: '221 bye\r\n',
};

export class RawSmtpServer {
	/** `answers`: per command (and `greeting`, `message`) a text, or a function that does with the socket what it likes. */
	constructor(answers = {}) {
		this.answers = answers; // may be changed at any time
		this.said = []; // each command
		this.messages = []; // {id, bytes, at}: the final dot was seen
		this.connections = []; // {opened, closed}: performance.now()
		this.sockets = new Set();
	}

	async open() {
		this.port ??= await freePort();
		this.server = net.createServer((socket) => this.#serve(socket));
		await new Promise((resolve, reject) => this.server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
		return this;
	}

	#say(socket, what) {
		const answer = this.answers[what] ?? FRIENDLY[what] ?? '500 what\r\n';
		if (typeof answer === 'function') answer(socket);
		else socket.write(answer);
		if (what === 'QUIT') socket.end();
	}

	#serve(socket) {
		const connection = { opened: performance.now() };
		let heard = '';
		let inLetter = false;
		this.connections.push(connection);
		this.sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => {
			connection.closed = performance.now();
			this.sockets.delete(socket);
		});
		socket.on('data', (piece) => {
			heard += piece.toString('latin1');
			for (let end; (end = heard.indexOf(inLetter ? '\r\n.\r\n' : '\r\n')) >= 0; ) {
				const line = heard.slice(0, end);
				heard = heard.slice(end + (inLetter ? 5 : 2));
				inLetter = inLetter ? this.#took(socket, line) : this.#hear(socket, line);
			}
		});
		this.#say(socket, 'greeting');
	}

	#hear(socket, line) {
		const command = line.split(' ')[0].toUpperCase();
		this.said.push(line);
		this.#say(socket, command === 'HELO' ? 'EHLO' : command);
		return command === 'DATA' && (this.answers.DATA ?? FRIENDLY.DATA)[0] === '3';
	}

	#took(socket, bytes) {
		this.messages.push({ id: /^message-id: (.*)$/im.exec(bytes)?.[1], bytes, at: performance.now() });
		this.#say(socket, 'message');
		return false;
	}

	/** Well behaved from now on; conversations that hang are ended. */
	mend() {
		this.answers = {};
		for (const socket of this.sockets) socket.destroy();
	}

	async message(n = 1, limit = 10_000) {
		return until(`message ${n}`, () => this.messages[n - 1], limit);
	}

	async close() {
		for (const socket of this.sockets) socket.destroy();
		if (this.server) await new Promise((resolve) => this.server.close(resolve));
	}
}
