import type { Topology } from '../topology.ts';
import { viaService } from './key.ts';
import { placeIds } from './places.ts';
import { topicArn } from './topic.ts';
import { getAtt, type Resources, ref } from './values.ts';

/**
 * Makes the role of operators, who redrive dead letters and run `doorbell replay`. No function may redrive, and this
 * role may not read views or secrets.
 */
export function operatorResources({ consumers }: Topology): Resources {
  const arns = (kind: 'queue' | 'deadLetterQueue') =>
    consumers.map(({ consumer }) => getAtt(placeIds(consumer)[kind], 'Arn'));
  return {
    OperatorRole: {
      Type: 'AWS::IAM::Role',
      Condition: 'HasOperator',
      Properties: {
        Description: 'Reads and redrives dead letters, and replays rings.',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: ref('OperatorArn') }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'least',
            PolicyDocument: { Version: '2012-10-17', Statement: grants(arns('queue'), arns('deadLetterQueue')) },
          },
        ],
      },
    },
  };
}

const LETTERS = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:StartMessageMoveTask',
  'sqs:ListMessageMoveTasks',
  'sqs:CancelMessageMoveTask',
];

function grants(queues: unknown[], deadLetterQueues: unknown[]) {
  const allow = (Sid: string, Action: string[], Resource: unknown) => ({ Sid, Effect: 'Allow', Action, Resource });
  return [
    allow('Letters', LETTERS, deadLetterQueues),
    allow('LookAgain', ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], queues),
    allow('RingAgain', ['sns:Publish', 'sns:GetTopicAttributes'], topicArn),
    {
      ...allow('Key', ['kms:Decrypt', 'kms:GenerateDataKey'], getAtt('Key', 'Arn')),
      Condition: { StringEquals: { 'kms:ViaService': ['sqs', 'sns'].map(viaService) } },
    },
  ];
}
