import { NoAnswerError, TimeLimitError, apiErrorFrom } from './errors';
import { pause } from './pause';
import type { HttpRequest } from './request';
import type { Answer } from './types';

/** No answer of kycd is larger: a list has at most 100 items. */
const MAX_ANSWER_BYTES = 8 << 20;

export interface RetryLimits {
  maxRetries: number;
  maxRetryAfterSeconds: number;
}

interface RawAnswer {
  httpStatus: number;
  headers: Headers;
  text: string;
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
      chunks.push(chunk);
    }
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends the request once. Redirects are not followed, so that the API key goes to kycd only. */
async function sendOnce(baseUrl: string, request: HttpRequest, seconds: number, signal: AbortSignal | undefined): Promise<RawAnswer> {
  const name = `${request.method} ${request.target.split('?')[0]}`;
  signal?.throwIfAborted();
  const abort = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    abort.abort();
  }, seconds * 1000);
  const abortByCaller = (): void => abort.abort();
  signal?.addEventListener('abort', abortByCaller, { once: true });
  try {
    const response = await fetch(baseUrl + request.target, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal: abort.signal,
      ...(request.body !== undefined && { body: request.body }),
    });
    return { httpStatus: response.status, headers: response.headers, text: await readBody(response) };
  } catch (error) {
    signal?.throwIfAborted();
    if (isLate) throw new TimeLimitError(`${name}: no complete answer within ${seconds} s`);
    const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message;
    throw new NoAnswerError(`${name}: no answer: ${cause}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abortByCaller);
  }
}

/** Reads `Retry-After`, a number of seconds or a date, as seconds. */
function retryAfterOf(headers: Headers): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

/** Answers without the envelope: their status word by their HTTP status. */
const WORD_WITHOUT_ENVELOPE: Record<number, string> = { 401: 'unauthorized', 429: 'too_many_requests' };

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the answer of a success; throws the error of everything else. */
function readAnswer({ httpStatus, headers, text }: RawAnswer): Answer<string, unknown> {
  const json = parseObject(text);
  const requestId = headers.get('x-request-id') ?? '';
  const isSuccess = httpStatus >= 200 && httpStatus < 300 && typeof json?.status === 'string';
  if (json && isSuccess)
    return {
      status: json.status as string,
      httpStatus,
      message: String(json.message ?? ''),
      data: json.data,
      requestId,
      replayed: headers.get('idempotency-replayed') === 'true',
    };
  const isEnvelope = typeof json?.status === 'string';
  const isOurs = isEnvelope || json?.code === httpStatus;
  const details = json?.details;
  throw apiErrorFrom({
    status: isEnvelope ? (json.status as string) : (isOurs && WORD_WITHOUT_ENVELOPE[httpStatus]) || 'unknown_answer',
    httpStatus,
    message: isOurs && typeof json?.message === 'string' ? json.message : `HTTP status ${httpStatus} without an answer of kycd`,
    details: typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : {},
    requestId,
    retryAfter: retryAfterOf(headers),
  });
}

function mayRetry(raw: RawAnswer, limits: RetryLimits): number | undefined {
  if (raw.httpStatus !== 429 && raw.httpStatus !== 503) return undefined;
  const seconds = retryAfterOf(raw.headers);
  return seconds !== undefined && seconds <= limits.maxRetryAfterSeconds ? seconds : undefined;
}

/** Sends the request, and again after a 429 or 503 that says when. */
export async function send(
  baseUrl: string,
  request: HttpRequest,
  seconds: number,
  limits: RetryLimits,
  signal: AbortSignal | undefined,
): Promise<Answer<string, unknown>> {
  for (let retries = 0; ; retries += 1) {
    const raw = await sendOnce(baseUrl, request, seconds, signal);
    const retryAfter = mayRetry(raw, limits);
    if (retryAfter === undefined || retries >= limits.maxRetries) return readAnswer(raw);
    // Clients that were refused together do not come back together.
    await pause(retryAfter + Math.random() * 0.25, signal);
  }
}
