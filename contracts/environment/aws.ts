import { httpUrl, text } from './forms.ts';
import type { Variable } from './variable.ts';

const anything = text(/./, 'a text');

const endpoint = httpUrl('the URL of an endpoint, such as http://localhost:4566');

/** What the AWS SDK reads by itself, for the programs that call AWS from outside Lambda (AWS SDKs and Tools Reference Guide). */
export function awsVariables<const Reader extends string, const Service extends string>(
  readBy: readonly Reader[],
  services: readonly Service[],
) {
  const of = { readBy, schema: anything, optional: true } as const;
  const url = { ...of, schema: endpoint, example: 'http://localhost:4566' };
  const endpoints = services.map((service) => {
    return [
      `AWS_ENDPOINT_URL_${service}`,
      { ...url, what: `Where ${service} is, if elsewhere than AWS_ENDPOINT_URL.` },
    ];
  });
  return {
    AWS_REGION: { ...of, what: 'The region of topic, queues and tables.', example: 'eu-central-1' },
    AWS_ENDPOINT_URL: { ...url, what: 'Where AWS is, if not at AWS: LocalStack for one.' },
    ...(Object.fromEntries(endpoints) as Record<`AWS_ENDPOINT_URL_${Service}`, typeof url & { what: string }>),
    AWS_PROFILE: { ...of, what: 'The profile of the AWS configuration files that says who calls.', example: 'shops' },
    AWS_ACCESS_KEY_ID: {
      ...of,
      what: 'Who calls, where no role of the machine or container says it.',
      example: 'AKIA…',
      secret: 'token',
    },
    AWS_SECRET_ACCESS_KEY: { ...of, what: 'The secret of that key.', example: '40 characters', secret: 'token' },
    AWS_SESSION_TOKEN: { ...of, what: 'The token of a temporary key.', example: 'a long text', secret: 'token' },
  } as const satisfies Record<string, Variable>;
}
