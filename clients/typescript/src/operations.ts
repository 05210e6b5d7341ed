import type * as types from './types';

/** How a call becomes a request. Fields in braces stand in the path; the others in the query of a GET, and else in the body. */
export interface Operation {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  fields: readonly string[];
  /** Lists that are sent as one text with commas. */
  joined?: readonly string[];
  /** Values of fields in the path that the caller may leave out. */
  defaults?: Readonly<Record<string, string>>;
  /** Time limit of an attempt, if the default is too short. */
  timeoutSeconds?: number;
}

const operation = <const Row extends Operation>(row: Row): Row => row;

/** All operations, by the name of the method, which is also the `operationId` in kycd's OpenAPI document. */
export const OPERATIONS = {
  prepareKyc: operation({ method: 'POST', path: '/kyc/prepare', fields: ['email', 'language', 'reference', 'include'], joined: ['include'] }),
  sendEmailOtp: operation({ method: 'POST', path: '/security/email/send-otp', fields: ['email', 'wallet', 'language'] }),
  verifyEmailOtp: operation({ method: 'POST', path: '/security/email/verify-otp', fields: ['email', 'code', 'wallet'] }),
  createWalletChallenge: operation({
    method: 'POST', path: '/security/wallet/challenge', fields: ['wallet', 'purpose', 'format', 'chain_id', 'uri'],
  }),
  prepareKycByWallet: operation({
    method: 'POST', path: '/kyc/prepare-wallet',
    fields: ['wallet', 'message', 'signed_bytes', 'email', 'language', 'application_domain', 'reference', 'include'], joined: ['include'],
  }),
  createKycSession: operation({
    method: 'POST', path: '/kyc/create/{kyc_type}', fields: ['kyc_type', 'email', 'wallet', 'language'],
    defaults: { kyc_type: 'verify_public_kyc' }, timeoutSeconds: 30,
  }),
  getKycStatus: operation({
    method: 'GET', path: '/kyc/status', fields: ['email', 'wallet', 'wait', 'known_status', 'include'], joined: ['include'],
  }),
  queryKycStatus: operation({
    method: 'POST', path: '/kyc/status', fields: ['email', 'wallet', 'session_id', 'wait', 'known_status', 'include'], joined: ['include'],
  }),
  createVerificationLink: operation({
    method: 'POST', path: '/v1/verification-links',
    fields: ['email', 'wallet', 'reference', 'language', 'return_url', 'expires_in', 'send'],
  }),
  getVerificationLink: operation({ method: 'GET', path: '/v1/verification-links/{link_id}', fields: ['link_id'] }),
  deleteVerificationLink: operation({ method: 'DELETE', path: '/v1/verification-links/{link_id}', fields: ['link_id'] }),
  redeemVerificationLinkResult: operation({
    method: 'POST', path: '/v1/verification-links/{link_id}/result', fields: ['link_id', 'result'],
  }),
  listProducts: operation({ method: 'GET', path: '/config/products', fields: [] }),
  getQuota: operation({ method: 'GET', path: '/v1/quota', fields: [] }),
  getMe: operation({ method: 'GET', path: '/v1/me', fields: [] }),
  listUsers: operation({ method: 'GET', path: '/v1/users', fields: ['status', 'reference', 'after', 'limit'] }),
  getUser: operation({ method: 'GET', path: '/v1/users/{user_id}', fields: ['user_id'] }),
  getUserTimeline: operation({ method: 'GET', path: '/v1/users/{user_id}/timeline', fields: ['user_id', 'after', 'limit'] }),
  listEvents: operation({ method: 'GET', path: '/v1/events', fields: ['after', 'types', 'limit', 'wait'], joined: ['types'] }),
  getEvent: operation({ method: 'GET', path: '/v1/events/{event_id}', fields: ['event_id'] }),
  createWebhookEndpoint: operation({ method: 'POST', path: '/v1/webhook-endpoints', fields: ['url', 'types', 'description', 'include'] }),
  listWebhookEndpoints: operation({ method: 'GET', path: '/v1/webhook-endpoints', fields: [] }),
  getWebhookEndpoint: operation({ method: 'GET', path: '/v1/webhook-endpoints/{endpoint_id}', fields: ['endpoint_id'] }),
  updateWebhookEndpoint: operation({
    method: 'PATCH', path: '/v1/webhook-endpoints/{endpoint_id}', fields: ['endpoint_id', 'url', 'types', 'description', 'disabled'],
  }),
  deleteWebhookEndpoint: operation({ method: 'DELETE', path: '/v1/webhook-endpoints/{endpoint_id}', fields: ['endpoint_id'] }),
  rotateWebhookEndpointSecret: operation({
    method: 'POST', path: '/v1/webhook-endpoints/{endpoint_id}/rotate-secret', fields: ['endpoint_id', 'overlap_seconds'],
  }),
  testWebhookEndpoint: operation({
    method: 'POST', path: '/v1/webhook-endpoints/{endpoint_id}/test', fields: ['endpoint_id', 'type'], timeoutSeconds: 30,
  }),
  listWebhookDeliveries: operation({
    method: 'GET', path: '/v1/webhook-endpoints/{endpoint_id}/deliveries', fields: ['endpoint_id', 'state', 'after', 'limit'],
  }),
  resendWebhookEvents: operation({
    method: 'POST', path: '/v1/webhook-endpoints/{endpoint_id}/resend', fields: ['endpoint_id', 'event_id', 'since', 'until', 'state'],
  }),
};

