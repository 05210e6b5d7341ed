// The script of the wallet page: lists the wallets that it finds in the browser, asks one for its address, and has it sign the
// message that the page shows. It fills in the page's own forms, so that the server has one path with and without a script.
// Wallets are found by EIP-6963 (Ethereum) and Wallet Standard (Solana); an old wallet that only sets window.ethereum is listed if
// no other Ethereum wallet is. Names come from extensions, which anyone can write: they are shown as text, without their icons.
// The texts are those of the page: <p data-text="NAME"> in #wallet-texts.
import './verify.js';

const REMEMBERED = 'kycd.wallet';
const NONE_FOUND_MS = 1_000;
const SLOW_MS = 20_000;
const NAME_MAX = 40;
const LIST_MAX = 16;

const section = document.getElementById('wallets');
const list = document.getElementById('wallet-list');
const status = document.getElementById('wallet-status');
const cancel = document.getElementById('wallet-cancel');
const byHand = document.getElementById('by-hand');
const message = document.getElementById('message');
const textOf = (name) => section.querySelector(`[data-text="${name}"]`)?.textContent ?? '';
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function base58(bytes) {
	const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
	let text = '';
	for (let number = BigInt(`0x0${hex(bytes)}`); number > 0n; number /= 58n) text = alphabet[Number(number % 58n)] + text;
	return '1'.repeat([...bytes].findIndex((byte) => byte !== 0)) + text;
}

/** A name from an extension as one short line, without characters that control the layout. */
const cleanName = (name) => String(name ?? '').replace(/[\p{C}\s]+/gu, ' ').trim().slice(0, NAME_MAX) || textOf('unnamed');

// A wallet has a chain, a name, an id that is the same on each page, and these functions, which wait for the person:
// accounts() returns [{address}], sign(account, text) the signature as the server reads it.

function evmWallet(provider, { name, rdns }) {
	const request = (method, params = []) => provider.request({ method, params });
	return {
		provider,
		chain: 'evm',
		name: cleanName(name),
		id: `evm ${rdns ?? name}`,
		accounts: async () => (await request('eth_requestAccounts')).map((address) => ({ address })),
		chainId: () => request('eth_chainId'),
		sign: ({ address }, text) => request('personal_sign', [`0x${hex(utf8(text))}`, address]),
	};
}

function solanaWallet(wallet) {
	return {
		provider: wallet,
		chain: 'solana',
		name: cleanName(wallet.name),
		id: `solana ${wallet.name}`,
		accounts: async () => {
			const connected = await wallet.features['standard:connect'].connect();
			return [...(connected?.accounts ?? wallet.accounts)].filter(({ chains }) => chains.some((chain) => chain.startsWith('solana:')));
		},
		sign: async (account, text) => base58((await wallet.features['solana:signMessage'].signMessage({ account, message: utf8(text) }))[0].signature),
	};
}

const wallets = [];
let isFolded = false; // the way without a wallet extension was folded when the first wallet was found
let waiting = 0; // number of the request that the person is answering in the wallet; 0: none
let requests = 0;

function add(make) {
	try {
		const wallet = make();
		if (!wallet || wallets.length >= LIST_MAX || wallets.some(({ provider }) => provider === wallet.provider)) return;
		wallets.push(wallet);
	} catch {
		return; // an extension that announces something else than a wallet
	}
	if (!waiting) showList();
}

function say(name, tone = '') {
	status.textContent = name && textOf(name);
	status.className = tone;
}

function button(label, small, run) {
	const item = document.createElement('li');
	const made = document.createElement('button');
	made.type = 'button';
	made.className = message ? 'wallet' : 'secondary wallet';
	for (const [tag, text] of [['bdi', label], ['small', small]]) made.appendChild(document.createElement(tag)).textContent = text;
	made.addEventListener('click', run);
	item.append(made);
	return item;
}

/** On the page with a message, only wallets that can have its address; the one that was chosen there, if it is found again. */
function listed() {
	const chain = message && (section.dataset.address.startsWith('0x') ? 'evm' : 'solana');
	const usable = wallets.filter((wallet) => !chain || wallet.chain === chain);
	const chosen = message ? usable.filter(({ id }) => id === recallWallet()) : [];
	return chosen.length ? chosen : usable;
}

function showList() {
	const found = listed();
	list.replaceChildren(...found.map((wallet) => (message ? button(textOf('sign'), wallet.name, () => sign(wallet)) : button(wallet.name, textOf(wallet.chain), () => connect(wallet)))));
	if (found.length && !status.className) say('');
	if (found.length && !isFolded && byHand) byHand.open = byHand.querySelector('[aria-invalid=true]') !== null;
	isFolded ||= found.length > 0;
}

