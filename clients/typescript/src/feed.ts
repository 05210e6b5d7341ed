import type { Kycd } from './client';
import { NoAnswerError, UnavailableError } from './errors';
import { pause } from './pause';
import type { Event, Page } from './types';

export interface EventFeedOptions {
  /** The cursor that you stored; `now` for later events only; `null` or left out: from the oldest event that is kept. */
  after?: string | null;
  /** Types, or prefixes such as `kyc.*`. */
  types?: readonly string[];
  /** Events of a page: 1 to 100. */
  limit?: number;
  /** True: wait for further events, without end. False: end after the last event. */
  follow?: boolean;
  /** With `follow`: seconds that one call waits, 0 to 25. */
  wait?: number;
  /** With `follow`: for how long kycd may be unreachable, as while it restarts, before the error is thrown. */
  maxOutageSeconds?: number;
  /** Aborts the iteration, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/** Shortest time between two calls that found nothing: kycd answers at once if too many calls wait already. */
const EMPTY_PAUSE_SECONDS = 1;
/** Longest time between two calls while kycd is unreachable. */
const MAX_OUTAGE_PAUSE_SECONDS = 30;
const DEFAULT_MAX_OUTAGE_SECONDS = 300;

/**
 * Iterates over the tenant's events in the order of the feed. Store `cursor` after you have processed an event, and pass it as
 * `after` to continue later. After a crash, the events since the stored cursor come again, so processing must bear repetition.
 */
export class EventFeed implements AsyncIterable<Event> {
  /** Position after the event, or the page, that the loop has received last. */
  cursor: string | null;
  readonly #client: Kycd;
  readonly #options: EventFeedOptions;
  #stopped = false;

  constructor(client: Kycd, options: EventFeedOptions) {
    this.#client = client;
    this.#options = options;
    this.cursor = options.after ?? null;
  }

  /** Ends the iteration after the call in progress. */
  stop(): void {
    this.#stopped = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for await (const page of this.#read()) {
      for (const [index, event] of page.events.entries()) {
        this.cursor = index === page.events.length - 1 ? page.next_after : event.id;
        yield event;
      }
      this.cursor = page.next_after;
    }
  }

  /**
   * Iterates over the pages instead, also over those without an event. With `types`, the cursor also passes the events that are
   * left out: store it after each page, so that it does not expire while no event of these types occurs.
   */
  async *pages(): AsyncGenerator<Page<'events', Event>, void, undefined> {
    for await (const page of this.#read()) {
      this.cursor = page.next_after;
      yield page;
    }
  }

  async *#read(): AsyncGenerator<Page<'events', Event>, void, undefined> {
    const { follow = true, signal } = this.#options;
    while (!this.#stopped) {
      const after = this.cursor;
      const began = performance.now();
      const page = await this.#readPage(after, follow);
      if (!page) return;
      // Without any event of the tenant there is no cursor, and the feed begins with the first event.
      yield { ...page, next_after: page.next_after ?? (after === 'now' ? null : after) };
      if (page.events.length > 0 || page.has_more || this.#stopped) continue;
      if (!follow) return;
      if (after !== 'now' && performance.now() - began < EMPTY_PAUSE_SECONDS * 1000) await pause(EMPTY_PAUSE_SECONDS, signal);
    }
  }

  /** Reads a page. With `follow`, tries again while kycd is unreachable. Returns undefined if the iteration was stopped meanwhile. */
  async #readPage(after: string | null, follow: boolean): Promise<Page<'events', Event> | undefined> {
    const { types, limit, wait = 25, signal, maxOutageSeconds = DEFAULT_MAX_OUTAGE_SECONDS } = this.#options;
    const params = {
      ...(after !== null && { after }),
      ...(types && { types }),
      ...(limit !== undefined && { limit }),
      ...(follow && { wait }),
    };
    let firstFailure: number | undefined;
    for (let seconds = 1; !this.#stopped; seconds = Math.min(2 * seconds, MAX_OUTAGE_PAUSE_SECONDS)) {
      try {
        return (await this.#client.listEvents(params, signal ? { signal } : {})).data;
      } catch (error) {
        firstFailure ??= performance.now();
        const isOutage = error instanceof NoAnswerError || error instanceof UnavailableError;
        const outageSeconds = (performance.now() - firstFailure) / 1000 + seconds;
        if (!follow || !isOutage || outageSeconds > maxOutageSeconds) throw error;
      }
      await pause(seconds, signal);
    }
    return undefined;
  }
}
