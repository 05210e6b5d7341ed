// Checks HTTP answers against the program's OpenAPI document. Its schemas are closed (no additional members): an answer with a
// status, a code or a member that the document does not describe fails the test that received it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PROGRAM } from './program.mjs';

let document;
let ajv;

/** Returns the OpenAPI document that `kycd openapi` prints. */
export function apiDescription() {
	if (document) return document;
	document = JSON.parse(execFileSync(PROGRAM, ['openapi'], { maxBuffer: 16 * 1024 * 1024 }));
	ajv = new Ajv({ allErrors: true, strict: false });
	addFormats(ajv);
	ajv.addSchema(document, 'api', false, false);
	return document;
}

/** Resolves a JSON pointer and all references ($ref). Returns the value and the pointer at which it was found. */
function resolvePointer(pointer) {
	const value = pointer.split('/').slice(1).reduce((parent, name) => parent?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], apiDescription());
	return value?.$ref ? resolvePointer(value.$ref.slice(1)) : { value, pointer };
}

const escapePointer = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const validators = new Map();

/** Returns undefined if the JSON matches the schema at `pointer`; otherwise the differences in one line. */
function schemaError(pointer, json) {
	if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `api#${encodeURI(pointer)}` }));
	const validate = validators.get(pointer);
	return validate(json) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'body' });
}

/** Returns the alternatives of a schema (oneOf), or the schema itself, as {name, pointer}. */
function schemaAlternatives(pointer) {
	const { value, pointer: resolved } = resolvePointer(pointer);
	const pointers = value.oneOf ? value.oneOf.map((_, i) => resolvePointer(`${resolved}/oneOf/${i}`).pointer) : [resolved];
	return pointers.map((alternative) => ({ name: alternative.split('/').at(-1), pointer: alternative }));
}

/**
 * Compares a body with the description of the response. Returns {error}, or {name} with the name of the schema that matches. If none
 * of several alternatives matches, the error is the shortest one, of the most similar alternative.
 */
function checkBody(response, { type, text }) {
	const content = response.value.content ?? {};
	const [mediaType] = (type ?? '').split(';');
	if (Object.keys(content).length === 0) return { error: text === '' ? undefined : 'it has a body, but none is described' };
	if (!content[mediaType]) return { error: `its content type is ${type}, not ${Object.keys(content).join(' or ')}` };
	if (mediaType !== 'application/json') return {};
	let json;
	try {
		json = JSON.parse(text);
	} catch {
		return { error: 'it is not JSON' };
	}
	const results = schemaAlternatives(`${response.pointer}/content/${escapePointer(mediaType)}/schema`).map(({ name, pointer }) => ({ name, error: schemaError(pointer, json) }));
	const matches = results.filter(({ error }) => error === undefined);
	if (matches.length === 1) return { name: matches[0].name };
	if (matches.length > 1) return { error: `it matches more than one schema: ${matches.map(({ name }) => name).join(' and ')}` };
	return { error: results.map(({ error }) => error).sort((a, b) => a.length - b.length)[0] };
}

function matchesTemplate(template, path) {
	const [expected, actual] = [template.split('/'), path.split('/')];
	return expected.length === actual.length && expected.every((part, i) => (part.startsWith('{') ? actual[i] !== '' : part === actual[i]));
}

/** Returns the path template of the document that matches a path with or without the prefix /api. */
function templateOf(path) {
	const withoutQuery = path.split('?')[0];
	return Object.keys(apiDescription().paths).find((template) => matchesTemplate(template, withoutQuery) || matchesTemplate(`/api${template}`, withoutQuery));
}

/** Names of the responses that kycd may send before it knows the route, or for an unknown route. */
const RESPONSES_WITHOUT_ROUTE = ['bad_request', 'request_timeout', 'payload_too_large', 'header_too_large', 'not_implemented', 'unavailable', 'http_version',
	'route_not_found'];

