import { expect, test } from 'vitest';
import { cloudFormationOf } from '../../../localstack/infrastructure/cloudformation.ts';
import { placeSettings } from '../../../localstack/infrastructure/settings.ts';
import { arn } from '../../../localstack/infrastructure/template/values.ts';
import { topologyOf } from '../../../localstack/infrastructure/topology.ts';
import { searchAgreement, searchNext } from '../../support/product-agreements.ts';

const topology = topologyOf([searchAgreement, searchNext], 'prod');
const template = cloudFormationOf(topology);

test('the template has the topic, three queues with their policies, and the subscription of each consumer', () => {
  const types = Object.entries(template.Resources).map(([id, { Type }]) => `${id} ${Type}`);
  expect(types).toEqual([
    'Topic AWS::SNS::Topic',
    'SearchQueue AWS::SQS::Queue',
    'SearchQueuePolicy AWS::SQS::QueuePolicy',
    'SearchDeadLetterQueue AWS::SQS::Queue',
    'SearchDeadLetterQueuePolicy AWS::SQS::QueuePolicy',
    'SearchUndeliveredQueue AWS::SQS::Queue',
    'SearchUndeliveredQueuePolicy AWS::SQS::QueuePolicy',
    'SearchSubscription AWS::SNS::Subscription',
  ]);
});

test('its settings are those of the provisioner', () => {
  const [place] = topology.consumers;
  if (place === undefined) throw new Error('no place');
  const arns = {
    topic: { Ref: 'Topic' },
    account: { Ref: 'AWS::AccountId' },
    queue: arn('sqs', 'prod-search'),
    deadLetterQueue: { 'Fn::GetAtt': ['SearchDeadLetterQueue', 'Arn'] },
    undeliveredQueue: { 'Fn::GetAtt': ['SearchUndeliveredQueue', 'Arn'] },
  };
  const { queue, subscription, policies } = placeSettings<unknown>(place, topology, arns);
  const { SearchQueue, SearchQueuePolicy, SearchSubscription } = template.Resources;
  expect(SearchQueue?.Properties).toEqual({ QueueName: 'prod-search', ...queue });
  expect(SearchQueuePolicy?.Properties).toEqual({ Queues: [{ Ref: 'SearchQueue' }], PolicyDocument: policies.queue });
  expect(SearchSubscription?.Properties).toMatchObject(subscription);
  expect(subscription.FilterPolicy.type).toEqual([
    'product.added',
    'product.renamed',
    'product.priced',
    { exists: false },
  ]);
});

test('it names no shop, and refers to nothing that it does not have', () => {
  const text = JSON.stringify(template);
  expect(text).not.toMatch(/shop|"Key"|\$\{Stage\}/);
  const referred = [...text.matchAll(/"(?:Ref":|Fn::GetAtt":\[)"([^":]+)"/g)].map(([, id = '']) => id);
  expect(referred.length).toBeGreaterThan(5);
  expect(referred.filter((id) => !(id in template.Resources))).toEqual([]);
});
