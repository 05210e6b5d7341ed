// Raw HTTP connections in large numbers: connections that send requests and wait for the responses, and hostile connections of
// several kinds. Uses only Node.js, because benchmarks import it too.
import { readlinkSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** One connection on which requests are sent one after the other. */
export class RawConnection {
	/** `from`: the client's address, any of 127.0.0.0/8. `limit`: milliseconds without data after which the connection fails. */
	static open(port, { from = '127.0.0.1', limit = 10_000 } = {}) {
		return new Promise((resolve, reject) => {
			const connection = new RawConnection();
			connection.socket = net.connect({ host: '127.0.0.1', port, localAddress: from, noDelay: true });
			connection.socket.setTimeout(limit, () => connection.socket.destroy(new Error(`no data for ${limit} ms`)));
			connection.socket.once('connect', () => resolve(connection));
			connection.socket.on('error', (error) => {
				connection.error = error;
				reject(error);
			});
			connection.socket.on('data', (chunk) => connection.#receive(chunk));
			connection.socket.on('close', () => connection.#handleClose());
		});
	}

	#received = '';

	#receive(chunk) {
		this.#received += chunk.toString('latin1');
		const end = this.#received.indexOf('\r\n\r\n');
		if (end < 0) return;
		const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, end + 2))?.[1] ?? 0);
		if (this.#received.length < end + 4 + length) return;
		const text = this.#received.slice(0, end + 4 + length);
		this.#received = this.#received.slice(end + 4 + length);
		this.pendingRequest?.resolve({ http: Number(text.slice(9, 12)), text, body: text.slice(end + 4) });
		this.pendingRequest = undefined;
	}

	#handleClose() {
		this.closed = true;
		this.pendingRequest?.reject(this.error ?? new Error(`closed after: ${this.#received.slice(0, 200)}`));
		this.onClose?.();
	}

	/** Writes the bytes of a request, if any are given, and resolves to the next complete response. */
	request(bytes) {
		return new Promise((resolve, reject) => {
			if (this.closed) return reject(this.error ?? new Error('closed'));
			this.pendingRequest = { resolve, reject };
			if (bytes) this.socket.write(bytes);
		});
	}

	/** Resolves when the server has closed the connection. */
	waitForClose() {
		return this.closed ? Promise.resolve() : new Promise((resolve) => (this.onClose = resolve));
	}

	/** Closes with a TCP reset, which leaves no socket in TIME_WAIT. */
	reset() {
		this.socket.resetAndDestroy();
	}
}

/** Returns the bytes of a request as a string. */
export function requestBytes(method, path, { key, headers = {}, body } = {}) {
	const text = body === undefined ? '' : JSON.stringify(body);
	const allHeaders = { host: 'kycd', ...(key ? { 'x-api-key': key } : {}), ...(text ? { 'content-type': 'application/json', 'content-length': text.length } : {}), ...headers };
	return `${method} ${path} HTTP/1.1\r\n${Object.entries(allHeaders).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`;
}

/** Opens `n` connections, 64 at a time so that the listen queue does not overflow. */
export async function openConnections(port, n, options) {
	const connections = [];
	while (connections.length < n) connections.push(...(await Promise.all(Array.from({ length: Math.min(64, n - connections.length) }, () => RawConnection.open(port, options)))));
	return connections;
}

/**
 * Returns the responses per second when each connection sends its next request as soon as it receives a response. All responses must
 * have the HTTP status `http`. `bytes`: the request, or a function that returns one. `ms`: the length of the measurement.
 */
export async function measureRate(connections, bytes, { ms, http = 200 }) {
	const end = performance.now() + ms;
	const started = performance.now();
	let responses = 0;
	await Promise.all(connections.map(async (connection) => {
		while (performance.now() < end) {
			const answer = await connection.request(typeof bytes === 'function' ? bytes() : bytes);
			if (answer.http !== http) throw new Error(`expected ${http}, got ${answer.text.slice(0, 300)}`);
			responses += 1;
		}
	}));
	return (responses * 1000) / (performance.now() - started);
}

const LARGE_HEADER_REQUEST = Buffer.from(`GET / HTTP/1.1\r\nx-long: ${'a'.repeat(64 * 1024)}\r\n\r\n`);

/**
 * Attacks that are cheap for a client and must be cheap for the server: idle connections, requests sent one byte at a time, clients
 * that do not read their responses, headers of 64 KiB, and more connections than the limit. `path`: a route with a response of some
 * kilobytes, requested by the clients that do not read.
 */
class Attack {
	static async start(port, { idle = 600, trickling = 200, slow = 8, path = '/health/live' } = {}) {
		const attack = new Attack();
		Object.assign(attack, { port, connections: [], sockets: [], running: true, refused: 0, tooLarge: 0 });
		await attack.#openFrom(idle, '127.0.0.2');
		const slowSenders = await attack.#openFrom(trickling, '127.0.0.3');
		for (const connection of slowSenders) connection.socket.write('POST /kyc/status HTTP/1.1\r\n');
		attack.loops = [
			attack.#repeat(1000, () => slowSenders.forEach((connection) => connection.socket.writable && connection.socket.write('a'))),
			attack.#repeat(100, () => attack.#connectOverLimit()),
			attack.#repeat(100, () => attack.#sendLargeHeader()),
		];
		for (let i = 0; i < slow; i++) await attack.#requestWithoutReading(path);
		return attack;
	}

