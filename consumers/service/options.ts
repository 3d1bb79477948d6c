import type { LogEntry } from '../log.ts';
import type { Consumer } from '../runtime/define-consumer.ts';
import type { FollowLimits } from '../runtime/feed/limits.ts';
import type { Observe } from '../runtime/queue/events.ts';
import type { Queue } from '../runtime/queue/queue.ts';
import type { BrakeLimits } from '../runtime/refresh/brake-limits.ts';
import type { SourceClient } from '../runtime/source/client.ts';
import type { Clock } from '../runtime/system.ts';
import type { Indexes, ViewStore } from '../runtime/views/view-store.ts';
import type { QueryApi } from './service-api.ts';
import type { OnWritten } from './written.ts';

/** Address of a source API. */
export type SourceAddress = {
  /** URL in front of the agreement's path: `https://shops.example`. */
  url: string;
  /** Token of the agreement, or a function that returns the current one; left out where the source asks for none. */
  token?: string | (() => string) | undefined;
};

/** The part of a source's client that a consumer needs, and the part that following its feed needs, too. */
export type SourcePort<Resource> = Pick<SourceClient<Resource>, 'look'> &
  Partial<Pick<SourceClient<Resource>, 'changes' | 'page'>>;

/** Settings of the SQS client; what is left out is found as the AWS SDK finds it (`AWS_REGION` and so on). */
export type SqsClientSettings = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

/** A queue of SQS and its dead-letter queue. */
export type SqsQueues = {
  queueUrl: string;
  deadLetterQueueUrl: string;
  client?: SqsClientSettings | undefined;
  /** `sdk` makes every call by the AWS SDK, at less than half the speed; `lean` by default. */
  transport?: 'lean' | 'sdk' | undefined;
};

/** Any other broker, behind the port of a queue. Without `deadLetters`, dead letters don't heal by themselves. */
export type BrokerPorts = { queue: Queue; deadLetters?: Pick<Queue, 'receive' | 'remove' | 'release'> };

/** Address of the server for health, metrics and the query API. */
export type HttpOptions = {
  /** 0 takes any free port. */
  port: number;
  /** `127.0.0.1` by default, which accepts this machine only. */
  host?: string | undefined;
  /** Seconds that an idle connection is kept; 90 by default. */
  keepAlive?: number | undefined;
};

/** Parts of a consumer as a service. What is ready when it is given is left open at the end. */
export type StartOptions<Resource, View> = {
  consumer: Consumer<Resource, View>;
  /** The source's address, or a client. One with `changes` and `page` is followed, too. */
  source: SourceAddress | SourcePort<Resource>;
  /**
   * Follows the feed of the source beside the queue, so that a change whose ring is lost is in the views within a minute,
   * and an empty store is filled; true by default. `every`: milliseconds between two questions, 30,000 by default;
   * `grace`: milliseconds that the ring of a change may take, 5,000 by default. It needs a store that keeps progress, as
   * ours do.
   */
  follow?: boolean | Partial<Pick<FollowLimits, 'every' | 'grace'>> | undefined;
  /** Queues of SQS, ports, or `feed`: no broker at all, the feed of the source is the only transport. */
  broker: SqsQueues | BrokerPorts | 'feed';
  /**
   * Storage of the views: the path of an SQLite file, `:memory:`, `dynamodb:TABLE`, or a store. By default the file
   * `{agreement}.sqlite` in the current folder: views that a restart forgets would stay unknown until their next ring.
   */
  store?: string | ViewStore<View> | undefined;
  /** Values that can be queried, for a store that is opened here. */
  indexes?: Indexes | undefined;
  /** Answers queries from the views; by default `GET /views/{id}`. */
  queryApi?: ((store: ViewStore<View>) => QueryApi) | undefined;
  /** Server for health, metrics and queries; none by default. */
  http?: HttpOptions | false | undefined;
  /** Takes each entry of the log; by default it is written to standard output as a line of JSON. */
  log?: ((entry: LogEntry) => void) | false | undefined;
  /** Stops at SIGTERM and SIGINT; true by default. */
  signals?: boolean | undefined;
  /** Milliseconds that the first ring waits for others, which saves requests on a quiet queue: 0 to 2,000. */
  window?: number | undefined;
  /**
   * Holds the consumer when a mass of views would be closed, until `doorbell resume`; on by default.
   * - `share`: the share of all views, and of the views looked at, that is a mass: 0 to 1, 0.5 by default.
   * - `least`: fewer closings than this are never a mass; 100 by default.
   * - `window`: milliseconds within which closings are counted; 600,000 by default.
   *
   * It needs a store that keeps a hold, as ours do.
   */
  brake?: boolean | Partial<Pick<BrakeLimits, 'share' | 'least' | 'window'>> | undefined;
  onWritten?: OnWritten<View> | undefined;
  /** Called with every event, single rings too. */
  observe?: Observe | undefined;
  /** Time and randomness; those of the machine by default. */
  clock?: Clock | undefined;
};
