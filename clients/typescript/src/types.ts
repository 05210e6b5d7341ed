// Fields of requests and answers, with the names that they have in kycd's API reference.

export type KycStatus = 'pending' | 'in_review' | 'approved' | 'declined' | 'expired';

/** What `include` adds to an answer. */
export type Include = 'user_id' | 'reference' | 'reasons' | 'next_action';

/** Why a session is declined or in review. Treat a word that is not in this list as `other`. */
export type Reason =
  | 'document_expired' | 'document_unreadable' | 'document_not_supported' | 'document_suspected_forgery' | 'face_mismatch'
  | 'liveness_failed' | 'underage' | 'watchlist_match' | 'duplicate_person' | 'blocklisted' | 'data_mismatch'
  | 'address_unverified' | 'ip_risk' | 'abandoned' | 'expired' | 'other';

export type NextAction =
  | 'verify_email' | 'verify_wallet' | 'start_session' | 'continue_session' | 'wait' | 'contact_support' | 'none';

/** Members that an answer has only if the call asked for them with `include`. */
export interface Included {
  user_id?: string;
  reference?: string | null;
  reasons?: Reason[];
  next_action?: NextAction;
}

/** An answer with a 2xx status. */
export interface Answer<Status extends string, Data> {
  /** Word that says what happened, such as `user_prepared`. */
  status: Status;
  httpStatus: number;
  message: string;
  data: Data;
  /** Identifies the call in kycd's log. */
  requestId: string;
  /** True if this is the stored answer of an earlier call with the same idempotency key. */
  replayed: boolean;
}

export interface CallOptions {
  /** Of a POST with an API key: a repeated call with the same key gets the first answer. Chosen at random if left out. */
  idempotencyKey?: string;
  /** IP address of the person, as your server sees it. kycd uses it for limits only. */
  endUserAddress?: string;
  /** Your own id of the call: 1 to 64 letters, digits, `.`, `_` or `-`. */
  requestId?: string;
  /** Trace context of the W3C. */
  traceparent?: string;
  /** Time limit of each attempt, instead of the default. */
  timeoutSeconds?: number;
  /** Aborts the call. The call then throws the signal's reason. */
  signal?: AbortSignal;
}

// Address

export interface PrepareKycParams {
  email: string;
  language?: string;
  reference?: string;
  include?: readonly Include[];
}

export interface PreparedByEmail extends Included {
  email_verified: boolean;
  kyc_approved: boolean;
  kyc_status: KycStatus;
}

export type PrepareKycAnswer =
  | Answer<'user_prepared', Included | undefined>
  | Answer<'user_already_prepared', PreparedByEmail>;

export interface SendEmailOtpParams {
  email: string;
  wallet?: string;
  language?: string;
}

export interface VerifyEmailOtpParams {
  email: string;
  /** The code as the person typed it. */
  code: string;
  wallet?: string;
}

export interface CreateWalletChallengeParams {
  wallet: string;
  purpose?: 'kyc';
  format?: 'starkfi' | 'siwe' | 'siws';
  chain_id?: string | number;
  uri?: string;
}

export interface WalletChallenge {
  /** The text to sign, byte for byte. */
  message: string;
  wallet: string;
  wallet_chain: 'evm' | 'solana';
}

export interface PrepareKycByWalletParams {
  wallet: string;
  /** The message of the challenge. */
  message: string;
  /** The signature, as the wallet returned it. */
  signed_bytes: string;
  email?: string;
  language?: string;
  application_domain?: string;
  reference?: string;
  include?: readonly Include[];
}

export interface PreparedByWallet extends PreparedByEmail {
  wallet_verified: boolean;
}

// Verification

/** At least one of the two is necessary. */
export type Address = { email: string; wallet?: string } | { email?: string; wallet: string };

export type CreateKycSessionParams = Address & {
  language?: string;
  /** The verification flow. `verify_public_kyc`, the default, is the only one. */
  kyc_type?: 'verify_public_kyc';
};

export interface CreatedSession<Url> {
  success: true;
  message: string;
  session: {
    session_id: string;
    /** Send the person here. Whoever has the URL can complete the check: do not log it. */
    session_url: Url;
  };
}

