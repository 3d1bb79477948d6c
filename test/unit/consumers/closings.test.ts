import { expect, test } from 'vitest';
import { createClosings } from '../../../consumers/runtime/refresh/closings.ts';

/** Counting in which three closings are too many, if they are more than half. */
function counting(least = 3) {
  const closings = createClosings({ share: 0.5, least, window: 1_000 });
  const add = (gone: boolean, now: number, ...ids: string[]) =>
    closings.add(
      ids.map((id) => ({ id, gone })),
      new Set(gone ? ids : []),
      now,
    );
  return { closings, add };
}

test('closings count from the first of them on, and each view once', () => {
  const { closings, add } = counting();
  add(false, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g');
  add(true, 1, 'h', 'i');
  add(true, 2, 'h', 'i');
  expect(closings.tooMany(3)).toBeNull();
  add(false, 3, 'j', 'k');
  add(true, 4, 'l');
  expect(closings.tooMany(5)).toEqual({ closings: 3, looks: 5, closed: ['l', 'i', 'h'] });
  add(false, 5, 'm');
  expect(closings.tooMany(6)).toBeNull();
});

test('what is gone stays one of the closed when it is looked at again, and what is back does not', () => {
  const { closings, add } = counting();
  add(true, 0, 'a', 'b', 'c');
  closings.add([{ id: 'a', gone: true }], new Set(), 1);
  expect(closings.tooMany(2)).toMatchObject({ closings: 3, looks: 3 });
  add(false, 2, 'a');
  expect(closings.tooMany(3)).toBeNull();
});

test('what is older than the window counts no more, and a million views take no more room than ten thousand', () => {
  const { closings, add } = counting();
  add(true, 0, 'a', 'b', 'c');
  expect(closings.tooMany(999)).not.toBeNull();
  expect(closings.tooMany(1_000)).toBeNull();
  const many = counting(6_000);
  many.add(true, 0, ...Array.from({ length: 100_000 }, (_, n) => `s${n}`));
  expect(many.closings.tooMany(1)).toMatchObject({ closings: 24_000, looks: 24_000 });
});
