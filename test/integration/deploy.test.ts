import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../consumers/runtime/system.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { templateOf } from '../../localstack/infrastructure/template/template.ts';
import { logicalId } from '../../localstack/infrastructure/template/values.ts';
import { type DeployDeps, type DeployRequest, deploy } from '../../localstack/operate/deploy/deploy.ts';
import { type Staged, stagedCloudFormation } from '../support/cloudformation.ts';
import { sourceTokensOf } from '../support/consumers.ts';

/** Deploys to what is staged, in no time: the messaging part, where nothing else is wanted. */
async function world(staged: Staged, more: Partial<DeployDeps> = {}, wanted: Partial<DeployRequest> = {}) {
  const { actions, stored, services } = await stagedCloudFormation(staged);
  const seen: string[] = [];
  const deployment = deploy(
    { stage: 'prod', parts: ['messaging'], given: {}, bucket: null, dryRun: false, ...wanted },
    {
      services,
      clock: { ...systemClock, sleep: async () => {} },
      signal: new AbortController().signal,
      build: () => Promise.reject(new Error('nothing is to be built')),
      templateFor: (parts) => templateOf({ parts }),
      tell: () => {},
      onEvent: ({ status, resource }) => void seen.push(`${resource} ${status}`),
      agree: async () => true,
      ...more,
    },
  );
  return { actions, stored, seen, deployment };
}

const made = ['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'];

test('a new stack is made, followed to its end, and its outputs are read', async () => {
  const { actions, seen, deployment } = await world({
    states: [null, ...made],
    events: [
      ['CREATE_IN_PROGRESS', 'Topic'],
      ['CREATE_COMPLETE', 'Topic'],
      ['CREATE_COMPLETE', 'stack'],
    ],
    outputs: { TopicArn: 'arn:aws:sns:eu-west-1:111122223333:prod-shops' },
  });
  expect(await deployment).toEqual({
    ended: 'deployed',
    stack: 'doorbell-prod',
    env: [{ of: 'publisher', text: 'DOORBELL_TOPIC_ARN=arn:aws:sns:eu-west-1:111122223333:prod-shops' }],
  });
  expect(seen).toEqual(['Topic CREATE_IN_PROGRESS', 'Topic CREATE_COMPLETE', 'stack CREATE_COMPLETE']);
  expect(actions).toContain('ExecuteChangeSet');
});

test.each([
  "The submitted information didn't contain changes. Submit different information to create a change set.",
  'No updates are to be performed.',
])('nothing to change is success, and leaves no change set behind: %s', async (reason) => {
  const { actions, deployment } = await world({
    states: ['CREATE_COMPLETE'],
    changeSet: { status: 'FAILED', reason },
  });
  expect(await deployment).toMatchObject({ ended: 'no-changes' });
  expect(actions).toContain('DeleteChangeSet');
  expect(actions).not.toContain('ExecuteChangeSet');
});

test('a template that is refused says why, and leaves no stack behind', async () => {
  const { actions, deployment } = await world({
    states: [null, 'REVIEW_IN_PROGRESS'],
    changeSet: { status: 'FAILED', reason: 'Parameters: [Stage] must have values' },
  });
  await expect(deployment).rejects.toThrow('Parameters: [Stage] must have values');
  expect(actions.at(-1)).toBe('DeleteStack');
});

test('a failure is told by what failed first, and by what to do now', async () => {
  const { deployment } = await world({
    states: [null, 'CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE'],
    events: [
      ['CREATE_IN_PROGRESS', 'AdQueue'],
      ['CREATE_FAILED', 'DisplayQueue', 'You must wait 60 seconds after deleting a queue'],
      ['CREATE_FAILED', 'AdQueue', 'Resource creation cancelled'],
      ['ROLLBACK_COMPLETE', 'stack'],
    ],
  });
  await expect(deployment).rejects.toThrow(
    /^doorbell-prod is ROLLBACK_COMPLETE\. DisplayQueue \(AWS::SQS::Queue\): You must wait 60 seconds .*\nNothing is deployed\. Correct the cause, delete the rest/,
  );
});

