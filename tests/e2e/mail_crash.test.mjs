// Several instances share one PostgreSQL database, and two are killed while they send e-mails. Every accepted code is delivered, and only
// e-mails that a killed instance was sending may be delivered twice, after its lease expired (`bench/duplicate_mails.mjs` uses 5,000 codes).
import assert from 'node:assert/strict';
import test from 'node:test';
import { postgres } from './lib/database.mjs';
import { assertDelivery, sendWhileKilled } from './lib/mail_crash.mjs';

test('four instances deliver all 200 codes although two of them are killed', async (t) => {
	const result = await sendWhileKilled(t, await postgres(t), { codes: 200, kills: 2 });
	assertDelivery(result);
	assert.equal(result.kills, 2);
	assert.ok(result.leased > 0, 'a killed instance was sending e-mails');
	t.diagnostic(`delivered twice: ${result.duplicates} of ${result.leased} that a killed instance was sending`);
});
