// A fake of Didit's API v1, v2 or v3 (didit-api.md, sections 2 to 4), with faults on demand. It never changes the status of a session
// by itself: the test does.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import http from 'node:http';
import { call } from './http.mjs';
import { deferred, until } from './wait.mjs';

export const STATUSES_WITH_DECISION = ['Approved', 'Declined', 'In Review', 'Abandoned'];

const WORKFLOW = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';

/**
 * Faults of a create call, by name. Each function receives the function that replies, the session that would have been created, and
 * the HTTP response. With faults whose names start with `lost`, Didit has created the session, but kycd receives no usable
 * response.
 */
const faults = {
	error: (reply) => reply(500, { detail: 'broken' }),
	html: (reply) => reply(500, '<html>broken</html>', { 'content-type': 'text/html' }),
	html_made: (reply) => reply(201, '<html>fine</html>', { 'content-type': 'text/html' }),
	empty: (reply) => reply(201, ''),
	no_url: (reply, session) => reply(201, { ...session, url: undefined }),
	foreign_url: (reply, session) => reply(201, { ...session, url: 'https://verify.didit.me.evil.example/session/x' }),
	script_url: (reply, session) => reply(201, { ...session, url: 'javascript:alert(1)' }),
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
	cut: (reply, session, response) => response.socket.destroy(),
	half: (reply, session, response) => sendHalf(response, session),
	trickle: (reply, session, response) => sendSlowly(response, session),
	lost: (reply, session, response) => response.socket.destroy(),
	lost_half: (reply, session, response) => sendHalf(response, session),
	lost_silence: () => {},
	lost_html: (reply) => reply(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }),
};

/** Sends the header and half of the body, and closes the connection. */
function sendHalf(response, session) {
	const text = JSON.stringify(session);
	response.writeHead(201, { 'content-type': 'application/json', 'content-length': text.length });
	response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
}

/** Sends a byte every 100 ms until the client closes the connection. */
function sendSlowly(response, session) {
	const text = JSON.stringify(session);
	response.writeHead(201, { 'content-type': 'application/json', 'content-length': text.length });
	let sent = 0;
	const timer = setInterval(() => response.write(text[sent++ % (text.length - 1)]), 100);
	response.on('close', () => clearInterval(timer));
}

export class Didit {
	/** `version`: 'v2' and 'v3' have API keys, workflows and a list of sessions. `knownSessions`: sessions that exist already. */
	constructor({ version = 'v1', id = 'client-of-the-tests', secret = 'secret-of-the-tests', key = 'key-of-the-tests', workflow = WORKFLOW, webhookSecret, knownSessions = [] } = {}) {
		Object.assign(this, { version, id, secret, key, workflow });
		this.webhookSecret = webhookSecret ?? randomBytes(32).toString('hex');
		this.sessions = new Map(knownSessions.map((session) => [session.session_id, session]));
		this.creates = []; // create calls: {params, session, fault}
		this.reads = []; // ids of the sessions whose decision was requested
		this.lists = []; // vendor_data of each list request
		this.tokens = 0; // number of access tokens that were issued (v1)
		this.nextFaults = []; // names of the faults for the next create calls
		this.heldCreates = []; // create calls that wait for releaseCreates()
		this.holdCreates = false; // whether create calls wait for releaseCreates()
		this.unknownCalls = []; // calls that Didit's API does not have
		this.decisions = Object.fromEntries(knownSessions.map(({ session_id, decision = {} }) => [session_id, decision]));
	}

