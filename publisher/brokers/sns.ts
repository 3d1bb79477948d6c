import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  SNSClient,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { BATCH_TIMEOUTS, batchPublish } from '../relay/batch-publish.ts';
import type { Publish } from '../relay/ring.ts';

/** Which topic, and how it is reached. */
export type TopicOptions = {
  topicArn: string;
  /** Only what the SDK can't find by itself (`AWS_REGION`, `AWS_ENDPOINT_URL` …): the embedded broker's address. */
  client?: SNSClientConfig;
  /**
   * Gives each ring its resource as message group, so that fair queues keep one noisy resource from delaying the others (Amazon SQS
   * Developer Guide, "Fair queues"). SNS standard topics pass it on; stand-ins may not.
   */
  messageGroups?: boolean;
};

/** What SNS answers when the entry itself is at fault (Amazon SNS API, PublishBatch errors). Anything else may pass later. */
const FOR_GOOD = new Set(['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid']);

/** Publishes rings to an SNS topic, up to ten a call, and says of each what SNS said. Throws when the call fails. */
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
