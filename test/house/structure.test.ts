import { describe, expect, test } from 'vitest';
import { functionsOf } from '../support/functions.ts';
import { projectFiles, textOf } from '../support/sources.ts';
import { breaches, circlesIn, circlesOfRooms, type Imports, projectImports, reached } from '../support/structure.ts';

const imports = projectImports();

/** Rooms that any domain can use. */
const GENERIC =
  /^(contracts\/(wire|compare|environment|documents(?!\/shops))|publisher\/(outbox|feed|relay|source-api|brokers|http|postgres)|consumers\/(runtime|service|testing|stores|brokers|query|lambda))\/|^localstack\/infrastructure\/(topology|settings|provision|cloudformation|library|aws)\.ts$/;
/** Rooms that are about shops. */
const SHOPS = /^(contracts\/(documents\/)?shops|publisher\/shops|consumers\/(display|ad))\//;

/** Modules that know routes, HTTP statuses or problem documents. */
const HTTP = /^(contracts\/wire\/(problem|problem-response|check)\.ts$|publisher\/shops\/api\/)/;

/** One import that is not there, to show that a rule would see it. */
const withImport = (from: string, to: string): Imports =>
  new Map([...imports, [from, [...(imports.get(from) ?? []), to]]]);

describe('the rooms of the house', () => {
  test('no circle of files', () => {
    expect(imports.size).toBeGreaterThan(300);
    expect(circlesIn(imports)).toEqual([]);
    const planted = withImport('consumers/runtime/queue/queue.ts', 'consumers/runtime/queue/settle.ts');
    expect(circlesIn(planted).length).toBeGreaterThan(0);
  });

  test('no circle of folders, in any folder', () => {
    expect(circlesOfRooms(imports)).toEqual([]);
    const planted = withImport('consumers/runtime/queue/leases.ts', 'consumers/runtime/refresh/limiter.ts');
    expect(circlesOfRooms(planted)[0]).toMatch(/^consumers\/runtime: /);
    expect(circlesOfRooms(withImport('contracts/wire/paging.ts', 'contracts/shops/shop.ts'))[0]).toMatch(
      /^contracts: /,
    );
  });

  test('a generic room knows no shop', () => {
    const known = (graph: Imports) => breaches(graph, GENERIC, (to) => SHOPS.test(to));
    expect(known(imports)).toEqual([]);
    for (const [from, to] of [
      ['publisher/relay/relay.ts', 'publisher/shops/domain/shop.ts'],
      ['contracts/documents/vocabulary.ts', 'contracts/shops/shop.ts'],
      ['contracts/documents/openapi.ts', 'contracts/documents/shops/domain.ts'],
      ['contracts/environment/known.ts', 'contracts/shops/agreements/all.ts'],
      ['localstack/infrastructure/topology.ts', 'contracts/shops/agreements/all.ts'],
    ] as const)
      expect(known(withImport(from, to))).toEqual([`${from} → ${to}`]);
  });

  test('the shop domain, its commands and its store know no HTTP', () => {
    const http = (graph: Imports) =>
      breaches(graph, /^publisher\/shops\/(domain|commands|store)\//, (to) => HTTP.test(to));
    expect(http(imports)).toEqual([]);
    const planted = withImport('publisher/shops/domain/decide.ts', 'contracts/wire/problem.ts');
    expect(http(planted)).toEqual(['publisher/shops/domain/decide.ts → contracts/wire/problem.ts']);
  });

  test('no export of the package leads to a shop, but the one that is for shops', () => {
    const entries = (JSON.parse(textOf('.tsconfig.build.json')) as { files: string[] }).files;
    const known = (graph: Imports) =>
      entries
        .filter((entry) => !SHOPS.test(entry))
        .flatMap((entry) =>
          [...reached(graph, entry)].filter((file) => SHOPS.test(file)).map((to) => `${entry} → ${to}`),
        );
    expect(known(imports)).toEqual([]);
    expect(known(withImport('consumers/listen.ts', 'contracts/shops/event-types.ts'))).toEqual([
      'localstack/library.ts → contracts/shops/event-types.ts',
      'consumers/service/start-consumer.ts → contracts/shops/event-types.ts',
    ]);
  });

  test('contracts import nothing else of ours, and publisher and consumers never each other', () => {
    const sides = (graph: Imports) => [
      ...breaches(graph, /^contracts\//, (to) => !to.startsWith('contracts/')),
      ...breaches(graph, /^publisher\//, (to) => !/^(publisher|contracts)\//.test(to)),
      ...breaches(graph, /^consumers\//, (to) => !/^(consumers|contracts)\//.test(to)),
    ];
    expect(sides(imports)).toEqual([]);
    expect(sides(withImport('publisher/wire.ts', 'consumers/wire.ts'))).toHaveLength(1);
  });

  test('no function has grown past 60 lines, but those that are one table or one recipe', () => {
    const grown = projectFiles(/^(contracts|publisher|consumers|localstack)\/.*\.ts$/).flatMap((file) =>
      functionsOf(textOf(file)).flatMap(({ name, lines }) =>
        lines > (LONG[`${file}: ${name}`]?.lines ?? 60) ? `${file}: ${name} has ${lines} lines` : [],
      ),
    );
    expect(grown).toEqual([]);
    const planted = `function long() {\n${'  one();\n'.repeat(61)}}`;
    expect(functionsOf(planted)).toEqual([{ name: 'long', lines: 63 }]);
  });
});

const SHARED = 'a maker: short inner functions that share one state';

/** Functions above 60 lines, how long they may be, and why they stay whole. */
const LONG: Record<string, { lines: number; why: string }> = {
  'consumers/metrics.ts: createMetrics': { lines: 84, why: 'one table of metrics' },
  'consumers/runtime/refresh/circuit.ts: createCircuit': { lines: 90, why: SHARED },
  'consumers/runtime/refresh/dead-letter-sweeper.ts: startDeadLetterSweeper': { lines: 82, why: SHARED },
  'consumers/runtime/refresh/hold-keeper.ts: createHoldKeeper': { lines: 70, why: SHARED },
  'consumers/runtime/refresh/scheduler.ts: createScheduler': { lines: 82, why: SHARED },
  'consumers/runtime/source/batching.ts: createAsk': { lines: 63, why: SHARED },
  'consumers/runtime/source/client.ts: createSourceClient': { lines: 73, why: SHARED },
  'consumers/stores/sqlite/store.ts: viewsOn': { lines: 69, why: 'prepared statements, and a method for each' },
  'consumers/testing/memory-queue.ts: memoryQueue': { lines: 105, why: SHARED },
  'consumers/testing/memory-source.ts: memorySource': { lines: 65, why: SHARED },
  'contracts/documents/source-operations.ts: sourceOperations': { lines: 96, why: 'one table of operations' },
  'localstack/release/usage/measure.ts: measureUsage': { lines: 61, why: SHARED },
  'localstack/start/show/ring-log.ts: createRingLog': { lines: 72, why: SHARED },
  'publisher/metrics.ts: createRelayMetrics': { lines: 61, why: 'one table of metrics' },
  'publisher/relay/log/wal-stream.ts: openWalStream': { lines: 69, why: SHARED },
  'publisher/shops/commands/command-queue.ts: createCommandQueue': { lines: 92, why: SHARED },
  'publisher/wire.ts: startPublisher': { lines: 64, why: 'puts the parts of a publisher together, in order' },
};
