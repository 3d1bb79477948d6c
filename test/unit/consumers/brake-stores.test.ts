import { describe, expect, onTestFinished, test } from 'vitest';
import { createBrake } from '../../../consumers/runtime/refresh/brake.ts';
import { Held, heldBy, resume } from '../../../consumers/runtime/refresh/hold.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { stores } from '../../support/stores.ts';
import { until } from '../../support/wait.ts';

const NEVER = new AbortController().signal;
const ids = Array.from({ length: 12 }, (_, n) => `s${n}`);

describe.each(stores)('a brake over $name', ({ place }) => {
  test('holds two workers of a consumer, and both go on after a resume', async () => {
    const openOne = await place();
    const opened = async () => {
      const store = await openOne();
      onTestFinished(store.close);
      return store;
    };
    const told: string[] = [];
    const worker = async (name: string) => {
      const store = await opened();
      const brake = createBrake({
        ...{ consumer: { agreement: { name: 'small' } }, store, holds: store.holds, clock: systemClock },
        observe: ({ kind }) => void told.push(`${name} ${kind}`),
        limits: { least: 10, held: 5, idle: 5 },
        onHeld: () => {},
        onResumed: () => {},
      });
      onTestFinished(brake.stop);
      await brake.whenReleased(NEVER);
      return brake;
    };
    const store = await opened();
    await store.write(ids.map((id) => ({ id, version: 1, view: { title: id } })));
    const [first, second] = [await worker('first'), await worker('second')];
    const shown = ids.map((id) => ({ id, gone: true }));
    const rows = ids.map((id) => ({ id, version: 2, view: null }));
    await first.admit(shown.slice(0, 9), rows.slice(0, 9));
    await expect(first.admit(shown.slice(9), rows.slice(9))).rejects.toThrow(Held);
    await until(() => second.cause());
    expect(() => second.check()).toThrow(/^12 of 12 views .* doorbell resume --consumer small$/);
    expect(await heldBy(store.holds)).toMatchObject({ closings: 12, looks: 12, ids: ['s9', 's10', 's11'] });

    await resume(store.holds, systemClock.now());
    await Promise.all([first.whenReleased(NEVER), second.whenReleased(NEVER)]);
    await Promise.all([first.admit(shown, rows), second.admit(shown, rows)]);
    expect(told.toSorted()).toEqual(['first held', 'first resumed', 'second held', 'second resumed']);
    expect(await heldBy(store.holds)).toBeNull();
  });
});
