// The program's own description of its API, and whether an answer is one that it names. Schemas are closed there: a number, a
// word or a member that stands in no table is a failure here, wherever in the stories it is heard.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PROGRAM } from './program.mjs';

let document;
let ajv;

/** As `kycd openapi` prints it. */
export function description() {
	if (document) return document;
	document = JSON.parse(execFileSync(PROGRAM, ['openapi'], { maxBuffer: 16 * 1024 * 1024 }));
	ajv = new Ajv({ allErrors: true, strict: false });
	addFormats(ajv);
	ajv.addSchema(document, 'api', false, false);
	return document;
}

/** The object behind a reference, and where it is. */
function follow(pointer) {
	const it = pointer.split('/').slice(1).reduce((at, name) => at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], description());
	return it?.$ref ? follow(it.$ref.slice(1)) : { it, pointer };
}

const escaped = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const validators = new Map();

/** Undefined when it fits; else what is wrong, in one line. */
function misfit(pointer, json) {
	if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `api#${encodeURI(pointer)}` }));
	const validate = validators.get(pointer);
	return validate(json) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

/** Each schema that a body may have, as {name, pointer}. */
function choices(pointer) {
	const { it, pointer: at } = follow(pointer);
	const each = it.oneOf ? it.oneOf.map((_, i) => follow(`${at}/oneOf/${i}`).pointer) : [at];
	return each.map((where) => ({ name: where.split('/').at(-1), pointer: where }));
}

/** What is wrong with a body: of several that it might be, the complaint of the one that is nearest. */
function bodyTrouble(response, { type, text }) {
	const content = response.it.content ?? {};
	const [bare] = (type ?? '').split(';');
	if (Object.keys(content).length === 0) return { trouble: text === '' ? undefined : 'a body where none is described' };
	if (!content[bare]) return { trouble: `its type is ${type}, not ${Object.keys(content).join(' or ')}` };
	if (bare !== 'application/json') return {};
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		return { trouble: 'it is no JSON' };
	}
	const all = choices(`${response.pointer}/content/${escaped(bare)}/schema`).map(({ name, pointer }) => ({ name, trouble: misfit(pointer, json) }));
	const fitting = all.filter(({ trouble }) => trouble === undefined);
	if (fitting.length === 1) return { name: fitting[0].name };
	if (fitting.length > 1) return { trouble: `it fits ${fitting.map(({ name }) => name).join(' and ')}` };
	return { trouble: all.map(({ trouble }) => trouble).sort((a, b) => a.length - b.length)[0] };
}

function fitsPath(template, path) {
	const [wanted, given] = [template.split('/'), path.split('/')];
	return wanted.length === given.length && wanted.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]));
}

/** The template of a path, with or without /api. */
function templateOf(path) {
	const bare = path.split('?')[0];
	return Object.keys(description().paths).find((template) => fitsPath(template, bare) || fitsPath(`/api${template}`, bare));
}

/** What may be said before any route is looked for, and where there is none. */
const NOWHERE = ['bad_request', 'request_timeout', 'payload_too_large', 'header_too_large', 'not_implemented', 'unavailable', 'http_version',
	'route_not_found'];

/** In place of a path that nobody can tell. */
export const UNKNOWN = '?';

function responseFor(method, path, http) {
	const template = templateOf(path);
	const verb = (method === 'HEAD' ? 'GET' : method).toLowerCase();
	const operations = template ? description().paths[template] : {};
	if (operations[verb]) return { route: `${verb.toUpperCase()} ${template}`, response: follow(`/paths/${escaped(template)}/${verb}/responses/${http}`) };
	const names = template || path === UNKNOWN ? [...NOWHERE, 'method_not_allowed'] : NOWHERE;
	const found = names.map((name) => follow(`/components/responses/${name}`)).find(({ pointer }) => statusOf(pointer) === http);
	return { route: `${method} ${template ?? path.split('?')[0]}, which there is not`, response: found };
}

/** The number that the shared responses' schemas name. */
function statusOf(pointer) {
	const { it } = follow(`${pointer}/content/application~1json/schema`);
	return it.properties.statusCode?.const ?? it.properties.code?.const;
}

/** Not of the API: the sandbox's and, in dev mode, the page. */
const isBeside = (path) => path.startsWith('/sandbox/') || /^(\/api)?\/docs(\?|$)/.test(path);

/**
 * Fails unless the description names this answer. `method` and `path` as they were asked for; `http`, `type` and `text` as
 * they came. Gives {route, name}: which of the described answers it was.
 */
export function held({ method, path, http, type, text }) {
	if (isBeside(path)) return {};
	const { route, response } = responseFor(method, path, http);
	assert.ok(response?.it, `${route} said ${http}, which its description does not name: ${text.slice(0, 300)}`);
	if (method === 'HEAD') return { route };
	const { trouble, name } = bodyTrouble(response, { type, text });
	assert.equal(trouble, undefined, `${route} said ${http}, and not as its description has it: ${trouble}; ${text.slice(0, 600)}`);
	return { route, name: name ?? String(http) };
}

/** Every answer that may be said, as `held` names it: {route, names}, and the names that all routes share. */
export function everything() {
	const shared = new Set(Object.keys(description().components.responses));
	const routes = Object.entries(description().paths).flatMap(([template, operations]) =>
		Object.entries(operations).map(([verb, { responses }]) => ({
			route: `${verb.toUpperCase()} ${template}`,
			names: Object.keys(responses).flatMap((http) => {
				const { it, pointer } = follow(`/paths/${escaped(template)}/${verb}/responses/${http}`);
				if (!it.content?.['application/json']) return [http];
				return choices(`${pointer}/content/application~1json/schema`).map(({ name }) => (name === 'schema' ? http : name));
			}).filter((name) => !shared.has(name)),
		})));
	return { routes, shared: [...shared] };
}

/** Public listeners of running programs: what comes from there is held. */
const ports = new Set();

export function heldFrom(port) {
	ports.add(Number(port));
}

/** One answer from a port. What passes is noted for tools/test.sh, which looks for answers that nobody ever heard. */
export function hear(port, answer) {
	if (!ports.has(Number(port))) return;
	held(answer);
	if (process.env.OBSERVED_ANSWERS) appendFileSync(process.env.OBSERVED_ANSWERS, `${JSON.stringify(answer)}\n`);
}
