import type { Environment } from '../contracts/environment/unknown.ts';
import type { ValuesOf } from '../contracts/environment/variable.ts';
import { publisherVariables, readVariables } from './variables.ts';

type Values = ValuesOf<typeof publisherVariables, 'publisher'>;

/** `position` follows the event table, `log` the write-ahead log (docs/decisions/0015-log-relay.md). */
export type RelayKind = Values['DOORBELL_RELAY'];

/** Configuration of the publisher. */
export type PublisherConfig = {
  /** Address with the user of API and relay, a member of doorbell_app. */
  databaseUrl: Values['DATABASE_URL'];
  /** Address with the user that owns the schema, for migrations only; `databaseUrl` by default. */
  databaseAdminUrl?: Values['DATABASE_ADMIN_URL'];
  /** Address of a read replica, from which the source APIs read. */
  databaseReadUrl?: Values['DATABASE_READ_URL'];
  topicArn: Values['DOORBELL_TOPIC_ARN'];
  port: Values['DOORBELL_PUBLISHER_PORT'];
  host: Values['DOORBELL_HOST'];
  /** Seconds that an idle connection is kept; KEEP_ALIVE by default. */
  keepAlive?: Values['DOORBELL_KEEP_ALIVE'];
  /** SHA-256 digests of the tokens that are valid for each agreement. */
  tokens: Values['DOORBELL_SOURCE_TOKENS'];
  /** Way in which the relay learns of commits; by position in the event table where none is given. */
  relay?: RelayKind;
  /**
   * Address for the relay, past any pooling proxy; the log relay's user needs REPLICATION. `databaseUrl` by default.
   */
  relayUrl?: Values['DATABASE_RELAY_URL'];
  /** SHA-256 digests of the tokens that are valid for commands, state and history. */
  operatorTokens: Values['DOORBELL_OPERATOR_TOKENS'];
  /** Requests per second and token; RATE_LIMIT by default. */
  rateLimit?: Values['DOORBELL_RATE_LIMIT'];
  /** Maximum number of SNS calls in flight; 8 by default. */
  channels?: Values['DOORBELL_RELAY_CHANNELS'];
  /** True to give each ring its shop as message group, for fair queues; false by default. */
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
