import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parts } from '../../../consumers/all.ts';
import { TOMBSTONE_SECONDS } from '../../../consumers/stores/dynamodb/table.ts';
import { consumerVariables } from '../../../consumers/variables.ts';
import type { Variables } from '../../../contracts/environment/variable.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { PARTS } from '../../../localstack/infrastructure/template/plan.ts';
import {
  environmentOf,
  functionsOf,
  type Template,
  templateOf,
} from '../../../localstack/infrastructure/template/template.ts';
import { templateText } from '../../../localstack/infrastructure/template/text.ts';
import { logicalId } from '../../../localstack/infrastructure/template/values.ts';
import { publisherVariables } from '../../../publisher/variables.ts';
import { consumerCalled, propertiesOf, referredBy, resourcesOf, where } from '../../support/template.ts';

const whole = templateOf();
const names = agreements.map(({ name }) => name);
const variants: [string, Template][] = [
  ['messaging', templateOf({ parts: ['messaging'] })],
  ['tables', templateOf({ parts: ['tables'] })],
  ['messaging and tables', templateOf({ parts: ['messaging', 'tables'] })],
  ['all parts', whole],
];

describe('the template', () => {
  test.each(variants)(
    'of %s refers to nothing that it does not have, and asks for nothing that it does not use',
    (_, template) => {
      const known = [...Object.keys(template.Parameters), ...Object.keys(template.Resources)];
      const { Parameters: _parameters, ...used } = template;
      const referred = referredBy(used).filter((name) => !name.startsWith('AWS::'));
      expect(referred.filter((name) => !known.includes(name))).toEqual([]);
      expect(Object.keys(template.Parameters).filter((name) => !referred.includes(name))).toEqual([]);
      const conditions = [...JSON.stringify(used).matchAll(/"Fn::If":\["(\w+)"|"Condition":"(\w+)"/g)];
      const asked = new Set(conditions.map(([, tested, stated]) => tested ?? stated));
      expect([...asked].toSorted()).toEqual(Object.keys(template.Conditions).toSorted());
    },
  );

  test.each(variants)('of %s says in its file what it is', (_, template) => {
    const tag = (name: string) => ({ [name === 'Ref' ? name : `Fn::${name}`]: name });
    const customTags = ['Ref', 'Sub', 'GetAtt', 'If', 'Not', 'Equals', 'Join'].flatMap((name) => {
      const [full = ''] = Object.keys(tag(name));
      const whole = (value: unknown) => ({ [full]: name === 'GetAtt' ? String(value).split('.') : value });
      return [
        { tag: `!${name}`, resolve: (text: string) => whole(text) },
        // biome-ignore lint/suspicious/noExplicitAny: a node of the library, which makes plain values of itself
        { tag: `!${name}`, collection: 'seq' as const, resolve: (node: any) => whole(node.toJSON()) },
      ];
    });
    expect(parse(templateText(template), { customTags, version: '1.1' })).toEqual(template);
  });

  test('without functions needs no transform, and workers lease for 30 seconds', () => {
    const template = templateOf({ parts: ['messaging'] });
    expect(template.Transform).toBeUndefined();
    for (const name of names)
      expect(propertiesOf(template, `${logicalId(name)}Queue`)).toMatchObject({ VisibilityTimeout: 30 });
  });

  test('is refused where functions have nothing to stand on, or names get in each other’s way', () => {
    expect(() => templateOf({ parts: ['functions'] })).toThrow('choose messaging, tables and functions together');
    const twins = (...both: string[]) => {
      const consumers = both.map(consumerCalled);
      return () => templateOf({ consumers, agreements: consumers.map(({ consumer }) => consumer.agreement) });
    };
    expect(twins('ad', 'ad-dead')).toThrow('The consumers ad and ad-dead would share the queue');
    expect(twins('ad', 'ad-queries')).toThrow('are called');
    expect(twins('ad', 'press')).not.toThrow();
  });

  test('names a variable for every output that a process takes, and no two for the same', () => {
    const told = environmentOf().filter(({ variable }) => variable !== null);
    expect(environmentOf().map(({ output }) => output)).toEqual(Object.keys(whole.Outputs));
    expect(told.map(({ of, variable }) => `${of} ${variable}`)).toEqual([
      'publisher DOORBELL_TOPIC_ARN',
      ...names.flatMap((name) => [`${name} DOORBELL_QUEUE_URL`, `${name} DOORBELL_DEAD_LETTER_QUEUE_URL`]),
      ...names.map((name) => `${name} DOORBELL_VIEWS`),
      ...names.map((name) => `${name} DOORBELL_SOURCE_URL`),
    ]);
    expect(PARTS).toContain('functions');
  });
});

describe('what lies in the template', () => {
  test('is encrypted by its own key, which is rotated', () => {
    const key = { 'Fn::GetAtt': ['Key', 'Arn'] };
    const by = (type: string, property: string) =>
      resourcesOf(whole, type).map(([id, { Properties }]) => [id, Properties[property]]);
    const encrypted = [
      ...by('AWS::SNS::Topic', 'KmsMasterKeyId'),
      ...by('AWS::SQS::Queue', 'KmsMasterKeyId'),
      ...by('AWS::Logs::LogGroup', 'KmsKeyId'),
      ...by('AWS::Serverless::Function', 'KmsKeyArn'),
    ];
    expect(encrypted.filter(([, value]) => JSON.stringify(value) !== JSON.stringify(key))).toEqual([]);
    // One topic. A consumer has three queues, two functions, and logs of both and of its API; the rest is the publisher's.
    expect(encrypted.length).toBe(1 + (1 + 3 * names.length) + (4 + 3 * names.length) + (3 + 2 * names.length));
    expect(propertiesOf(whole, 'Key')).toMatchObject({ EnableKeyRotation: true, PendingWindowInDays: 30 });
    for (const [, { Properties }] of resourcesOf(whole, 'AWS::DynamoDB::Table'))
      expect(Properties).toMatchObject({
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: key },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
  });

  test('tables refuse to be deleted unless a parameter says otherwise', () => {
    const protectedBy = (holds: boolean) => propertiesOf(where(holds, whole), 'DisplayTable').DeletionProtectionEnabled;
    expect([protectedBy(true), protectedBy(false)]).toEqual([true, false]);
    expect(whole.Parameters.DeletionProtection).toMatchObject({ Default: 'true' });
  });

  test('a tombstone outlives every ring that could bring its shop back', () => {
    const retentions = resourcesOf(whole, 'AWS::SQS::Queue').map(([, each]) => each.Properties.MessageRetentionPeriod);
    expect(Math.max(...(retentions as number[]))).toBeLessThan(TOMBSTONE_SECONDS);
    expect(new Set(retentions)).toEqual(new Set([14 * 24 * 60 * 60]));
  });
});

describe.each(agreements)('the place of $name', ({ name, wakesOn }) => {
  const id = logicalId(name);

  test('gets what its agreement names, whole and raw', () => {
    const subscription = propertiesOf(whole, `${id}Subscription`);
    expect(subscription).toMatchObject({
      Protocol: 'sqs',
      FilterPolicyScope: 'MessageBody',
      RawMessageDelivery: true,
      FilterPolicy: { type: [...wakesOn, { exists: false }] },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [`${id}UndeliveredQueue`, 'Arn'] } },
    });
    // Raw delivery drops a message with more than ten attributes.
    const facts = { eventId: 'e', version: 1, occurredAt: 1, traceparent: 't', lane: 'replay' } as const;
    expect(Object.keys(writeAttributes('shop.opened', facts)).length).toBeLessThanOrEqual(10);
  });

  test('has a queue whose messages stay hidden six times as long as its function may run', () => {
    const { Timeout, Events } = propertiesOf(whole, id);
    const { MaximumBatchingWindowInSeconds: window } = Events.Rings.Properties;
    const { VisibilityTimeout } = propertiesOf(whole, `${id}Queue`);
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout + window);
  });

  test('has a dead-letter queue for this queue alone, after a thousand receives', () => {
    expect(propertiesOf(whole, `${id}Queue`).RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [`${id}DeadLetterQueue`, 'Arn'] },
      maxReceiveCount: 1_000,
    });
    const allowed = propertiesOf(whole, `${id}DeadLetterQueue`).RedriveAllowPolicy;
    expect(allowed.redrivePermission).toBe('byQueue');
    expect(JSON.stringify(allowed.sourceQueueArns)).toMatch(
      new RegExp(`^\\[\\{"Fn::Sub":"arn:[^"]+:\\$\\{Stage}-${name}"}]$`),
    );
  });

  test('has a function that names the messages it could not handle, and never more at once than are reserved', () => {
    const { Events, ReservedConcurrentExecutions } = propertiesOf(whole, id);
    const { Type, Properties } = Events.Rings;
    expect(Type).toBe('SQS');
    expect(Properties).toMatchObject({
      Queue: { 'Fn::GetAtt': [`${id}Queue`, 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: ReservedConcurrentExecutions },
    });
    expect(whole.Parameters[ReservedConcurrentExecutions.Ref]).toMatchObject({ MinValue: 2, MaxValue: 1_000 });
  });
});

