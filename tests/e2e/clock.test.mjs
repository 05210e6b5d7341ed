// The wall clock of the machine is set while the server runs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { MovableClock } from './lib/clock.mjs';
import { ON_POSTGRES } from './lib/database.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const DAY_S = 86_400;

async function openWithClock(t, settings) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const clock = await MovableClock.open(folder);
	const app = await App.open(t, { settings, under: clock.under });
	return { app, clock };
}

test('an expired code stays expired when the clock is set back a day, and a new code works', async (t) => {
	const { app, clock } = await openWithClock(t, { KYCD_OTP_TTL: 2, KYCD_OTP_SEND_EVERY: 1 });
	const email = newEmail();
	const code = await app.requestCode(email);
	const sent = performance.now();

	await until('the code to expire', () => performance.now() - sent > 2_100);
	await clock.set(-DAY_S);
	expect(await app.verify(email, code), 400, 'otp_expired');
	const next = await app.requestCode(email);
	expect(await app.verify(email, next), 200, 'email_verified');
	// After a restart kycd only knows that the code is of the future. On PostgreSQL the database's clock counts, which was not set.
	const other = newEmail();
	const otherCode = await app.requestCode(other);
	await clock.set(-2 * DAY_S);
	await app.server.restart();
	if (!ON_POSTGRES) expect(await app.verify(other, otherCode), 400, 'otp_expired');
});

test('a jump of the clock by more than a minute is logged once, in both directions', async (t) => {
	const { app, clock } = await openWithClock(t, {});

	await clock.set(-30);
	await clock.set(-DAY_S);
	await app.server.waitForLog(/level=warn event=clock_jumped clock=machine ms=-86\d{6} reason=.*action=/);
	await clock.set(0);
	await app.server.waitForLog(/event=clock_jumped clock=machine ms=86\d{6} /);
	assert.equal(app.server.log.match(/event=clock_jumped/g).length, 2);
});
