import { tokenParameter } from './functions/consumer.ts';
import type { FunctionSpec } from './functions/function.ts';
import { codeParameter } from './functions/resources.ts';
import type { TemplatePlan } from './plan.ts';
import { ref } from './values.ts';

/** A parameter of the template. */
export type TemplateParameter = {
  Type: 'String' | 'Number' | 'CommaDelimitedList';
  Description: string;
  Default?: string | number;
  AllowedPattern?: string;
  AllowedValues?: string[];
  ConstraintDescription?: string;
  MinValue?: number;
  MaxValue?: number;
};

const text = (Description: string, more: Partial<TemplateParameter> = {}): TemplateParameter => ({
  Type: 'String',
  Description,
  ...more,
});
const optional = (Description: string, AllowedPattern?: string) =>
  text(Description, { Default: '', ...(AllowedPattern !== undefined && { AllowedPattern: `^$|${AllowedPattern}` }) });

const SECRET = '^arn:[\\w-]+:secretsmanager:[\\w-]+:\\d{12}:secret:.+$';
const secret = (what: string) =>
  text(`ARN of the Secrets Manager secret that holds ${what}.`, { AllowedPattern: SECRET });
const ROLE = '^arn:[\\w-]+:iam::\\d{12}:[\\w+=,.@/-]+$';
const DIGESTS = '[0-9a-f]{64}(\\+[0-9a-f]{64})*';

const general: Record<string, TemplateParameter> = {
  Stage: text('The beginning of every name. It separates several systems in one account.', {
    Default: 'doorbell',
    AllowedPattern: '^[a-z][a-z0-9-]{0,22}$',
    ConstraintDescription: 'lower-case letters, digits and -, at most 23',
  }),
};

const messaging: Record<string, TemplateParameter> = {
  PublisherRoleArn: optional(
    'ARN of one more role that may publish, for a relay outside this stack or another publisher.',
    ROLE,
  ),
  OperatorArn: optional(
    'ARN of the role or user that may assume the role of operators. If empty, there is no such role.',
    ROLE,
  ),
  AlarmTopicArn: optional(
    'ARN of the SNS topic for alarms. If empty, they are visible in CloudWatch only.',
    '^arn:.+$',
  ),
};

const tables: Record<string, TemplateParameter> = {
  DeletionProtection: text('Whether the tables are protected against deletion, also with the stack.', {
    Default: 'true',
    AllowedValues: ['true', 'false'],
  }),
};

/** 10: a small database can serve as many, with a few connections each (docs/decisions/0026-deployed-settings.md). */
const concurrency = (what: string, MinValue: number): TemplateParameter => ({
  Type: 'Number',
  Description: `The most functions that ${what} at once. The number is reserved in the account.`,
  Default: 10,
  MinValue,
  // 1,000: MaximumConcurrency takes no more (AWS Lambda, "Configuring maximum concurrency").
  MaxValue: 1_000,
});

const functions: Record<string, TemplateParameter> = {
  DatabaseSecretArn: secret('the URL of PostgreSQL for a user of doorbell_app'),
  DatabaseAdminSecretArn: secret('the URL of PostgreSQL for the owner of the schema; only migrations read it'),
  DatabaseCaSecretArn: optional(
    'ARN of the secret with the CA of the databases (PEM), such as that of RDS. With it, TLS is used and verified.',
    SECRET,
  ),
  DatabaseReadSecretArn: optional('ARN of the secret with the URL of a read replica.', SECRET),
  SecretsKeyArn: optional('ARN of the KMS key of the secrets, if it is not the one that AWS manages.', '^arn:.+$'),
  SourceTokens: text('SHA-256 digests of the tokens of the agreements: display=<64 hex digits>,ad=<64 hex digits>.', {
    AllowedPattern: `^[a-z][a-z0-9-]*=${DIGESTS}(,[a-z][a-z0-9-]*=${DIGESTS})*$`,
  }),
  OperatorTokens: text('SHA-256 digests of the tokens of operators, joined by +.', { AllowedPattern: `^${DIGESTS}$` }),
  RateLimit: optional('Requests a second for each token and function; 5000 if empty.', '^[1-9][0-9]{0,6}$'),
  MessageGroups: text('Whether the message group of a ring is its shop, for fair queues.', {
    Default: 'off',
    AllowedValues: ['on', 'off'],
  }),
  SourceUrl: optional('URL of the source APIs; the API of this stack if empty.', '^https?://.+$'),
  ApiConcurrency: concurrency('answer commands and source APIs', 1),
  ConsumerConcurrency: concurrency('of each consumer look', 2),
  QueryConcurrency: concurrency('of each consumer answer queries', 1),
  VpcSubnetIds: {
    Type: 'CommaDelimitedList',
    Description: 'Subnets of the database, for the functions of the publisher; no private network if empty.',
    Default: '',
  },
  VpcSecurityGroupIds: {
    Type: 'CommaDelimitedList',
    Description: 'Security groups of these functions; needed with VpcSubnetIds.',
    Default: '',
  },
  CodeBucket: text('The S3 bucket with the bundles of the functions.'),
};

/** Lists the parameters of the parts. */
export function parametersOf(
  { has, consumers }: TemplatePlan,
  specs: readonly FunctionSpec[],
): Record<string, TemplateParameter> {
  const tokens = consumers.map(({ consumer: { agreement } }) => [
    tokenParameter(agreement.name),
    secret(`the token of the agreement ${agreement.name}`),
  ]);
  const code = specs.map(({ name }) => [codeParameter(name), text(`Key of the bundle of ${name} in the bucket.`)]);
  return {
    ...general,
    ...(has('messaging') && messaging),
    ...(has('tables') && tables),
    ...(has('functions') && { ...functions, ...Object.fromEntries(tokens), ...Object.fromEntries(code) }),
  };
}

const isStated = (parameter: string) => ({ 'Fn::Not': [{ 'Fn::Equals': [ref(parameter), ''] }] });

const isListed = (parameter: string) => ({
  'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', ref(parameter)] }, ''] }],
});

/** Lists the conditions, which depend on the parameters. */
export function conditionsOf({ has }: TemplatePlan): Record<string, unknown> {
  return {
    ...(has('messaging') && {
      HasPublisherRole: isStated('PublisherRoleArn'),
      HasOperator: isStated('OperatorArn'),
      HasAlarmTopic: isStated('AlarmTopicArn'),
    }),
    ...(has('tables') && { IsProtected: { 'Fn::Equals': [ref('DeletionProtection'), 'true'] } }),
    ...(has('functions') && {
      HasCaSecret: isStated('DatabaseCaSecretArn'),
      HasReadSecret: isStated('DatabaseReadSecretArn'),
      HasSecretsKey: isStated('SecretsKeyArn'),
      HasRateLimit: isStated('RateLimit'),
      HasSourceUrl: isStated('SourceUrl'),
      InVpc: isListed('VpcSubnetIds'),
    }),
  };
}
