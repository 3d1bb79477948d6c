import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { run } from './dev-process.ts';

const SNAPSHOT_2021 = 'localstack/data/shops-2021-03.csv';
const SNAPSHOT_2024 = 'localstack/data/shops-2024-02.csv';

/** Tests of `doorbell import` where the shops of 2024 are there; none of them changes anything. */
export function testImports(home: string, doorbell: (...args: string[]) => ReturnType<typeof run>['ended']): void {
  test('importing it again finds nothing to do', async () => {
    const { code, stdout } = await doorbell('import', SNAPSHOT_2024);
    expect(stdout).toContain('0 to register + 0 to change + 7,099 as they are; 0 more to close');
    expect(stdout).toContain('Nothing to do: every shop is as in the file. No command was sent.');
    expect(code).toBe(0);
  });

  test('a file that would empty a field of many shops is asked about first', async () => {
    const file = join(home, 'prices.csv');
    writeFileSync(file, readFileSync(SNAPSHOT_2024, 'utf8').replace(/,(\d+),([\d.]*),([\d.]*)$/gm, ',$1원,$2,$3'));
    const { code, stdout, stderr } = await doorbell('import', file);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /This would empty the price of [67],\d+ of the [67],\d+ shops that have one now.*add --yes\./,
    );
    expect(stdout).not.toContain('registered ·');
    expect(await doorbell('import', file, '--most-lost', 'half')).toMatchObject({ code: 2 });
  });

  test('a file in another encoding is refused with the option that reads it, and then there is nothing to do', async () => {
    const file = join(home, 'unicode-text.csv');
    // UTF-16 without its mark: what CP949 would do, and Node can write.
    writeFileSync(file, readFileSync(SNAPSHOT_2024, 'utf8').replaceAll('\n', '\r\n'), 'utf16le');
    const { code, stderr } = await doorbell('import', file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('add --encoding utf-16le')]);
    const stated = await doorbell('import', file, '--encoding', 'UTF-16LE');
    expect([stated.code, stated.stdout]).toEqual([0, expect.stringContaining('Nothing to do')]);
    const unknown = await doorbell('import', file, '--encoding', 'klingon');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('utf-8, utf-16le, utf-16be, euc-kr')]);
  });

  test('a file that would close nearly all shops is asked about first', async () => {
    const file = join(home, 'few.csv');
    writeFileSync(file, `${readFileSync(SNAPSHOT_2024, 'utf8').split('\n').slice(0, 10).join('\n')}\n`);
    const { code, stderr } = await doorbell('import', file);
    expect(code).toBe(1);
    expect(stderr).toContain('This would close 7,090 of 7,099 living shops. If the file is complete, add --yes.');
  });

  test('a file that is cut off is refused as a whole', async () => {
    const file = join(home, 'cut.csv');
    writeFileSync(file, readFileSync(SNAPSHOT_2024).subarray(0, 100_000));
    const { code, stdout, stderr } = await doorbell('import', file);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Nothing was imported.');
  });

  test('a dry run says what it would do and does nothing', async () => {
    const { code, stdout } = await doorbell('import', SNAPSHOT_2021, '--dry-run');
    expect(stdout).toMatch(
      /5,690 shops = 3,170 to register \+ [\d,]+ to change \+ [\d,]+ as they are; 4,579 more to close/,
    );
    expect(stdout).toContain('Nothing was changed (--dry-run).');
    expect(code).toBe(0);
  });
}
