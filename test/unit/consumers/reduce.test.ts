import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action, RefreshEvent } from '../../../consumers/runtime/refresh/actions.ts';
import { emptyState } from '../../../consumers/runtime/refresh/pending.ts';
import { reduce } from '../../../consumers/runtime/refresh/reduce.ts';
import { covered, moment, poison, refreshWorld, ringOf, step } from '../../support/refresh-world.ts';

/** An action in a few words. */
function words(action: Action): string {
  switch (action.kind) {
    case 'look':
      return `look ${action.requests.map(({ id, rings }) => `${id}×${rings.length}`).join(' ')}`;
    case 'ack':
      return `ack ${action.ring.id}@${action.ring.version}`;
    case 'dead-letter':
      return `dead-letter ${action.rings.map(({ id }) => id).join(' ')}`;
    case 'give-back':
      return `give back ${action.message.messageId} (${action.reason}, ${JSON.stringify(action.delay)})`;
    case 'let-go':
      return `let go ${action.message.messageId}`;
    case 'stale':
      return `stale ${action.ring.id}@${action.ring.version} try ${action.tries}`;
    case 'rest':
      return `rest ${action.entry.id}`;
    case 'cut':
      return `cut ${action.look}`;
    case 'gather':
      return 'gather';
    case 'linger':
      return `linger ${action.ms}`;
  }
}

const rung = (...rings: [string, number?][]): RefreshEvent => ({
  kind: 'rung',
  rings: rings.map(([id, version]) => ringOf(id, version)),
});
const looked = (look: number, ...results: (number | 'poison')[]): RefreshEvent => ({
  kind: 'looked',
  look,
  results: results.map((result) => (result === 'poison' ? poison : covered(result))),
});
const lookFailed = (look: number, isCut = false): RefreshEvent => ({
  kind: 'look-failed',
  look,
  reason: 'away',
  least: 3,
  isCut,
});
const lost = (id: string, version: number): RefreshEvent => ({ kind: 'lost', message: ringOf(id, version).message });

describe('a ring', () => {
  test.each<[string, RefreshEvent[], string[][]]>([
    ['that comes alone is looked at at once', [rung(['a', 1])], [['look a×1']]],
    [
      'shares its look with others of its resource, and one look takes several resources',
      [rung(['a', 1], ['a', 2], ['b', 1])],
      [['look a×2 b×1']],
    ],
    [
      'that comes during a look waits, and is answered by it if its version is covered',
      [rung(['a', 1]), rung(['a', 2]), looked(0, 2)],
      [['look a×1'], [], ['ack a@1', 'ack a@2']],
    ],
    [
      'that comes during a look and is not covered causes exactly one more',
      [rung(['a', 1]), rung(['a', 2], ['a', 3]), looked(0, 1), looked(1, 3)],
      [['look a×1'], [], ['ack a@1', 'look a×2'], ['ack a@2', 'ack a@3']],
    ],
    [
      'is dead-lettered where its resource is poison, and the one that came later is looked at',
      [rung(['a', 1]), rung(['a', 2]), looked(0, 'poison')],
      [['look a×1'], [], ['dead-letter a', 'look a×1']],
    ],
    [
      'that the source is behind with rests, is asked for again, and then goes back',
      [rung(['a', 5]), looked(0, 4)],
      [['look a×1'], ['stale a@5 try 1', 'rest a']],
    ],
    [
      'goes back when its look fails',
      [rung(['a', 1]), rung(['a', 2]), lookFailed(0)],
      [['look a×1'], [], ['give back a-1 (away, {"backoff":3})', 'give back a-2 (away, {"backoff":3})']],
    ],
    [
      'whose lease is lost is let go, and its look is cut off',
      [rung(['a', 1]), lost('a', 1)],
      [['look a×1'], ['let go a-1', 'cut 0']],
    ],
    [
      'that came after its look was cut off gets a look of its own',
      [rung(['a', 1]), lost('a', 1), rung(['a', 2]), lookFailed(0, true)],
      [['look a×1'], ['let go a-1', 'cut 0'], [], ['look a×1']],
    ],
    [
      'in line waits while a look is young, unless a whole look is full',
      [rung(['a', 1]), rung(['b', 1]), rung(['c', 1])],
      [['look a×1'], ['linger 5'], ['look b×1 c×1']],
    ],
    [
      'in line goes back in an outage, and one that is looked at does not',
      [rung(['a', 1]), rung(['b', 1]), { kind: 'outage', reason: 'away', delay: 'outage' }],
      [['look a×1'], ['linger 5'], ['give back b-1 (away, "outage")']],
    ],
    [
      'that comes while stopping goes back at once, and so does what a look leaves over',
      [rung(['a', 2]), { kind: 'stopping' }, rung(['b', 1]), looked(0, 1)],
      [['look a×1'], [], ['give back b-1 (stopping, "none")'], ['stale a@2 try 1', 'give back a-2 (stale, "none")']],
    ],
  ])('%s', (_, events, expected) => {
    const state = emptyState();
    expect(events.map((event) => reduce(state, event, moment).map(words))).toEqual(expected);
  });

  test('gathers others in a window, and then all go together', () => {
    const state = emptyState();
    const inWindow = { ...moment, window: 100 };
    expect(reduce(state, rung(['a', 1]), inWindow).map(words)).toEqual(['gather']);
    expect(reduce(state, rung(['b', 1], ['a', 2]), inWindow)).toEqual([]);
    expect(reduce(state, { kind: 'gathered' }, inWindow).map(words)).toEqual(['look a×2 b×1']);
  });

  test('of a stale resource goes back after as many tries as were allowed', () => {
    const world = refreshWorld();
    world.send(rung(['a', 5]));
    for (let tries = 1; tries <= moment.staleTries; tries++) {
      const actions = world.send(looked(tries - 1, 4));
      expect(actions.map(words)).toEqual([`stale a@5 try ${tries}`, 'rest a']);
      world.take({ do: 'rest', n: 0, version: 0 });
    }
    expect(world.send(looked(moment.staleTries, 4)).map(words)).toEqual([
      `stale a@5 try ${moment.staleTries + 1}`,
      'give back a-5 (stale, {"backoff":0})',
    ]);
  });

  test('beyond two hundred that rest goes back at once: that is no replica that lags', () => {
    const state = emptyState();
    const wide = { ...moment, resources: 500 };
    const ids = Array.from({ length: 201 }, (_, n) => `s${n}`);
    reduce(state, rung(...ids.map((id): [string, number] => [id, 5])), wide);
    const kinds = reduce(state, looked(0, ...ids.map(() => 4)), wide).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'rest')).toHaveLength(200);
    expect(kinds.filter((kind) => kind === 'give-back')).toHaveLength(1);
  });
});

