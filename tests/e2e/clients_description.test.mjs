// The client libraries (run `make clients` first) send what the program's OpenAPI document describes: the same operations, paths
// and fields, under the same names in both languages. clients/coverage.json lists the routes that they leave out, and what they
// have before the server has it.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LANGUAGES, clientsFolder, exampleOf, installTypescript, pythonEnvironment } from './lib/client_packages.mjs';
import { temporaryFolder } from './lib/kycd.mjs';
import { PROGRAM } from './lib/program.mjs';

const readJson = async (name) => JSON.parse(await readFile(path.join(clientsFolder, name), 'utf8'));
const description = JSON.parse(execFileSync(PROGRAM, ['openapi'], { encoding: 'utf8', maxBuffer: 1 << 26 }));
const coverage = await readJson('coverage.json');
const samples = await readJson('conformance/samples.json');
const KNOWN_HEADERS = ['X-End-User-Address', 'X-Request-Id', 'traceparent', 'Idempotency-Key'];

/** Path parameters may have other names in a client. */
const keyOf = (method, route) => `${method.toUpperCase()} ${route.replace(/\{\w+\}/g, '{}')}`;
/** Each name once, in alphabetical order. */
const sorted = (names) => [...new Set(names)].sort();
const componentOf = (part) => (part?.$ref ? part.$ref.split('/').slice(1).reduce((value, name) => value[name], description) : part);
/** The forms that a body may have: one, or one for each field of which at least one is necessary. */
const formsOf = (body) => body?.anyOf?.map(componentOf) ?? (body ? [body] : []);
const fieldsOfBody = (body) => [...new Set(formsOf(body).flatMap((form) => Object.keys(form.properties ?? {})))];

/** The operations of the document, by method and path. */
const served = new Map(
  Object.entries(description.paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const parameters = operation.parameters.map(componentOf);
      const body = componentOf(operation.requestBody?.content['application/json'].schema);
      const of = (place) => parameters.filter((one) => one.in === place);
      return [keyOf(method, route), { id: operation.operationId, route, body, query: of('query'), headers: of('header'), pathFields: of('path').length }];
    }),
  ),
);
const excluded = new Set(Object.keys(coverage.excluded));
const pendingOperations = new Set(coverage.pending_operations.map((one) => keyOf(...one.split(' '))));
const pendingFields = new Map(Object.entries(coverage.pending_fields).map(([one, fields]) => [keyOf(...one.split(' ')), fields]));

/** A server that answers every call, and keeps the requests by the operation, which is sent as X-Request-Id. */
async function recorder(t) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ id: request.headers['x-request-id'], method: request.method, url: new URL(request.url, 'http://kycd'), headers: request.headers, body: body && JSON.parse(body) });
    response.end('{"statusCode":200,"success":true,"status":"ok","message":""}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { requests, base: `http://127.0.0.1:${server.address().port}` };
}

/** Each returns {operationId: fields} after it has made every call with every field. */
const CALL_EVERYTHING = {
  async typescript(t, base) {
    const folder = await temporaryFolder(t);
    const { Kycd, OPERATIONS } = createRequire(import.meta.url)(await installTypescript(folder));
    const kycd = new Kycd({ baseUrl: base, apiKey: 'kycd_key' });
    const methods = Object.getOwnPropertyNames(Kycd.prototype).filter((name) => !['constructor', 'eventFeed'].includes(name));
    assert.deepEqual(sorted(methods), sorted(Object.keys(OPERATIONS)));
    for (const [name, { fields }] of Object.entries(OPERATIONS))
      for (const names of samples.alternatives[name] ?? [fields]) {
        const params = Object.fromEntries(names.map((field) => [field, samples.values_of[name]?.[field] ?? samples.values[field]]));
        await (names.length === 0 ? kycd[name]({ requestId: name }) : kycd[name](params, { requestId: name }));
      }
    return Object.fromEntries(Object.entries(OPERATIONS).map(([name, { fields }]) => [name, { fields }]));
  },
  async python(t, base) {
    const child = promisify(execFile)('python3', [path.join(clientsFolder, 'conformance/call_everything.py')], { env: await pythonEnvironment(), timeout: 60_000 });
    child.child.stdin.end(JSON.stringify({ base, samples }));
    return JSON.parse((await child).stdout);
  },
};

