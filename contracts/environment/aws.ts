import { httpUrl, text } from './forms.ts';
import type { Variable } from './variable.ts';

const anything = text(/./, 'a text');

const endpoint = httpUrl('the URL of an endpoint, such as http://localhost:4566');

/**
 * Variables that the AWS SDK reads by itself, for programs that call AWS from outside Lambda (AWS SDKs and Tools
 * Reference Guide).
 */
export function awsVariables<const Reader extends string, const Service extends string>(
  readBy: readonly Reader[],
  services: readonly Service[],
) {
  const of = { readBy, schema: anything, optional: true } as const;
  const url = { ...of, schema: endpoint, example: 'http://localhost:4566' };
  const endpoints = services.map((service) => {
    return [`AWS_ENDPOINT_URL_${service}`, { ...url, what: `URL of ${service}, if it differs from AWS_ENDPOINT_URL.` }];
  });
  return {
    AWS_REGION: { ...of, what: 'Region of topic, queues and tables.', example: 'eu-central-1' },
    AWS_ENDPOINT_URL: { ...url, what: 'URL of all AWS services, if not AWS itself: for example LocalStack.' },
    ...(Object.fromEntries(endpoints) as Record<`AWS_ENDPOINT_URL_${Service}`, typeof url & { what: string }>),
    AWS_PROFILE: { ...of, what: 'Profile in the AWS configuration files with the credentials.', example: 'shops' },
    AWS_ACCESS_KEY_ID: {
      ...of,
      what: 'Id of the access key, if the machine or container has no role.',
      example: 'AKIA…',
      secret: 'token',
    },
    AWS_SECRET_ACCESS_KEY: { ...of, what: 'Secret of that key.', example: '40 characters', secret: 'token' },
    AWS_SESSION_TOKEN: { ...of, what: 'Session token of a temporary key.', example: 'a long text', secret: 'token' },
  } as const satisfies Record<string, Variable>;
}
