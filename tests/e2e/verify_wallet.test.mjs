// The wallet step of a verification link, in a real browser: wallets that announce themselves as extensions do (EIP-6963, Wallet
// Standard), wallets outside of the browser, and what wallets do besides signing. The signatures are made by ethers and tweetnacl.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser, NARROW_WIDTH } from './lib/browser.mjs';
import { addEvmWallet, addSolanaWallet, evm, solana } from './lib/browser_wallets.mjs';
import { PHONE, createLink, doCheck, openDevServer, readLink, start, submit } from './lib/verification.mjs';
import { until } from './lib/wait.mjs';

const statusText = (page) => page.locator('#wallet-status');
const says = (page, text) => statusText(page).filter({ hasText: text }).waitFor();
const walletButtons = (page) => page.locator('#wallet-list button');
const isSigning = (page) => page.locator('#message').waitFor();

/** Opens a link's page about wallets. `prepare`: adds wallets to the page before it is opened. */
async function openWalletStep(t, { server, browser, prepare = async () => {}, fields = {}, ...view } = {}) {
	const link = await createLink(server, fields);
	const page = await browser.page({ ...PHONE, allow: [server.base], ...view });
	const wallets = await prepare(page);
	await start(page, link);
	await page.locator('a[href*="step=wallet"]').click();
	await page.locator('#wallets:not([hidden])').waitFor();
	return { link, page, wallets };
}

async function setUp(t, settings) {
	return { server: await openDevServer(t, settings), browser: await Browser.open(t) };
}

async function assertProven(server, link, wallet) {
	const { user_id } = await readLink(server, link);
	assert.ok(user_id, 'the link belongs to a person');
	const { data } = await server.call('GET', `/kyc/status?wallet=${wallet.address}`);
	assert.equal(data?.wallet_verified ?? true, true);
}

const kinds = {
	'an Ethereum wallet (EIP-6963)': { add: addEvmWallet, account: evm.ethers('person one'), label: 'Ethereum' },
	'a Solana wallet (Wallet Standard)': { add: addSolanaWallet, account: solana.tweetnacl('person two'), label: 'Solana' },
};

for (const [name, { add, account, label }] of Object.entries(kinds))
	test(`a person goes from the link to approved with ${name}`, async (t) => {
		const { server, browser } = await setUp(t);
		const { link, page, wallets: wallet } = await openWalletStep(t, { server, browser, prepare: (p) => add(p, { name: 'Pocket', accounts: [account] }) });
		assert.equal(await walletButtons(page).innerText(), `Pocket\n${label}`);
		assert.equal(await page.locator('#by-hand').getAttribute('open'), null, 'the way without an extension is folded');
		assert.deepEqual(await browser.accessibilityErrors(page), []);
		await walletButtons(page).click();
		await isSigning(page);
		const text = await page.locator('#message').innerText();
		assert.ok(text.includes(account.address), 'the text names the address');
		assert.ok(text.startsWith(`${new URL(server.base).host} wants you to sign in with your ${label} account:`), text);
		assert.deepEqual(await browser.accessibilityErrors(page), []);
		assert.equal(await browser.overflowWidth(page), 0);

		await walletButtons(page).click();
		await page.locator('form[action*="/check?"]').waitFor();
		assert.equal(wallet.signed, text, 'the wallet signed what the page shows');
		await assertProven(server, link, account);
		await doCheck(page);
		await until('the link to be completed', async () => (await readLink(server, link)).state === 'completed');
		await page.locator('#result').waitFor();
		assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
	});

test('a wallet outside of the browser proves its address by copy and paste', async (t) => {
	const { server, browser } = await setUp(t);
	for (const [account, scripts] of [[evm.viem('paper'), true], [solana.noble('paper'), false]]) {
		const link = await createLink(server);
		const page = await browser.page({ ...PHONE, scripts, allow: [server.base] });
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.base });
		await start(page, link);
		await page.locator('a[href*="step=wallet"]').click();
		if (scripts) await says(page, 'No suitable wallet was found in this browser');
		await page.locator('#wallet').fill(` ${account.address} `);
		await submit(page, 'challenge');
		await isSigning(page);
		let text = await page.locator('#message').textContent();
		if (scripts) {
			await page.locator('button[data-copy=message]').click();
			text = await page.evaluate(() => navigator.clipboard.readText());
		}
		await page.locator('#signature').fill(await account.sign(text));
		await submit(page, 'signature');
		await page.locator('form[action*="/check?"]').waitFor();
		await assertProven(server, link, account);
		assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
		await page.context().close();
	}
});