	async open() {
		this.server = http.createServer((request, response) => {
			const chunks = [];
			request.on('data', (chunk) => chunks.push(chunk));
			request.on('end', () => this.#answer(request, Buffer.concat(chunks).toString(), response));
		});
		this.server.keepAliveTimeout = 60_000;
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		this.base = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	async close() {
		this.releaseCreates();
		if (!this.server.listening) return;
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/** The settings with which kycd uses this fake. */
	settings() {
		const common = { KYCD_DIDIT_BASE_URL: this.base, KYCD_DIDIT_WEBHOOK_SECRET: this.webhookSecret };
		if (this.version === 'v1') return { ...common, KYCD_DIDIT_AUTH_URL: this.base, KYCD_DIDIT_CLIENT_ID: this.id, KYCD_DIDIT_CLIENT_SECRET: this.secret };
		return { ...common, KYCD_DIDIT_VERSION: this.version, KYCD_DIDIT_API_KEY: this.key, KYCD_DIDIT_WORKFLOW_ID: this.workflow };
	}

	#isAuthenticated({ headers }) {
		return this.version === 'v1' ? this.authorizationHeaders?.has(headers.authorization) : headers['x-api-key'] === this.key;
	}

	#answer(request, body, response) {
		const reply = (status, content, headers = { 'content-type': 'application/json' }) => {
			response.writeHead(status, headers);
			response.end(typeof content === 'string' ? content : JSON.stringify(content));
		};
		const root = `/${this.version}/session/`;
		const decision = request.url.startsWith(root) && /^([^/]+)\/decision\/$/.exec(request.url.slice(root.length));
		const isList = this.version !== 'v1' && request.url.startsWith('/v3/sessions/?');
		if (request.method === 'POST' && request.url === '/auth/v2/token/' && this.version === 'v1') return this.#token(request, body, reply);
		if (!this.#isAuthenticated(request)) return reply(401, { detail: 'Authentication credentials were not provided.' });
		if (request.method === 'GET' && isList) return this.#list(new URL(request.url, this.base).searchParams, reply);
		if (request.method === 'POST' && request.url === root) return this.#create(body, reply, response);
		if (request.method === 'GET' && decision) return this.#read(decision[1], reply);
		this.unknownCalls.push(`${request.method} ${request.url}`);
		return reply(404, { detail: 'Not found.' });
	}

	#token(request, body, reply) {
		const expected = `Basic ${Buffer.from(`${this.id}:${this.secret}`).toString('base64')}`;
		if (request.headers.authorization !== expected || body !== 'grant_type=client_credentials')
			return reply(401, { error: 'invalid_client', error_description: 'no' });
		const text = `token-${randomBytes(16).toString('hex')}`;
		const now = Math.floor(Date.now() / 1000);
		this.authorizationHeaders ??= new Set();
		this.authorizationHeaders.add(`Bearer ${text}`);
		this.tokens++;
		return reply(200, { iss: 'https://didit.me', iat: now, exp: now + 86_400, sub: randomUUID(), client_id: this.id, expires_in: 86_400, access_token: text });
	}

	#create(body, reply, response) {
		const params = JSON.parse(body);
		const token = randomBytes(9).toString('base64url');
		const session = {
			session_id: randomUUID(),
			session_number: this.sessions.size + 1,
			session_token: token,
			vendor_data: params.vendor_data,
			status: 'Not Started',
			callback: params.callback,
			...(this.version === 'v1' ? { features: params.features ?? 'OCR + FACE' } : { workflow_id: params.workflow_id, metadata: null }),
			...(this.version === 'v3' ? { session_kind: 'user', workflow_version: 3 } : {}),
			url: `https://verify.didit.me/session/${token}`,
		};
		const fault = this.nextFaults.shift();
		this.creates.push({ params, session, fault });
		if (this.version !== 'v1' && params.workflow_id !== this.workflow) return reply(400, { workflow_id: ['This field is required.'] });
		if (fault?.startsWith('lost')) this.sessions.set(session.session_id, { ...session, created_at: Math.floor(Date.now() / 1000) });
		if (fault) return faults[fault](reply, session, response);
		this.sessions.set(session.session_id, { ...session, created_at: Math.floor(Date.now() / 1000) });
		if (!this.holdCreates) return reply(201, session);
		const held = deferred();
		this.heldCreates.push(held);
		return held.promise.then(() => reply(201, session));
	}

	/** Answers the held create calls, and holds no further ones. */
	releaseCreates() {
		this.holdCreates = false;
		for (const held of this.heldCreates.splice(0)) held.resolve();
	}

	async waitForHeldCreates(n = 1) {
		return until(`${n} creates to be held`, () => this.heldCreates.length >= n);
	}

