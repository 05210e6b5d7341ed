// Didit's v1, v2 or v3 as didit-api.md sections 2 to 4 have them, with troubles at will. It decides nothing by itself: the story does.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import { call } from './http.mjs';
import { signal, until } from './wait.mjs';

export const FINAL_WITH_DECISION = ['Approved', 'Declined', 'In Review', 'Abandoned'];

const WORKFLOW = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';

/** What can be wrong with a create: each gets the answer and the session it would have been. */
const troubles = {
	error: (reply) => reply(500, { detail: 'broken' }),
	html: (reply) => reply(500, '<html>broken</html>', { 'content-type': 'text/html' }),
	html_made: (reply) => reply(201, '<html>fine</html>', { 'content-type': 'text/html' }),
	empty: (reply) => reply(201, ''),
	no_url: (reply, made) => reply(201, { ...made, url: undefined }),
	foreign_url: (reply, made) => reply(201, { ...made, url: 'https://verify.didit.me.evil.example/session/x' }),
	script_url: (reply, made) => reply(201, { ...made, url: 'javascript:alert(1)' }),
	redirect: (reply) => reply(302, '', { location: 'https://verify.didit.me/elsewhere/' }),
	forbidden: (reply) => reply(403, { detail: 'You do not have permission to perform this action.' }),
	credits: (reply) => reply(403, { detail: 'You do not have enough credits to perform this action.' }),
	credits_newest: (reply) => reply(400, { detail: 'Not enough credits.' }),
	credits_alone: (reply) => reply(402, { detail: 'Payment required.' }),
	suspended: (reply) => reply(403, { detail: 'Suspended.', code: 'contract_billing_suspended' }),
	bad_field: (reply) => reply(400, { callback: ['https://credit.example is no URL.'] }),
	huge: (reply) => reply(201, `{"session_id":"${'x'.repeat(10 * 1024 * 1024)}"}`),
	limit: (reply) => reply(429, { detail: 'Request was throttled.' }, { 'content-type': 'application/json', 'retry-after': '1' }),
	silence: () => {},
	cut: (reply, made, response) => response.socket.destroy(),
	half: (reply, made, response) => half(response, made),
	trickle: (reply, made, response) => trickle(response, made),
	// made, but nobody hears of it
	lost: (reply, made, response) => response.socket.destroy(),
	lost_half: (reply, made, response) => half(response, made),
	lost_silence: () => {},
	lost_html: (reply) => reply(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }),
};

/** The head, and half of the body: then the line is cut. */
function half(response, made) {
	const text = JSON.stringify(made);
	response.writeHead(201, { 'content-type': 'application/json', 'content-length': text.length });
	response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
}

/** A byte now and then, for as long as newEmail listens. */
function trickle(response, made) {
	const text = JSON.stringify(made);
	response.writeHead(201, { 'content-type': 'application/json', 'content-length': text.length });
	let at = 0;
	const timer = setInterval(() => response.write(text[at++ % (text.length - 1)]), 100);
	response.on('close', () => clearInterval(timer));
}

export class Didit {
	/** `version`: 'v2' and 'v3' know keys, workflows and a list. `known`: sessions of an earlier time. */
	constructor({ version = 'v1', id = 'client-of-the-tests', secret = 'secret-of-the-tests', key = 'key-of-the-tests', workflow = WORKFLOW, webhookSecret, known = [] } = {}) {
		Object.assign(this, { version, id, secret, key, workflow });
		this.webhookSecret = webhookSecret ?? randomBytes(32).toString('hex');
		this.sessions = new Map(known.map((session) => [session.session_id, session]));
		this.creates = []; // what was asked for, each with its answer's promise
		this.reads = [];
		this.lists = []; // searches, by vendor_data
		this.tokens = 0;
		this.next = []; // names of troubles for the next creates
		this.held = []; // creates that wait for `release`
		this.hold = false;
		this.strangers = []; // calls that Didit would not know
		this.decisions = Object.fromEntries(known.map(({ session_id, decision = {} }) => [session_id, decision]));
	}