export type OperationName = keyof typeof OPERATIONS;

type None = Record<never, never>;

/** The types of each operation's parameters and answer. */
export interface Calls {
  prepareKyc: { params: types.PrepareKycParams; answer: types.PrepareKycAnswer };
  sendEmailOtp: { params: types.SendEmailOtpParams; answer: types.Answer<'otp_sent', undefined> };
  verifyEmailOtp: { params: types.VerifyEmailOtpParams; answer: types.Answer<'email_verified', undefined> };
  createWalletChallenge: { params: types.CreateWalletChallengeParams; answer: types.Answer<'challenge_created', types.WalletChallenge> };
  prepareKycByWallet: {
    params: types.PrepareKycByWalletParams;
    answer: types.Answer<'user_prepared' | 'user_already_prepared', types.PreparedByWallet>;
  };
  createKycSession: { params: types.CreateKycSessionParams; answer: types.CreateKycSessionAnswer };
  getKycStatus: { params: types.GetKycStatusParams; answer: types.Answer<'kyc_status_retrieved', types.KycStatusData> };
  queryKycStatus: { params: types.QueryKycStatusParams; answer: types.Answer<'kyc_status_retrieved', types.KycStatusData> };
  createVerificationLink: {
    params: types.CreateVerificationLinkParams;
    answer: types.Answer<'verification_link_created', types.CreatedVerificationLink>;
  };
  getVerificationLink: { params: types.LinkParams; answer: types.Answer<'verification_link_retrieved', types.VerificationLink> };
  deleteVerificationLink: { params: types.LinkParams; answer: types.Answer<'verification_link_deleted', undefined> };
  redeemVerificationLinkResult: {
    params: types.RedeemVerificationLinkResultParams;
    answer: types.Answer<'verification_link_retrieved', types.VerificationLink>;
  };
  listProducts: { params: None; answer: types.Answer<'products_retrieved', types.Products> };
  getQuota: { params: None; answer: types.Answer<'quota_retrieved', types.Quota> };
  getMe: { params: None; answer: types.Answer<'me_retrieved', types.Me> };
  listUsers: { params: types.ListUsersParams; answer: types.Answer<'users_retrieved', types.Page<'users', types.User>> };
  getUser: { params: types.GetUserParams; answer: types.Answer<'user_retrieved', types.UserWithSessions> };
  getUserTimeline: {
    params: types.GetUserTimelineParams;
    answer: types.Answer<'timeline_retrieved', types.Page<'timeline', Record<string, unknown>>>;
  };
  listEvents: { params: types.ListEventsParams; answer: types.Answer<'events_retrieved', types.Page<'events', types.Event>> };
  getEvent: { params: types.GetEventParams; answer: types.Answer<'event_retrieved', types.Event> };
  createWebhookEndpoint: {
    params: types.CreateWebhookEndpointParams;
    answer: types.Answer<'webhook_endpoint_created', types.WebhookEndpoint & types.WithSecret>;
  };
  listWebhookEndpoints: {
    params: None;
    answer: types.Answer<'webhook_endpoints_retrieved', types.Page<'webhook_endpoints', types.WebhookEndpoint>>;
  };
  getWebhookEndpoint: { params: types.EndpointParams; answer: types.Answer<'webhook_endpoint_retrieved', types.WebhookEndpoint> };
  updateWebhookEndpoint: {
    params: types.UpdateWebhookEndpointParams;
    answer: types.Answer<'webhook_endpoint_updated', types.WebhookEndpoint>;
  };
  deleteWebhookEndpoint: { params: types.EndpointParams; answer: types.Answer<'webhook_endpoint_deleted', unknown> };
  rotateWebhookEndpointSecret: {
    params: types.RotateWebhookEndpointSecretParams;
    answer: types.Answer<'webhook_endpoint_updated', types.WithSecret>;
  };
  testWebhookEndpoint: { params: types.TestWebhookEndpointParams; answer: types.Answer<string, types.WebhookTestResult> };
  listWebhookDeliveries: {
    params: types.ListWebhookDeliveriesParams;
    answer: types.Answer<'deliveries_retrieved', types.Page<'deliveries', types.WebhookDelivery>>;
  };
  resendWebhookEvents: { params: types.ResendWebhookEventsParams; answer: types.Answer<string, types.ResendResult> };
}

// The table and the types must have the same operations and fields. The compiler reports a difference in the last line.
type Same<A, B> = [A, B] extends [B, A] ? true : false;
type FieldNames<T> = T extends unknown ? keyof T : never;
type Comparison = {
  [Name in OperationName | keyof Calls]: Name extends OperationName & keyof Calls
    ? Same<FieldNames<Calls[Name]['params']>, (typeof OPERATIONS)[Name]['fields'][number]>
    : false;
};
type IsTrue<T extends true> = T;
export type FieldsAreTheSame = IsTrue<Comparison[keyof Comparison]>;