export type CreateKycSessionAnswer =
  | Answer<'kyc_session_created', CreatedSession<string>>
  | Answer<'kyc_already_approved', CreatedSession<null>>;

interface StatusParams {
  /** Wait at most this many seconds for a change: 0 to 25. */
  wait?: number;
  /** With `wait`: the status that you know. */
  known_status?: string;
  include?: readonly Include[];
}

export type GetKycStatusParams = Address & StatusParams;

export type QueryKycStatusParams = StatusParams & (
  | { email: string; wallet?: string; session_id?: string }
  | { email?: string; wallet: string; session_id?: string }
  | { email?: string; wallet?: string; session_id: string }
);

export interface IpInfo {
  ip_address: string | null;
  ip_country: string | null;
  ip_state: string | null;
  ip_city: string | null;
  platform: string | null;
  device_brand: string | null;
  device_model: string | null;
  is_vpn_or_tor: boolean | null;
  is_data_center: boolean | null;
}

export interface KycStatusData extends Included {
  status: KycStatus;
  approved: boolean;
  session_id: string;
  /** The status of the session in the provider's words. */
  session_status: string;
  /** Set while the session is open. Do not log it. */
  session_url: string | null;
  ip_info: IpInfo[];
  is_blocklisted: boolean;
}

// Account

export interface Products {
  products: { kyc: boolean; crypto: boolean; pix: boolean; credit_card: boolean };
}

export interface Quota {
  limit: number | null;
  used: number;
  remaining: number | null;
  resets_at: string;
}

export interface Me {
  tenant: string;
  key_id: string | null;
  scopes: string[];
  rate_per_minute: number;
  rate_per_second: number;
  expires_at: string | null;
}

// People

export interface ListUsersParams {
  status?: KycStatus;
  reference?: string;
  after?: string;
  limit?: number;
}

export interface User {
  user_id: string;
  reference: string | null;
  status: KycStatus;
  approved: boolean;
  email_verified: boolean;
  wallet_verified: boolean;
  reasons: Reason[];
  next_action: NextAction;
  created_at: string;
  updated_at: string;
}

export interface UserSession {
  session_id: string;
  [member: string]: unknown;
}

export interface UserWithSessions extends User {
  sessions: UserSession[];
  /** Only with the scope `users:address`. */
  email?: string | null;
  /** Only with the scope `users:address`. */
  wallet?: string | null;
}

export interface GetUserParams {
  user_id: string;
}

export interface GetUserTimelineParams {
  user_id: string;
  after?: string;
  limit?: number;
}

/** A list in pages. `next_after` is the `after` of the next page. */
export type Page<Name extends string, Item> = Record<Name, Item[]> & {
  next_after: string | null;
  has_more: boolean;
};

// Events

interface AboutUser {
  tenant: string;
  user_id: string;
  reference: string | null;
}

interface AboutTenant {
  tenant: string;
}

interface KycChange extends AboutUser {
  status: KycStatus;
  previous_status: KycStatus;
  approved: boolean;
  session_id: string | null;
  reasons: Reason[];
}

/** Members of `data` by the type of the event. */
export interface EventData {
  'user.prepared': AboutUser & { channel: 'email' | 'wallet' };
  'user.email_verified': AboutUser;
  'user.wallet_verified': AboutUser;
  'user.linked': AboutUser & { merged_user_id: string | null };
  'session.created': AboutUser & { session_id: string; session_url?: string };
  'session.updated': AboutUser & { session_id: string; session_status: string; previous_session_status: string };
  'kyc.updated': KycChange;
  'kyc.approved': KycChange;
  'kyc.declined': KycChange;
  'kyc.in_review': KycChange;
  'kyc.expired': KycChange;
  'email.failed': AboutUser & {
    message: 'code' | 'link' | 'verification_link' | 'unlock' | 'resubmission';
    reason: 'refused' | 'expired';
  };
  'quota.threshold_reached': AboutTenant & { used: number; limit: number; percent: 80 | 100 };
  'user.erased': AboutUser;
  'webhook_endpoint.disabled': AboutTenant & { endpoint_id: string; reason: 'gone' | 'failing' };
}

export type EventType = keyof EventData;

