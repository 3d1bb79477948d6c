import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { AwsCallOptions } from '../../../consumers/lambda/aws-call.ts';

const commands = {
  GetSecretValue: GetSecretValueCommand,
  ChangeMessageVisibilityBatch: ChangeMessageVisibilityBatchCommand,
  SendMessageBatch: SendMessageBatchCommand,
};

/** What stands in a bundle for `consumers/lambda/aws-call.ts`: the same calls by the SDK's clients. */
export function createAwsCall({ service, endpoint, region }: AwsCallOptions) {
  const client = new (service === 'sqs' ? SQSClient : SecretsManagerClient)({
    endpoint,
    region,
    md5: false,
  }) as SQSClient;
  return (action: keyof typeof commands, input: object) =>
    client.send(new (commands[action] as typeof SendMessageBatchCommand)(input as never));
}

/** The SDK finds them by itself. */
export const credentialsOf = (): undefined => undefined;