	async open() {
		this.server = http.createServer((request, response) => {
			const pieces = [];
			request.on('data', (piece) => pieces.push(piece));
			request.on('end', () => this.#answer(request, Buffer.concat(pieces).toString(), response));
		});
		this.server.keepAliveTimeout = 60_000;
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.base = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	async close() {
		this.release();
		if (!this.server.listening) return;
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	settings() {
		const both = { KYCD_DIDIT_BASE_URL: this.base, KYCD_DIDIT_WEBHOOK_SECRET: this.webhookSecret };
		if (this.version === 'v1') return { ...both, KYCD_DIDIT_AUTH_URL: this.base, KYCD_DIDIT_CLIENT_ID: this.id, KYCD_DIDIT_CLIENT_SECRET: this.secret };
		return { ...both, KYCD_DIDIT_VERSION: this.version, KYCD_DIDIT_API_KEY: this.key, KYCD_DIDIT_WORKFLOW_ID: this.workflow };
	}

	#knows({ headers }) {
		return this.version === 'v1' ? this.bearers?.has(headers.authorization) : headers['x-api-key'] === this.key;
	}

	#answer(request, body, response) {
		const reply = (status, content, headers = { 'content-type': 'application/json' }) => {
			response.writeHead(status, headers);
			response.end(typeof content === 'string' ? content : JSON.stringify(content));
		};
		const root = `/${this.version}/session/`;
		const read = request.url.startsWith(root) && /^([^/]+)\/decision\/$/.exec(request.url.slice(root.length));
		const list = this.version !== 'v1' && request.url.startsWith('/v3/sessions/?');
		if (request.method === 'POST' && request.url === '/auth/v2/token/' && this.version === 'v1') return this.#token(request, body, reply);
		if (!this.#knows(request)) return reply(401, { detail: 'Authentication credentials were not provided.' });
		if (request.method === 'GET' && list) return this.#list(new URL(request.url, this.base).searchParams, reply);
		if (request.method === 'POST' && request.url === root) return this.#create(body, reply, response);
		if (request.method === 'GET' && read) return this.#read(read[1], reply);
		this.strangers.push(`${request.method} ${request.url}`);
		return reply(404, { detail: 'Not found.' });
	}

	#token(request, body, reply) {
		const wanted = `Basic ${Buffer.from(`${this.id}:${this.secret}`).toString('base64')}`;
		if (request.headers.authorization !== wanted || body !== 'grant_type=client_credentials')
			return reply(401, { error: 'invalid_client', error_description: 'no' });
		const text = `token-${randomBytes(16).toString('hex')}`;
		const now = Math.floor(Date.now() / 1000);
		this.bearers ??= new Set();
		this.bearers.add(`Bearer ${text}`);
		this.tokens++;
		return reply(200, { iss: 'https://didit.me', iat: now, exp: now + 86_400, sub: randomUUID(), client_id: this.id, expires_in: 86_400, access_token: text });
	}

	#create(body, reply, response) {
		const asked = JSON.parse(body);
		const token = randomBytes(9).toString('base64url');
		const made = {
			session_id: randomUUID(),
			session_number: this.sessions.size + 1,
			session_token: token,
			vendor_data: asked.vendor_data,
			status: 'Not Started',
			callback: asked.callback,
			...(this.version === 'v1' ? { features: asked.features ?? 'OCR + FACE' } : { workflow_id: asked.workflow_id, metadata: null }),
			...(this.version === 'v3' ? { session_kind: 'user', workflow_version: 3 } : {}),
			url: `https://verify.didit.me/session/${token}`,
		};
		const trouble = this.next.shift();
		this.creates.push({ asked, made, trouble });
		if (this.version !== 'v1' && asked.workflow_id !== this.workflow) return reply(400, { workflow_id: ['This field is required.'] });
		if (trouble?.startsWith('lost')) this.sessions.set(made.session_id, { ...made, created_at: Math.floor(Date.now() / 1000) });
		if (trouble) return troubles[trouble](reply, made, response);
		this.sessions.set(made.session_id, { ...made, created_at: Math.floor(Date.now() / 1000) });
		if (!this.hold) return reply(201, made);
		const wait = signal();
		this.held.push(wait);
		return wait.promise.then(() => reply(201, made));
	}

	/** Lets what was held go on. */
	release() {
		this.hold = false;
		for (const wait of this.held.splice(0)) wait.resolve();
	}

	async holding(n = 1) {
		return until(`${n} creates to be held`, () => this.held.length >= n);
	}

