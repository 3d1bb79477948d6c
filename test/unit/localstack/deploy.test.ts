import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { stage as stageForm } from '../../../contracts/environment/forms.ts';
import { environmentOf, templateOf } from '../../../localstack/infrastructure/template/template.ts';
import { readStage } from '../../../localstack/operate/commands/aws-target.ts';
import { changesOf, changesText, isGrave } from '../../../localstack/operate/deploy/changes.ts';
import { destroyText } from '../../../localstack/operate/deploy/destroy-text.ts';
import { envFiles, envText, placed, renewedEnv } from '../../../localstack/operate/deploy/env.ts';
import { stackName } from '../../../localstack/operate/deploy/name.ts';
import { firstCause, type ResourceEvent } from '../../../localstack/operate/deploy/progress.ts';
import { refuseObstacle, type StackState } from '../../../localstack/operate/deploy/stack.ts';
import { zip } from '../../../localstack/operate/deploy/zip.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a bundle', () => {
  test('of the same files is the same bytes, in any order, time zone and on any day', () => {
    const one = zip({ 'index.mjs': bytes('export {}'), 'index.mjs.map': bytes('{}') });
    const other = zip({ 'index.mjs.map': bytes('{}'), 'index.mjs': bytes('export {}') });
    expect(other).toEqual(one);
    const program = `import { zip } from './localstack/operate/deploy/zip.ts';
      const bytes = (text) => new TextEncoder().encode(text);
      process.stdout.write(zip({ 'index.mjs': bytes('export {}'), 'index.mjs.map': bytes('{}') }).hash);`;
    for (const TZ of ['Pacific/Kiritimati', 'America/Los_Angeles'])
      expect(
        execFileSync(process.execPath, ['--input-type=module', '-e', program], {
          env: { ...process.env, TZ },
        }).toString(),
      ).toBe(one.hash);
  });

  test('of other files is another', () => {
    expect(zip({ 'index.mjs': bytes('a') }).hash).not.toBe(zip({ 'index.mjs': bytes('b') }).hash);
  });
});

describe('a change set', () => {
  const change = (Action: string, LogicalResourceId: string, ResourceType: string, more: object = {}) => ({
    Action,
    LogicalResourceId,
    ResourceType,
    ...more,
  });
  const details = (...names: string[]) => names.map((Name) => ({ Target: { Attribute: 'Properties', Name } }));
  const changes = changesOf([
    change('Add', 'NewAlarm', 'AWS::CloudWatch::Alarm'),
    change('Modify', 'DisplaySubscription', 'AWS::SNS::Subscription', {
      Replacement: 'False',
      Details: details('FilterPolicy', 'FilterPolicy', 'Endpoint'),
    }),
    change('Modify', 'AdRings', 'AWS::Lambda::EventSourceMapping', { Replacement: 'Conditional' }),
    change('Modify', 'DisplayTable', 'AWS::DynamoDB::Table', { Replacement: 'True', Details: details('KeySchema') }),
    change('Remove', 'AdQueue', 'AWS::SQS::Queue', { PolicyAction: 'Delete' }),
    change('Remove', 'OldTable', 'AWS::DynamoDB::Table', { PolicyAction: 'Retain' }),
    change('Remove', 'OldAlarm', 'AWS::CloudWatch::Alarm', { PolicyAction: 'Delete' }),
  ]);

  test('shows what goes first, and what is lost with it', () => {
    expect(changesText(changes).split('\n')).toEqual([
      '- remove   AdQueue              AWS::SQS::Queue  ← the messages in it are lost',
      '- remove   OldTable             AWS::DynamoDB::Table',
      '- remove   OldAlarm             AWS::CloudWatch::Alarm',
      '! replace  DisplayTable         AWS::DynamoDB::Table  KeySchema  ← its views are lost; consumers can read them again from the source',
      '? replace? AdRings              AWS::Lambda::EventSourceMapping',
      '~ modify   DisplaySubscription  AWS::SNS::Subscription  Endpoint, FilterPolicy',
      '+ add      NewAlarm             AWS::CloudWatch::Alarm',
      '3 to remove, 1 to replace, 1 to replace?, 1 to modify, 1 to add',
    ]);
  });

  test('is grave where something that holds something goes, and is not kept', () => {
    expect(changes.filter(isGrave).map(({ id }) => id)).toEqual(['AdQueue', 'DisplayTable']);
  });
});