test('an update that was rolled back left everything as it was', async () => {
  const { deployment } = await world({
    states: ['UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
    events: [
      ['UPDATE_FAILED', 'AdSubscription', 'Invalid parameter: FilterPolicy'],
      ['UPDATE_ROLLBACK_COMPLETE', 'stack'],
    ],
  });
  await expect(deployment).rejects.toThrow(/AdSubscription .*FilterPolicy\nEverything is as it was before/);
});

test('a stack that is still said to be as it was before has not ended yet', async () => {
  const { seen, deployment } = await world({
    states: ['UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE'],
    events: [
      ['UPDATE_IN_PROGRESS', 'stack'],
      ['UPDATE_FAILED', 'AdSubscription', 'Invalid parameter: FilterPolicy'],
      ['UPDATE_ROLLBACK_COMPLETE', 'stack'],
    ],
  });
  await expect(deployment).rejects.toThrow('doorbell-prod is UPDATE_ROLLBACK_COMPLETE');
  expect(seen).toHaveLength(3);
});

test('a stack that somebody destroys meanwhile is not deployed', async () => {
  const { deployment } = await world({ states: ['UPDATE_COMPLETE', 'UPDATE_IN_PROGRESS', null] });
  await expect(deployment).rejects.toThrow('doorbell-prod was deleted by another process in the meantime');
});

test('who is cut off while CloudFormation works is told that it goes on, and how to look again', async () => {
  const { deployment } = await world({ states: [null, 'CREATE_IN_PROGRESS'], isCutOff: true });
  await expect(deployment).rejects.toThrow(
    /\. CloudFormation goes on by itself\. To see how far it is: aws cloudformation describe-stack-events/,
  );
});

test('a stack that somebody else is changing is left alone', async () => {
  const { actions, deployment } = await world({ states: ['UPDATE_IN_PROGRESS'] });
  await expect(deployment).rejects.toThrow('Another operation is changing doorbell-prod');
  expect(actions).toEqual(['DescribeStacks']);
});

test('what was only looked at once is made as if it were new', async () => {
  const events: Staged['events'] = [['CREATE_COMPLETE', 'stack']];
  const { actions, deployment } = await world({ states: ['REVIEW_IN_PROGRESS', ...made], events });
  expect(await deployment).toMatchObject({ ended: 'deployed' });
  expect(actions).toContain('ExecuteChangeSet');
});

test.each([
  ['who says no', async () => false],
  ['who presses Ctrl-C', () => Promise.reject(new Error('interrupted'))],
])('%s changes nothing, and a stack that was only looked at is gone again', async (_, agree) => {
  const { actions, deployment } = await world({ states: [null, 'REVIEW_IN_PROGRESS'] }, { agree });
  await deployment.catch(() => undefined);
  expect(actions).not.toContain('ExecuteChangeSet');
  expect(actions.at(-1)).toBe('DeleteStack');
});

test('who presses Ctrl-C where nobody asks, before it is carried out, changes nothing', async () => {
  const controller = new AbortController();
  const agree = async () => {
    controller.abort(new Error('interrupted'));
    return true;
  };
  const staged = { states: [null, 'REVIEW_IN_PROGRESS'] };
  const { actions, deployment } = await world(staged, { agree, signal: controller.signal });
  await expect(deployment).rejects.toThrow('interrupted');
  expect(actions).not.toContain('ExecuteChangeSet');
});

test.each(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE'])(
  'who says no leaves a stack alone that somebody else has begun meanwhile (%s)',
  async (state) => {
    const { actions, deployment } = await world({ states: [null, state] }, { agree: async () => false });
    expect(await deployment).toMatchObject({ ended: 'declined' });
    expect(actions).toContain('DeleteChangeSet');
    expect(actions).not.toContain('DeleteStack');
  },
);

test("somebody else's stack that has the name of ours is left alone", async () => {
  const { actions, deployment } = await world({ states: ['CREATE_COMPLETE'], stage: 'theirs' });
  await expect(deployment).rejects.toThrow('doorbell-prod is not a Doorbell stack of this stage');
  expect(actions).toEqual(['DescribeStacks']);
});

test('who stops looking is told that CloudFormation goes on, and how to look again', async () => {
  const controller = new AbortController();
  const { deployment } = await world(
    { states: [null, 'CREATE_IN_PROGRESS'] },
    { signal: controller.signal, clock: { ...systemClock, sleep: async () => controller.abort() } },
  );
  await expect(deployment).rejects.toThrow(
    'CloudFormation goes on by itself. To see how far it is: aws cloudformation describe-stack-events --stack-name doorbell-prod',
  );
});

const digest = 'a1b2c3d4'.repeat(8);
const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbCdEf`;

/** What functions can't do without. */
const parameters = {
  DatabaseSecretArn: secret('app'),
  DatabaseAdminSecretArn: secret('owner'),
  ...Object.fromEntries(consumerNames.map((name) => [`${logicalId(name)}SourceTokenSecretArn`, secret(name)])),
  SourceTokens: sourceTokensOf({}, digest),
  OperatorTokens: digest,
};

/** Functions that do nothing. */
const build: DeployDeps['build'] = async (_, names = []) => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-functions-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return names.map((name) => {
    const file = join(folder, name, 'index.mjs');
    mkdirSync(join(folder, name));
    for (const each of [file, `${file}.map`]) writeFileSync(each, '{}');
    return { name, file };
  });
};

const bucket = 'doorbell-artifacts-111122223333-eu-west-1';
const settings = ['publicAccessBlock', 'encryption', 'versioning', 'policy'];

test('functions go into the bucket of before, unless another is named', async () => {
  const staged = { states: ['UPDATE_COMPLETE'], parameters: { ...parameters, CodeBucket: 'ours' } };
  const functions = { build, agree: async () => false };
  const before = await world({ ...staged, buckets: ['ours'] }, functions, { parts: null });
  await before.deployment;
  expect(before.stored.filter((path) => !path.startsWith('/ours/'))).toEqual([]);
  const named = await world({ ...staged, buckets: ['theirs'] }, functions, { parts: null, bucket: 'theirs' });
  await named.deployment;
  expect(named.stored.filter((path) => !path.startsWith('/theirs/'))).toEqual([]);
  // How somebody's own bucket is set is theirs.
  expect([...before.stored, ...named.stored].filter((path) => path.includes('?'))).toEqual([]);
  // The template, three functions of the publisher, and two of each consumer.
  expect(named.stored).toHaveLength(1 + 3 + 2 * consumerNames.length);
});

test.each([
  ['is missing', []],
  ['was made by a deployment that was killed before it was closed', [bucket]],
])('a bucket that %s is encrypted, versioned and closed to the public', async (_, buckets) => {
  const staged = { states: [null, 'REVIEW_IN_PROGRESS'], buckets };
  const wanted = { parts: null, given: parameters };
  const { stored, deployment } = await world(staged, { build, agree: async () => false }, wanted);
  await deployment;
  const made = buckets.length === 0 ? [`/${bucket}`] : [];
  const done = stored.filter((path) => path.split('/').length === 2 || path.includes('?'));
  expect(done).toEqual([...made, ...settings.map((setting) => `/${bucket}?${setting}`)]);
});
