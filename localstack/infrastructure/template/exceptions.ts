import type { Resource } from './values.ts';

/** A rule of checkov that a resource does not follow, with the reason. */
export type Exception = { check: string; applies: (resource: Resource) => boolean; why: string };

const text = (resource: Resource) => JSON.stringify(resource);
const isFunction = ({ Type }: Resource) => Type === 'AWS::Serverless::Function';

/** Every exception; docs/decisions/0026-deployed-settings.md gives more detail. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    check: 'CKV_AWS_116',
    applies: (resource) => isFunction(resource) && !('DeadLetterQueue' in resource.Properties),
    why: 'The queue is for asynchronous invocations, and this function gets none. SQS has its own.',
  },
  {
    check: 'CKV_AWS_117',
    applies: (resource) => isFunction(resource) && !('VpcConfig' in resource.Properties),
    why: 'It calls no private network: only AWS, by its role, and a source API, by its token, all over TLS.',
  },
  {
    check: 'CKV_AWS_117',
    applies: (resource) => isFunction(resource) && 'VpcConfig' in resource.Properties,
    why: 'It runs in the subnets of VpcSubnetIds. If that is empty, it calls the database over TLS from outside.',
  },
  {
    check: 'CKV_AWS_111',
    applies: (resource) => resource.Type === 'AWS::IAM::Role' && text(resource).includes('ec2:CreateNetworkInterface'),
    why: 'Lambda needs network interfaces on all resources. A second statement denies them to the code of the function.',
  },
];

/** Adds the exceptions of a resource to its metadata, where checkov reads them. */
export function withExceptions(resource: Resource): Resource {
  const skip = EXCEPTIONS.filter(({ applies }) => applies(resource)).map(({ check: id, why: comment }) => {
    return { id, comment };
  });
  return skip.length === 0 ? resource : { ...resource, Metadata: { ...resource.Metadata, checkov: { skip } } };
}
