import { LOG_DAYS } from '../sizes.ts';
import { getAtt, logicalId, merged, onlyIf, type Resources, ref, STAGE, sub } from '../values.ts';
import type { FunctionSpec } from './function.ts';
import { basicGrants, networkGrants } from './grants.ts';

/** Names the parameter for the key of a function's bundle. */
export const codeParameter = (name: string) => `${logicalId(name)}CodeKey`;

/** Lists the log groups of functions and their APIs, as texts for Fn::Sub. */
export const logGroupsOf = (specs: readonly FunctionSpec[]): string[] =>
  specs.flatMap(({ name, api }) => [functionLog(name), ...(api === undefined ? [] : [accessLog(api.name)])]);

const functionLog = (name: string) => `/aws/lambda/${STAGE}-${name}`;
/** Under vendedlogs the resource policy of the logs does not grow with each API (Amazon API Gateway, "Logging"). */
const accessLog = (name: string) => `/aws/vendedlogs/apigateway/${STAGE}-${name}`;

/** Makes each function with its role, its log and its API. */
export function functionResources(specs: readonly FunctionSpec[]): Resources {
  return merged(
    ...specs.map((spec) => ({
      ...logOf(`${logicalId(spec.name)}Log`, functionLog(spec.name)),
      ...roleOf(spec),
      ...spec.resources,
      ...apiOf(spec),
      ...functionOf(spec),
    })),
  );
}

function functionOf(spec: FunctionSpec): Resources {
  const { name, size, environment, api } = spec;
  const id = logicalId(name);
  const request = api && { Type: 'HttpApi', Properties: { ApiId: ref(api.id), PayloadFormatVersion: '2.0' } };
  return {
    [id]: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        FunctionName: sub(`${STAGE}-${name}`),
        Description: spec.description,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        CodeUri: { Bucket: ref('CodeBucket'), Key: ref(codeParameter(name)) },
        MemorySize: size.memory,
        Timeout: size.timeout,
        ReservedConcurrentExecutions: spec.concurrency,
        Role: getAtt(`${id}Role`, 'Arn'),
        KmsKeyArn: getAtt('Key', 'Arn'),
        LoggingConfig: { LogGroup: ref(`${id}Log`) },
        Environment: { Variables: { DOORBELL_STAGE: ref('Stage'), NODE_OPTIONS, ...environment } },
        ...(spec.inVpc && { VpcConfig: onlyIf('InVpc', VPC) }),
        ...spec.more,
        Events: { ...(request && { Request: request }), ...spec.events },
      },
    },
  };
}

/** Stack traces name lines of the source: 12 ms of CPU a cold start (docs/decisions/0023-http-in-a-function.md). */
const NODE_OPTIONS = '--enable-source-maps';

const VPC = { SubnetIds: ref('VpcSubnetIds'), SecurityGroupIds: ref('VpcSecurityGroupIds') };

function roleOf(spec: FunctionSpec): Resources {
  const network = spec.inVpc ? networkGrants(spec.name) : [];
  return {
    [`${logicalId(spec.name)}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Description: `The rights of the function ${spec.name}.`,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [
          {
            PolicyName: 'least',
            PolicyDocument: { Version: '2012-10-17', Statement: [...basicGrants(spec), ...spec.grants, ...network] },
          },
        ],
      },
    },
  };
}

function apiOf({ api }: FunctionSpec): Resources {
  if (api === undefined) return {};
  const log = `${api.id}Log`;
  return {
    ...logOf(log, accessLog(api.name)),
    [api.id]: {
      Type: 'AWS::Serverless::HttpApi',
      Properties: {
        Name: sub(`${STAGE}-${api.name}`),
        AccessLogSettings: { DestinationArn: getAtt(log, 'Arn'), Format: ACCESS },
        DefaultRouteSettings: { ThrottlingRateLimit: api.rate, ThrottlingBurstLimit: api.burst },
      },
    },
  };
}

/** Fields of the access log. Addresses and queries are left out, as they are personal data. */
const ACCESS = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  error: '$context.integrationErrorMessage',
});

function logOf(id: string, name: string): Resources {
  return {
    [id]: {
      Type: 'AWS::Logs::LogGroup',
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { LogGroupName: sub(name), RetentionInDays: LOG_DAYS, KmsKeyId: getAtt('Key', 'Arn') },
    },
  };
}