	#read(id, reply) {
		this.reads.push(id);
		const session = this.sessions.get(id);
		return session ? reply(200, this.decision(id)) : reply(404, { detail: 'Not found.' });
	}

	/** The list of sessions (didit-api.md, section 4.4). */
	#list(query, reply) {
		const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 50)];
		const statuses = query.get('status')?.split(',');
		const matches = [...this.sessions.values()].filter(({ vendor_data, status }) => (query.get('vendor_data') ?? vendor_data) === vendor_data && (statuses ?? [status]).includes(status)).reverse();
		this.lists.push(query.get('vendor_data'));
		const results = matches.slice(offset, offset + limit).map(({ session_id, session_number, status, vendor_data, created_at }) => (
			{ session_id, session_kind: 'user', session_number, status, vendor_data, full_name: null, country: null, created_at: new Date(created_at * 1000).toISOString() }));
		const next = offset + limit < matches.length ? `${this.base}/v3/sessions/?limit=${limit}&offset=${offset + limit}` : null;
		return reply(200, { count: matches.length, next, previous: null, results });
	}

	/** Returns the decision of a session in the format of the version (didit-api.md, sections 2.3, 3 and 4.3). */
	decision(id) {
		return this.version === 'v1' ? this.#decisionV1(id) : this.#decisionV2OrV3(id);
	}

	#decisionV2OrV3(id) {
		const { location, warnings, ...facts } = this.#decisionV1(id);
		const { session_id, session_number, session_url, status, vendor_data, callback } = facts;
		const feature = (list, object, item) => (this.version === 'v3' ? { [list]: [item] } : { [object]: item });
		const warningsOf = (...names) => warnings.filter(({ feature: name }) => names.includes(name));
		return {
			session_id, session_number, session_url, status, vendor_data, callback, workflow_id: this.workflow, features: ['ID_VERIFICATION', 'LIVENESS', 'IP_ANALYSIS'],
			...(this.version === 'v3' ? { session_kind: 'user', environment: 'live', workflow_version: 3 } : {}),
			...feature('id_verifications', 'id_verification', { node_id: 'feature_ocr', ...facts.kyc, warnings: warningsOf('KYC', 'ID_VERIFICATION') }),
			...feature('liveness_checks', 'liveness', { node_id: 'feature_liveness', status: 'Approved', warnings: warningsOf('FACE', 'LIVENESS') }),
			...feature('ip_analyses', 'ip_analysis', { node_id: 'feature_ip_analysis', ...location, warnings: warningsOf('LOCATION') }),
			aml_screenings: null, reviews: [], created_at: '2026-01-05T10:00:00.000000Z',
			...Object.fromEntries(Object.entries(this.decisions[id] ?? {}).filter(([name]) => name !== 'location' && name !== 'warnings')),
		};
	}

	/** Returns the decision in the format of v1 (didit-api.md, section 2.3). Members of `decisions[id]` replace the defaults. */
	#decisionV1(id) {
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

	/** Changes the status of the session at Didit without sending an event. `extra`: members of its decision. */
	setStatus(id, status, extra = {}) {
		this.sessions.get(id).status = status;
		this.decisions[id] = { ...this.decisions[id], ...extra };
	}

	/** Returns the body of an event (didit-api.md, section 2.5). `extra`: further members. */
	event(id, status, extra = {}) {
		const session = this.sessions.get(id);
		const now = Math.floor(Date.now() / 1000);
		return {
			session_id: id, status, created_at: session?.created_at ?? now, timestamp: now, vendor_data: session?.vendor_data ?? 'nobody',
			...(this.version !== 'v1' ? { event_id: randomUUID(), webhook_type: 'status.updated', environment: 'live', metadata: {} } : {}),
			...(session && STATUSES_WITH_DECISION.includes(status) ? { decision: { ...this.decision(id), status } } : {}),
			...extra,
		};
	}

	/** Posts an event with these headers and X-Timestamp. `timestamp`: null for no such header. */
	send(base, bytes, headers, timestamp = Math.floor(Date.now() / 1000)) {
		return call(`${base}/webhooks/didit`, { method: 'POST', body: bytes, headers: { ...(timestamp === null ? {} : { 'x-timestamp': timestamp }), ...headers } });
	}

	/**
	 * Signs an event with X-Signature and posts it. A test may pass a wrong `secret`, `timestamp` or `signature`; a `timestamp` or
	 * `signature` of null omits the header.
	 */
	post(base, body, { secret = this.webhookSecret, timestamp = Math.floor(Date.now() / 1000), signature, headers = {} } = {}) {
		const bytes = typeof body === 'string' ? body : JSON.stringify(body);
		const validSignature = createHmac('sha256', secret).update(bytes).digest('hex');
		const signatureHeaders = { 'x-signature': signature === undefined ? validSignature : signature, 'x-timestamp': timestamp };
		for (const [name, value] of Object.entries(signatureHeaders)) if (value !== null) headers = { [name]: String(value), ...headers };
		return call(`${base}/webhooks/didit`, { method: 'POST', body: bytes, headers });
	}

	/** Changes the status of the session at Didit and posts the event. Returns kycd's answer. */
	async sendStatusEvent(base, id, status, extra = {}) {
		this.setStatus(id, status);
		return this.post(base, this.event(id, status, extra));
	}
}