const matches = (route, pathname) => new RegExp(`^${route.replace(/\{\w*\}/g, '[^/]+')}$`).test(pathname);

/** Returns the key of the operation that serves the request, or will serve it. The route with the fewest variables wins. */
function routeOf({ method, url }) {
  const keys = [...served.keys(), ...pendingOperations].filter((key) => key.startsWith(`${method} `) && matches(key.split(' ')[1], url.pathname));
  return keys.sort((a, b) => a.split('{}').length - b.split('{}').length)[0] ?? keyOf(method, url.pathname);
}

const ajv = addFormats(new Ajv({ strict: false }));
ajv.addSchema({ $id: 'kycd', components: description.components });
const isValid = (schema, value) => ajv.validate(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"kycd#/')), value);

function compareQuery(key, operation, request, pending) {
  const { searchParams } = request.url;
  for (const { name, schema } of operation.query) {
    const text = searchParams.get(name);
    assert.ok(text !== null && isValid(schema, schema.type === 'integer' ? Number(text) : text), `${key}: query field ${name}: ${ajv.errorsText()}`);
  }
  const expected = [...operation.query.map(({ name }) => name), ...(request.method === 'GET' ? pending : [])];
  assert.deepEqual(sorted(searchParams.keys()), sorted(expected), `${key}: fields of the query`);
}

/** `sent`: the fields of all calls of the operation. `required`: the required fields of the client's method, if they are known. */
function compareBody(key, operation, request, { pending, sent, required }) {
  const body = Object.fromEntries(Object.entries(request.body).filter(([field]) => !pending.includes(field)));
  assert.ok(isValid(operation.body, body), `${key}: ${ajv.errorsText()}`);
  const accepted = fieldsOfBody(operation.body);
  assert.deepEqual(sorted(sent), sorted([...accepted, ...pending]), `${key}: fields of the body`);
  if (!required) return;
  const forms = formsOf(operation.body).map((form) => form.required ?? []);
  const inAllForms = forms[0].filter((field) => forms.every((form) => form.includes(field)));
  assert.deepEqual(sorted(required.filter((field) => accepted.includes(field))), sorted(inAllForms), `${key}: required fields`);
}

for (const language of Object.keys(LANGUAGES))
  test(`${language}: operations, paths and fields are those of the OpenAPI document`, async (t) => {
    const { requests, base } = await recorder(t);
    const operations = await CALL_EVERYTHING[language](t, base);
    for (const request of requests) {
      const key = (request.key = routeOf(request));
      assert.equal(request.headers['x-api-key'], 'kycd_key');
      assert.equal('idempotency-key' in request.headers, request.method === 'POST' && key !== 'POST /kyc/status', `${request.id}: idempotency key`);
      const operation = served.get(key);
      if (!operation) continue;
      const pending = pendingFields.get(key) ?? [];
      assert.equal(operation.id, request.id, `${key}: rename the method of the clients or the operationId of the route`);
      assert.deepEqual(operation.headers.map(({ name }) => name).filter((name) => !KNOWN_HEADERS.includes(name)), [], `${key}: header fields that the clients lack`);
      compareQuery(key, operation, request, pending);
      const sent = requests.filter(({ id }) => id === request.id).flatMap(({ body }) => Object.keys(body));
      if (operation.body) compareBody(key, operation, request, { pending, sent, required: operations[request.id].required });
      else assert.deepEqual(sent, [], `${key}: the operation has no body`);
    }
    const expected = [...served.keys()].filter((key) => !excluded.has(key));
    assert.deepEqual(sorted(requests.map(({ key }) => key)), sorted([...expected, ...pendingOperations]), 'the clients have all public and all pending operations, and no others');
  });

test('coverage.json lists as pending only what the server does not have yet', () => {
  const fieldsOf = ({ body, query }) => [...fieldsOfBody(body), ...query.map(({ name }) => name)];
  const wrong = {
    'these exist: remove them from pending_operations': [...pendingOperations].filter((key) => served.has(key)),
    'these exist: remove them from pending_fields': [...pendingFields].flatMap(([key, fields]) => {
      const has = served.has(key) ? fieldsOf(served.get(key)) : [];
      return fields.filter((field) => has.includes(field)).map((field) => `${key} ${field}`);
    }),
    'these do not exist: remove them from pending_fields': [...pendingFields.keys()].filter((key) => !served.has(key)),
    'these do not exist: remove them from excluded': [...excluded].filter((key) => !served.has(key)),
  };
  assert.deepEqual(Object.entries(wrong).filter(([, rows]) => rows.length > 0), []);
});

test('both clients have the same operations and fields', async (t) => {
  const { base } = await recorder(t);
  const fieldsOf = (operations) => Object.fromEntries(Object.entries(operations).map(([name, { fields }]) => [name, sorted(fields)]));
  assert.deepEqual(fieldsOf(await CALL_EVERYTHING.python(t, base)), fieldsOf(await CALL_EVERYTHING.typescript(t, base)));
});

test('the clients have the version of the program', async (t) => {
  const { version } = await readJson('typescript/package.json');
  assert.equal(version, description.info.version);
  const environment = await pythonEnvironment();
  const python = await promisify(execFile)('python3', ['-c', 'import importlib.metadata as m; print(m.version("kycd-client"))'], { env: environment, cwd: await temporaryFolder(t) });
  assert.equal(python.stdout.trim(), description.info.version);
});

/** A call in TypeScript with these fields. */
function callText(id, fields) {
  const params = Object.fromEntries(fields.map((field) => [field, samples.values_of[id]?.[field] ?? samples.values[field]]));
  return `kycd.${id}(${JSON.stringify(params)});\n`;
}

test('typescript: the types require what the document requires, and accept the README\'s programs', async (t) => {
  const folder = await temporaryFolder(t);
  await installTypescript(folder);
  let text = "import { Kycd } from 'kycd-client';\nconst kycd = new Kycd({ baseUrl: 'http://127.0.0.1:1' });\n";
  let calls = 0;
  for (const [key, { id, route, body }] of served) {
    if (excluded.has(key) || !body) continue;
    const inPath = [...route.matchAll(/\{(\w+)_id\}/g)].map(([, name]) => `${name}_id`);
    for (const { required: inBody = [] } of formsOf(body)) {
      const required = [...inPath, ...inBody];
      text += callText(id, required);
      for (const omitted of required) text += `// @ts-expect-error ${omitted} is missing\n${callText(id, required.filter((field) => field !== omitted))}`;
      calls += 1 + required.length;
    }
  }
  assert.ok(calls > 20);
  await writeFile(path.join(folder, 'calls.mts'), text);
  for (const name of ['flow', 'errors', 'receiver', 'feed']) await writeFile(path.join(folder, `${name}.mjs`), await exampleOf('typescript', name));
  const modules = path.join(clientsFolder, 'typescript/node_modules');
  const options = { strict: true, noImplicitAny: false, target: 'es2022', module: 'node16', checkJs: true, noEmit: true, types: ['node'], typeRoots: [path.join(modules, '@types')] };
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.mts', '*.mjs'] }));
  const { stdout } = await promisify(execFile)(path.join(modules, '.bin/tsc'), ['-p', folder]).catch((error) => error);
  assert.equal(stdout, '');
});
