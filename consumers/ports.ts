// Types of the ports of a consumer, for parts of a team's own. There is nothing to run in this file.
export type { Agreement } from '../contracts/wire/agreement.ts';
export type { MessageAttributes } from '../contracts/wire/attributes.ts';
export type { BucketAnswer, ResourceVersion, Want } from '../contracts/wire/source-api.ts';
export type { LogEntry } from './log.ts';
export type { Consumer } from './runtime/define-consumer.ts';
export type { CircuitName, ConsumerEvent, Observe, OutageKind, Outcome } from './runtime/queue/events.ts';
export type { DeadLetter, FaultCode, Message, Queue } from './runtime/queue/queue.ts';
export type { Ring } from './runtime/queue/ring.ts';
export type { Look, LookPage, SourceClient } from './runtime/source/client.ts';
export type { AnswerLimits, Http, HttpAnswer, OpenHttp, Outgoing } from './runtime/source/http-port.ts';
export type { Clock } from './runtime/system.ts';
export type { HoldStore } from './runtime/views/hold-store.ts';
export type { Condition, Filter, Index, Indexes, LivingRow, ViewRow, ViewStore } from './runtime/views/view-store.ts';
export type { BrokerPorts, HttpOptions, SourceAddress, SqsClientSettings, SqsQueues } from './service/options.ts';
export type { Health, Readiness } from './service/readiness.ts';
export type { QueryApi } from './service/service-api.ts';
export type { OnWritten } from './service/written.ts';