	/** Opens `n` connections from addresses counted up from `first`, with at most 200 connections from each address. */
	async #openFrom(n, first) {
		const [a, b, c, d] = first.split('.').map(Number);
		const connections = [];
		for (let i = 0; connections.length < n; i++)
			connections.push(...(await openConnections(this.port, Math.min(200, n - connections.length), { from: `${a}.${b}.${c + 1 + i}.${d}`, limit: 120_000 })));
		this.connections.push(...connections);
		return connections;
	}

	async #repeat(ms, act) {
		while (this.running) {
			act();
			await pause(ms);
		}
	}

	/** Opens a connection, and counts it if the server rejects it because of the connection limit. */
	#connectOverLimit() {
		this.#connectBriefly('127.0.0.4', '', () => (this.refused += 1));
	}

	#sendLargeHeader() {
		this.#connectBriefly('127.0.0.5', LARGE_HEADER_REQUEST, () => (this.tooLarge += 1));
	}

	#connectBriefly(from, bytes, onData) {
		const socket = net.connect({ host: '127.0.0.1', port: this.port, localAddress: from });
		socket.on('error', () => {});
		socket.on('data', onData);
		socket.setTimeout(500, () => socket.resetAndDestroy());
		socket.on('connect', () => bytes && socket.write(bytes));
		socket.on('end', () => socket.resetAndDestroy());
	}

	/** Sends requests until the server accepts no more data, and never reads a response. */
	async #requestWithoutReading(path) {
		const socket = net.connect({ host: '127.0.0.1', port: this.port, localAddress: '127.0.0.6' });
		socket.on('error', () => {});
		socket.pause();
		this.sockets.push(socket);
		await new Promise((resolve) => socket.once('connect', resolve));
		const requests = requestBytes('GET', path).repeat(200);
		for (let i = 0; i < 50; i++) if (!socket.write(requests) && !(await drained(socket, 200))) return;
	}

	async stop() {
		this.running = false;
		await Promise.all(this.loops);
		for (const connection of this.connections) connection.reset();
		for (const socket of this.sockets) socket.resetAndDestroy();
	}
}

/** Runs an Attack on a worker thread, so that its CPU time is not taken from the clients that are measured. */
export class HostileClients {
	/**
	 * Resolves when the clients that do not read have filled their buffers, that is, when the number of requests served to them does not
	 * grow any more. `admin`: the base URL of the metrics.
	 */
	static async start(port, admin, options) {
		const hostile = new HostileClients();
		hostile.admin = admin;
		hostile.connectionsBefore = await metric(admin, 'kycd_connections');
		hostile.worker = new Worker(new URL(import.meta.url), { workerData: { port, options } });
		hostile.failed = once(hostile.worker, 'error').then(([error]) => Promise.reject(error));
		hostile.failed.catch(() => {});
		await Promise.race([once(hostile.worker, 'message'), hostile.failed]);
		let previous;
		await poll('the clients that do not read to be served as far as they can be', async () => {
			const served = await metric(admin, 'kycd_requests_total', `route="${options.path}"`);
			const unchanged = served === previous;
			previous = served;
			return unchanged;
		});
		return hostile;
	}

	/**
	 * Closes all hostile connections and waits until the server has closed them. Resolves to three numbers of connections:
	 * `refused` because of the connection limit, rejected with a header that is `tooLarge`, and `cut` by the server.
	 */
	async stop() {
		this.worker.postMessage('stop');
		const [counts] = await Promise.race([once(this.worker, 'message'), this.failed]);
		await this.worker.terminate();
		await poll('the hostile connections to be closed', async () => (await metric(this.admin, 'kycd_connections')) <= this.connectionsBefore + 1);
		return counts;
	}
}

async function metric(admin, name, label = '') {
	const lines = (await (await fetch(`${admin}/metrics`)).text()).split('\n');
	return lines.filter((line) => line.split(/[{ ]/)[0] === name && line.includes(label)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function poll(what, condition) {
	for (let i = 0; i < 50; i++) {
		if (await condition()) return;
		await pause(200);
	}
	throw new Error(`waited for ${what}`);
}

if (!isMainThread && workerData?.port) {
	// Real attackers use their own machines. In this test their thread has the lowest priority, so that it uses only CPU time
	// that is left over.
	os.setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), os.constants.priority.PRIORITY_LOW);
	const attack = await Attack.start(workerData.port, workerData.options);
	parentPort.postMessage('started');
	await once(parentPort, 'message');
	await attack.stop();
	parentPort.postMessage({ refused: attack.refused, tooLarge: attack.tooLarge, cut: attack.connections.filter((connection) => connection.closed).length });
}

/** Resolves to whether the socket drained within `limit` milliseconds. */
async function drained(socket, limit) {
	return Promise.race([new Promise((resolve) => socket.once('drain', () => resolve(true))), pause(limit, false)]);
}
