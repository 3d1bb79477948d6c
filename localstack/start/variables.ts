import { awsVariables } from '../../contracts/environment/aws.ts';
import { httpUrl, oneOf, port, text } from '../../contracts/environment/forms.ts';
import { type PortVariable, portVariable } from '../../contracts/environment/known.ts';
import { type ReadVariables, variableReader } from '../../contracts/environment/read.ts';
import { defineVariables } from '../../contracts/environment/variable.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { publisherVariables } from '../../publisher/variables.ts';

/** Reads the variables of a program; see `ReadVariables`. */
export const readVariables: ReadVariables = variableReader(consumerNames);

/** The port of the publisher. Those of the consumers follow, in their order. */
const PUBLISHER_PORT = 3000;

const portOf = (name: string, otherwise: number) =>
  ({
    what: `The port of ${name}; 0 takes any free port.`,
    schema: port,
    readBy: ['dev'],
    default: String(otherwise),
    example: '8080',
  }) as const;

const consumerPorts = consumerNames.map((name, n): [PortVariable, ReturnType<typeof portOf>] => [
  portVariable(name),
  portOf(name, PUBLISHER_PORT + 1 + n),
]);

const { DATABASE_URL, DATABASE_ADMIN_URL, DOORBELL_RELAY } = publisherVariables;

/** Variables of development: read by `npm start` and the tests. */
export const devVariables = defineVariables({
  DOORBELL_HOME: {
    what: 'The data folder of npm start: database, queues, views and tokens.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['dev'],
    default: '.doorbell',
    example: '/var/tmp/doorbell',
  },
  DOORBELL_PUBLISHER_PORT: portOf('the publisher', PUBLISHER_PORT),
  ...(Object.fromEntries(consumerPorts) as Record<PortVariable, ReturnType<typeof portOf>>),
  DOORBELL_RELAY: { ...DOORBELL_RELAY, readBy: ['dev'] },
  DOORBELL_BROKER: {
    what: 'The broker: embedded in this process, or the one that the AWS SDK finds (aws). If it is not set: aws with an AWS_ENDPOINT_URL, else embedded.',
    schema: oneOf(['embedded', 'aws']),
    readBy: ['dev'],
    optional: true,
    example: 'aws',
  },
  DATABASE_URL: {
    ...DATABASE_URL,
    what: 'The URL of your own PostgreSQL; without it an embedded one is started.',
    readBy: ['dev'],
    optional: true,
  },
  DATABASE_ADMIN_URL: { ...DATABASE_ADMIN_URL, readBy: ['dev'] },
  ...awsVariables(['dev'], ['SNS', 'SQS']),
  DOORBELL_TEST_BROKER: {
    what: 'An SNS and SQS for the tests, in place of the embedded ones; set by npm run test:real.',
    schema: httpUrl('the URL of an SNS and SQS, such as http://127.0.0.1:4566'),
    readBy: ['test'],
    optional: true,
    example: 'http://127.0.0.1:4566',
  },
  DOORBELL_TEST_DYNAMODB: {
    what: 'A DynamoDB on which the tests of the view stores also run; set by npm run test:real.',
    schema: httpUrl('the URL of a DynamoDB, such as http://127.0.0.1:8000'),
    readBy: ['test'],
    optional: true,
    example: 'http://127.0.0.1:8000',
  },
  DOORBELL_TEST_DYNAMODB_NAME: {
    what: 'The name of that DynamoDB in test names.',
    schema: text(/./, 'a name'),
    readBy: ['test'],
    optional: true,
    example: 'DynamoDB Local',
  },
  DOORBELL_TEST_IMAGES: {
    what: 'Makes the test of the images install the packages of their Dockerfile; set by npm run test:real.',
    schema: oneOf(['installed']),
    readBy: ['test'],
    optional: true,
    example: 'installed',
  },
  DOORBELL_CHROMIUM: {
    what: 'The browser for the page tests, if chromium is not on the PATH.',
    schema: text(/./, 'the path of a browser'),
    readBy: ['test'],
    optional: true,
    example: '/usr/bin/chromium',
  },
  DOORBELL_FOREIGN_PYTHON: {
    what: 'The folder of a Python with boto3, for the test of a publisher in Python; set by npm run test:real.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['test'],
    optional: true,
    example: '.real/python/bin',
  },
  DOORBELL_BENCH_PROFILE: {
    what: 'The folder where npm run bench writes a CPU profile of each subject.',
    schema: text(/./, 'the path of a folder'),
    readBy: ['test'],
    optional: true,
    example: 'profiles',
  },
});