const refusals = {
	rejected: /declined in your wallet/,
	pending: /still shows an earlier request/,
	disconnected: /not connected to its network/,
	broken: /reported an error/,
	locked: /shared no account/,
};

for (const [name, { add }] of Object.entries(kinds))
	test(`the page says what to do when ${name} does not do as asked`, async (t) => {
		const { server, browser } = await setUp(t);
		const { page, wallets: wallet } = await openWalletStep(t, { server, browser, prepare: (p) => add(p) });
		/** The list is shown again, and the focus is on the wallet, so that the keyboard goes on there. */
		const assertTold = async (pattern, answer) => {
			await says(page, pattern);
			assert.equal(await statusText(page).getAttribute('role'), 'status', answer);
			assert.equal(await page.locator('#wallet-cancel').isVisible(), false, answer);
			assert.ok(await walletButtons(page).evaluate((element) => element === document.activeElement), answer);
		};
		for (const [answer, pattern] of Object.entries(refusals)) {
			wallet.connects = answer;
			await walletButtons(page).click();
			await assertTold(pattern, answer);
		}
		wallet.connects = 'sign';
		await walletButtons(page).click();
		await isSigning(page);
		for (const [answer, pattern] of Object.entries(refusals).filter(([key]) => key !== 'locked')) {
			wallet.answer = answer;
			await walletButtons(page).click();
			await assertTold(pattern, answer);
		}
		wallet.connects = 'locked';
		await walletButtons(page).click();
		await assertTold(refusals.locked, 'locked');

		// Another account was chosen in the wallet after the text was made.
		wallet.connects = wallet.answer = 'sign';
		const [account] = wallet.accounts;
		wallet.accounts = [(add === addEvmWallet ? evm.ethers : solana.tweetnacl)('another account')];
		await walletButtons(page).click();
		await assertTold(/uses another account/, 'another account');

		// A wallet signs with another key than it says: the server refuses the signature.
		wallet.accounts = [account];
		wallet.signsWith = (add === addEvmWallet ? evm.ethers : solana.tweetnacl)('another key');
		await walletButtons(page).click();
		await page.locator('#error-summary, [role=alert]').first().waitFor();
		assert.equal(await page.locator('#signature').getAttribute('aria-invalid'), 'true');
		assert.notEqual(await page.locator('#by-hand').getAttribute('open'), null, 'the field with the error is visible');
		delete wallet.signsWith;
		await walletButtons(page).click();
		await page.locator('form[action*="/check?"]').waitFor();
	});

test('a wallet that never answers can be cancelled, and what it answers later is dropped', async (t) => {
	const { server, browser } = await setUp(t);
	const { page, wallets: wallet } = await openWalletStep(t, { server, browser, prepare: (p) => addEvmWallet(p) });
	const cancel = page.locator('#wallet-cancel');
	wallet.connects = 'hang';
	await walletButtons(page).click();
	await cancel.waitFor();
	assert.match(await statusText(page).innerText(), /may see your address/);
	assert.ok(await cancel.evaluate((element) => element === document.activeElement));
	await page.keyboard.press('Enter');
	assert.match(await statusText(page).innerText(), /^Cancelled/);
	wallet.release();
	wallet.connects = 'sign';
	await walletButtons(page).click();
	await isSigning(page);

	wallet.answer = 'hang';
	await walletButtons(page).click();
	await cancel.click();
	assert.match(await statusText(page).innerText(), /^Cancelled/);
	wallet.release();
	await page.locator('#wallet-list button:focus').waitFor();
	assert.equal(await page.locator('#signature').inputValue(), '', 'the late signature was dropped');
	assert.equal(await page.locator('form[action*="/check?"]').count(), 0);
});

