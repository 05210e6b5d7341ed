// Reviews in the console, with the sandbox of development mode as the provider: a decision counts once, two reviewers do not act on
// one case, four eyes, and a provider that does not accept a decision.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Browser } from './lib/browser.mjs';
import { newEmail } from './lib/app.mjs';
import { ConsoleClient, ConsoleServer, registerInBrowser } from './lib/console.mjs';
import { openReview, reviewsIn, statusOf } from './lib/reviews.mjs';
import { until } from './lib/wait.mjs';

const HOSTILE = '</textarea><script>alert(1)</script>"\'&\r\nsecond line';

const countEvents = async (server, type) => (await server.command('event', 'list')).split('\n').filter((line) => line.includes(` ${type} `)).length;

const countAudit = async (server, action) => (await server.command('audit', 'list')).split('\n').filter((line) => line.split(/ +/)[1] === action).length;

test('an approval goes to the provider, counts once, and the provider\'s event changes nothing', async (t) => {
	const server = await ConsoleServer.open(t);
	const ana = await ConsoleClient.ofDev(server);
	const { email, session_id, path } = await openReview(server, ana);

	const page = await ana.get(path);
	for (const part of ['DATA_INCONSISTENT', 'data_mismatch', session_id, 'In Review']) assert.ok(page.text.includes(part), part);
	assert.equal((await ana.post(`${path}/decide`, { verdict: 'approve' })).http, 409, 'a decision needs a claim');
	assert.equal((await ana.post(`${path}/claim`)).http, 303);
	for (const fields of [{}, { verdict: 'maybe' }, { verdict: 'decline' }, { verdict: 'decline', reason: 'because' }, { verdict: 'approve', comment: 'x'.repeat(1001) }, { verdict: 'approve', comment: '\x07' }])
		assert.equal((await ana.post(`${path}/decide`, fields)).http, 400, JSON.stringify(fields));
	const kept = await ana.post(`${path}/decide`, { verdict: 'decline_retry', comment: HOSTILE });
	assert.equal(kept.http, 400);
	for (const part of ['role="alert"><p>Choose a reason', 'value="decline_retry" checked', '&lt;/textarea&gt;&lt;script&gt;alert(1)']) assert.ok(kept.text.includes(part), part);
	assert.ok(!kept.text.includes('<script>alert'));
	assert.equal(await statusOf(server, email), 'In Review');
	const queue = (await ana.get('/console/reviews')).text;
	assert.match(queue, /href="\/console\/people\/default\/usr_[0-9a-z]{26}">usr_[^]*data mismatch/, 'the queue has the person and the reasons');
	assert.match(page.text, /Result of each check[^]*<dt>ID_VERIFICATION<\/dt><dd><span class="badge wait">In Review/);

	const eventsBefore = await countAudit(server, 'provider_event');
	const decided = await ana.post(`${path}/decide`, { verdict: 'approve', comment: HOSTILE });
	assert.deepEqual([decided.http, decided.headers.location], [303, `${path}?done=review-decided`]);
	assert.equal(await statusOf(server, email), 'Approved', 'it counts at once');
	await until('the event of the provider', async () => (await countAudit(server, 'provider_event')) > eventsBefore);
	assert.equal(await statusOf(server, email), 'Approved');
	const review = (await ana.get(path)).text;
	assert.match(review, /<dt>Reasons<\/dt><dd><span class="badge">/, 'what was found stays visible after an approval');
	const person = (await ana.get(/href="(\/console\/people\/default\/usr_[0-9a-z]{26})"/.exec(review)[1])).text;
	assert.match(person, new RegExp(`<a href="${path}">Review</a> <span class="small">decided by [^<@]+@`), 'the page of the person leads to the review');
	assert.equal(await countEvents(server, 'kyc.approved'), 1);
	assert.equal(await countAudit(server, 'review_decided'), 1);
	const atProvider = (await server.call('GET', `/sandbox/didit/v3/session/${session_id}/decision/`, { headers: { 'x-api-key': 'sandbox' } })).json;
	assert.equal(atProvider.status, 'Approved');

	const after = await ana.get(path);
	assert.ok(after.text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'), 'the comment is shown as text');
	assert.ok(!after.text.includes('<script>alert'));
	assert.deepEqual(reviewsIn((await ana.get('/console/reviews')).text), []);
	assert.equal((await ana.post(`${path}/claim`)).http, 409, 'a stale form');
	assert.ok(!server.log.includes('alert(1)'), 'the comment is in no log');
});

test('two reviewers on one case: the second is told who has claimed it; nobody acts without the role, the tenant or the token', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const ana = await ConsoleClient.ofDev(server);
	const { email, path } = await openReview(server, ana);
	const benEmail = newEmail('ben');
	const page = await registerInBrowser(browser, server, await server.addOperator(benEmail, 'reviewer'));
	const ben = await ConsoleClient.ofPage(server, page);

	await page.goto(`${server.site}/console/reviews`);
	await page.locator('main tbody a').first().click();
	await page.getByRole('button', { name: 'Claim' }).click();
	await page.waitForURL(/done=review-claimed/);
	await ana.get(path);
	const refused = await ana.post(`${path}/decide`, { verdict: 'approve' });
	assert.equal(refused.http, 409);
	assert.match(refused.text, new RegExp(`${benEmail}.* has claimed this review until <time`));
	assert.equal((await ana.post(`${path}/claim`)).http, 409);
	assert.match((await ana.get('/console/reviews')).text, new RegExp(benEmail));

	await ben.get(path);
	const { csrf } = ben;
	for (const [fields, headers] of [[{ csrf: undefined }], [{}, { origin: 'http://evil.example' }]])
		assert.equal((await ben.post(`${path}/decide`, { csrf, verdict: 'approve', ...fields }, { headers })).http, 403);
	await server.command('tenant', 'add', 'bank');
	const viewer = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'viewer')));
	const stranger = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail(), 'admin', '--tenant', 'bank')));
	assert.equal((await viewer.get(path)).http, 200);
	assert.equal((await stranger.get('/console/reviews')).http, 200);
	assert.equal((await stranger.get(path)).http, 404);
	for (const act of ['claim', 'release', 'decide', 'confirm', 'reject']) {
		assert.equal((await viewer.post(`${path}/${act}`, { verdict: 'approve' })).http, 403, act);
		assert.equal((await stranger.post(`${path}/${act}`, { verdict: 'approve' })).http, 404, act);
	}
	assert.equal((await viewer.get('/console/reviews/01hxxxxxxxxxxxxxxxxxxxxxxx')).http, 404);
	assert.equal(await statusOf(server, email), 'In Review');

	await page.getByLabel('Decline', { exact: true }).check();
	await page.getByLabel('Reason').selectOption('underage');
	await page.getByLabel('Comment').fill('The names differ.');
	await page.getByRole('button', { name: 'Decide' }).click();
	await page.waitForURL(/done=review-decided/);
	assert.match(await page.locator('main').innerText(), /decline[^]*underage[^]*The names differ/);
	assert.equal(await statusOf(server, email), 'Declined');
	assert.match(await page.locator('main').innerText(), /Result of each check/);
	const overview = (await ana.get('/console')).text;
	assert.match(overview, /[Uu]nderage/, 'the overview counts the reason');
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