	#read(id, reply) {
		this.reads.push(id);
		const session = this.sessions.get(id);
		return session ? reply(200, this.decision(id)) : reply(404, { detail: 'Not found.' });
	}

	/** Section 4.4. */
	#list(query, reply) {
		const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 50)];
		const statuses = query.get('status')?.split(',');
		const all = [...this.sessions.values()].filter(({ vendor_data, status }) => (query.get('vendor_data') ?? vendor_data) === vendor_data && (statuses ?? [status]).includes(status)).reverse();
		this.lists.push(query.get('vendor_data'));
		const results = all.slice(offset, offset + limit).map(({ session_id, session_number, status, vendor_data, created_at }) => (
			{ session_id, session_kind: 'user', session_number, status, vendor_data, full_name: null, country: null, created_at: new Date(created_at * 1000).toISOString() }));
		const next = offset + limit < all.length ? `${this.base}/v3/sessions/?limit=${limit}&offset=${offset + limit}` : null;
		return reply(200, { count: all.length, next, previous: null, results });
	}

	/** Sections 2.3, 3, 4.3: the same facts in each version's shape. */
	decision(id) {
		return this.version === 'v1' ? this.#early(id) : this.#later(id);
	}

	#later(id) {
		const { location, warnings, ...facts } = this.#early(id);
		const { session_id, session_number, session_url, status, vendor_data, callback } = facts;
		const part = (list, object, item) => (this.version === 'v3' ? { [list]: [item] } : { [object]: item });
		const of = (...names) => warnings.filter(({ feature }) => names.includes(feature));
		return {
			session_id, session_number, session_url, status, vendor_data, callback, workflow_id: this.workflow, features: ['ID_VERIFICATION', 'LIVENESS', 'IP_ANALYSIS'],
			...(this.version === 'v3' ? { session_kind: 'user', environment: 'live', workflow_version: 3 } : {}),
			...part('id_verifications', 'id_verification', { node_id: 'feature_ocr', ...facts.kyc, warnings: of('KYC', 'ID_VERIFICATION') }),
			...part('liveness_checks', 'liveness', { node_id: 'feature_liveness', status: 'Approved', warnings: of('FACE', 'LIVENESS') }),
			...part('ip_analyses', 'ip_analysis', { node_id: 'feature_ip_analysis', ...location, warnings: of('LOCATION') }),
			aml_screenings: null, reviews: [], created_at: '2026-01-05T10:00:00.000000Z',
			...Object.fromEntries(Object.entries(this.decisions[id] ?? {}).filter(([name]) => name !== 'location' && name !== 'warnings')),
		};
	}

	/** Section 2.3. What the story wants otherwise stands in `decisions[id]`. */
	#early(id) {
		const { session_id, session_number, url, status, vendor_data, callback, features } = this.sessions.get(id);
		return {
			session_id, session_number, session_url: url, status, vendor_data, callback, features,
			kyc: { status: 'Approved', ocr_status: 'Approved', document_type: 'Passport', document_number: 'XX0000000', date_of_birth: '1990-02-03',
				first_name: 'Ana', last_name: 'Exemplo', full_name: 'Ana Exemplo', address: 'Rua Um 1, Lisboa', nationality: 'PRT' },
			aml: null,
			face: { status: 'Approved', face_match_status: 'Approved', liveness_status: 'Approved' },
			location: { device_brand: 'Samsung', device_model: 'Galaxy S23', browser_family: 'Chrome Mobile', os_family: 'Android', platform: 'mobile',
				ip_country: 'Portugal', ip_country_code: 'PT', ip_state: 'Lisbon', ip_city: 'Lisbon', latitude: 38.72, longitude: -9.14,
				ip_address: '203.0.113.24', isp: 'Example ISP', is_vpn_or_tor: false, is_data_center: false, status: 'Approved' },
			warnings: [], reviews: [], extra_images: [], created_at: '2026-01-05T10:00:00Z',
			...this.decisions[id],
		};
	}

	/** The session at Didit comes to this status; nobody is told. */
	settle(id, status, extra = {}) {
		this.sessions.get(id).status = status;
		this.decisions[id] = { ...this.decisions[id], ...extra };
	}

	/** Section 2.5: the body of an event. */
	event(id, status, extra = {}) {
		const session = this.sessions.get(id);
		const now = Math.floor(Date.now() / 1000);
		return {
			session_id: id, status, created_at: session?.created_at ?? now, timestamp: now, vendor_data: session?.vendor_data ?? 'nobody',
			...(this.version !== 'v1' ? { event_id: randomUUID(), webhook_type: 'status.updated', environment: 'live', metadata: {} } : {}),
			...(session && FINAL_WITH_DECISION.includes(status) ? { decision: { ...this.decision(id), status } } : {}),
			...extra,
		};
	}

	/** Posts one with just these headers beside its time. */
	send(base, bytes, headers, timestamp = Math.floor(Date.now() / 1000)) {
		return call(`${base}/webhooks/didit`, { method: 'POST', body: bytes, headers: { ...(timestamp === null ? {} : { 'x-timestamp': timestamp }), ...headers } });
	}

	/** Signs and posts one by X-Signature. `secret`, `timestamp`, `signature` as the story wants them wrong; null: no such header. */
	post(base, body, { secret = this.webhookSecret, timestamp = Math.floor(Date.now() / 1000), signature, headers = {} } = {}) {
		const bytes = typeof body === 'string' ? body : JSON.stringify(body);
		const right = createHmac('sha256', secret).update(bytes).digest('hex');
		const signed = { 'x-signature': signature === undefined ? right : signature, 'x-timestamp': timestamp };
		for (const [name, value] of Object.entries(signed)) if (value !== null) headers = { [name]: String(value), ...headers };
		return call(`${base}/webhooks/didit`, { method: 'POST', body: bytes, headers });
	}

	/** The session comes to a status, and the event of it is sent. */
	async tell(base, id, status, extra = {}) {
		this.settle(id, status);
		return this.post(base, this.event(id, status, extra));
	}
}
