// Code generators read the description (`kycd openapi`): correct calls compile, and each wrong call fails with its own error.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { makeFolder, removeFolder, run } from './lib/kycd.mjs';

const require = createRequire(import.meta.url);
const ts = require('typescript');
const { z } = require('zod');
const { generateZodClientFromOpenAPI } = require('openapi-zod-client');
const MODULES = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
const TEMPLATE = path.join(MODULES, 'openapi-zod-client', 'src', 'templates', 'schemas-only.hbs');

const description = async () => JSON.parse((await run(['openapi'], { settings: {} })).stdout);

const PRELUDE = `import type { operations, components } from './api';
type Body<O extends keyof operations> = operations[O] extends { requestBody: { content: { 'application/json': infer B } } } ? B : never;
type Schema<S extends keyof components['schemas']> = components['schemas'][S];
type Answer<O extends keyof operations, H extends keyof operations[O]['responses']> =
	operations[O]['responses'][H] extends { content: { 'application/json': infer B } } ? B : never;
`;

const CORRECT = [
	`const a: Body<'prepareKyc'> = { email: 'ana@example.com', language: 'pt' };`,
	`const a: Body<'createKycSession'> = { email: 'ana@example.com' };`,
	`const a: Body<'createKycSession'> = { wallet: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A', language: 'en' };`,
	`const a: Body<'createKycSession'> = { email: 'ana@example.com', wallet: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A' };`,
	`const a: Body<'queryKycStatus'> = { email: 'ana@example.com' };`,
	`const a: operations['createKycSession']['parameters']['path'] = { kyc_type: 'verify_public_kyc' };`,
	`declare const a: Schema<'already_approved'>; const url: string | null = a.data.session.session_url;`,
	`declare const a: Answer<'createKycSession', 403>; if (a.status === 'user_not_prepared') { const b: Schema<'user_not_prepared'> = a; }`,
];

/** Wrong calls, each with the number and a part of the text of TypeScript's error. */
const WRONG = [
	[`const a: Body<'prepareKyc'> = { emial: 'ana@example.com' };`, 2561, 'emial'],
	[`const a: Body<'prepareKyc'> = { language: 'pt' };`, 2741, 'email'],
	[`const a: Body<'createKycSession'> = { wallett: '0x19' };`, 2561, 'wallett'],
	[`const a: Body<'createKycSession'> = { email: 'ana@example.com', languages: 'en' };`, 2561, 'languages'],
	[`const a: Body<'createKycSession'> = { language: 'en' };`, 2322, 'language'],
	[`const a: Body<'createKycSession'> = {};`, 2322, '{}'],
	[`const a: Body<'queryKycStatus'> = { emails: 'ana@example.com' };`, 2561, 'emails'],
	[`const a: Body<'verifyEmailOtp'> = { email: 'ana@example.com', code: true };`, 2322, 'boolean'],
	[`const a: operations['createKycSession']['parameters']['path'] = { kyc_type: 'verify_public' };`, 2322, 'verify_public'],
	[`declare const a: Schema<'already_approved'>; const url: string = a.data.session.session_url;`, 2322, 'null'],
	[`declare const a: Answer<'createKycSession', 403>; const b = a.status === 'approved';`, 2367, 'approved'],
];

/** Compiles each text as a file of one program; returns for each text the errors as [number, text]. */
async function compile(folder, texts) {
	const files = texts.map((_, i) => path.join(folder, `call${i}.ts`));
	await Promise.all(files.map((file, i) => writeFile(file, `${PRELUDE}${texts[i]}\nexport {};\n`)));
	const program = ts.createProgram(files, { strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.es2022.d.ts'], target: ts.ScriptTarget.ES2022 });
	return files.map((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
		.map(({ code, messageText }) => [code, ts.flattenDiagnosticMessageText(messageText, '\n')]));
}

test('code of openapi-typescript compiles correct calls and refuses wrong ones', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	await writeFile(path.join(folder, 'api.d.ts'), astToString(await openapiTypescript(await description())));
	const errors = await compile(folder, [...CORRECT, ...WRONG.map(([text]) => text)]);
	CORRECT.forEach((text, i) => assert.deepEqual(errors[i], [], text));
	WRONG.forEach(([text, code, part], i) => {
		const [first, ...others] = errors[CORRECT.length + i];
		assert.deepEqual([first?.[0], others], [code, []], `${text}: ${first?.[1]}`);
		assert.ok(first[1].includes(part), `${text}: ${first[1]}`);
	});
});

test('schemas of openapi-zod-client accept correct bodies and answers and refuse wrong ones', async () => {
	const source = await generateZodClientFromOpenAPI({ openApiDoc: await description(), templatePath: TEMPLATE, disableWriteToFile: true,
		options: { shouldExportAllSchemas: true, strictObjects: true, withAlias: true } });
	const compiled = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 } }).outputText;
	const generated = { exports: {} };
	new Function('module', 'exports', 'require', compiled)(generated, generated.exports, (name) => (assert.equal(name, 'zod'), { z }));
	const { schemas } = generated.exports;
	const accepts = (name, value) => schemas[name].safeParse(value).success;
	for (const name of ['createKycSession_Body', 'queryKycStatus_Body']) {
		assert.equal(accepts(name, { email: 'ana@example.com' }), true, name);
		assert.equal(accepts(name, { wallet: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A' }), true, name);
		for (const wrong of [{}, { emial: 'ana@example.com' }, { email: 'ana@example.com', walet: 'x' }, { email: 7 }])
			assert.equal(accepts(name, wrong), false, `${name} ${JSON.stringify(wrong)}`);
	}
	const approved = (await description()).components.examples.already_approved.value;
	assert.deepEqual(schemas.already_approved.parse(approved), approved, 'the null of session_url is kept');
	assert.equal(approved.data.session.session_url, null);
	assert.equal(accepts('already_approved', { ...approved, status: 'session_created' }), false, 'the status word tells answers apart');
});
