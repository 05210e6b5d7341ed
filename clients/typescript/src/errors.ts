/** Base class of all errors of this package, except TypeErrors, which report a wrong use of it. */
export class KycdError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export interface Failure {
  /** Word that says what went wrong, such as `otp_invalid`. Decide by it, never by the message. */
  status: string;
  httpStatus: number;
  message: string;
  /** Further facts, such as `cause`; empty if the answer has none. */
  details: Record<string, unknown>;
  /** Identifies the call in kycd's log. */
  requestId: string;
  /** Seconds to wait before the call is repeated; undefined if the answer does not say. */
  retryAfter: number | undefined;
}

/** kycd refused the call or failed. Its subclasses follow the HTTP status. */
export class ApiError extends KycdError implements Failure {
  readonly status: string;
  readonly httpStatus: number;
  readonly details: Record<string, unknown>;
  readonly requestId: string;
  readonly retryAfter: number | undefined;

  constructor(failure: Failure) {
    super(failure.message);
    this.status = failure.status;
    this.httpStatus = failure.httpStatus;
    this.details = failure.details;
    this.requestId = failure.requestId;
    this.retryAfter = failure.retryAfter;
  }
}

/** 400: a field is missing or malformed, or a rule refuses its value, such as a wrong code. */
export class InvalidRequestError extends ApiError {}
/** 401: the API key is missing, unknown, expired or revoked. */
export class AuthenticationError extends ApiError {}
/** 403: the person or the key may not do this. */
export class ForbiddenError extends ApiError {}
/** 404: the person, the session or another object does not exist for this tenant. */
export class NotFoundError extends ApiError {}
/** 409: the call contradicts what is stored. */
export class ConflictError extends ApiError {}
/** 410: the event at the cursor is no longer kept. */
export class CursorExpiredError extends ApiError {}
/** 422: the idempotency key was used with another body. */
export class IdempotencyKeyReusedError extends ApiError {}
/** 429: the rate limit, the limit of codes, or the monthly quota is reached. */
export class RateLimitError extends ApiError {}
/** 5xx: kycd or the provider failed. */
export class ServerError extends ApiError {}
/** 503: kycd is overloaded or restarts, or its database is not reachable. */
export class UnavailableError extends ServerError {}

const CLASS_OF_HTTP_STATUS: Record<number, typeof ApiError> = {
  400: InvalidRequestError,
  401: AuthenticationError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  410: CursorExpiredError,
  422: IdempotencyKeyReusedError,
  429: RateLimitError,
  503: UnavailableError,
};

export function apiErrorFrom(failure: Failure): ApiError {
  const fallback = failure.httpStatus >= 500 ? ServerError : ApiError;
  return new (CLASS_OF_HTTP_STATUS[failure.httpStatus] ?? fallback)(failure);
}

/** No answer was received. Whether kycd has done what the call asked for is unknown: repeat it with the same `idempotencyKey`. */
export class NoAnswerError extends KycdError {}
/** The time limit of the call has passed without a complete answer. */
export class TimeLimitError extends NoAnswerError {}

/** The delivery was not signed with one of the secrets, or its timestamp is too old or too new. Do not trust its content. */
export class DeliveryVerificationError extends KycdError {}
