import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Template, templateOf } from '../../../localstack/infrastructure/template/template.ts';
import { logicalId } from '../../../localstack/infrastructure/template/values.ts';
import { consumerIds } from '../../support/consumers.ts';
import {
  consumerCalled,
  propertiesOf,
  type Rule,
  referredBy,
  resourcesOf,
  rulesOf,
  where,
} from '../../support/template.ts';

const whole = where(true, templateOf());
const account = { Ref: 'AWS::AccountId' };
const listed = (value: string | string[]) => [value].flat();

describe('least privilege', () => {
  /** What a function of a consumer may name: its own things, and what is nobody's. */
  const own = (name: string, role: 'handler' | 'queries') => {
    const id = logicalId(name);
    const everybody = ['Key', 'SecretsKeyArn', 'Stage', 'AWS::Partition', 'AWS::Region', 'AWS::AccountId'];
    return role === 'queries'
      ? [...everybody, `${id}QueriesLog`, `${id}Table`]
      : [...everybody, `${id}Log`, `${id}Queue`, `${id}DeadLetterQueue`, `${id}Table`, `${id}SourceTokenSecretArn`];
  };
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z][a-z0-9]{0,8})?$/), {
    minLength: 2,
    maxLength: 4,
  });

  function built(consumers: readonly string[]): Template | null {
    const made = consumers.map(consumerCalled);
    try {
      return where(true, templateOf({ consumers: made, agreements: made.map(({ consumer }) => consumer.agreement) }));
    } catch {
      // `ad` beside `ad-queries`: refused, as its own test says.
      return null;
    }
  }

  test('no role of a consumer names what is another’s, whatever consumers there are', () => {
    let built_ = 0;
    const check = (consumers: string[]) => {
      const template = built(consumers);
      if (template === null) return;
      built_++;
      for (const name of consumers)
        for (const [role, suffix] of [
          ['handler', ''],
          ['queries', '-queries'],
        ] as const) {
          const rules = rulesOf(template, `${logicalId(name + suffix)}Role`);
          expect(referredBy(rules).filter((each) => !own(name, role).includes(each))).toEqual([]);
          const functions = [...JSON.stringify(rules).matchAll(/function:\$\{Stage\}-([a-z0-9-]+)/g)].map(
            ([, each]) => each,
          );
          expect(new Set(functions)).toEqual(new Set([name + suffix]));
        }
    };
    fc.assert(fc.property(names, check), { numRuns: 30, seed: 7 });
    expect(built_).toBeGreaterThan(20);
  });

  const roles = resourcesOf(whole, 'AWS::IAM::Role').map(([id]) => id);

  test.each(roles)('%s has no * where it could be narrower', (role) => {
    const rules = rulesOf(whole, role);
    expect(rules.length).toBeGreaterThan(2);
    for (const { Sid, Action, Resource } of rules) {
      expect(
        listed(Action).filter((action) => action.includes('*')),
        Sid,
      ).toEqual([]);
      // Lambda asks for network interfaces on everything (docs/decisions/0026-deployed-settings.md).
      if (!Sid.startsWith('Network')) expect(JSON.stringify(Resource), Sid).not.toContain('*');
    }
  });

  test.each(roles)('%s uses a key through a service only', (role) => {
    for (const { Sid, Action, Condition } of rulesOf(whole, role))
      if (listed(Action).some((action) => action.startsWith('kms:')))
        expect(Condition?.StringEquals, Sid).toHaveProperty(['kms:ViaService']);
  });

  const may = (role: string) =>
    rulesOf(whole, role)
      .filter(({ Effect, Action }) => Effect === 'Allow' && !listed(Action)[0]?.match(/^(kms|logs|ec2):/))
      .flatMap(({ Action, Resource }) => listed(Action).map((action) => `${action} ${referredBy(Resource).join()}`));

  test.each(consumerIds)('%s takes from its queue, buries, and writes its views', (id) => {
    expect(may(`${id}Role`)).toEqual([
      `sqs:ReceiveMessage ${id}Queue`,
      `sqs:DeleteMessage ${id}Queue`,
      `sqs:ChangeMessageVisibility ${id}Queue`,
      `sqs:GetQueueAttributes ${id}Queue`,
      `sqs:SendMessage ${id}DeadLetterQueue`,
      `dynamodb:BatchGetItem ${id}Table`,
      `dynamodb:PutItem ${id}Table`,
      `secretsmanager:GetSecretValue ${id}SourceTokenSecretArn`,
    ]);
    expect(may(`${id}QueriesRole`)).toEqual([`dynamodb:BatchGetItem ${id}Table`, `dynamodb:Query ${id}Table`]);
  });

  test('the relay rings, the API does not, and only the migration knows the owner of the schema', () => {
    expect(may('PublisherRelayRole')).toEqual([
      'secretsmanager:GetSecretValue DatabaseSecretArn,DatabaseCaSecretArn',
      'sns:Publish Topic',
      'sqs:SendMessage RelayFailedRuns',
    ]);
    const reads = (...secrets: string[]) => [`secretsmanager:GetSecretValue ${secrets.join()}`];
    const [api, ca, replica] = ['DatabaseSecretArn', 'DatabaseCaSecretArn', 'DatabaseReadSecretArn'];
    expect(may('PublisherApiRole')).toEqual(reads(api, ca, replica));
    expect(may('PublisherMigrateRole')).toEqual(reads('DatabaseAdminSecretArn', ca));
  });

  test('redrive is for operators, who read neither views nor secrets', () => {
    const redriving = roles.filter((role) => may(role).some((each) => each.includes('MoveTask')));
    expect(redriving).toEqual(['OperatorRole']);
    expect(may('OperatorRole').filter((each) => /dynamodb|secretsmanager/.test(each))).toEqual([]);
    expect(whole.Resources.OperatorRole?.Condition).toBe('HasOperator');
  });

  test('what the code of a function must not do with networks is denied to it', () => {
    for (const name of ['publisher-api', 'publisher-relay', 'publisher-migrate']) {
      const [allowed, denied] = rulesOf(whole, `${logicalId(name)}Role`).filter(({ Sid }) => Sid.startsWith('Network'));
      expect(denied).toMatchObject({ Effect: 'Deny', Action: allowed?.Action });
      expect(JSON.stringify(denied?.Condition)).toContain(`function:\${Stage}-${name}`);
      expect(propertiesOf(whole, logicalId(name)).VpcConfig).toBeDefined();
    }
    const without = where(false, templateOf());
    expect(JSON.stringify(without.Resources)).not.toContain('ec2:');
  });
});

