import type { Publish } from '../../relay/ring.ts';

/**
 * Codes of a whole call that no wait mends: whom it calls isn't there, or won't have this caller (Amazon SNS API, PublishBatch;
 * Amazon SQS API, SendMessageBatch; common errors of both). Without the `Exception` that the SDK puts behind some.
 */
const HOPELESS = new Set([
  ...['NotFound', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'InvalidAddress'],
  ...['InvalidParameter', 'InvalidParameterValue', 'UnsupportedOperation', 'InvalidSecurity', 'OptInRequired'],
  ...['AccessDenied', 'AuthorizationError', 'InvalidClientTokenId', 'UnrecognizedClient', 'MissingAuthenticationToken'],
  ...['SignatureDoesNotMatch', 'IncompleteSignature', 'ExpiredToken', 'CredentialsProviderError'],
  ...['KMSAccessDenied', 'KMSDisabled', 'KMSNotFound', 'KmsAccessDenied', 'KmsDisabled', 'KmsNotFound'],
]);

/** Tells a failure that needs a person. The relay tries again all the same: a topic may come back. */
function isHopeless({ name }: Error): boolean {
  return HOPELESS.has(name.replace(/Exception$/, ''));
}

/** The same publish; `onHopeless` hears at once of a call that failed in that way. */
export function watchHopeless(publish: Publish, onHopeless: (error: Error) => void): Publish {
  return async (rings, signal) => {
    try {
      return await publish(rings, signal);
    } catch (error) {
      if (isHopeless(error as Error)) onHopeless(error as Error);
      throw error;
    }
  };
}
