// Didit's v1 as didit-api.md section 2 has it, with troubles at will. It decides nothing by itself: the story does.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import { call } from './http.mjs';
import { signal, until } from './wait.mjs';

const WORKFLOW = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';
export const FINAL_WITH_DECISION = ['Approved', 'Declined', 'In Review', 'Abandoned'];

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
	limit: (reply) => reply(429, { detail: 'Request was throttled.' }),
	silence: () => {},
	cut: (reply, made, response) => response.socket.destroy(),
};

export class Didit {
	/** `version`: 'v1', or 'v3', which knows keys, workflows and a list. */
	constructor({ version = 'v1', id = 'client-of-the-journeys', secret = 'secret-of-the-journeys', webhookSecret } = {}) {
		Object.assign(this, { version, id, secret });
		this.webhookSecret = webhookSecret ?? randomBytes(32).toString('hex');
		this.sessions = new Map();
		this.creates = []; // what was asked for, each with its answer's promise
		this.reads = [];
		this.tokens = 0;
		this.next = []; // names of troubles for the next creates
		this.held = []; // creates that wait for `release`
		this.hold = false;
		this.strangers = []; // calls that Didit would not know
		this.decisions = {};
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
		if (this.version === 'v3')
			return {
				KYCD_DIDIT_VERSION: 'v3',
				KYCD_DIDIT_BASE_URL: this.base,
				KYCD_DIDIT_API_KEY: this.secret,
				KYCD_DIDIT_WORKFLOW_ID: WORKFLOW,
				KYCD_DIDIT_WEBHOOK_SECRET: this.webhookSecret,
			};
		return {
			KYCD_DIDIT_BASE_URL: this.base,
			KYCD_DIDIT_AUTH_URL: this.base,
			KYCD_DIDIT_CLIENT_ID: this.id,
			KYCD_DIDIT_CLIENT_SECRET: this.secret,
			KYCD_DIDIT_WEBHOOK_SECRET: this.webhookSecret,
		};
	}

	#answer(request, body, response) {
		const reply = (status, content, headers = { 'content-type': 'application/json' }) => {
			response.writeHead(status, headers);
			response.end(typeof content === 'string' ? content : JSON.stringify(content));
		};
		const path = `/${this.version}/session/`;
		const read = new RegExp(`^${path}([^/]+)/decision/$`).exec(request.url);
		if (request.method === 'POST' && request.url === '/auth/v2/token/') return this.#token(request, body, reply);
		if (this.version === 'v3' ? request.headers['x-api-key'] !== this.secret : !this.bearers?.has(request.headers.authorization)) return reply(401, { detail: 'Authentication credentials were not provided.' });
		if (request.method === 'POST' && request.url === path) return this.#create(body, reply, response);
		if (request.method === 'GET' && read) return this.#read(read[1], reply);
		if (request.method === 'GET' && this.version === 'v3' && request.url.startsWith('/v3/sessions/?')) return this.#list(request.url, reply);
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
			...(this.version === 'v3' ? { session_kind: 'user', metadata: null, workflow_id: asked.workflow_id, workflow_version: 3 } : { features: asked.features ?? 'OCR + FACE' }),
			url: `https://verify.didit.me/session/${token}`,
		};
		const trouble = this.next.shift();
		this.creates.push({ asked, made, trouble });
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

	#list(url, reply) {
		const wanted = new URL(url, this.base).searchParams.get('vendor_data');
		const results = [...this.sessions.values()].filter((session) => session.vendor_data === wanted).reverse()
			.map(({ session_id, session_number, status, vendor_data, created_at }) => ({ session_id, session_kind: 'user', session_number, status, vendor_data, created_at: new Date(created_at * 1000).toISOString() }));
		return reply(200, { count: results.length, next: null, previous: null, results });
	}

	/** Section 4.3, as far as it is looked at. */
	#decisionOfV3(id) {
		const { kyc, location, warnings, features, extra_images, aml, face, ...rest } = this.#decisionOfV1(id);
		const { workflow_id, workflow_version } = this.sessions.get(id);
		return {
			...rest, workflow_id, workflow_version, session_kind: 'user', features: ['ID_VERIFICATION', 'LIVENESS', 'IP_ANALYSIS'],
			id_verifications: [{ ...kyc, node_id: 'feature_ocr', warnings }], liveness_checks: null, ip_analyses: [{ ...location, node_id: 'feature_ip_analysis', warnings: [] }],
			...this.decisions[id],
		};
	}

	decision(id) {
		return this.version === 'v3' ? this.#decisionOfV3(id) : this.#decisionOfV1(id);
	}

	/** Section 2.3. What the story wants otherwise stands in `decisions[id]`. */
	#decisionOfV1(id) {
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
			...(this.version === 'v3' ? { event_id: randomUUID(), webhook_type: 'status.updated', environment: 'live', metadata: {} } : {}),
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
