import { accountRoot, getAtt, onlyIf, type Resources, ref, sub, type Value } from './values.ts';

/** Where the topic's ARN is. */
export const topicArn = ref('Topic');

/**
 * The topic and who may do what with it. Where the template has the relay, it alone may publish, beside the operators' role and one
 * role that a parameter names; a refusal says so to everybody else of the account, who could by a policy of their own. Where
 * it has no relay, the account's own policies decide until that parameter names one.
 */
export function topicResources(name: string, { relayRole }: { relayRole: string | null }): Resources {
  const rules = relayRole === null ? whereStated : publishingBy(getAtt(relayRole, 'Arn'), stated);
  return {
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: sub(name), KmsMasterKeyId: getAtt('Key', 'Arn') },
    },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [topicArn],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [...rules, ...subscribing, topicOnlyByTls, onlyThisAccount],
        },
      },
    },
  };
}

const topic = { Resource: topicArn };
const denyAll = { Effect: 'Deny', Principal: '*', ...topic };

const named = ref('PublisherRoleArn');
const stated = onlyIf('HasPublisherRole', named);

function publishingBy(...roles: Value[]) {
  const publishers = [...roles, onlyIf('HasOperator', getAtt('OperatorRole', 'Arn'))];
  return [mayPublish(publishers), nobodyElsePublishes(publishers)];
}

function mayPublish(publishers: unknown[]) {
  return { Sid: 'RelayPublishes', Effect: 'Allow', Principal: { AWS: publishers }, Action: 'sns:Publish', ...topic };
}

function nobodyElsePublishes(publishers: unknown[]) {
  const Condition = { ArnNotEquals: { 'aws:PrincipalArn': publishers } };
  return { Sid: 'NobodyElsePublishes', ...denyAll, Action: 'sns:Publish', Condition };
}

const whereStated = publishingBy(named).map((rule) => onlyIf('HasPublisherRole', rule));

const subscribing = [
  {
    Sid: 'AccountSubscribes',
    Effect: 'Allow',
    Principal: { AWS: accountRoot },
    Action: 'sns:Subscribe',
    ...topic,
    Condition: { StringEquals: { 'sns:Protocol': 'sqs' } },
  },
  {
    Sid: 'OnlyQueuesSubscribe',
    ...denyAll,
    Action: 'sns:Subscribe',
    Condition: { StringNotEquals: { 'sns:Protocol': 'sqs' } },
  },
];

/** Nobody publishes or subscribes without TLS. */
export const topicOnlyByTls = {
  Sid: 'OnlyByTls',
  ...denyAll,
  Action: ['sns:Publish', 'sns:Subscribe'],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

const onlyThisAccount = {
  Sid: 'OnlyThisAccount',
  ...denyAll,
  Action: ['sns:Publish', 'sns:Subscribe'],
  Condition: { StringNotEquals: { 'aws:PrincipalAccount': ref('AWS::AccountId') } },
};
