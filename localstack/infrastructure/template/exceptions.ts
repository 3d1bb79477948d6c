import type { Resource } from './values.ts';

/** A rule of checkov that a resource doesn't follow, and why that is right. */
export type Exception = { check: string; applies: (resource: Resource) => boolean; why: string };

const text = (resource: Resource) => JSON.stringify(resource);
const isFunction = ({ Type }: Resource) => Type === 'AWS::Serverless::Function';

/** Every exception there is; docs/decisions/0026-deployed-settings.md says the same at more length. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    check: 'CKV_AWS_116',
    applies: (resource) => isFunction(resource) && !('DeadLetterQueue' in resource.Properties),
    why: 'Lambda uses this queue for asynchronous invocations, and nothing invokes this function so; SQS has its own.',
  },
  {
    check: 'CKV_AWS_117',
    applies: (resource) => isFunction(resource) && !('VpcConfig' in resource.Properties),
    why: 'It reaches no private network: only AWS, by its role, and a source API, by its token, all by TLS.',
  },
  {
    check: 'CKV_AWS_117',
    applies: (resource) => isFunction(resource) && 'VpcConfig' in resource.Properties,
    why: 'It runs where VpcSubnetIds says; left empty, the database is reached by TLS from outside.',
  },
  {
    check: 'CKV_AWS_111',
    applies: (resource) => resource.Type === 'AWS::IAM::Role' && text(resource).includes('ec2:CreateNetworkInterface'),
    why: 'Lambda asks for network interfaces on everything; a second statement takes them from the code of the function.',
  },
];

/** The resource with what checkov is to skip, and why. */
export function withExceptions(resource: Resource): Resource {
  const skip = EXCEPTIONS.filter(({ applies }) => applies(resource)).map(({ check: id, why: comment }) => {
    return { id, comment };
  });
  return skip.length === 0 ? resource : { ...resource, Metadata: { ...resource.Metadata, checkov: { skip } } };
}
