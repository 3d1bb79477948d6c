import { accountRoot, getAtt, onlyIf, type Resources, ref, sub, type Value } from './values.ts';

/** A reference to the ARN of the topic. */
export const topicArn = ref('Topic');

/**
 * Makes the topic and its policy. If the template has the relay, only these roles may publish: the relay's, the
 * operators', and one that a parameter names. A Deny statement refuses all other roles of the account, whatever their
 * own policies allow. If it has no relay, the policies of the account decide, until the parameter names a role.
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
  return [mayPublish(publishers), onlyPublishersPublish(publishers)];
}

function mayPublish(publishers: unknown[]) {
  return { Sid: 'RelayPublishes', Effect: 'Allow', Principal: { AWS: publishers }, Action: 'sns:Publish', ...topic };
}

function onlyPublishersPublish(publishers: unknown[]) {
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

/** Refuses to publish or subscribe without TLS. */
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