test('a decision that the provider does not accept changes nothing, and the claim stays', async (t) => {
	const server = await ConsoleServer.open(t);
	const ana = await ConsoleClient.ofDev(server);
	const { email, path } = await openReview(server, ana);
	await ana.get(path);
	await ana.post(`${path}/claim`);
	assert.equal((await server.call('POST', '/sandbox/faults', { body: { what: 'error', times: 1 } })).http, 200);
	const failed = await ana.post(`${path}/decide`, { verdict: 'approve', comment: 'Looks right.' });
	assert.equal(failed.http, 502, failed.text);
	assert.match(failed.text, /value="approve" checked[^]*>Looks right\.<\/textarea>/, 'the entries are kept');
	assert.match(failed.text, /role="alert"><p>The provider/);
	assert.match(failed.text, /You have claimed this review until/);
	assert.equal(await statusOf(server, email), 'In Review');
	await server.waitForLog(/event=review_not_sent .*cause=provider_unreachable/);
	assert.equal((await ana.post(`${path}/decide`, { verdict: 'approve' })).http, 303);
	assert.equal(await statusOf(server, email), 'Approved');
});

test('with four eyes a second operator confirms, and nobody the own decision', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const ana = await ConsoleClient.ofDev(server);
	assert.match(await server.command('tenant', 'set', 'default', '--four-eyes', 'on'), /four eyes/);
	const { email, path } = await openReview(server, ana);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail('ben'), 'reviewer'));

	await ana.get(path);
	await ana.post(`${path}/claim`);
	assert.match((await ana.post(`${path}/decide`, { verdict: 'approve', comment: HOSTILE })).headers.location, /review-proposed/);
	assert.equal(await statusOf(server, email), 'In Review');
	assert.equal((await ana.post(`${path}/claim`)).http, 409);
	assert.equal((await ana.post(`${path}/confirm`, { verdict: 'approve' })).http, 409);

	await page.goto(server.site + path);
	await page.getByRole('button', { name: 'Claim' }).click();
	await page.waitForURL(/done=review-claimed/);
	const ben = await ConsoleClient.ofPage(server, page);
	await ben.get(path);
	assert.equal((await ben.post(`${path}/confirm`, { verdict: 'decline' })).http, 409, 'another decision than the present one');
	await page.getByRole('button', { name: 'Confirm: approve' }).click();
	await page.waitForURL(/done=review-confirmed/);
	assert.equal(await statusOf(server, email), 'Approved');
	assert.equal(await countAudit(server, 'review_confirmed'), 1);
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});

