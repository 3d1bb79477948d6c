import type { Publish } from '../../relay/ring.ts';

/**
 * Error codes of a whole call that waiting can't mend: its target does not exist, or refuses this caller (Amazon SNS
 * API, PublishBatch; Amazon SQS API, SendMessageBatch; common errors of both). They are without the suffix `Exception`
 * that the SDK adds to some.
 */
const HOPELESS = new Set([
  ...['NotFound', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'InvalidAddress'],
  ...['InvalidParameter', 'InvalidParameterValue', 'UnsupportedOperation', 'InvalidSecurity', 'OptInRequired'],
  ...['AccessDenied', 'AuthorizationError', 'InvalidClientTokenId', 'UnrecognizedClient', 'MissingAuthenticationToken'],
  ...['SignatureDoesNotMatch', 'IncompleteSignature', 'ExpiredToken', 'CredentialsProviderError'],
  ...['KMSAccessDenied', 'KMSDisabled', 'KMSNotFound', 'KmsAccessDenied', 'KmsDisabled', 'KmsNotFound'],
]);

/** True for a failure that needs a person. The relay tries again all the same: a topic may come back. */
function isHopeless({ name }: Error): boolean {
  return HOPELESS.has(name.replace(/Exception$/, ''));
}

/** Wraps a publish; `onHopeless` is called at once for a call that failed in that way. */
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