test('a person chooses one of several accounts of a wallet', async (t) => {
	const { server, browser } = await setUp(t);
	const accounts = ['first', 'second', 'third'].map((name) => evm.ethers(name));
	const { link, page } = await openWalletStep(t, { server, browser, prepare: (p) => addEvmWallet(p, { accounts }) });
	await walletButtons(page).click();
	await says(page, 'Choose the account that you want to use.');
	assert.deepEqual(await walletButtons(page).allInnerTexts(), accounts.map(({ address }) => address.toLowerCase()));
	assert.equal(await browser.overflowWidth(page), 0);
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await isSigning(page);
	assert.ok((await page.locator('#message').innerText()).includes(accounts[1].address));
	await walletButtons(page).click();
	await page.locator('form[action*="/check?"]').waitFor();
	await assertProven(server, link, accounts[1]);
});

test('wallets are listed by name, and a name is only ever text', async (t) => {
	const { server, browser } = await setUp(t);
	const markup = '<img src=x onerror=alert(1)><b>Wallet</b>';
	const { page } = await openWalletStep(t, { server, browser, width: NARROW_WIDTH, prepare: async (p) => {
		p.on('dialog', (dialog) => assert.fail(dialog.message()));
		await addEvmWallet(p, { name: 'Alpha', rdns: 'org.alpha' });
		await addEvmWallet(p, { name: markup, rdns: 'org.markup', late: 300 });
		await addSolanaWallet(p, { name: `\u202eevil\n\n${'x'.repeat(500)}` });
		await addSolanaWallet(p, { name: '' });
		// What announces itself as a wallet and is none must not keep the others from the list.
		await p.addInitScript(() => {
			addEventListener('eip6963:requestProvider', () => {
				for (const detail of [undefined, null, {}, { info: null, provider: {} }, { info: {}, provider: null }]) dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
			});
			addEventListener('wallet-standard:app-ready', ({ detail }) => detail.register({ name: 'No features', chains: ['solana:mainnet'], features: {} }, null, { get name() { throw new Error('no name'); } }));
		});
	} });
	await page.locator('#wallet-list button:nth-child(1)').nth(3).waitFor();
	const names = await page.locator('#wallet-list bdi').allInnerTexts();
	assert.deepEqual(names.slice().sort(), ['Alpha', markup.slice(0, 40), `evil ${'x'.repeat(35)}`, 'Wallet of this browser'].sort());
	assert.equal(await page.locator('#wallets img, #wallets b, #wallets script').count(), 0);
	assert.equal(await browser.overflowWidth(page), 0);
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.deepEqual(page.blockedUrls, []);
});

test('an old wallet that does not announce itself is listed if no other Ethereum wallet is', async (t) => {
	const { server, browser } = await setUp(t);
	const { page } = await openWalletStep(t, { server, browser, prepare: (p) => addEvmWallet(p, { legacy: true }) });
	await walletButtons(page).waitFor();
	assert.equal(await page.locator('#wallet-list bdi').innerText(), 'Wallet of this browser');
	await walletButtons(page).click();
	await isSigning(page);
	await walletButtons(page).click();
	await page.locator('form[action*="/check?"]').waitFor();
});

test('the wallet step works by keyboard and in a language that is written from right to left', async (t) => {
	const { server, browser } = await setUp(t);
	const { page } = await openWalletStep(t, { server, browser, language: 'ar', width: NARROW_WIDTH, prepare: (p) => addEvmWallet(p) });
	assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.equal(await browser.overflowWidth(page), 0);
	await walletButtons(page).focus();
	await page.keyboard.press('Enter');
	await isSigning(page);
	assert.equal(await page.locator('#message').getAttribute('dir'), 'ltr');
	assert.deepEqual(await browser.accessibilityErrors(page), []);
	assert.equal(await browser.overflowWidth(page), 0);
	await walletButtons(page).focus();
	await page.keyboard.press('Space');
	await page.locator('form[action*="/check?"]').waitFor();
});
