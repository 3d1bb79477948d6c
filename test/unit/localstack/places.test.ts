import { expect, test } from 'vitest';
import { awsPlace } from '../../../localstack/cli/aws-place.ts';
import { lookAt } from '../../../localstack/cli/doctor.ts';

const place = (environment: Record<string, string>) => awsPlace({}, environment);

test('an endpoint that says nothing is none, and the first that says something counts', () => {
  expect(place({ AWS_ENDPOINT_URL: '', AWS_REGION: 'eu-west-1' }).endpoint).toBeNull();
  expect(place({ AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:4566' }).endpoint).toBe(
    'http://127.0.0.1:4566',
  );
});

test.each(['localhost:4566', 'garbage'])('an endpoint %s is refused by the name of its variable', (url) => {
  expect(() => place({ AWS_ENDPOINT_URL: url })).toThrow('AWS_ENDPOINT_URL: It is a URL');
});

test('the doctor takes no topic for one that it could not look at', () => {
  const environment = { AWS_REGION: 'eu-west-1', DOORBELL_TOPIC_ARN: 'shops' };
  const look = () => lookAt('/nowhere', { stage: 'shop' }, environment);
  expect(look).toThrow('DOORBELL_TOPIC_ARN: malformed');
});
