// Many raw connections: honest ones that ask and wait for their answers, and hostile ones of each kind. Needs nothing but Node.
import { readlinkSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** One connection that asks one thing after the other. */
export class Line {
	/** `from`: the address it comes from; all of 127.0.0.0/8 is ours. */
	static open(port, { from = '127.0.0.1', limit = 10_000 } = {}) {
		return new Promise((resolve, reject) => {
			const line = new Line();
			line.socket = net.connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true });
			line.socket.setTimeout(limit, () => line.socket.destroy(new Error(`silent for ${limit} ms`)));
			line.socket.once('connect', () => resolve(line));
			line.socket.on('error', (trouble) => {
				line.trouble = trouble;
				reject(trouble);
			});
			line.socket.on('data', (piece) => line.#take(piece));
			line.socket.on('close', () => line.#end());
		});
	}

	#got = '';

	#take(piece) {
		this.#got += piece.toString('latin1');
		const end = this.#got.indexOf('\r\n\r\n');
		if (end < 0) return;
		const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#got.slice(0, end + 2))?.[1] ?? 0);
		if (this.#got.length < end + 4 + length) return;
		const text = this.#got.slice(0, end + 4 + length);
		this.#got = this.#got.slice(end + 4 + length);
		this.answered?.resolve({ http: Number(text.slice(9, 12)), text, body: text.slice(end + 4) });
		this.answered = undefined;
	}

	#end() {
		this.closed = true;
		this.answered?.reject(this.trouble ?? new Error(`closed after: ${this.#got.slice(0, 200)}`));
		this.left?.();
	}

	/** The whole answer to these bytes. */
	ask(bytes) {
		return new Promise((resolve, reject) => {
			if (this.closed) return reject(this.trouble ?? new Error('closed'));
			this.answered = { resolve, reject };
			if (bytes) this.socket.write(bytes);
		});
	}

	/** Resolves when the other end has closed it. */
	end() {
		return this.closed ? Promise.resolve() : new Promise((resolve) => (this.left = resolve));
	}

	/** At once, and without a trace in the system's tables. */
	drop() {
		this.socket.resetAndDestroy();
	}
}

/** A request's bytes. */
export function bytesOf(method, path, { key, headers = {}, body } = {}) {
	const text = body === undefined ? '' : JSON.stringify(body);
	const all = { host: 'kycd', ...(key ? { 'x-api-key': key } : {}), ...(text ? { 'content-type': 'application/json', 'content-length': text.length } : {}), ...headers };
	return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

/** So many connections at once; they are let in a few at a time, so that nobody's queue is the bound. */
export async function openConnections(port, n, options) {
	const lines = [];
	while (lines.length < n) lines.push(...(await Promise.all(Array.from({ length: Math.min(64, n - lines.length) }, () => Line.open(port, options)))));
	return lines;
}

/** Answers per second, while each of these lines asks as soon as it has been answered. All must be `http`. `bytes` may be what makes them. */
export async function drive(lines, bytes, { ms, http = 200 }) {
	const end = performance.now() + ms;
	const started = performance.now();
	let n = 0;
	await Promise.all(lines.map(async (line) => {
		while (performance.now() < end) {
			const answer = await line.ask(typeof bytes === 'function' ? bytes() : bytes);
			if (answer.http !== http) throw new Error(`expected ${http}, got ${answer.text.slice(0, 300)}`);
			n += 1;
		}
	}));
	return (n * 1000) / (performance.now() - started);
}

const BOAST = Buffer.from(`GET / HTTP/1.1\r\nx-long: ${'a'.repeat(64 * 1024)}\r\n\r\n`);

/**
 * Everything that costs a client little and shall cost us little: connections that say nothing, requests that trickle, readers
 * that take nothing, headers of 64 KB, and more connections than are let in. `path`: the slow ones', an answer of some kilobytes.
 */
class Crowd {
	static async begin(port, { idle = 600, trickling = 200, slow = 8, path = '/health/live' } = {}) {
		const siege = new Crowd();
		Object.assign(siege, { port, lines: [], sockets: [], going: true, refused: 0, tooLarge: 0 });
		await siege.#settle(idle, '127.0.0.2');
		const trickles = await siege.#settle(trickling, '127.0.0.3');
		for (const line of trickles) line.socket.write('POST /kyc/status HTTP/1.1\r\n');
		siege.work = [
			siege.#each(1000, () => trickles.forEach((line) => line.socket.writable && line.socket.write('a'))),
			siege.#each(100, () => siege.#knock()),
			siege.#each(100, () => siege.#boast()),
		];
		for (let i = 0; i < slow; i++) await siege.#takeNothing(path);
		return siege;
	}

	/** From several addresses: none of them has more than 200. */
	async #settle(n, first) {
		const [a, b, c, d] = first.split('.').map(Number);
		const lines = [];
		for (let at = 0; lines.length < n; at++)
			lines.push(...(await openConnections(this.port, Math.min(200, n - lines.length), { from: `${a}.${b}.${c + 1 + at}.${d}`, limit: 120_000 })));
		this.lines.push(...lines);
		return lines;
	}

	async #each(ms, act) {
		while (this.going) {
			act();
			await pause(ms);
		}
	}

	/** One that is not let in any more hears so; else it leaves again. */
	#knock() {
		this.#brief('127.0.0.4', '', () => (this.refused += 1));
	}

	#boast() {
		this.#brief('127.0.0.5', BOAST, () => (this.tooLarge += 1));
	}

	#brief(from, bytes, heard) {
		const socket = net.connect({ host: '127.0.0.1', port: this.port, localAddress: from });
		socket.on('error', () => {});
		socket.on('data', heard);
		socket.setTimeout(500, () => socket.resetAndDestroy());
		socket.on('connect', () => bytes && socket.write(bytes));
		socket.on('end', () => socket.resetAndDestroy());
	}

	/** Asks until nothing more is taken from it, and never reads. */
	async #takeNothing(path) {
		const socket = net.connect({ host: '127.0.0.1', port: this.port, localAddress: '127.0.0.6' });
		socket.on('error', () => {});
		socket.pause();
		this.sockets.push(socket);
		await new Promise((resolve) => socket.once('connect', resolve));
		const many = bytesOf('GET', path).repeat(200);
		for (let i = 0; i < 50; i++) if (!socket.write(many) && !(await drained(socket, 200))) return;
	}

	async end() {
		this.going = false;
		await Promise.all(this.work);
		for (const line of this.lines) line.drop();
		for (const socket of this.sockets) socket.resetAndDestroy();
	}
}

