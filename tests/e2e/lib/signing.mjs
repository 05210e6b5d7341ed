// Didit's three signatures (didit-api.md section 8), by Node.js alone.
import { createHmac } from 'node:crypto';

const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');

/** Keys are ASCII and numbers small in what is signed here: JavaScript's own forms are the canonical ones. */
export function canonical(value) {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	return `{${Object.keys(value).filter((key) => value[key] !== undefined).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** As Didit writes a body: keys sorted, ASCII only, and whole floats with their point. */
export function body(event) {
	return canonical(event).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).replace(/"score":(\d+)([,}])/g, '"score":$1.0$2');
}

export const schemes = {
	raw: (secret, bytes) => ({ 'x-signature': hmac(secret, bytes) }),
	v2: (secret, bytes) => ({ 'x-signature-v2': hmac(secret, canonical(JSON.parse(bytes))) }),
	stamped: (secret, bytes, timestamp) => ({ 'x-signature-v2': hmac(secret, `${timestamp}:${canonical(JSON.parse(bytes))}`) }),
	simple: (secret, bytes) => {
		const event = JSON.parse(bytes);
		const id = event.session_id || event.business_session_id || event.transaction_id || event.vendor_user_id || event.vendor_business_id || '';
		return { 'x-signature-simple': hmac(secret, `${event.timestamp ?? ''}:${id}:${event.status ?? ''}:${event.webhook_type ?? ''}`) };
	},
};
