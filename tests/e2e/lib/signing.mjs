// Didit's three webhook signatures (didit-api.md, section 8), computed independently of the program's code.
import { createHmac } from 'node:crypto';

const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');

/** Returns canonical JSON. The tests sign only ASCII keys and small numbers, for which JavaScript's order and format are canonical. */
export function canonicalJson(value) {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	return `{${Object.keys(value).filter((key) => value[key] !== undefined).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** Returns the body of an event in Didit's format: sorted keys, ASCII only, whole floats with a decimal point (`1.0`). */
export function eventBody(event) {
	return canonicalJson(event).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).replace(/"score":(\d+)([,}])/g, '"score":$1.0$2');
}

/** The signature schemes. Each function returns the headers that sign the bytes of an event. */
export const schemes = {
	raw: (secret, bytes) => ({ 'x-signature': hmac(secret, bytes) }),
	v2: (secret, bytes) => ({ 'x-signature-v2': hmac(secret, canonicalJson(JSON.parse(bytes))) }),
	stamped: (secret, bytes, timestamp) => ({ 'x-signature-v2': hmac(secret, `${timestamp}:${canonicalJson(JSON.parse(bytes))}`) }),
	simple: (secret, bytes) => {
		const event = JSON.parse(bytes);
		const id = event.session_id || event.business_session_id || event.transaction_id || event.vendor_user_id || event.vendor_business_id || '';
		return { 'x-signature-simple': hmac(secret, `${event.timestamp ?? ''}:${id}:${event.status ?? ''}:${event.webhook_type ?? ''}`) };
	},
};
