// Measures pages of GET /v1/users: node bench/people_page.mjs BASE_URL KEY
const [, , base, key] = process.argv;
const CALLS = 200;

async function getPage(query) {
	const begun = performance.now();
	const answer = await fetch(`${base}/v1/users?${new URLSearchParams(query)}`, { headers: { 'x-api-key': key } });
	const { data, message } = await answer.json();
	if (!answer.ok) throw new Error(message);
	return { ms: performance.now() - begun, data };
}

const queries = { newest: {}, 'in review': { status: 'in_review' }, 'expired (nobody)': { status: 'expired' }, 'unknown reference': { reference: 'nobody' }, '25 newest': { limit: 25 } };
for (const [name, query] of Object.entries(queries)) {
	const times = [];
	let rows;
	for (let i = 0; i < CALLS; i++) {
		const { ms, data } = await getPage({ limit: 100, ...query });
		times.push(ms);
		rows = data.users.length;
	}
	times.sort((a, b) => a - b);
	console.log(`${name}: ${rows} rows, p50 ${times[CALLS / 2].toFixed(1)} ms, p95 ${times[CALLS * 0.95].toFixed(1)} ms`);
}
