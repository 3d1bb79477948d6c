import { viaService } from '../key.ts';
import { arn, getAtt, logicalId, onlyIf, ref, STAGE, type Value } from '../values.ts';
import { allow, type FunctionSpec, type Grant } from './function.ts';

const key = getAtt('Key', 'Arn');

/** Allows use of the key through one service only. */
export const useKey = (service: 'sqs' | 'sns' | 'dynamodb', actions: readonly string[]): Grant =>
  allow(`KeyThrough${logicalId(service)}`, actions, key, {
    StringEquals: { 'kms:ViaService': viaService(service) },
  });

/** Allows reading of these secrets, and decrypting them if a key of the account encrypts them. */
export function readSecrets(secrets: readonly Value[]): (Grant | Value)[] {
  const decrypt = allow('SecretsKey', ['kms:Decrypt'], ref('SecretsKeyArn'), {
    StringEquals: { 'kms:ViaService': viaService('secretsmanager') },
  });
  return [allow('Secrets', ['secretsmanager:GetSecretValue'], secrets), onlyIf('HasSecretsKey', decrypt)];
}

/** Lists the rights of every function: to write its own log, and to decrypt its own environment. */
export function basicGrants({ name }: FunctionSpec): Grant[] {
  return [
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], getAtt(`${logicalId(name)}Log`, 'Arn')),
    allow('Environment', ['kms:Decrypt'], key, {
      StringEquals: {
        'kms:ViaService': viaService('lambda'),
        'kms:EncryptionContext:aws:lambda:FunctionArn': functionArn(name),
      },
    }),
  ];
}

/** Writes the ARN of a function by its name. A reference would be a circle, since the function refers to its role. */
export const functionArn = (name: string): Value => arn('lambda', `function:${STAGE}-${name}`);

const NETWORK = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Lists the rights for a private network. Lambda uses the role of the function, and needs the rights on all resources
 * (AWS Lambda, "Giving Lambda functions access to resources in an Amazon VPC"). The second statement denies them to
 * its code.
 */
export function networkGrants(name: string): Value[] {
  const deny: Grant = {
    Sid: 'NetworkNotByCode',
    Effect: 'Deny',
    Action: NETWORK,
    Resource: '*',
    Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn(name) } },
  };
  return [onlyIf('InVpc', allow('Network', NETWORK, '*')), onlyIf('InVpc', deny)];
}
