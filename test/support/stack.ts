import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { onTestFinished } from 'vitest';
import type { BrokerClient, Provisioned } from '../../localstack/provision.ts';
import { environmentOf, templateOf } from '../../localstack/template/template.ts';
import type { Topology } from '../../localstack/topology.ts';
import { until } from './wait.ts';

const parts = ['messaging'] as const;

/** Makes topic and queues by CloudFormation, out of the template; where they are is read from the outputs. Deleted when the test is over. */
export async function deployStack(topology: Topology, client: BrokerClient, stage: string): Promise<Provisioned> {
  const cloudformation = new CloudFormationClient(client);
  const StackName = `${stage}-messaging`;
  onTestFinished(async () => {
    await cloudformation.send(new DeleteStackCommand({ StackName }));
    cloudformation.destroy();
  });
  await cloudformation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify(templateOf({ parts })),
      Parameters: [{ ParameterKey: 'Stage', ParameterValue: stage }],
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    }),
  );
  const stack = await until(async () => {
    const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    return Stacks[0]?.StackStatus?.endsWith('_IN_PROGRESS') === false && Stacks[0];
  });
  if (stack.StackStatus !== 'CREATE_COMPLETE') throw new Error(await whyNot(cloudformation, StackName));
  const outputs = new Map(stack.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  const variable = (of: string, name: string) => {
    const said = environmentOf({ parts }).find((each) => each.of === of && each.variable === name);
    return outputs.get(said?.output ?? '') ?? '';
  };
  const places = topology.consumers.map(({ consumer }) => {
    const queueUrl = variable(consumer, 'DOORBELL_QUEUE_URL');
    return [consumer, { queueUrl, deadLetterQueueUrl: variable(consumer, 'DOORBELL_DEAD_LETTER_QUEUE_URL') }] as const;
  });
  return { topicArn: variable('publisher', 'DOORBELL_TOPIC_ARN'), consumers: Object.fromEntries(places) };
}

async function whyNot(cloudformation: CloudFormationClient, StackName: string): Promise<string> {
  const { StackEvents = [] } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }));
  const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'));
  const reasons = failed.map((each) => `${each.LogicalResourceId}: ${each.ResourceStatusReason}`);
  return `the stack could not be made:\n${reasons.join('\n')}`;
}