test('outputs are a file for each side, and no secret is among them', () => {
  const outputs = {
    TopicArn: 'arn:aws:sns:eu-west-1:111122223333:prod-shops',
    DisplayQueueUrl: 'https://sqs/display',
    DisplayUndeliveredQueueUrl: 'https://sqs/undelivered',
    AdQueueUrl: 'https://sqs/ad',
  };
  const files = envFiles(environmentOf({ parts: ['messaging'] }), outputs);
  expect(envText(files)).toBe(`# publisher
DOORBELL_TOPIC_ARN=arn:aws:sns:eu-west-1:111122223333:prod-shops

# display
DOORBELL_QUEUE_URL=https://sqs/display
# DisplayUndeliveredQueueUrl: https://sqs/undelivered

# ad
DOORBELL_QUEUE_URL=https://sqs/ad`);
  const variables = environmentOf().flatMap(({ variable }) => variable ?? []);
  expect(variables.filter((name) => /TOKEN|SECRET|PASSWORD|DATABASE/.test(name))).toEqual([]);
});

const stack = (status: string): StackState => ({
  id: 'arn:stack',
  name: 'doorbell-prod',
  status,
  parameters: { Stage: 'prod' },
  outputs: {},
  tags: {},
});

test.each([
  ['UPDATE_IN_PROGRESS', 'Another operation is changing doorbell-prod'],
  ['ROLLBACK_COMPLETE', 'npm run doorbell -- destroy --stage prod --region eu-west-1'],
  ['DELETE_FAILED', 'npm run doorbell -- destroy --stage prod'],
  [
    'UPDATE_ROLLBACK_FAILED',
    'aws cloudformation continue-update-rollback --stack-name doorbell-prod --region eu-west-1',
  ],
])('a stack that is %s is in the way, and what helps is said', (status, text) => {
  expect(() => refuseObstacle(stack(status), 'prod', '--region eu-west-1')).toThrow(text);
});

test.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'])(
  'a stack that is %s can be deployed to',
  (status) => {
    expect(() => refuseObstacle(stack(status), 'prod', '')).not.toThrow();
    expect(() => refuseObstacle(null, 'prod', '')).not.toThrow();
  },
);

test('a stack that only has the name of one of ours is never touched', () => {
  const foreign = { ...stack('CREATE_COMPLETE'), parameters: {} };
  expect(() => refuseObstacle(foreign, 'prod', '')).toThrow('doorbell-prod is not a Doorbell stack of this stage');
});

test('the cause of a failure is what failed first, not what was cancelled because of it', () => {
  const event = (resource: string, status: string, reason = '', type = 'AWS::SQS::Queue'): ResourceEvent => ({
    id: resource + status,
    resource,
    type,
    status,
    reason,
  });
  const cause = event('AdTable', 'CREATE_FAILED', 'Cannot exceed quota', 'AWS::DynamoDB::Table');
  const events = [
    event('Key', 'CREATE_COMPLETE'),
    event('AdQueue', 'CREATE_FAILED', 'Resource creation cancelled'),
    cause,
    event('doorbell', 'ROLLBACK_IN_PROGRESS', 'The following resource(s) failed', 'AWS::CloudFormation::Stack'),
  ];
  expect(firstCause(events)).toBe(cause);
  expect(firstCause([event('Key', 'CREATE_COMPLETE')])).toBeNull();
});

