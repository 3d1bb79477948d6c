import { viaService } from '../key.ts';
import { arn, getAtt, logicalId, onlyIf, ref, STAGE, type Value } from '../values.ts';
import { allow, type FunctionSpec, type Grant } from './function.ts';

const key = getAtt('Key', 'Arn');

/** Uses the key through one service, and no other way. */
export const useKey = (service: 'sqs' | 'sns' | 'dynamodb', actions: readonly string[]): Grant =>
  allow(`KeyThrough${logicalId(service)}`, actions, key, {
    StringEquals: { 'kms:ViaService': viaService(service) },
  });

/** Reads these secrets, and decrypts them where a key of one's own encrypts them. */
export function readSecrets(secrets: readonly Value[]): (Grant | Value)[] {
  const decrypt = allow('SecretsKey', ['kms:Decrypt'], ref('SecretsKeyArn'), {
    StringEquals: { 'kms:ViaService': viaService('secretsmanager') },
  });
  return [allow('Secrets', ['secretsmanager:GetSecretValue'], secrets), onlyIf('HasSecretsKey', decrypt)];
}

/** What every function may: write its own log, and have its own environment decrypted. */
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

/** By its name: the function refers to its role. */
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
 * Lambda joins a private network by its function's role, and asks for these on everything (AWS Lambda, "Giving Lambda functions
 * access to resources in an Amazon VPC"). The second takes them from the function's own code.
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
