import { EventFeed, type EventFeedOptions } from './feed';
import type { Calls, OperationName } from './operations';
import { buildRequest, timeLimitOf } from './request';
import { type RetryLimits, send } from './transport';
import type { CallOptions } from './types';

export interface KycdOptions {
  /** Address of kycd, such as `https://kyc.example.com`. */
  baseUrl: string;
  /** May be left out in development mode only. */
  apiKey?: string;
  /** Time limit of an attempt. Calls that take longer by nature have more; `wait` is added. */
  timeoutSeconds?: number;
  /** How often a call is repeated after a 429 or 503 with `Retry-After`. */
  maxRetries?: number;
  /** Longest `Retry-After` that is waited for. After a longer one, the error is thrown at once. */
  maxRetryAfterSeconds?: number;
}

type Params<Name extends OperationName> = Calls[Name]['params'];
type AnswerOf<Name extends OperationName> = Promise<Calls[Name]['answer']>;

function checkedKey(apiKey: string | undefined): string | undefined {
  const key = apiKey?.trim();
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) throw new TypeError('apiKey is empty or has characters that no key has');
  return key;
}

function checkedBaseUrl(baseUrl: string): string {
  const url = new URL(baseUrl);
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new TypeError('baseUrl is an http or https URL without user name, query and fragment');
  return url.href.replace(/\/+$/, '');
}

/** Calls of kycd's API. An instance may be used by many calls at the same time. */
export class Kycd {
  readonly #baseUrl: string;
  readonly #apiKey: string | undefined;
  readonly #timeoutSeconds: number;
  readonly #limits: RetryLimits;

  constructor({ baseUrl, apiKey, timeoutSeconds = 15, maxRetries = 2, maxRetryAfterSeconds = 30 }: KycdOptions) {
    this.#baseUrl = checkedBaseUrl(baseUrl);
    this.#apiKey = checkedKey(apiKey);
    this.#timeoutSeconds = timeoutSeconds;
    this.#limits = { maxRetries, maxRetryAfterSeconds };
  }

  /** Iterates over the events of the tenant. */
  eventFeed(options: EventFeedOptions = {}): EventFeed {
    return new EventFeed(this, options);
  }

  /** Registers an e-mail address. It may be repeated: the answer then says what is already done. */
  prepareKyc(params: Params<'prepareKyc'>, options?: CallOptions): AnswerOf<'prepareKyc'> {
    return this.#call('prepareKyc', params, options);
  }

  /** Sends a code to the e-mail address. */
  sendEmailOtp(params: Params<'sendEmailOtp'>, options?: CallOptions): AnswerOf<'sendEmailOtp'> {
    return this.#call('sendEmailOtp', params, options);
  }

  /** Checks the code that the person typed. */
  verifyEmailOtp(params: Params<'verifyEmailOtp'>, options?: CallOptions): AnswerOf<'verifyEmailOtp'> {
    return this.#call('verifyEmailOtp', params, options);
  }

  /** Creates the text that the wallet has to sign. */
  createWalletChallenge(params: Params<'createWalletChallenge'>, options?: CallOptions): AnswerOf<'createWalletChallenge'> {
    return this.#call('createWalletChallenge', params, options);
  }

  /** Registers a wallet with the signature of a challenge. */
  prepareKycByWallet(params: Params<'prepareKycByWallet'>, options?: CallOptions): AnswerOf<'prepareKycByWallet'> {
    return this.#call('prepareKycByWallet', params, options);
  }

  /** Creates the session of the identity check, or answers with the open one. */
  createKycSession(params: Params<'createKycSession'>, options?: CallOptions): AnswerOf<'createKycSession'> {
    return this.#call('createKycSession', params, options);
  }

  /** Reads the status, with the address in the URL. Prefer `queryKycStatus`: URLs are often logged. */
  getKycStatus(params: Params<'getKycStatus'>, options?: CallOptions): AnswerOf<'getKycStatus'> {
    return this.#call('getKycStatus', params, options);
  }

  /** Reads the status of a person. */
  queryKycStatus(params: Params<'queryKycStatus'>, options?: CallOptions): AnswerOf<'queryKycStatus'> {
    return this.#call('queryKycStatus', params, options);
  }

  /** Creates a link that leads a person through the whole check. Only this answer has its URL. */
  createVerificationLink(params: Params<'createVerificationLink'> = {}, options?: CallOptions): AnswerOf<'createVerificationLink'> {
    return this.#call('createVerificationLink', params, options);
  }

  /** Reads the state of a link. */
  getVerificationLink(params: Params<'getVerificationLink'>, options?: CallOptions): AnswerOf<'getVerificationLink'> {
    return this.#call('getVerificationLink', params, options);
  }

  /** Revokes a link. */
  deleteVerificationLink(params: Params<'deleteVerificationLink'>, options?: CallOptions): AnswerOf<'deleteVerificationLink'> {
    return this.#call('deleteVerificationLink', params, options);
  }