/** The same on a thread of its own: what it costs the hostile ones shall not be taken from the honest ones' client. */
export class HostileClients {
	/** Resolves when those who take nothing have been served all that they ever will be: `admin` tells how much that is. */
	static async begin(port, admin, options) {
		const siege = new HostileClients();
		siege.admin = admin;
		siege.before = await meter(admin, 'kycd_connections');
		siege.worker = new Worker(new URL(import.meta.url), { workerData: { port, options } });
		siege.failed = once(siege.worker, 'error').then(([trouble]) => Promise.reject(trouble));
		siege.failed.catch(() => {});
		await Promise.race([once(siege.worker, 'message'), siege.failed]);
		let was;
		await settled('those who take nothing to be full', async () => {
			const now = await meter(admin, 'kycd_requests_total', `route="${options.path}"`);
			const full = now === was;
			was = now;
			return full;
		});
		return siege;
	}

	/** How many were told that there is no place, and that their header is too large; when all of them are gone. */
	async end() {
		this.worker.postMessage('end');
		const [told] = await Promise.race([once(this.worker, 'message'), this.failed]);
		await this.worker.terminate();
		await settled('them to be gone', async () => (await meter(this.admin, 'kycd_connections')) <= this.before + 1);
		return told;
	}
}

async function meter(admin, name, label = '') {
	const lines = (await (await fetch(`${admin}/metrics`)).text()).split('\n');
	return lines.filter((line) => line.split(/[{ ]/)[0] === name && line.includes(label)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function settled(what, look) {
	for (let i = 0; i < 50; i++) {
		if (await look()) return;
		await pause(200);
	}
	throw new Error(`waited for ${what}`);
}

if (!isMainThread && workerData?.port) {
	// In life the hostile ones have machines of their own: their thread takes what the honest ones and the server leave.
	os.setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), os.constants.priority.PRIORITY_LOW);
	const crowd = await Crowd.begin(workerData.port, workerData.options);
	parentPort.postMessage('there');
	await once(parentPort, 'message');
	await crowd.end();
	parentPort.postMessage({ refused: crowd.refused, tooLarge: crowd.tooLarge, cut: crowd.lines.filter((line) => line.closed).length });
}

async function drained(socket, limit) {
	return Promise.race([new Promise((resolve) => socket.once('drain', () => resolve(true))), pause(limit, false)]);
}
