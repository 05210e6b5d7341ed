// A small HTTP client: one call, one answer, nothing followed, retried or guessed.
import http from 'node:http';
import net from 'node:net';
import { UNKNOWN, hear } from './description.mjs';

// Ports below the range that the system hands out by itself, so that nobody's outgoing connection is in the way.
const FIRST = 12_000;
const LAST = 31_000;
let next = FIRST + (process.pid * 101) % (LAST - FIRST);

function isFree(port) {
	return new Promise((resolve) => {
		const probe = net.createServer();
		probe.once('error', () => resolve(false));
		probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
	});
}

export async function freePort() {
	for (let i = 0; i < 200; i++) {
		const port = next;
		next = next + 1 > LAST ? FIRST : next + 1;
		if (await isFree(port)) return port;
	}
	throw new Error('no free port');
}

/**
 * One call. `body`: an object goes as JSON, a string or Buffer goes as it is. Without `agent` every call has a
 * connection of its own.
 */
export function call(url, { method = 'GET', headers = {}, body, agent = false, limit = 30_000 } = {}) {
	const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
	const all = { ...headers };
	if (sent !== undefined && all['content-type'] === undefined) all['content-type'] = 'application/json';
	if (all['content-type'] === null) delete all['content-type'];
	if (sent !== undefined) all['content-length'] = Buffer.byteLength(sent);
	return new Promise((resolve, reject) => {
		const started = performance.now();
		// The path goes as it is written: a URL object would tidy it up.
		const [, host, port, path] = /^http:\/\/([^/:]+):(\d+)(.*)$/s.exec(url);
		const request = http.request({ host, port, path: path || '/', method, headers: all, agent, timeout: limit }, (response) => {
			const pieces = [];
			response.on('data', (piece) => pieces.push(piece));
			response.on('error', reject);
			response.on('end', () => {
				const answer = read(response, Buffer.concat(pieces), performance.now() - started);
				try {
					hear(port, { method, path: path || '/', http: answer.http, type: answer.headers['content-type'], text: answer.text });
					resolve(answer);
				} catch (trouble) {
					reject(trouble);
				}
			});
		});
		request.on('timeout', () => request.destroy(new Error(`no answer within ${limit} ms: ${method} ${url}`)));
		request.on('error', reject);
		request.end(sent);
	});
}

function read(response, bytes, ms) {
	const text = bytes.toString('utf8');
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		json = undefined;
	}
	return { http: response.statusCode, headers: response.headers, text, json, ms, word: json?.status, data: json?.data };
}

/**
 * Raw answers, each held for what its request line asks. The lines are told from anything else by their look; where they are
 * not as many as the answers, nobody can tell which is whose, and what was refused is held as said of no route.
 */
function hearAll(port, pieces, answers) {
	const sent = Buffer.concat(pieces.map((piece) => Buffer.from(piece, typeof piece === 'string' ? 'latin1' : undefined))).toString('latin1');
	const asked = [...sent.matchAll(/(?:^|\n|\})([A-Z]+) (\/\S*) HTTP\/\d\.\d\r\n/g)].map(([, method, path]) => ({ method, path }));
	const final = answers.filter(({ http }) => http !== 100);
	for (const [i, { http, headers, body }] of final.entries()) {
		const known = asked.length >= final.length ? asked[i] : undefined;
		if (!known && http < 400) continue;
		const text = Buffer.from(body, 'latin1').toString('utf8');
		hear(port, { ...(known ?? { method: 'GET', path: UNKNOWN }), http, type: headers['content-type'], text });
	}
}

/** Sends bytes over one raw connection and gives all that comes until the server closes, or `n` whole answers came. */
export function wire(port, pieces, { answers = Infinity, limit = 10_000 } = {}) {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ host: '127.0.0.1', port });
		let got = '';
		const done = (why) => {
			socket.destroy();
			const all = split(got);
			try {
				hearAll(port, [].concat(pieces), all);
				resolve({ text: got, answers: all, closed: why === 'closed' });
			} catch (trouble) {
				reject(trouble);
			}
		};
		socket.setTimeout(limit, () => socket.destroy(new Error(`silent for ${limit} ms after: ${got.slice(0, 200)}`)));
		socket.on('error', (trouble) => (trouble.code === 'ECONNRESET' || trouble.code === 'EPIPE' ? done('closed') : reject(trouble)));
		socket.on('close', () => done('closed'));
		socket.on('data', (piece) => {
			got += piece.toString('latin1');
			if (split(got).length >= answers) done('answered');
		});
		socket.on('connect', () => {
			for (const piece of [].concat(pieces)) socket.write(piece);
		});
	});
}

/** Whole answers in a stream, each with its status, headers and body. Interim 100s are answers too. */
export function split(stream) {
	const found = [];
	let rest = stream;
	for (;;) {
		const end = rest.indexOf('\r\n\r\n');
		if (end < 0) return found;
		const [first, ...lines] = rest.slice(0, end).split('\r\n');
		const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
		const http = Number(first.split(' ')[1]);
		const bodyless = http === 100 || http === 204 || headers['x-test-head'] !== undefined;
		const length = bodyless ? 0 : Number(headers['content-length'] ?? 0);
		if (rest.length < end + 4 + length) return found;
		const body = rest.slice(end + 4, end + 4 + length);
		let json;
		try {
			json = JSON.parse(Buffer.from(body, 'latin1').toString('utf8'));
		} catch {
			json = undefined;
		}
		found.push({ http, headers, body, json, word: json?.status });
		rest = rest.slice(end + 4 + length);
	}
}
