// The script of the pages below /verify. Every page also works without it. It makes no request to another host, and keeps
// nothing but two items in the tab's sessionStorage: the path of the link while the person is at the provider, and the text of a
// field whose form was refused.
'use strict';

const RETURN_PATH = 'kycd.return_path';
const DRAFT = 'kycd.draft.';
const FIRST_POLL_MS = 1_500;
const LAST_POLL_MS = 10_000;

/** sessionStorage can be switched off, and throws then. */
function remember(name, value) {
	try {
		if (value === undefined) sessionStorage.removeItem(name);
		else sessionStorage.setItem(name, value);
	} catch {
		// The page works without it.
	}
}

function recall(name) {
	try {
		return sessionStorage.getItem(name) ?? undefined;
	} catch {
		return undefined;
	}
}

/** Shows moments in the person's own time zone; the server writes them in UTC. */
function showLocalTimes(root) {
	const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' };
	const date = { day: 'numeric', month: 'long', year: 'numeric', ...clock };
	for (const time of root.querySelectorAll('time[datetime]')) {
		const moment = new Date(time.dateTime);
		if (Number.isNaN(moment.getTime())) continue;
		time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, 'date' in time.dataset ? date : clock).format(moment);
	}
}

/** Copy buttons: <button hidden data-copy="ID" data-done="TEXT">. They are hidden until there is a script and a clipboard. */
function enableCopyButtons(root) {
	if (!navigator.clipboard) return;
	for (const button of root.querySelectorAll('button[data-copy]')) {
		const label = button.textContent;
		button.hidden = false;
		button.setAttribute('aria-live', 'polite');
		button.addEventListener('click', async () => {
			const source = document.getElementById(button.dataset.copy);
			try {
				await navigator.clipboard.writeText(source.value ?? source.textContent);
				button.textContent = button.dataset.done;
				setTimeout(() => (button.textContent = label), 3_000);
			} catch {
				getSelection()?.selectAllChildren(source);
			}
		});
	}
}

/** A code is pasted with spaces, or with the words of the e-mail around it: keep its digits. The server ignores spaces too. */
function cleanCodes(root) {
	for (const input of root.querySelectorAll('input[data-digits]')) {
		input.addEventListener('paste', (event) => {
			const text = event.clipboardData?.getData('text') ?? '';
			const groups = text.match(/\p{Nd}(?:[\s-]?\p{Nd})+/gu);
			if (!groups) return;
			event.preventDefault();
			input.value = groups[0].replace(/[\s-]/g, '');
			input.dispatchEvent(new Event('input', { bubbles: true }));
		});
	}
}

/** The text of a refused form, which the redirect to the page with the error does not carry. */
function keepDrafts(root) {
	for (const input of root.querySelectorAll('[data-draft]')) {
		const name = DRAFT + input.name;
		if (input.getAttribute('aria-invalid') === 'true' && input.value === '') input.value = recall(name) ?? '';
		remember(name);
		input.form.addEventListener('submit', () => remember(name, input.value));
	}
}

/** One submission for each form, also if the button is pressed twice; and the way back from the provider. */
function guardForms(root) {
	for (const form of root.querySelectorAll('form[method=post]')) {
		form.addEventListener('submit', (event) => {
			if (form.dataset.sent) {
				event.preventDefault();
				return;
			}
			form.dataset.sent = 'yes';
			form.querySelector('button:not([type=button])')?.setAttribute('aria-disabled', 'true');
			if (form.dataset.leaves) remember(RETURN_PATH, form.dataset.leaves);
		});
	}
}

/** A page that the browser shows again from its memory can be sent again. */
addEventListener('pageshow', () => {
	for (const form of document.querySelectorAll('form[data-sent]')) {
		delete form.dataset.sent;
		form.querySelector('[aria-disabled]')?.removeAttribute('aria-disabled');
	}
});

function prepare(root) {
	showLocalTimes(root);
	enableCopyButtons(root);
	cleanCodes(root);
	keepDrafts(root);
	guardForms(root);
}

/** The address of this page without the error of an earlier answer. */
function pageAddress() {
	const url = new URL(location.href);
	const language = url.searchParams.get('lang');
	return url.pathname + (language === null ? '' : `?lang=${encodeURIComponent(language)}`);
}

/** Puts a newer result into the page. The region with role=status stays, so that a screen reader reads its new content. */
function replaceResult(page) {
	for (const id of ['result', 'actions']) document.getElementById(id).replaceChildren(...document.importNode(page.getElementById(id), true).childNodes);
	document.getElementById('follow').replaceWith(document.importNode(page.getElementById('follow'), true));
	document.getElementById('errors')?.remove();
	document.title = page.title;
	for (const id of ['result', 'actions']) prepare(document.getElementById(id));
}

async function showChange() {
	if (document.getElementById('result')) {
		const response = await fetch(pageAddress(), { cache: 'no-store' });
		const page = new DOMParser().parseFromString(await response.text(), 'text/html');
		if (response.ok && page.getElementById('result')) return replaceResult(page);
	}
	location.replace(pageAddress());
}

const isVisible = () => new Promise((resolve) => {
	if (!document.hidden) resolve();
	else document.addEventListener('visibilitychange', () => resolve(), { once: true });
});

/** Asks whether the link has changed, on this device or another one, until its state is final. */
async function follow() {
	const current = () => document.getElementById('follow');
	for (let wait = FIRST_POLL_MS; current() && !('final' in current().dataset); wait = Math.min(wait * 1.2, LAST_POLL_MS)) {
		await new Promise((resolve) => setTimeout(resolve, wait));
		await isVisible();
		if (document.querySelector('form[data-sent]')) continue; // the answer to the form is on its way
		try {
			const response = await fetch(current().dataset.state, { cache: 'no-store' });
			const ended = response.status === 404 || response.status === 410;
			if (!ended && !response.ok) continue;
			if (!ended && (await response.json()).version === current().dataset.version) continue;
			await showChange();
			wait = FIRST_POLL_MS;
		} catch {
			// The network is gone for a moment: try again.
		}
	}
}

/** The page to which the provider sends the person knows nothing of the link; the tab that left for the provider does. */
function goBackToLink() {
	if (!document.querySelector('[data-returned]')) return false;
	const path = recall(RETURN_PATH);
	remember(RETURN_PATH);
	if (!/^\/(?![/\\])/.test(path ?? '')) return false; // a path of this server only
	location.replace(path);
	return true;
}

if (!goBackToLink()) {
	prepare(document);
	document.getElementById('errors')?.focus();
	follow();
}