/** Stands for the path of an answer whose request is unknown. */
export const UNKNOWN_PATH = '?';

function responseFor(method, path, http) {
	const template = templateOf(path);
	const operation = (method === 'HEAD' ? 'GET' : method).toLowerCase();
	const operations = template ? apiDescription().paths[template] : {};
	if (operations[operation]) return { route: `${operation.toUpperCase()} ${template}`, response: resolvePointer(`/paths/${escapePointer(template)}/${operation}/responses/${http}`) };
	const names = template || path === UNKNOWN_PATH ? [...RESPONSES_WITHOUT_ROUTE, 'method_not_allowed'] : RESPONSES_WITHOUT_ROUTE;
	const found = names.map((name) => resolvePointer(`/components/responses/${name}`)).find(({ pointer }) => statusOf(pointer) === http);
	return { route: `${method} ${template ?? path.split('?')[0]} (not described)`, response: found };
}

/** Returns the HTTP status that is written in the schema of a shared response. */
function statusOf(pointer) {
	const { value } = resolvePointer(`${pointer}/content/application~1json/schema`);
	return value.properties.statusCode?.const ?? value.properties.code?.const;
}

/** Routes that are not part of the API: the pages for people, the console, the sandbox, and the documentation. */
const isOutsideApi = (path) => /^\/(sandbox|verify|assets)\//.test(path) || /^(\/api)?\/console([/?]|$)/.test(path) || /^(\/api)?\/docs([/?]|$)/.test(path);

/**
 * Fails unless the document describes this answer. `method` and `path` are of the request; `http` (status), `type` (Content-Type) and
 * `text` (body) of the answer. Returns {route, name}: which of the described answers it is.
 */
export function assertDescribed({ method, path, http, type, text }) {
	const isStartPage = method === 'GET' && path === '/' && http === 303; // leads to the console or to the documentation
	if (isStartPage || isOutsideApi(path)) return {};
	const { route, response } = responseFor(method, path, http);
	assert.ok(response?.value, `${route} answered ${http}, which its description does not contain: ${text.slice(0, 300)}`);
	if (method === 'HEAD') return { route };
	const { error, name } = checkBody(response, { type, text });
	assert.equal(error, undefined, `${route} answered ${http}, not as its description requires: ${error}; ${text.slice(0, 600)}`);
	return { route, name: name ?? String(http) };
}

/**
 * Returns all described answers, with the names that assertDescribed returns: `routes`, a list of {route, names}, and `shared`,
 * names for any route.
 */
export function describedAnswers() {
	const shared = new Set(Object.keys(apiDescription().components.responses));
	const routes = Object.entries(apiDescription().paths).flatMap(([template, operations]) =>
		Object.entries(operations).map(([operation, { responses }]) => ({
			route: `${operation.toUpperCase()} ${template}`,
			names: Object.keys(responses).flatMap((http) => {
				const { value, pointer } = resolvePointer(`/paths/${escapePointer(template)}/${operation}/responses/${http}`);
				if (!value.content?.['application/json']) return [http];
				return schemaAlternatives(`${pointer}/content/application~1json/schema`).map(({ name }) => (name === 'schema' ? http : name));
			}).filter((name) => !shared.has(name)),
		})));
	return { routes, shared: [...shared] };
}

/** Ports of the public listeners of running servers. Answers from these ports are checked. */
const checkedPorts = new Set();

export function checkAnswersFrom(port) {
	checkedPorts.add(Number(port));
}

/**
 * Checks an answer that came from a port, and appends it to the file OBSERVED_ANSWERS. openapi_coverage.mjs reads that file and
 * lists described answers that no test received.
 */
export function checkAnswer(port, answer) {
	if (!checkedPorts.has(Number(port))) return;
	assertDescribed(answer);
	if (process.env.OBSERVED_ANSWERS) appendFileSync(process.env.OBSERVED_ANSWERS, `${JSON.stringify(answer)}\n`);
}
