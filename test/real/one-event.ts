import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { until } from '../support/wait.ts';

/** What takes messages out of a queue for a function: its one mapping. */
export async function mappingOf(lambda: LambdaClient, FunctionName: string) {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
  const UUID = EventSourceMappings[0]?.UUID;
  const ask = () => lambda.send(new GetEventSourceMappingCommand({ UUID }));
  return {
    /** Resolves when it says that it is so. */
    async turn(state: 'Enabled' | 'Disabled') {
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: state === 'Enabled' }));
      await until(async () => (await ask()).State === state);
    },
    /** How the last event ended, in ministack's words: `OK - 10 records, 1 partial failures`. */
    result: async () => (await ask()).LastProcessingResult,
  };
}

const WHEREVER = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/** A queue as somebody with its URL sees it. */
export function queueAt(sqs: SQSClient, QueueUrl: string) {
  const receive = async (VisibilityTimeout: number) => {
    const ask = { QueueUrl, VisibilityTimeout, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    return (await sqs.send(new ReceiveMessageCommand(ask))).Messages ?? [];
  };
  return {
    /** Messages that are there, whoever has them in hand. */
    async size(): Promise<number> {
      const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      const { Attributes = {} } = await sqs.send(ask);
      return WHEREVER.reduce((sum, where) => sum + Number(Attributes[where] ?? 0), 0);
    },
    /** Shows what is there as soon as anything can be received, and takes none of it. */
    peek: () => until(async () => some(await receive(0))),
    /** Takes messages out until it has all that are waited for. */
    async take(isAll: (taken: readonly Message[]) => boolean): Promise<Message[]> {
      const taken: Message[] = [];
      await until(async () => {
        for (const message of await receive(30)) {
          taken.push(message);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
        }
        return isAll(taken);
      });
      return taken;
    },
    /** Puts in ten at most, all at one moment. */
    async put(messages: readonly Pick<Message, 'Body' | 'MessageAttributes'>[]): Promise<void> {
      const Entries = messages.map(({ Body, MessageAttributes }, n) => ({
        Id: String(n),
        MessageBody: Body,
        MessageAttributes,
      }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`not taken: ${JSON.stringify(Failed)}`);
    },
  };
}

const some = (messages: Message[]) => (messages.length > 0 ? messages : null);

/** What an attribute of a message says. */
export const said = ({ MessageAttributes = {} }: Message, name: string) => MessageAttributes[name]?.StringValue;
