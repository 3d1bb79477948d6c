import * as z from 'zod/mini';
import { readEnvironment, variable } from '../contracts/environment.ts';

const port = z._default(z.coerce.number().check(z.int(), z.minimum(0), z.maximum(65_535)), 3000);

/** `display=<sha-256>,ad=<sha-256>+<sha-256>`: digests, so that no token lies in an environment. Two live at a time for rotation. */
const tokenDigests = z.pipe(
  variable(
    /^([a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)(,[a-z][a-z0-9-]*=[0-9a-f]{64}(\+[0-9a-f]{64})*)*$/,
    'the SHA-256 digests of the tokens, as display=<64 hex digits>,ad=<64 hex digits>',
  ),
  z.transform((text: string) =>
    Object.fromEntries(
      text.split(',').map((entry): [string, string[]] => {
        const [agreement = '', digests = ''] = entry.split('=');
        return [agreement, digests.split('+')];
      }),
    ),
  ),
);

const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'a URL such as postgres://user:password@host:5432/shops',
});

const Environment = z.object({
  DATABASE_URL: databaseUrl,
  DATABASE_READ_URL: z.optional(databaseUrl),
  DOORBELL_TOPIC_ARN: variable(/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic'),
  DOORBELL_PUBLISHER_PORT: port,
  DOORBELL_HOST: z._default(z.string(), '127.0.0.1'),
  DOORBELL_SOURCE_TOKENS: tokenDigests,
  DOORBELL_MESSAGE_GROUPS: z._default(z.enum(['on', 'off'], { error: 'on or off' }), 'off'),
});

/** What the publisher must know of the place it runs in. */
export type PublisherConfig = {
  databaseUrl: string;
  /** A read replica, from which the source APIs read. */
  databaseReadUrl?: string | undefined;
  topicArn: string;
  port: number;
  host: string;
  /** SHA-256 digests of the tokens that are good for each agreement. */
  tokens: Record<string, string[]>;
  /** A message group per shop, for fair queues; none where nothing is said. */
  messageGroups?: boolean;
};

/** Reads the environment. Throws an Error that names every variable that is missing or malformed. */
export function readConfig(environment: NodeJS.ProcessEnv): PublisherConfig {
  const read = readEnvironment(Environment, environment);
  return {
    databaseUrl: read.DATABASE_URL,
    databaseReadUrl: read.DATABASE_READ_URL,
    topicArn: read.DOORBELL_TOPIC_ARN,
    port: read.DOORBELL_PUBLISHER_PORT,
    host: read.DOORBELL_HOST,
    tokens: read.DOORBELL_SOURCE_TOKENS,
    messageGroups: read.DOORBELL_MESSAGE_GROUPS === 'on',
  };
}
