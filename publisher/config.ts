import { readVariables } from '../contracts/environment/read.ts';
import type { Environment } from '../contracts/environment/unknown.ts';
import type { ValuesOf } from '../contracts/environment/variable.ts';
import { publisherVariables } from './variables.ts';

type Values = ValuesOf<typeof publisherVariables, 'publisher'>;

/** `position` follows the event table, `log` the write-ahead log (docs/decisions/0015-log-relay.md). */
export type RelayKind = Values['DOORBELL_RELAY'];

/** Configuration of the publisher. */
export type PublisherConfig = {
  /** The user of API and relay, a member of doorbell_app. */
  databaseUrl: Values['DATABASE_URL'];
  /** The user that owns the schema, for migrations only; that of `databaseUrl` where nothing is said. */
  databaseAdminUrl?: Values['DATABASE_ADMIN_URL'];
  /** A read replica, from which the source APIs read. */
  databaseReadUrl?: Values['DATABASE_READ_URL'];
  topicArn: Values['DOORBELL_TOPIC_ARN'];
  port: Values['DOORBELL_PUBLISHER_PORT'];
  host: Values['DOORBELL_HOST'];
  /** Seconds that a connection which rests is kept; KEEP_ALIVE where nothing is said. */
  keepAlive?: Values['DOORBELL_KEEP_ALIVE'];
  /** SHA-256 digests of the tokens that are good for each agreement. */
  tokens: Values['DOORBELL_SOURCE_TOKENS'];
  /** Way in which the relay learns of commits; by position in the event table where none is given. */
  relay?: RelayKind;
  /** The relay's own connection, past any pooling proxy; its user needs REPLICATION for the log relay. As `databaseUrl` if not said. */
  relayUrl?: Values['DATABASE_RELAY_URL'];
  /** SHA-256 digests of the tokens that are good for commands, state and history. */
  operatorTokens: Values['DOORBELL_OPERATOR_TOKENS'];
  /** Requests a second and token; RATE_LIMIT where nothing is said. */
  rateLimit?: Values['DOORBELL_RATE_LIMIT'];
  /** Calls of SNS in flight, at most; 8 where nothing is said. */
  channels?: Values['DOORBELL_RELAY_CHANNELS'];
  /** A message group per shop, for fair queues; none where nothing is said. */
  messageGroups?: boolean;
};

/** Reads the environment. Throws an Error that names every variable that is missing, malformed or unknown. */
export function readConfig(environment: Environment): PublisherConfig {
  const read = readVariables(publisherVariables, 'publisher', environment);
  return {
    databaseUrl: read.DATABASE_URL,
    databaseAdminUrl: read.DATABASE_ADMIN_URL,
    databaseReadUrl: read.DATABASE_READ_URL,
    topicArn: read.DOORBELL_TOPIC_ARN,
    port: read.DOORBELL_PUBLISHER_PORT,
    host: read.DOORBELL_HOST,
    keepAlive: read.DOORBELL_KEEP_ALIVE,
    tokens: read.DOORBELL_SOURCE_TOKENS,
    relay: read.DOORBELL_RELAY,
    relayUrl: read.DATABASE_RELAY_URL,
    operatorTokens: read.DOORBELL_OPERATOR_TOKENS,
    rateLimit: read.DOORBELL_RATE_LIMIT,
    channels: read.DOORBELL_RELAY_CHANNELS,
    messageGroups: read.DOORBELL_MESSAGE_GROUPS === 'on',
  };
}
