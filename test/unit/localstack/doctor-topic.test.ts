import { expect, test } from 'vitest';
import type { Deployed, ListedSubscription, PolicyStatement } from '../../../localstack/operate/doctor/state.ts';
import { arnOf, found, statements, TOPIC_ARN, topic, valueIn } from '../../support/deployed.ts';

const ACCOUNT = '111122223333';
const OTHER = '999988887777';

/** What SNS gives a topic of its own accord. */
const snsOwn = (): PolicyStatement => ({
  Sid: '__default_statement_ID',
  Effect: 'Allow',
  Principal: { AWS: '*' },
  Action: ['SNS:GetTopicAttributes', 'SNS:SetTopicAttributes', 'SNS:AddPermission', 'SNS:Subscribe', 'SNS:Publish'],
  Resource: TOPIC_ARN,
  Condition: { StringEquals: { 'AWS:SourceOwner': ACCOUNT } },
});

const setPolicy = (deployed: Deployed, Statement: PolicyStatement | PolicyStatement[]) => {
  topic(deployed).policy = { Statement };
};
const open = (more: object): PolicyStatement => ({ Sid: 'open', Effect: 'Allow', Resource: TOPIC_ARN, ...more });
const anybody = { Principal: '*', Action: 'sns:Publish' };
/** The template's policy without a rule of it. */
const without = (deployed: Deployed, sid: string) => statements(topic(deployed)).filter(({ Sid }) => Sid !== sid);

test('the policy that SNS gives a topic is well, as is the template with a rule that it makes harmless', () => {
  for (const policy of [snsOwn(), [snsOwn()]])
    expect(found((deployed) => setPolicy(deployed, policy)).findings).toEqual([]);
  expect(found((deployed) => void statements(topic(deployed)).push(open(anybody))).findings).toEqual([]);
});