/** `data` of an event of a person who was erased later has only `user_id` and `erased`. */
export interface ErasedData {
  user_id: string;
  erased: true;
}

/** An event of a type of EventData. Ignore an event of any other type: later versions of kycd add types. */
export type Event = {
  [Type in EventType]: {
    id: string;
    type: Type;
    timestamp: string;
    /** Grows for each person. Keep the highest beside the status that you store, and ignore events with a lower one. */
    sequence?: number;
    data: EventData[Type] & { erased?: undefined; test?: true } | ErasedData;
  };
}[EventType];

export interface ListEventsParams {
  /** The id of an event, or `now`; from the oldest event if left out. */
  after?: string;
  /** Types, or prefixes such as `kyc.*`. */
  types?: readonly string[];
  limit?: number;
  /** Wait at most this many seconds for an event: 0 to 25. */
  wait?: number;
}

export interface GetEventParams {
  event_id: string;
}

// Webhook endpoints

/** `email` or `wallet` is a suggestion: the person may prove another address. */
export type CreateVerificationLinkParams = {
  reference?: string;
  language?: string;
  return_url?: string;
  /** 60 to 2,592,000; 7 days if left out. */
  expires_in?: number;
} & (
  | { email?: string; wallet?: never; send?: boolean }
  | { email?: never; wallet: string; send?: never }
);

export interface CreatedVerificationLink {
  id: string;
  /** Whoever has it can go through the check. */
  url: string;
  expires_at: string;
}

export interface LinkParams {
  link_id: string;
}

export interface RedeemVerificationLinkResultParams extends LinkParams {
  result: string;
}

export interface VerificationLink {
  id: string;
  state: 'open' | 'completed' | 'expired' | 'revoked';
  /** The person who proved an address; `null` before. */
  user_id: string | null;
  status: KycStatus | null;
  created_at: string;
  expires_at: string;
}

export interface CreateWebhookEndpointParams {
  url: string;
  /** Types, or prefixes such as `kyc.*`; `["*"]` is all. */
  types: readonly string[];
  description?: string;
  include?: readonly ('address' | 'session_url')[];
}

export interface EndpointParams {
  endpoint_id: string;
}

interface WebhookEndpointChanges {
  url: string;
  types: readonly string[];
  description: string;
  disabled: boolean;
}

/** At least one change. */
export type UpdateWebhookEndpointParams = EndpointParams & Partial<WebhookEndpointChanges> & (
  | Pick<WebhookEndpointChanges, 'url'>
  | Pick<WebhookEndpointChanges, 'types'>
  | Pick<WebhookEndpointChanges, 'description'>
  | Pick<WebhookEndpointChanges, 'disabled'>
);

export interface RotateWebhookEndpointSecretParams extends EndpointParams {
  /** How long the old secret signs too: 0 to 604,800; a day if left out. */
  overlap_seconds?: number;
}

export interface TestWebhookEndpointParams extends EndpointParams {
  type?: string;
}

export type DeliveryState = 'pending' | 'delivered' | 'failed';

export interface ListWebhookDeliveriesParams extends EndpointParams {
  state?: DeliveryState;
  after?: string;
  limit?: number;
}

export type ResendWebhookEventsParams = EndpointParams & (
  | { event_id: string; since?: never; until?: never; state?: never }
  | { event_id?: never; since: string; until?: string; state?: DeliveryState }
);

export interface WebhookEndpoint {
  id: string;
  url: string;
  types: string[];
  description: string | null;
  include: string[];
  state: 'enabled' | 'disabled';
  last_success_at: string | null;
  failing_since: string | null;
  pending: number;
}

/** The secret is answered only once. */
export interface WithSecret {
  id: string;
  secret: string;
}

/** What the endpoint said to an attempt. */
export interface AttemptResult {
  http_status: number | null;
  error: string | null;
  duration_ms: number | null;
  excerpt: string | null;
}

export interface WebhookTestResult extends AttemptResult {
  delivered: boolean;
}

export interface WebhookDelivery extends AttemptResult {
  id: string;
  event_id: string;
  type: string;
  state: DeliveryState;
  attempts: number;
  next_attempt_at: string | null;
}

export interface ResendResult {
  queued: number;
  next_since: string | null;
}
