export { Kycd, type KycdOptions } from './client';
export { type DeliveryHeaders, type VerifyDeliveryOptions, verifyDelivery } from './delivery';
export * from './errors';
export { EventFeed, type EventFeedOptions } from './feed';
export { OPERATIONS, type Operation, type OperationName } from './operations';
export * from './types';