test('a plan says what goes with how many messages, and what stays', () => {
  const plan = {
    stage: 'prod',
    stack: stack('CREATE_COMPLETE'),
    gone: [
      { id: 'AdQueue', type: 'AWS::SQS::Queue' },
      { id: 'AdLog', type: 'AWS::Logs::LogGroup' },
      { id: 'Key', type: 'AWS::KMS::Key' },
    ],
    kept: [{ id: 'AdTable', type: 'AWS::DynamoDB::Table' }],
    messages: [
      { queue: 'prod-ad-dead', count: 1_234 },
      { queue: 'prod-ad', count: null },
    ],
    protectedTables: [],
    canBeChanged: true,
  };
  const text = destroyText(plan, null);
  expect(text).toContain('doorbell-prod (CREATE_COMPLETE) will be deleted, with 3 resources:');
  expect(text).toContain('- ~1,234 messages in prod-ad-dead: they are lost');
  expect(text).toContain('- all messages in prod-ad (their number could not be read): they are lost');
  expect(text).toContain('AWS::DynamoDB::Table  AdTable: CloudFormation keeps it');
  expect(text).toContain('KMS deletes it after 30 days');
  expect(text).toContain('--with-artifacts');
  expect(destroyText(plan, 'some-bucket')).not.toContain('--with-artifacts');
  expect(destroyText(plan, 'some-bucket')).toContain('- the bucket some-bucket with the bundles');
});

test('every stage has a stack of its own', () => {
  expect(['doorbell', 'prod'].map(stackName)).toEqual(['doorbell', 'doorbell-prod']);
});

test('what needs no functions fits into a request, so that it needs no bucket', () => {
  expect(JSON.stringify(templateOf({ parts: ['messaging', 'tables'] })).length).toBeLessThan(51_200);
});

test('functions start with every stage that can be deployed', () => {
  const longest = `s${'-'.repeat(22)}`;
  const { AllowedPattern = '' } = templateOf().Parameters['Stage'] ?? {};
  const takes = (said: string) => stageForm['~standard'].validate(said);
  for (const said of ['doorbell', 's', longest]) {
    expect(said).toMatch(new RegExp(AllowedPattern));
    expect([readStage(said), takes(said)]).toEqual([said, { value: said }]);
  }
  expect(`${longest}x`).not.toMatch(new RegExp(AllowedPattern));
  expect(() => readStage(`${longest}x`)).toThrow('at most 23');
  expect(takes(`${longest}x`)).toHaveProperty('issues');
});

describe('a file that is written again', () => {
  const stack = 'DOORBELL_QUEUE_URL=https://sqs/new\n# DisplayTableName: views';

  test('has what the stack says now, and keeps what somebody added', () => {
    const before = 'DOORBELL_QUEUE_URL=https://sqs/old\n# DisplayTableName: old\n# mine\nDOORBELL_SOURCE_TOKEN=t0ken\n';
    expect(renewedEnv(before, stack)).toBe(`${stack}\n# mine\nDOORBELL_SOURCE_TOKEN=t0ken`);
    expect(renewedEnv('', stack)).toBe(stack);
    expect(renewedEnv(renewedEnv(before, stack), stack)).toBe(renewedEnv(before, stack));
  });

  test('says the region of the topic to every side, and where a stand-in is', () => {
    const files = [
      { of: 'publisher', text: 'DOORBELL_TOPIC_ARN=arn:aws:sns:eu-central-1:123456789012:shops' },
      { of: 'display', text: 'DOORBELL_QUEUE_URL=https://sqs' },
    ];
    expect(placed(files, null)[1]?.text).toBe('DOORBELL_QUEUE_URL=https://sqs\nAWS_REGION=eu-central-1');
    expect(placed(files, 'http://127.0.0.1:4566')[0]?.text).toBe(
      `${files[0]?.text}\nAWS_REGION=eu-central-1\nAWS_ENDPOINT_URL=http://127.0.0.1:4566`,
    );
    expect(placed([], null)).toEqual([]);
  });
});
