// What a team's own tests need, in one place: the entry `doorbell/testing`.
export { settled, type VirtualClock, virtualClock } from './clock.ts';
export { type HoldCase, holdStoreCases, type OpenHold } from './hold-store-cases.ts';
export { type MemoryBroker, memoryBroker } from './memory-broker.ts';
export { type MemoryQueue, type MemoryQueueOptions, memoryQueue } from './memory-queue.ts';
export { type MemorySource, memorySource } from './memory-source.ts';
export { type OpenProgress, type ProgressCase, progressStoreCases } from './progress-store-cases.ts';
export { type QueueCase, type QueueUnderTest, queueCases } from './queue-cases.ts';
export { viewQueryCases } from './view-query-cases.ts';
export { type ConformanceView, type OpenStore, type StoreCase, viewStoreCases } from './view-store-cases.ts';