describe('who may come in', () => {
  const rules = (id: string) => propertiesOf(whole, id).PolicyDocument.Statement as Rule[];
  const allowing = (id: string) => rules(id).filter(({ Effect }) => Effect === 'Allow');
  const queues = resourcesOf(whole, 'AWS::SQS::Queue').map(([id]) => id);

  test.each(queues)('%s lets nobody do anything without TLS', (queue) => {
    expect(propertiesOf(whole, `${queue}Policy`).Queues).toEqual([{ Ref: queue }]);
    expect(rules(`${queue}Policy`)).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });

  test.each(queues)('%s lets in the topic of this account at most', (queue) => {
    const isFed = consumerIds.includes(queue.replace(/(Undelivered)?Queue$/, ''));
    expect(allowing(`${queue}Policy`)).toEqual(
      isFed
        ? [
            expect.objectContaining({
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Condition: {
                ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } },
                StringEquals: { 'aws:SourceAccount': account },
              },
            }),
          ]
        : [],
    );
  });

  test('only the relay, operators and one role that a parameter names publish to the topic', () => {
    const publishers = [
      { 'Fn::GetAtt': ['PublisherRelayRole', 'Arn'] },
      { Ref: 'PublisherRoleArn' },
      { 'Fn::GetAtt': ['OperatorRole', 'Arn'] },
    ];
    const publishing = rules('TopicPolicy').filter(({ Action }) => Action === 'sns:Publish');
    expect(publishing).toEqual([
      expect.objectContaining({ Effect: 'Allow', Principal: { AWS: publishers } }),
      expect.objectContaining({
        Effect: 'Deny',
        Principal: '*',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': publishers } },
      }),
    ]);
  });

  test('only queues subscribe to the topic, from this account, by TLS', () => {
    const denied = rules('TopicPolicy').filter(
      ({ Effect, Action }) => Effect === 'Deny' && listed(Action).includes('sns:Subscribe'),
    );
    expect(denied.map(({ Condition }) => Condition)).toEqual([
      { StringNotEquals: { 'sns:Protocol': 'sqs' } },
      { Bool: { 'aws:SecureTransport': 'false' } },
      { StringNotEquals: { 'aws:PrincipalAccount': account } },
    ]);
    const [allowed] = allowing('TopicPolicy').filter(({ Action }) => Action === 'sns:Subscribe');
    expect(allowed?.Condition).toEqual({ StringEquals: { 'sns:Protocol': 'sqs' } });
  });

  test('HTTP APIs limit requests, and write down neither addresses nor queries', () => {
    const apis = resourcesOf(whole, 'AWS::Serverless::HttpApi');
    expect(apis.map(([id]) => id)).toEqual(['Publisher', ...consumerIds].map((id) => `${id}HttpApi`));
    for (const [, { Properties }] of apis) {
      expect(Properties.DefaultRouteSettings).toEqual({
        ThrottlingRateLimit: expect.any(Number),
        ThrottlingBurstLimit: expect.any(Number),
      });
      const { Format } = Properties.AccessLogSettings as { Format: string };
      expect(Format).toContain('$context.status');
      expect(Format).not.toMatch(/sourceIp|queryString|authorizer|userAgent/);
    }
  });

  test('without a relay in the stack the account decides who publishes, until a parameter names a role', () => {
    const messaging = templateOf({ parts: ['messaging'] });
    const publishing = (holds: boolean) =>
      (propertiesOf(where(holds, messaging), 'TopicPolicy').PolicyDocument.Statement as Rule[])
        .filter(({ Action }) => Action === 'sns:Publish')
        .map(({ Effect }) => Effect);
    expect(publishing(false)).toEqual([]);
    expect(publishing(true)).toEqual(['Allow', 'Deny']);
  });

  test('nobody decrypts with the key by hand, and services for this topic and these logs alone', () => {
    const statements = propertiesOf(whole, 'Key').KeyPolicy.Statement as Rule[];
    const using = statements.filter(({ Action }) =>
      listed(Action).some((each) => /Decrypt|GenerateDataKey/.test(each)),
    );
    expect(using.map(({ Sid }) => Sid)).toEqual(['RolesUseThroughServices', 'TopicDelivers', 'LogsWrite']);
    for (const { Condition, Sid } of using) expect(Object.keys(Condition ?? {}).length, Sid).toBeGreaterThan(0);
    const [administers] = statements;
    expect(
      listed(administers?.Action ?? []).filter(
        (each) => /\*$|Grant|crypt/.test(each) && /Create|crypt|GenerateD/.test(each),
      ),
    ).toEqual([]);
    const groups = resourcesOf(whole, 'AWS::Logs::LogGroup').map(([, each]) =>
      JSON.stringify(each.Properties.LogGroupName),
    );
    const logs = JSON.stringify(using.at(-1)?.Condition);
    for (const group of groups) expect(logs).toContain(JSON.parse(group)['Fn::Sub']);
  });
});