const TLS = [
  {
    Sid: 'Tls',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sns:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
];

test.each<[what: string, rule: object, finding: string]>([
  ['anybody publish', anybody, 'allows sns:Publish to anyone without a condition (open)'],
  [
    'anybody subscribe',
    { Principal: { AWS: '*' }, Action: 'SNS:Sub*' },
    'allows sns:Subscribe to anyone without a condition (open)',
  ],
  ['another account', { Principal: { AWS: [ACCOUNT, OTHER] }, Action: 'sns:Publish' }, `allows sns:Publish to`],
  [
    'a role of another account',
    { Principal: { AWS: `arn:aws:iam::${OTHER}:role/x` }, Action: 'sns:Subscribe' },
    'allows sns:Subscribe to',
  ],
  [
    'a service for anybody',
    { Principal: { Service: 's3.amazonaws.com' }, Action: 'sns:Publish' },
    'allows sns:Publish to',
  ],
  [
    'whoever is not named',
    { NotPrincipal: { AWS: ACCOUNT }, Action: 'sns:*' },
    'allows sns:Publish, sns:Subscribe, sns:SetTopicAttributes, sns:AddPermission to',
  ],
  [
    'anybody who says no account',
    { ...anybody, Condition: { StringEqualsIfExists: { 'aws:SourceAccount': ACCOUNT } } },
    'allows sns:Publish to',
  ],
])('a topic that lets %s is found, and its remedy leaves the rest', (_, rule, what) => {
  const own = snsOwn();
  const { findings } = found((deployed) => setPolicy(deployed, [own, open(rule), ...TLS]));
  expect(findings).toEqual([
    expect.objectContaining({
      check: 'topic-policy',
      severity: 'warning',
      where: 'shop-shops',
      what: expect.stringContaining(what),
    }),
  ]);
  const [, policy = ''] =
    /--attribute-name Policy --attribute-value '(.*)' --region/.exec(findings[0]?.remedy ?? '') ?? [];
  expect(JSON.parse(policy).Statement).toEqual(expect.arrayContaining([own]));
  expect(policy).not.toContain('"open"');
  expect(found((deployed) => setPolicy(deployed, JSON.parse(policy).Statement)).findings).toEqual([]);
});

test.each([
  ['this account', { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }],
  [
    'a service on behalf of this account',
    { Principal: { Service: 's3.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } },
  ],
  ['anybody, to another topic', { Principal: '*', Resource: `${TOPIC_ARN}-too` }],
  ['anybody, to look at it', { Principal: '*', Action: 'sns:GetTopicAttributes' }],
])('a topic that lets %s publish is well', (_, rule) => {
  const { findings } = found((deployed) => setPolicy(deployed, [open({ Action: 'sns:Publish', ...rule }), ...TLS]));
  expect(findings).toEqual([]);
});

test('a policy of our own that refuses no plain text is found', () => {
  const { findings } = found((deployed) => setPolicy(deployed, without(deployed, 'OnlyByTls')));
  expect(findings).toEqual([
    expect.objectContaining({
      check: 'topic-policy',
      severity: 'warning',
      what: 'its policy does not refuse requests without TLS',
    }),
  ]);
  expect(findings[0]?.remedy).toContain('"aws:SecureTransport":"false"');
});

test('a policy that refuses every ring is an error', () => {
  const { findings } = found((deployed) => {
    statements(topic(deployed)).push({ Sid: 'shut', Effect: 'Deny', Principal: '*', Action: 'sns:*' });
  });
  expect(findings).toEqual([
    expect.objectContaining({ severity: 'error', what: expect.stringContaining('no ring is sent') }),
  ]);
});

test('a service that tells no policy is not taken for well', () => {
  const { findings } = found((deployed) => {
    topic(deployed).policy = null;
  });
  expect(findings).toEqual([expect.objectContaining({ check: 'topic-policy', severity: 'not-checked' })]);
});

const listed = (deployed: Deployed) => valueIn<ListedSubscription[]>(deployed.subscriptions);
const unsubscribe = `aws sns unsubscribe --subscription-arn ${TOPIC_ARN}:x --region eu-west-1`;

test.each<[what: string, subscription: Partial<ListedSubscription>, finding: object]>([
  [
    'a web hook',
    { protocol: 'https', endpoint: 'https://hook.example' },
    {
      severity: 'warning',
      what: 'it rings https://hook.example by https, but only queues should be subscribed',
      remedy: unsubscribe,
    },
  ],
  [
    'a web hook that nobody confirmed',
    { arn: 'PendingConfirmation', protocol: 'https' },
    { remedy: 'Do not confirm it: SNS deletes an unconfirmed subscription after 48 hours.' },
  ],
  [
    'a queue of another account',
    { endpoint: `arn:aws:sqs:eu-west-1:${OTHER}:shop-display` },
    { severity: 'warning', what: expect.stringContaining(`another account (${OTHER})`), remedy: unsubscribe },
  ],
  [
    'a dead-letter queue',
    { endpoint: arnOf('shop-display-dead') },
    { severity: 'error', what: expect.stringContaining('it rings shop-display-dead'), remedy: unsubscribe },
  ],
  ['a queue for the undelivered', { endpoint: arnOf('shop-ad-undelivered') }, { severity: 'error' }],
])('%s that listens to the topic is found', (_, subscription, finding) => {
  const { findings } = found((deployed) => {
    listed(deployed).push({ arn: `${TOPIC_ARN}:x`, protocol: 'sqs', endpoint: '', ...subscription });
  });
  expect(findings).toEqual([expect.objectContaining({ check: 'subscribers', where: 'shop-shops', ...finding })]);
});

test("somebody's own queue of this account may listen", () => {
  const { findings } = found((deployed) => {
    listed(deployed).push({ arn: `${TOPIC_ARN}:x`, protocol: 'sqs', endpoint: arnOf('theirs') });
  });
  expect(findings).toEqual([]);
});
