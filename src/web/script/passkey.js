// The script of the pages that register a passkey or use one (WebAuthn). It gets the challenge from the server, asks the browser, and
// sends the answer in the page's own form.
const form = document.getElementById('passkey');
const error = document.getElementById('passkey-error');
const button = form?.querySelector('button');

/** Names of the browser's errors (DOMException) that have a sentence of their own. */
const EXPLANATIONS = {
	NotAllowedError: 'No passkey was used: the request was cancelled, or it took too long. Try again.',
	InvalidStateError: 'This device has a passkey for this console already. Sign in with it, or register another device.',
	SecurityError: 'The browser refuses passkeys at this address. Open the console at the address that the operator of the server gave you.',
};

const toBase64url = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const descriptors = (ids) => ids.map((id) => ({ type: 'public-key', id: fromBase64url(id) }));

function show(message) {
	error.querySelector('p').textContent = message;
	error.hidden = false;
}

async function getOptions() {
	const csrf = form.elements.csrf?.value;
	const answer = await fetch(form.dataset.challenge, { method: 'POST', body: new URLSearchParams(csrf ? { csrf } : {}) });
	if (!answer.ok || answer.redirected) throw new Error(answer.status === 429 ? 'Too many requests. Wait a moment, then try again.' : 'The page is out of date. Reload it and try again.');
	return answer.json();
}

function create({ challenge, rp_id, user_handle, email, known, algorithms }) {
	return navigator.credentials.create({
		publicKey: {
			challenge: fromBase64url(challenge),
			rp: { id: rp_id, name: 'kycd console' },
			user: { id: fromBase64url(user_handle), name: email, displayName: email },
			pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
			excludeCredentials: descriptors(known),
			authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
			attestation: 'none',
			timeout: 120_000,
		},
	});
}

function get({ challenge, rp_id, known }) {
	return navigator.credentials.get({
		publicKey: { challenge: fromBase64url(challenge), rpId: rp_id, allowCredentials: descriptors(known), userVerification: 'required', timeout: 120_000 },
	});
}

function fill({ rawId, response }, { challenge }) {
	const values = {
		challenge,
		credential_id: toBase64url(rawId),
		client_data: toBase64url(response.clientDataJSON),
		attestation_object: response.attestationObject && toBase64url(response.attestationObject),
		authenticator_data: response.authenticatorData && toBase64url(response.authenticatorData),
		signature: response.signature && toBase64url(response.signature),
	};
	for (const [name, value] of Object.entries(values)) form.elements[name].value = value ?? '';
}

async function usePasskey() {
	if (!window.PublicKeyCredential) throw new Error('This browser has no passkeys. Use a current browser, over https.');
	const options = await getOptions();
	const credential = await (form.dataset.kind === 'create' ? create(options) : get(options));
	fill(credential, options);
	form.submit();
}

form?.addEventListener('submit', async (event) => {
	event.preventDefault();
	error.hidden = true;
	button.disabled = true;
	try {
		await usePasskey();
	} catch (problem) {
		show(EXPLANATIONS[problem.name] ?? problem.message);
		button.disabled = false;
		button.focus();
	}
});
