// A small HTTP client for tests: one request, one answer; no redirects and no retries. Answers from the
// public port of a server that a test started are checked against the API description (description.mjs).
import http from 'node:http';
import net from 'node:net';
import { UNKNOWN_PATH, checkAnswer } from './description.mjs';

// The tests use ports from here on. They are below the range of ephemeral ports, so that no outgoing connection occupies them.
const FIRST_PORT = 12_000;
const LAST_PORT = 31_000;
let nextPort = FIRST_PORT + (process.pid * 101) % (LAST_PORT - FIRST_PORT);

function isFree(port) {
	return new Promise((resolve) => {
		const probe = net.createServer();
		probe.once('error', () => resolve(false));
		probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
	});
}

/** Returns a port of 127.0.0.1 on which nothing listens. */
export async function freePort() {
	for (let i = 0; i < 200; i++) {
		const port = nextPort;
		nextPort = nextPort + 1 > LAST_PORT ? FIRST_PORT : nextPort + 1;
		if (await isFree(port)) return port;
	}
	throw new Error('no free port');
}

/**
 * Sends a request and resolves to the answer: `http` (status), `headers`, `text`, `json`, `ms` (duration), `word` (the member `status`
 * of the JSON body) and `data` (its member `data`). `body`: an object is sent as JSON, a string or Buffer unchanged. Each request has a
 * connection of its own unless `agent` is given. `limit`: time-out in milliseconds.
 */
export function call(url, { method = 'GET', headers = {}, body, agent = false, limit = 30_000 } = {}) {
	const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
	const allHeaders = { ...headers };
	if (sent !== undefined && allHeaders['content-type'] === undefined) allHeaders['content-type'] = 'application/json';
	if (allHeaders['content-type'] === null) delete allHeaders['content-type'];
	if (sent !== undefined) allHeaders['content-length'] = Buffer.byteLength(sent);
	return new Promise((resolve, reject) => {
		const started = performance.now();
		// The path is sent unchanged. A URL object would normalize it.
		const [, host, port, path] = /^http:\/\/([^/:]+):(\d+)(.*)$/s.exec(url);
		const request = http.request({ host, port, path: path || '/', method, headers: allHeaders, agent, timeout: limit }, (response) => {
			const chunks = [];
			response.on('data', (chunk) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				const answer = parseAnswer(response, Buffer.concat(chunks), performance.now() - started);
				try {
					checkAnswer(port, { method, path: path || '/', http: answer.http, type: answer.headers['content-type'], text: answer.text });
					resolve(answer);
				} catch (error) {
					reject(error);
				}
			});
		});
		request.on('timeout', () => request.destroy(new Error(`no answer within ${limit} ms: ${method} ${url}`)));
		request.on('error', reject);
		request.end(sent);
	});
}

function parseAnswer(response, bytes, ms) {
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
 * Checks raw answers against the description of the routes that were requested. The request lines are found by their form. If there
 * are fewer request lines than answers, answers cannot be assigned to routes: then errors are checked as answers of an unknown
 * route, and other answers are not checked.
 */
function checkAnswers(port, chunks, answers) {
	const sent = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk, typeof chunk === 'string' ? 'latin1' : undefined))).toString('latin1');
	const requests = [...sent.matchAll(/(?:^|\n|\})([A-Z]+) (\/\S*) HTTP\/\d\.\d\r\n/g)].map(([, method, path]) => ({ method, path }));
	const finalAnswers = answers.filter(({ http }) => http !== 100);
	for (const [i, { http, headers, body }] of finalAnswers.entries()) {
		const request = requests.length >= finalAnswers.length ? requests[i] : undefined;
		if (!request && http < 400) continue;
		const text = Buffer.from(body, 'latin1').toString('utf8');
		checkAnswer(port, { ...(request ?? { method: 'GET', path: UNKNOWN_PATH }), http, type: headers['content-type'], text });
	}
}

/**
 * Sends chunks of bytes over one connection and receives until the server closes it or `answers` complete answers arrived. Resolves to
 * {text, answers, closed}.
 */
export function sendRaw(port, chunks, { answers = Infinity, limit = 10_000 } = {}) {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ host: '127.0.0.1', port });
		let received = '';
		const finish = (closed) => {
			socket.destroy();
			const parsed = parseResponses(received);
			try {
				checkAnswers(port, [].concat(chunks), parsed);
				resolve({ text: received, answers: parsed, closed });
			} catch (error) {
				reject(error);
			}
		};
		socket.setTimeout(limit, () => socket.destroy(new Error(`no data for ${limit} ms after: ${received.slice(0, 200)}`)));
		socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? finish(true) : reject(error)));
		socket.on('close', () => finish(true));
		socket.on('data', (chunk) => {
			received += chunk.toString('latin1');
			if (parseResponses(received).length >= answers) finish(false);
		});
		socket.on('connect', () => {
			for (const chunk of [].concat(chunks)) socket.write(chunk);
		});
	});
}

/** Returns the complete answers in a stream, as {http, headers, body, json, word}. Interim answers (100 Continue) are included. */
export function parseResponses(stream) {
	const answers = [];
	let rest = stream;
	for (;;) {
		const end = rest.indexOf('\r\n\r\n');
		if (end < 0) return answers;
		const [statusLine, ...lines] = rest.slice(0, end).split('\r\n');
		const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
		const http = Number(statusLine.split(' ')[1]);
		const hasNoBody = http === 100 || http === 204 || headers['x-test-head'] !== undefined;
		const length = hasNoBody ? 0 : Number(headers['content-length'] ?? 0);
		if (rest.length < end + 4 + length) return answers;
		const body = rest.slice(end + 4, end + 4 + length);
		let json;
		try {
			json = JSON.parse(Buffer.from(body, 'latin1').toString('utf8'));
		} catch {
			json = undefined;
		}
		answers.push({ http, headers, body, json, word: json?.status });
		rest = rest.slice(end + 4 + length);
	}
}
