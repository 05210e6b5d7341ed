import { createHmac, timingSafeEqual } from 'node:crypto';
import { DeliveryVerificationError } from './errors';
import type { Event } from './types';

/** Headers of a request: those of Node's `http`, of `fetch`, or an object. */
export type DeliveryHeaders = { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyDeliveryOptions {
  /** How much the timestamp may differ from `now`. */
  toleranceSeconds?: number;
  now?: Date;
}

const PREFIX = 'whsec_';
const DEFAULT_TOLERANCE_SECONDS = 300;

function keyOf(secret: string): Buffer {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new TypeError('a secret of an endpoint is whsec_ and base64');
  return Buffer.from(text, 'base64');
}

function headerOf(headers: DeliveryHeaders, name: string): string {
  const value =
    typeof headers.get === 'function'
      ? (headers.get as (name: string) => string | null)(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  if (typeof value !== 'string' || value === '') throw new DeliveryVerificationError(`the delivery has no header ${name}`);
  return value;
}

/**
 * Verifies a delivery as the Standard Webhooks specification describes it, and returns its event. `body` is the body as it was
 * received: JSON that was parsed and written again has other bytes. `secrets`: the secret of the endpoint, or several.
 * Throws a DeliveryVerificationError if no signature fits or the timestamp is off by more than 5 minutes.
 */
export function verifyDelivery(
  body: string | Uint8Array,
  headers: DeliveryHeaders,
  secrets: string | readonly string[],
  { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = new Date() }: VerifyDeliveryOptions = {},
): Event {
  const keys = (typeof secrets === 'string' ? [secrets] : secrets).map(keyOf);
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headerOf(headers, name)) as
    [string, string, string];
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw new DeliveryVerificationError('webhook-timestamp is no number of seconds');
  if (Math.abs(Math.floor(now.getTime() / 1000) - Number(timestamp)) > toleranceSeconds)
    throw new DeliveryVerificationError('webhook-timestamp is too old or too new');

  const given = signatures.split(' ').filter((text) => text.startsWith('v1,')).map((text) => Buffer.from(text.slice(3)));
  let matches = false;
  for (const key of keys) {
    const expected = Buffer.from(createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64'));
    for (const signature of given)
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) matches = true;
  }
  if (!matches) throw new DeliveryVerificationError('no signature of the delivery was made with this secret');
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8')) as Event;
  } catch {
    throw new DeliveryVerificationError('the body of the delivery is not JSON');
  }
}
