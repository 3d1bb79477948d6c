import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  SNSClient,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { BATCH_TIMEOUTS, batchPublish } from '../relay/batch-publish.ts';
import type { Publish } from '../relay/ring.ts';

/** Topic, and settings for calling it. */
export type TopicOptions = {
  topicArn: string;
  /**
   * Only settings that the SDK can't find by itself (`AWS_REGION`, `AWS_ENDPOINT_URL` …): the embedded broker's
   * address.
   */
  client?: SNSClientConfig;
  /**
   * Gives each ring its resource as message group. Fair queues then keep one busy resource from delaying the others
   * (Amazon SQS Developer Guide, "Fair queues"). SNS standard topics pass it on; emulators may not.
   */
  messageGroups?: boolean;
};

/**
 * Error codes for which the entry itself is at fault (Amazon SNS API, PublishBatch errors). Any other error may pass.
 */
const FOR_GOOD = new Set(['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid']);

/**
 * Makes a publisher of rings to an SNS topic, up to ten per call, with SNS's result for each ring. Throws when the call
 * fails.
 */
export function createSnsPublish({ topicArn, client: config = {}, messageGroups = false }: TopicOptions): {
  publish: Publish;
  close: () => void;
} {
  const client = new SNSClient({ requestHandler: BATCH_TIMEOUTS, ...config });
  const publish = batchPublish<PublishBatchRequestEntry>({
    name: 'SNS',
    forGood: FOR_GOOD,
    entryOf: ({ id, shopId, body, attributes }) => ({
      Id: id,
      Message: body,
      MessageAttributes: attributes,
      ...(messageGroups && { MessageGroupId: shopId }),
    }),
    send: (entries, abortSignal) =>
      client.send(new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: entries }), {
        abortSignal,
      }),
  });
  return { publish, close: () => client.destroy() };
}
