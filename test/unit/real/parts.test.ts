import { describe, expect, test } from 'vitest';
import { runTests } from '../../real/commands.ts';
import type { Part } from '../../real/part.ts';
import { choose, parts } from '../../real/parts.ts';
import { startService } from '../../real/service.ts';
import { createShared } from '../../real/shared.ts';
import { summary } from '../../real/table.ts';

const part = (name: string, against: string): Part => ({ part: name, against, run: async () => ({ faults: [] }) });

describe('the summary of the real parts', () => {
  test('says what ran against what, aligned, and counts what could not run as failed', () => {
    const text = summary([
      { part: 'broker', against: 'LocalStack 4.14.0', result: 'passed', seconds: 31.25, tests: 28, note: '' },
      { part: 'browser', against: 'Chromium', result: 'could not run', seconds: 0, note: 'needs chromium\nmore' },
      { part: 'fuzz', against: 'schemathesis', result: 'failed', seconds: 7, note: 'faults in publisher' },
    ]);
    expect(text).toBe(
      [
        'part     against            result         seconds  tests  note',
        'broker   LocalStack 4.14.0  passed            31.3     28',
        'browser  Chromium           could not run      0.0         needs chromium',
        'fuzz     schemathesis       failed             7.0         faults in publisher',
        '',
        '1 passed, 2 failed (1 of them could not run here: nothing is known, so it counts)',
        '',
      ].join('\n'),
    );
  });
});

describe('the parts of test:real', () => {
  const all = [part('deploy', 'LocalStack 4.14.0'), part('deploy', 'ministack 1.5.33'), part('fuzz', 'schemathesis')];
  const names = (words: string[]) => choose(words, all).map(({ part, against }) => `${part} on ${against}`);

  test('are chosen by their name or by what they run against', () => {
    expect(names([])).toHaveLength(3);
    expect(names(['deploy'])).toEqual(['deploy on LocalStack 4.14.0', 'deploy on ministack 1.5.33']);
    expect(names(['ministack', 'fuzz'])).toEqual(['deploy on ministack 1.5.33', 'fuzz on schemathesis']);
    expect(() => names(['fuss'])).toThrow('--only fuss: there is no such part');
  });

  test('have one name each for one thing they run against', () => {
    const known = parts.map(({ part, against }) => `${part} on ${against}`);
    expect(new Set(known).size).toBe(known.length);
  });

  test('share a service, which is started when the first asks and stopped after the last', async () => {
    const said: string[] = [];
    const start = async () => {
      said.push('started');
      return { url: 'http://here', stop: async () => void said.push('stopped') };
    };
    const { shared, stop } = createShared();
    expect(said).toEqual([]);
    expect((await shared(start)).url).toBe('http://here');
    expect(await shared(start)).toBe(await shared(start));
    await stop();
    await stop();
    expect(said).toEqual(['started', 'stopped']);
  });

  test('fail one by one where a service does not start, and the others are stopped all the same', async () => {
    const { shared, stop } = createShared();
    let stopped = 0;
    await shared(async () => ({ stop: async () => void stopped++ }));
    const broken = () => Promise.reject(new Error('no Java here'));
    await expect(shared(broken)).rejects.toThrow('no Java here');
    await expect(shared(broken)).rejects.toThrow('no Java here');
    await stop();
    expect(stopped).toBe(1);
  });
});

describe('what could not be done', () => {
  const program = { name: 'Something 1.0', arguments: [], environment: {}, isReady: () => Promise.resolve(false) };

  test('a service whose program is not there is a failure of its part, and not the end of the run', async () => {
    await expect(startService({ ...program, command: '/nowhere/something' })).rejects.toThrow(
      /^Something 1\.0 did not start: Error: spawn \/nowhere\/something ENOENT/,
    );
  });

  test('test files that are not there are a fault, also where others are', async () => {
    const { faults } = await runTests(['test/unit/real/parts.test.ts', 'test/unit/real/renamed.test.ts']);
    expect(faults).toEqual(['there is no test/unit/real/renamed.test.ts']);
  });
});
