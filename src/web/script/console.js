// The script of the console's pages that stay current: it asks every few seconds whether anything has changed, and then reads the
// page again and replaces its content. It asks only while the page is visible, changes nothing while somebody works in the content,
// and its requests do not prolong the session. Without the script, the page has the link *Refresh*.
'use strict';

const POLL_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;
/** An event is counted shortly after it was stored. */
const COUNTED_AFTER_MS = 500;
/** Tells the server that nobody asked for this request. */
const IN_BACKGROUND = { cache: 'no-store', headers: { 'x-kycd-background': '1' } };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const content = () => document.getElementById('live');
const status = document.getElementById('live-status');

const visible = () => new Promise((resolve) => {
	if (!document.hidden) resolve();
	else document.addEventListener('visibilitychange', () => resolve(), { once: true });
});

function say(text) {
	if (status.textContent !== text) status.textContent = text;
}

/** The address of this page without the message of an earlier action. */
function pageAddress() {
	const url = new URL(location.href);
	url.searchParams.delete('done');
	return url.pathname + url.search;
}

/** Returns the response, or undefined if the session has ended. */
async function get(address) {
	const response = await fetch(address, IN_BACKGROUND);
	if (response.redirected) return undefined;
	if (!response.ok) throw new Error(`${response.status}`);
	return response;
}

/** Whether somebody has the keyboard in the content, or has selected some of it. */
function isInUse() {
	const selection = getSelection();
	return content().contains(document.activeElement) || (selection !== null && !selection.isCollapsed && content().contains(selection.anchorNode));
}

/** Replaces the content, and keeps what is opened and how far tables are scrolled. */
function show(fresh) {
	const opened = [...content().querySelectorAll('details')].map((details) => details.open);
	const scrolled = [...content().querySelectorAll('.table')].map((table) => table.scrollLeft);
	content().replaceWith(document.importNode(fresh, true));
	content().querySelectorAll('details').forEach((details, i) => (details.open = opened[i] ?? false));
	content().querySelectorAll('.table').forEach((table, i) => (table.scrollLeft = scrolled[i] ?? 0));
	say(`Updated at ${new Date().toISOString().slice(11, 19)} UTC.`);
}

let shown = content()?.innerHTML;

/** Reads the page again. Returns false if the session has ended. */
async function refresh() {
	const response = await get(pageAddress());
	if (!response) return false;
	const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('live');
	if (!fresh || fresh.innerHTML === shown) return true;
	if (isInUse()) {
		say('There is something new. Choose Refresh to see it.');
		return true;
	}
	shown = fresh.innerHTML;
	show(fresh);
	return true;
}

async function stayCurrent() {
	let known, wait = POLL_MS;
	for (;;) {
		await visible();
		try {
			const response = await get('/console/changes');
			if (!response) break;
			const word = await response.text();
			if (known !== undefined && (word !== known || 'busy' in content().dataset)) {
				await pause(COUNTED_AFTER_MS);
				if (!(await refresh())) break;
			}
			known = word;
			wait = POLL_MS;
		} catch {
			wait = Math.min(wait * 2, LONGEST_WAIT_MS);
		}
		await pause(wait);
	}
	say('Your session has ended. Choose Refresh to sign in.');
}

if (content() && status) stayCurrent();