function recallWallet(id) {
	try {
		if (id !== undefined) sessionStorage.setItem(REMEMBERED, id);
		return sessionStorage.getItem(REMEMBERED);
	} catch {
		return null; // sessionStorage can be switched off
	}
}

/** Ends the wait for a wallet and shows the list again, with the reason. */
function stop(reason, tone) {
	waiting = 0;
	cancel.hidden = true;
	list.hidden = false;
	showList();
	say(reason, tone);
	list.querySelector('button')?.focus();
}

/** What the person can do about an error of a wallet: EIP-1193 and EIP-1474 have the codes; Solana wallets use the same ones. */
function reasonOf(error) {
	const code = error?.code ?? error?.error?.code ?? error?.cause?.code;
	if (code === 4001 || /reject|denied|declined|cancel/i.test(error?.message)) return 'rejected';
	return { '-32002': 'pending', 4100: 'locked', 4900: 'disconnected', 4901: 'disconnected' }[code] ?? 'failed';
}

/**
 * Runs `work`, which waits for the person to answer in the wallet. Some wallets never answer: then the person cancels, and an
 * answer that comes later is dropped. `work` returns the name of a text that says why it did not succeed, or nothing.
 */
async function ask(text, work) {
	const number = (waiting = ++requests);
	const isCurrent = () => waiting === number;
	say(text, 'waiting');
	list.hidden = true;
	cancel.hidden = false;
	cancel.focus();
	const slow = setTimeout(() => isCurrent() && say('slow', 'waiting'), SLOW_MS);
	try {
		const reason = await work(isCurrent);
		if (reason && isCurrent()) stop(reason, 'bad');
	} catch (error) {
		if (isCurrent()) stop(reasonOf(error), 'bad');
	} finally {
		clearTimeout(slow);
	}
}

/** Sends one of the page's forms. */
function send(name, value, more = {}) {
	const input = document.getElementById(name);
	for (const [key, text] of Object.entries(more)) input.form.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name: key, value: text }));
	input.value = value;
	cancel.hidden = true;
	say('sending', 'waiting');
	input.form.requestSubmit();
}

function connect(wallet) {
	return ask('connecting', async (isCurrent) => {
		const accounts = await wallet.accounts();
		if (!isCurrent()) return;
		if (!accounts.length) return 'locked';
		const chain = await wallet.chainId?.().catch(() => undefined);
		if (!isCurrent()) return;
		recallWallet(wallet.id);
		const use = ({ address }) => send('wallet', address, chain ? { chain_id: chain } : {});
		if (accounts.length === 1) return use(accounts[0]);
		say('choose', 'waiting');
		list.replaceChildren(...accounts.slice(0, LIST_MAX).map((account) => button(account.address, '', () => use(account))));
		list.hidden = false;
		list.querySelector('button').focus();
	});
}

function sign(wallet) {
	const same = ({ address }) => (wallet.chain === 'evm' ? address.toLowerCase() === section.dataset.address.toLowerCase() : address === section.dataset.address);
	return ask('signing', async (isCurrent) => {
		const accounts = await wallet.accounts();
		if (!isCurrent()) return;
		if (!accounts.length) return 'locked';
		const account = accounts.find(same);
		if (!account) return 'other_account';
		const signature = await wallet.sign(account, message.textContent);
		if (isCurrent()) send('signature', signature);
	});
}

if (section) {
	section.hidden = false;
	cancel.addEventListener('click', () => stop('cancelled', 'bad'));
	// A page that the browser shows again from its memory waits for nothing.
	addEventListener('pageshow', ({ persisted }) => persisted && stop(''));

	addEventListener('eip6963:announceProvider', ({ detail }) => add(() => detail.provider.request && evmWallet(detail.provider, detail.info)));
	dispatchEvent(new Event('eip6963:requestProvider'));

	const canSign = ({ chains, features }) => features['standard:connect'] && features['solana:signMessage'] && chains.some((chain) => chain.startsWith('solana:'));
	const api = Object.freeze({
		register: (...found) => {
			for (const wallet of found) add(() => canSign(wallet) && solanaWallet(wallet));
			return () => {};
		},
	});
	addEventListener('wallet-standard:register-wallet', ({ detail }) => detail(api));
	dispatchEvent(new CustomEvent('wallet-standard:app-ready', { detail: api }));

	setTimeout(() => {
		if (window.ethereum?.request && !wallets.some(({ chain }) => chain === 'evm')) add(() => evmWallet(window.ethereum, {}));
		if (!list.childElementCount && !waiting) say('none');
	}, NONE_FOUND_MS);
}
