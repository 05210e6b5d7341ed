import { randomUUID } from 'node:crypto';
import { OPERATIONS, type Operation, type OperationName } from './operations';
import type { CallOptions } from './types';

export interface HttpRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** `/kyc/status` is a query in the form of a POST. kycd keeps no answer of it. */
const NOT_KEPT = '/kyc/status';

function splitFields(name: OperationName, params: Record<string, unknown>): { path: string; rest: [string, unknown][] } {
  const row: Operation = OPERATIONS[name];
  for (const field of Object.keys(params))
    if (!row.fields.includes(field)) throw new TypeError(`${name} has no field ${field}`);
  const path = row.path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = params[field] ?? row.defaults?.[field];
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') throw new TypeError(`${name} needs the field ${field}`);
    return encodeURIComponent(value);
  });
  const rest = Object.entries(params)
    .filter(([field, value]) => value !== undefined && !row.path.includes(`{${field}}`))
    .map(([field, value]): [string, unknown] => [field, row.joined?.includes(field) && Array.isArray(value) ? value.join(',') : value]);
  return { path, rest };
}

const HEADER_OF_OPTION = { endUserAddress: 'x-end-user-address', requestId: 'x-request-id', traceparent: 'traceparent' } as const;

function headerValue(option: string, value: string): string {
  // `fetch` would put the value into its error message, and the error would look like one of the network.
  if (!/^[\x20-\x7e]*$/.test(value)) throw new TypeError(`${option} has characters that no header has`);
  return value;
}

/** Builds the request of a call. It stays the same in all attempts of the call. */
export function buildRequest(name: OperationName, params: object, options: CallOptions, apiKey: string | undefined): HttpRequest {
  const row: Operation = OPERATIONS[name];
  const { path, rest } = splitFields(name, params as Record<string, unknown>);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (apiKey !== undefined) headers['x-api-key'] = apiKey;
  for (const [option, header] of Object.entries(HEADER_OF_OPTION)) {
    const value = options[option as keyof typeof HEADER_OF_OPTION];
    if (value !== undefined) headers[header] = headerValue(option, value);
  }

  if (row.method === 'GET' || row.method === 'DELETE') {
    const query = new URLSearchParams(rest.map(([field, value]): [string, string] => [field, String(value)])).toString();
    return { method: row.method, target: query === '' ? path : `${path}?${query}`, headers, body: undefined };
  }
  if (row.method === 'POST' && path !== NOT_KEPT && apiKey !== undefined)
    headers['idempotency-key'] = headerValue('idempotencyKey', options.idempotencyKey ?? randomUUID());
  headers['content-type'] = 'application/json';
  return { method: row.method, target: path, headers, body: JSON.stringify(Object.fromEntries(rest)) };
}

/** Time limit of one attempt in seconds. */
export function timeLimitOf(name: OperationName, params: object, options: CallOptions, defaultSeconds: number): number {
  const { wait } = params as { wait?: number };
  return (options.timeoutSeconds ?? Math.max(defaultSeconds, (OPERATIONS[name] as Operation).timeoutSeconds ?? 0)) + (wait ?? 0);
}
