import { describe, expect, test } from 'vitest';
import { isStandIn } from '../../../localstack/infrastructure/aws/ask.ts';
import { awsTarget, readRegion, singleTarget } from '../../../localstack/operate/commands/aws-target.ts';
import { doctorTarget } from '../../../localstack/operate/commands/doctor.ts';

const place = (environment: Record<string, string>) => awsTarget({}, environment);

test('an endpoint that says nothing is none, and the first that says something counts', () => {
  expect(place({ AWS_ENDPOINT_URL: '', AWS_REGION: 'eu-west-1' }).endpoint).toBeNull();
  expect(place({ AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:4566' }).endpoint).toBe(
    'http://127.0.0.1:4566',
  );
});

test.each(['localhost:4566', 'garbage'])('an endpoint %s is refused by the name of its variable', (url) => {
  expect(() => place({ AWS_ENDPOINT_URL: url })).toThrow('AWS_ENDPOINT_URL: Give a URL');
});

test.each([
  ['http://localhost:4566', true],
  ['http://[::1]:4566', true],
  ['http://localstack:4566', true],
  ['http://localhost.localstack.cloud:4566', true],
  ['https://amazonaws.com.example', true],
  ['https://sqs.eu-west-1.amazonaws.com', false],
  ['https://vpce-1-2.sqs.eu-west-1.vpce.amazonaws.com', false],
  ['https://sqs.cn-north-1.amazonaws.com.cn', false],
  ['https://sqs.eu-west-1.api.aws', false],
])('%s is a stand-in: %s, and only such a one gets credentials that it does not look at', (endpoint, standsIn) => {
  expect(isStandIn(endpoint)).toBe(standsIn);
  expect('credentials' in place({ AWS_ENDPOINT_URL: endpoint }).client).toBe(standsIn);
});

import { NO_ADDRESSES, seemingSystem } from '../../support/run-info.ts';

describe('who deploys', () => {
  const standIn = 'http://localstack:4566';
  const ofAws = 'https://vpce-1-2.sqs.eu-west-1.vpce.amazonaws.com';

  test.each([
    [
      { AWS_ENDPOINT_URL_SQS: standIn },
      'AWS_ENDPOINT_URL_SQS leads to a stand-in, but the other services are called at AWS',
    ],
    [{ AWS_ENDPOINT_URL: ofAws, AWS_ENDPOINT_URL_S3: standIn }, 'AWS_ENDPOINT_URL_S3 leads to a stand-in'],
    [{ AWS_ENDPOINT_URL: standIn, AWS_ENDPOINT_URL_SNS: ofAws }, 'AWS_ENDPOINT_URL_SNS leads to AWS'],
  ])('is refused to talk to two worlds: %j', (environment, text) => {
    expect(() => singleTarget({}, environment)).toThrow(text);
    expect(singleTarget({ endpointUrl: standIn }, environment).endpoint).toBe(standIn);
  });

  test('may reach one service of AWS by a door of its own, which is not where the others are', () => {
    expect(singleTarget({}, { AWS_ENDPOINT_URL_SQS: ofAws })).toEqual({ client: {}, endpoint: null });
    expect(singleTarget({}, { AWS_ENDPOINT_URL: standIn, AWS_ENDPOINT_URL_SQS: '' }).endpoint).toBe(standIn);
  });

  test('names a region, or leaves it to the SDK', () => {
    expect(readRegion('eu-central-1')).toBe('eu-central-1');
    expect(() => readRegion('')).toThrow('Give a name such as eu-central-1.');
  });
});

test('the doctor takes no topic for one that it could not look at', () => {
  const environment = { AWS_REGION: 'eu-west-1', DOORBELL_TOPIC_ARN: 'shops' };
  const look = () => doctorTarget('/nowhere', { stage: 'shop' }, environment);
  expect(look).toThrow('DOORBELL_TOPIC_ARN: malformed');
});

test('the doctor takes what runs only where no variable names another system', () => {
  const seen = (environment: NodeJS.ProcessEnv) => doctorTarget(folder, { stage: 'shop' }, environment);
  const { folder } = seemingSystem({ publisherUrl: 'http://127.0.0.1:3000' });
  expect(seen({})).toMatchObject({ isRunHere: true, topicArn: NO_ADDRESSES.topicArn });
  expect(seen({ DOORBELL_TOPIC_ARN: NO_ADDRESSES.topicArn })).toMatchObject({ isRunHere: true });
  const elsewhere = { AWS_REGION: 'eu-west-1', DOORBELL_SOURCE_URL: 'https://shops.example' };
  expect(seen(elsewhere)).toMatchObject({ isRunHere: false, source: { url: 'https://shops.example' } });
  expect(() => seen({ DATABASE_URL: 'postgres://db.example/shops' })).toThrow('are not of what runs in');
});