describe('the functions', () => {
  const variables = (name: string, holds = true) => {
    const { NODE_OPTIONS, ...ours } = propertiesOf(where(holds, whole), logicalId(name)).Environment.Variables;
    // Of Node itself: the maps are uploaded, and without it no stack names a file of ours.
    expect(NODE_OPTIONS).toBe('--enable-source-maps');
    return Object.keys(ours).toSorted();
  };

  test('are three of the publisher and two of each consumer, by names that bundles have', () => {
    const consumers = parts.map(({ consumer }) => consumer.agreement.name);
    expect(functionsOf().map(({ name }) => name)).toEqual([
      ...['publisher-api', 'publisher-relay', 'publisher-migrate'],
      ...consumers.flatMap((name) => [name, `${name}-queries`]),
    ]);
    for (const [, { Properties }] of resourcesOf(whole, 'AWS::Serverless::Function'))
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
  });

  const readers = [
    ...['publisher-api', 'publisher-relay', 'publisher-migrate'].map(
      (name) => [name, publisherVariables, name] as const,
    ),
    ...names.flatMap((name) => [
      [name, consumerVariables, 'consumer-handler'] as const,
      [`${name}-queries`, consumerVariables, 'consumer-queries'] as const,
    ]),
  ];

  test.each(readers)('%s is told all that it reads and nothing else', (name, table: Variables, reader) => {
    // Lambda itself says where and as whom it runs.
    const read = Object.entries(table).filter(
      ([each, { readBy }]) => readBy.includes(reader) && !each.startsWith('AWS_'),
    );
    const required = read.filter(([, variable]) => variable.optional !== true && variable.default === undefined);
    expect(variables(name)).toEqual(read.map(([each]) => each).toSorted());
    expect(variables(name, false)).toEqual(expect.arrayContaining(required.map(([each]) => each)));
    expect(read.filter(([, { secret }]) => secret === 'token' || secret === 'password')).toEqual([]);
  });

  test('look at the publisher of the same stack unless a parameter says where else', () => {
    const source = (holds: boolean) =>
      propertiesOf(where(holds, whole), 'Ad').Environment.Variables.DOORBELL_SOURCE_URL;
    expect(source(true)).toEqual({ Ref: 'SourceUrl' });
    expect(source(false)).toEqual({ 'Fn::GetAtt': ['PublisherHttpApi', 'ApiEndpoint'] });
  });

  test('relay every minute, and the next one waits while one leads', () => {
    const { Events, ReservedConcurrentExecutions, Timeout } = propertiesOf(whole, 'PublisherRelay');
    expect(Events.EveryMinute.Properties.Schedule).toBe('rate(1 minute)');
    expect(ReservedConcurrentExecutions).toBe(2);
    expect(Timeout).toBeGreaterThan(60);
    expect(Timeout).toBeLessThan(120);
  });
});