test('with four eyes an operator withdraws the own decision before it is confirmed', async (t) => {
	const server = await ConsoleServer.open(t);
	const browser = await Browser.open(t);
	const dev = await ConsoleClient.ofDev(server);
	await server.command('tenant', 'set', 'default', '--four-eyes', 'on');
	const { email, path } = await openReview(server, dev);
	const page = await registerInBrowser(browser, server, await server.addOperator(newEmail('ana'), 'reviewer'));
	const ben = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('ben'), 'reviewer')));
	const viewer = await ConsoleClient.ofPage(server, await registerInBrowser(browser, server, await server.addOperator(newEmail('eve'), 'viewer')));
	const ana = await ConsoleClient.ofPage(server, page);
	await ana.get(path);
	await ana.post(`${path}/claim`);
	assert.match((await ana.post(`${path}/decide`, { verdict: 'approve', comment: 'a mistake' })).headers.location, /review-proposed/);
	for (const [client, http] of [[ben, 409], [viewer, 403]]) {
		assert.ok(!/Withdraw/.test((await client.get(path)).text));
		assert.equal((await client.post(`${path}/withdraw`, { verdict: 'approve' })).http, http);
	}
	assert.equal((await ana.post(`${path}/withdraw`, { verdict: 'decline' })).http, 409, 'another decision than the present one');
	assert.equal((await ana.post(`${path}/withdraw`, { csrf: undefined, verdict: 'approve' })).http, 403);
	assert.equal((await ana.post(`${path}/withdraw`, {})).http, 400);
	await ben.post(`${path}/claim`);
	assert.ok(!/Withdraw/.test((await ana.get(path)).text), 'a confirmation may be on its way');
	assert.equal((await ana.post(`${path}/withdraw`, { verdict: 'approve' })).http, 409);
	await ben.post(`${path}/release`);
	await page.goto(server.site + path);
	if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/withdraw.png`, fullPage: true });
	await page.getByRole('button', { name: 'Withdraw the decision' }).click();
	await page.getByText('Your decision was withdrawn.').waitFor();
	assert.ok(!(await page.locator('main').innerText()).includes('a mistake'));
	assert.equal(await statusOf(server, email), 'In Review');
	assert.equal(await countAudit(server, 'review_withdrawn'), 1);
	await ben.post(`${path}/claim`);
	assert.match((await ben.post(`${path}/decide`, { verdict: 'decline', reason: 'other' })).headers.location, /review-proposed/);
	assert.deepEqual([page.blockedUrls, page.consoleErrors], [[], []]);
});
