import { accountRoot, arn, type Resources, ref, STAGE, sub, type Value } from './values.ts';

/** The services that may use the key for their callers. There is no other use. */
const VIA = ['sqs', 'sns', 'dynamodb', 'lambda'];

/** Actions of the account's administrators on the key. They may not decrypt with it. */
const ADMINISTER = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:Delete*',
  'kms:Describe*',
  'kms:Disable*',
  'kms:Enable*',
  'kms:Get*',
  'kms:List*',
  'kms:Put*',
  'kms:Revoke*',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:Update*',
];

/** Writes the name by which a service calls KMS. */
export const viaService = (service: string): Value => sub(`${service}.\${AWS::Region}.amazonaws.com`);

/**
 * Makes the key that encrypts everything. Roles of this account use it only through a service, SNS for this topic, and
 * CloudWatch for these log groups.
 */
export function keyResources(topic: string, logGroups: readonly string[]): Resources {
  const logs = logGroups.length === 0 ? [] : [logsWrite(logGroups)];
  return {
    Key: {
      Type: 'AWS::KMS::Key',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Description: sub(`Encrypts topic, queues, views and logs of Doorbell, stage ${STAGE}.`),
        EnableKeyRotation: true,
        // 30 days: the longest, in case the stack was deleted by mistake.
        PendingWindowInDays: 30,
        KeyPolicy: { Version: '2012-10-17', Statement: [accountAdministers, rolesUse, topicDelivers(topic), ...logs] },
      },
    },
  };
}

const accountAdministers = {
  Sid: 'AccountAdministers',
  Effect: 'Allow',
  Principal: { AWS: accountRoot },
  Action: ADMINISTER,
  Resource: '*',
};

const rolesUse = {
  Sid: 'RolesUseThroughServices',
  Effect: 'Allow',
  Principal: { AWS: accountRoot },
  Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant'],
  Resource: '*',
  Condition: { StringEquals: { 'kms:ViaService': VIA.map(viaService) } },
};

function topicDelivers(topic: string) {
  return {
    Sid: 'TopicDelivers',
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
    Resource: '*',
    Condition: {
      ArnEquals: { 'aws:SourceArn': arn('sns', topic) },
      StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') },
    },
  };
}

function logsWrite(logGroups: readonly string[]) {
  return {
    Sid: 'LogsWrite',
    Effect: 'Allow',
    Principal: { Service: viaService('logs') },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    Resource: '*',
    Condition: {
      ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': logGroups.map((name) => arn('logs', `log-group:${name}`)) },
    },
  };
}