describe('whatever happens in whatever order', () => {
  const steps = fc.array(step, { maxLength: 60 });
  const window = fc.constantFrom(0, 100);

  test('every message leaves exactly once, and nothing stays behind', async () => {
    await fc.assert(
      fc.property(steps, window, (steps, window) => {
        const world = refreshWorld({ window });
        for (const each of steps) world.take(each);
        world.finish();
        const gone = world.left.map(({ message }) => message.messageId);
        expect(gone.toSorted()).toEqual(world.inHand.map(({ message }) => message.messageId).toSorted());
        expect([world.state.pending.size, world.state.line.size, world.state.looks.size, world.state.pauses]).toEqual([
          0, 0, 0, 0,
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no resource is looked at twice at the same time', async () => {
    await fc.assert(
      fc.property(steps, window, (steps, window) => {
        const world = refreshWorld({ window });
        for (const each of steps) {
          world.take(each);
          const ids = world.looks.flatMap(({ requests }) => requests.map(({ id }) => id));
          expect(new Set(ids).size).toBe(ids.length);
          expect(world.looks.length).toBeLessThanOrEqual(moment.looks);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('a ring is acknowledged only by a look that began after it came, or by a version at least as high', async () => {
    await fc.assert(
      fc.property(steps, (steps) => {
        const world = refreshWorld();
        for (const each of steps) world.take(each);
        world.finish();
        for (const { action, begun } of world.left) {
          if (action.kind !== 'ack') continue;
          const { ring, result } = action;
          const isNewEnough = ring.version !== undefined && ring.version <= Math.max(result.version, result.held);
          const wasThere = begun?.has(ring) === true && ring.version === undefined && result.version > 0;
          expect(isNewEnough || wasThere).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('the drawing in the docs shows every way that an entry goes, and no other', async () => {
    const edges = new Set<string>();
    await fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), window, (steps, window) => {
        const world = refreshWorld({ window });
        for (const each of steps) world.take(each);
        for (const edge of world.edges) edges.add(edge);
      }),
      { numRuns: 5_000, seed: 14 },
    );
    const [, drawing = ''] =
      /```mermaid\nstateDiagram-v2\n([^`]*)```/.exec(readFileSync('docs/refresh.md', 'utf8')) ?? [];
    const drawn = drawing.split('\n').flatMap((line) => (line.includes('-->') ? line.trim() : []));
    expect(drawn.toSorted()).toEqual([...edges].toSorted());
  });
});
