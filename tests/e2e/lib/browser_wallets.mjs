// Wallets in the browser of a test, announced as extensions announce them (EIP-6963, Wallet Standard). Their keys are in the test:
// the page reaches them through a function that the test exposes, and the signatures are made by ethers and tweetnacl.
import { base58, evm, hex, solana, toBytes } from './wallets.mjs';

let wallets = 0;

const errors = {
	rejected: { code: 4001, message: 'User rejected the request.' },
	pending: { code: -32002, message: 'Request of type eth_requestAccounts already pending' },
	disconnected: { code: 4900, message: 'The provider is disconnected' },
	broken: { code: -32603, message: 'Internal JSON-RPC error.' },
};

/**
 * How a wallet answers; a test changes it at any time. `accounts`: wallets of lib/wallets.mjs. `answer`: what the next requests
 * get: 'sign', 'locked' (no accounts), 'hang' (until release()), or a name of `errors`. `calls`: the requests so far.
 */
class BrowserWallet {
	constructor(fields) {
		Object.assign(this, { answer: 'sign', connects: 'sign', calls: [], held: [] }, fields);
	}

	release() {
		for (const done of this.held.splice(0)) done();
	}

	async reply(call, answer, work) {
		this.calls.push(call);
		if (answer === 'hang') await new Promise((resolve) => this.held.push(resolve));
		return errors[answer] ? { error: errors[answer] } : { result: await work() };
	}
}

/** Announces an Ethereum wallet on each document of the page. `late`: after so many milliseconds. */
export async function addEvmWallet(page, { name = 'Test Wallet', rdns = 'org.example.wallet', accounts = [evm.ethers('browser')], late = 0, legacy = false } = {}) {
	const wallet = new BrowserWallet({ accounts });
	const binding = `testWallet${++wallets}`;
	await page.exposeFunction(binding, async (method, params) => {
		if (method === 'eth_requestAccounts') return wallet.reply(method, wallet.connects, () => (wallet.connects === 'locked' ? [] : wallet.accounts.map(({ address }) => address.toLowerCase())));
		if (method === 'eth_chainId') return { result: '0x1' };
		if (method !== 'personal_sign') return { error: { code: 4200, message: `no ${method}` } };
		const text = Buffer.from(params[0].slice(2), 'hex').toString();
		wallet.signed = text;
		const account = wallet.accounts.find(({ address }) => address.toLowerCase() === params[1].toLowerCase());
		return wallet.reply(method, wallet.answer, () => (wallet.signsWith ?? account).sign(text));
	});
	await page.addInitScript(({ binding: call, info, delay, onlyLegacy }) => {
		const provider = {
			request: async ({ method, params }) => {
				const { result, error } = await window[call](method, params);
				if (error) throw Object.assign(new Error(error.message), { code: error.code });
				return result;
			},
		};
		if (onlyLegacy) {
			window.ethereum = provider;
			return;
		}
		const announce = () => dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info: Object.freeze({ ...info, uuid: crypto.randomUUID?.() ?? '', icon: 'data:image/svg+xml,<svg/>' }), provider }) }));
		addEventListener('eip6963:requestProvider', () => setTimeout(announce, delay));
		announce();
	}, { binding, info: { name, rdns }, delay: late, onlyLegacy: legacy });
	return wallet;
}

/** Announces a Solana wallet on each document of the page. */
export async function addSolanaWallet(page, { name = 'Solana Test Wallet', accounts = [solana.tweetnacl('browser')] } = {}) {
	const wallet = new BrowserWallet({ accounts });
	const binding = `testWallet${++wallets}`;
	await page.exposeFunction(binding, async (method, params) => {
		if (method === 'connect') return wallet.reply(method, wallet.connects, () => (wallet.connects === 'locked' ? [] : wallet.accounts.map(({ address, key }) => ({ address, publicKey: [...key] }))));
		const bytes = Uint8Array.from(params.message);
		wallet.signed = Buffer.from(bytes).toString();
		const account = wallet.accounts.find(({ address }) => address === params.address);
		return wallet.reply(method, wallet.answer, () => [...(wallet.signsWith ?? account).signBytes(bytes)]);
	});
	await page.addInitScript(({ binding: call, walletName }) => {
		const ask = async (method, params) => {
			const { result, error } = await window[call](method, params);
			if (error) throw Object.assign(new Error(error.message), { code: error.code });
			return result;
		};
		const found = Object.freeze({
			version: '1.0.0',
			name: walletName,
			icon: 'data:image/svg+xml;base64,PHN2Zy8+',
			chains: ['solana:mainnet', 'solana:devnet'],
			accounts: [],
			features: {
				'standard:connect': {
					version: '1.0.0',
					connect: async () => ({ accounts: (await ask('connect')).map(({ address, publicKey }) => ({ address, publicKey: Uint8Array.from(publicKey), chains: ['solana:mainnet'], features: ['solana:signMessage'] })) }),
				},
				'solana:signMessage': {
					version: '1.1.0',
					signMessage: async ({ account, message }) => [{ signedMessage: message, signature: Uint8Array.from(await ask('signMessage', { address: account.address, message: [...message] })) }],
				},
			},
		});
		// As @wallet-standard/wallet registers: an event with a function, and the function again when the page says that it is ready.
		const register = ({ register: add }) => add(found);
		dispatchEvent(Object.assign(new CustomEvent('wallet-standard:register-wallet', { detail: register })));
		addEventListener('wallet-standard:app-ready', ({ detail }) => register(detail));
	}, { binding, walletName: name });
	return wallet;
}

export { base58, evm, hex, solana, toBytes };
