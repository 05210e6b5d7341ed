// An SMTP server on a plain socket whose replies the test can replace, also with invalid ones. By default it accepts every message.
import net from 'node:net';
import { freePort } from './http.mjs';
import { until } from './wait.mjs';

const DEFAULT_REPLIES = {
	greeting: '220 relay.example ESMTP\r\n',
	EHLO: '250-relay.example\r\n250 SIZE 1000000\r\n',
	MAIL: '250 ok\r\n',
	RCPT: '250 ok\r\n',
	DATA: '354 continue\r\n',
	message: '250 accepted\r\n',
	RSET: '250 ok\r\n',
	QUIT: '221 bye\r\n',
};

export class RawSmtpServer {
	/** `answers`: by command (or `greeting`, `message`), the reply as text, or a function that receives the socket and the line. */
	constructor(answers = {}) {
		this.answers = answers; // a test may change them at any time
		this.commands = []; // the command lines that were received
		this.messages = []; // complete messages: {id, bytes, at}
		this.connections = []; // {opened, closed}, values of performance.now()
		this.sockets = new Set();
	}

	async open() {
		this.port ??= await freePort();
		this.server = net.createServer((socket) => this.#serve(socket));
		await new Promise((resolve, reject) => this.server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
		return this;
	}

	#reply(socket, command, line) {
		const answer = this.answers[command] ?? DEFAULT_REPLIES[command] ?? '500 unknown command\r\n';
		if (typeof answer === 'function') answer(socket, line);
		else socket.write(answer);
		if (command === 'QUIT') socket.end();
	}

	#serve(socket) {
		const connection = { opened: performance.now() };
		let received = '';
		let inMessage = false;
		this.connections.push(connection);
		this.sockets.add(socket);
		socket.on('error', () => {});
		socket.on('close', () => {
			connection.closed = performance.now();
			this.sockets.delete(socket);
		});
		socket.on('data', (chunk) => {
			received += chunk.toString('latin1');
			for (let end; (end = received.indexOf(inMessage ? '\r\n.\r\n' : '\r\n')) >= 0; ) {
				const line = received.slice(0, end);
				received = received.slice(end + (inMessage ? 5 : 2));
				inMessage = inMessage ? this.#receiveMessage(socket, line) : this.#receiveCommand(socket, line);
			}
		});
		this.#reply(socket, 'greeting');
	}

	/** Replies to a command line. Returns whether the content of a message follows. */
	#receiveCommand(socket, line) {
		const command = line.split(' ')[0].toUpperCase();
		this.commands.push(line);
		this.#reply(socket, command === 'HELO' ? 'EHLO' : command, line);
		return command === 'DATA' && (this.answers.DATA ?? DEFAULT_REPLIES.DATA)[0] === '3';
	}

	#receiveMessage(socket, bytes) {
		this.messages.push({ id: /^message-id: (.*)$/im.exec(bytes)?.[1], bytes, at: performance.now() });
		this.#reply(socket, 'message');
		return false;
	}

	/** Sends the default replies from now on, and closes the open connections. */
	recover() {
		this.answers = {};
		for (const socket of this.sockets) socket.destroy();
	}

	/** Waits for the n-th message, counted from 1. */
	async message(n = 1, limit = 10_000) {
		return until(`message ${n}`, () => this.messages[n - 1], limit);
	}

	async close() {
		for (const socket of this.sockets) socket.destroy();
		if (this.server) await new Promise((resolve) => this.server.close(resolve));
	}
}