  /** Redeems the `result` with which a browser came back from a link's page, once. */
  redeemVerificationLinkResult(params: Params<'redeemVerificationLinkResult'>, options?: CallOptions): AnswerOf<'redeemVerificationLinkResult'> {
    return this.#call('redeemVerificationLinkResult', params, options);
  }

  /** Lists what the tenant may use. */
  listProducts(options?: CallOptions): AnswerOf<'listProducts'> {
    return this.#call('listProducts', {}, options);
  }

  /** Reads the monthly quota. */
  getQuota(options?: CallOptions): AnswerOf<'getQuota'> {
    return this.#call('getQuota', {}, options);
  }

  /** Describes the API key: its tenant, scopes and limits. */
  getMe(options?: CallOptions): AnswerOf<'getMe'> {
    return this.#call('getMe', {}, options);
  }

  /** Lists people, newest first. */
  listUsers(params: Params<'listUsers'> = {}, options?: CallOptions): AnswerOf<'listUsers'> {
    return this.#call('listUsers', params, options);
  }

  /** Reads one person, with the sessions. */
  getUser(params: Params<'getUser'>, options?: CallOptions): AnswerOf<'getUser'> {
    return this.#call('getUser', params, options);
  }

  /** Lists what happened with a person, oldest first. */
  getUserTimeline(params: Params<'getUserTimeline'>, options?: CallOptions): AnswerOf<'getUserTimeline'> {
    return this.#call('getUserTimeline', params, options);
  }

  /** Reads a page of the event feed. `eventFeed` iterates over all pages. */
  listEvents(params: Params<'listEvents'> = {}, options?: CallOptions): AnswerOf<'listEvents'> {
    return this.#call('listEvents', params, options);
  }

  /** Reads one event. */
  getEvent(params: Params<'getEvent'>, options?: CallOptions): AnswerOf<'getEvent'> {
    return this.#call('getEvent', params, options);
  }

  /** Creates an endpoint for deliveries. Only this answer has its secret. */
  createWebhookEndpoint(params: Params<'createWebhookEndpoint'>, options?: CallOptions): AnswerOf<'createWebhookEndpoint'> {
    return this.#call('createWebhookEndpoint', params, options);
  }

  /** Lists the endpoints. */
  listWebhookEndpoints(options?: CallOptions): AnswerOf<'listWebhookEndpoints'> {
    return this.#call('listWebhookEndpoints', {}, options);
  }

  /** Reads one endpoint. */
  getWebhookEndpoint(params: Params<'getWebhookEndpoint'>, options?: CallOptions): AnswerOf<'getWebhookEndpoint'> {
    return this.#call('getWebhookEndpoint', params, options);
  }

  /** Changes an endpoint, or disables or enables it. */
  updateWebhookEndpoint(params: Params<'updateWebhookEndpoint'>, options?: CallOptions): AnswerOf<'updateWebhookEndpoint'> {
    return this.#call('updateWebhookEndpoint', params, options);
  }

  /** Deletes an endpoint. */
  deleteWebhookEndpoint(params: Params<'deleteWebhookEndpoint'>, options?: CallOptions): AnswerOf<'deleteWebhookEndpoint'> {
    return this.#call('deleteWebhookEndpoint', params, options);
  }

  /** Makes a new secret. The old one signs too for a while. */
  rotateWebhookEndpointSecret(params: Params<'rotateWebhookEndpointSecret'>, options?: CallOptions): AnswerOf<'rotateWebhookEndpointSecret'> {
    return this.#call('rotateWebhookEndpointSecret', params, options);
  }

  /** Delivers a sample event at once, and answers with what the endpoint said. */
  testWebhookEndpoint(params: Params<'testWebhookEndpoint'>, options?: CallOptions): AnswerOf<'testWebhookEndpoint'> {
    return this.#call('testWebhookEndpoint', params, options);
  }

  /** Lists the deliveries of an endpoint, newest first. */
  listWebhookDeliveries(params: Params<'listWebhookDeliveries'>, options?: CallOptions): AnswerOf<'listWebhookDeliveries'> {
    return this.#call('listWebhookDeliveries', params, options);
  }

  /** Queues events for delivery again. */
  resendWebhookEvents(params: Params<'resendWebhookEvents'>, options?: CallOptions): AnswerOf<'resendWebhookEvents'> {
    return this.#call('resendWebhookEvents', params, options);
  }

  async #call<Name extends OperationName>(name: Name, params: Params<Name>, options: CallOptions = {}): AnswerOf<Name> {
    const request = buildRequest(name, params, options, this.#apiKey);
    const seconds = timeLimitOf(name, params, options, this.#timeoutSeconds);
    return (await send(this.#baseUrl, request, seconds, this.#limits, options.signal)) as Calls[Name]['answer'];
  }
}
