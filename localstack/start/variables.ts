import { awsVariables } from '../../contracts/environment/aws.ts';
import { httpUrl, oneOf, port, text } from '../../contracts/environment/forms.ts';
import { type PortVariable, portVariable } from '../../contracts/environment/known.ts';
import { defineVariables } from '../../contracts/environment/variable.ts';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../contracts/wire/agreement.ts';
import { publisherVariables } from '../../publisher/variables.ts';

/** 3000, and the consumers in their order after it. */
const PUBLISHER_PORT = 3000;

const portOf = (name: string, otherwise: number) =>
  ({
    what: `Where ${name} listens; 0 takes any port that is free.`,
    schema: port,
    readBy: ['dev'],
    default: String(otherwise),
    example: '8080',
  }) as const;

const consumerPorts = consumersOf(agreements).map(({ name }, n): [PortVariable, ReturnType<typeof portOf>] => [
  portVariable(name),
  portOf(name, PUBLISHER_PORT + 1 + n),
]);

const { DATABASE_URL, DATABASE_ADMIN_URL, DOORBELL_RELAY } = publisherVariables;

/** Everything that is read on the machine of whoever works on Doorbell: by `npm start` and the tests. */
export const devVariables = defineVariables({
  DOORBELL_HOME: {
    what: 'The folder that keeps database, queues, views and tokens of npm start between runs.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['dev'],
    default: '.doorbell',
    example: '/var/tmp/doorbell',
  },
  DOORBELL_PUBLISHER_PORT: portOf('the publisher', PUBLISHER_PORT),
  ...(Object.fromEntries(consumerPorts) as Record<PortVariable, ReturnType<typeof portOf>>),
  DOORBELL_RELAY: { ...DOORBELL_RELAY, readBy: ['dev'] },
  DOORBELL_BROKER: {
    what: 'Where topic and queues are: in this process (embedded) or where the AWS SDK finds them (aws). Without it aws where an AWS_ENDPOINT_URL is stated.',
    schema: oneOf(['embedded', 'aws']),
    readBy: ['dev'],
    optional: true,
    example: 'aws',
  },
  DATABASE_URL: {
    ...DATABASE_URL,
    what: 'A PostgreSQL of yours; without it an embedded one is started.',
    readBy: ['dev'],
    optional: true,
  },
  DATABASE_ADMIN_URL: { ...DATABASE_ADMIN_URL, readBy: ['dev'] },
  ...awsVariables(['dev'], ['SNS', 'SQS']),
  DOORBELL_TEST_BROKER: {
    what: 'An SNS and SQS that the tests use in the place of the embedded ones; npm run test:real says it.',
    schema: httpUrl('the URL of an SNS and SQS, such as http://127.0.0.1:4566'),
    readBy: ['test'],
    optional: true,
    example: 'http://127.0.0.1:4566',
  },
  DOORBELL_TEST_DYNAMODB: {
    what: 'A DynamoDB over which the suites of the view stores run, too; npm run test:real says it.',
    schema: httpUrl('the URL of a DynamoDB, such as http://127.0.0.1:8000'),
    readBy: ['test'],
    optional: true,
    example: 'http://127.0.0.1:8000',
  },
  DOORBELL_TEST_DYNAMODB_NAME: {
    what: 'How tests call that DynamoDB.',
    schema: text(/./, 'a name'),
    readBy: ['test'],
    optional: true,
    example: 'DynamoDB Local',
  },
  DOORBELL_TEST_IMAGES: {
    what: 'Whether the test of the images installs packages as their Dockerfile says; npm run test:real says so.',
    schema: oneOf(['installed']),
    readBy: ['test'],
    optional: true,
    example: 'installed',
  },
  DOORBELL_CHROMIUM: {
    what: 'The browser of the page tests, where chromium is not on the path.',
    schema: text(/./, 'the path of a browser'),
    readBy: ['test'],
    optional: true,
    example: '/usr/bin/chromium',
  },
  DOORBELL_FOREIGN_PYTHON: {
    what: 'The folder of a Python with boto3, for the publisher of a stranger; npm run test:real says it.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['test'],
    optional: true,
    example: '.real/python/bin',
  },
  DOORBELL_BENCH_PROFILE: {
    what: 'A folder in which npm run bench leaves a CPU profile of each subject.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['test'],
    optional: true,
    example: 'profiles',
  },
});
