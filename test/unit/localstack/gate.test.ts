import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareContracts } from '../../../contracts/compare/compare.ts';
import { unallowed } from '../../../contracts/compare/difference.ts';
import { contractsNow } from '../../../localstack/release/gate/now.ts';
import { RELEASE, RELEASED, readReleased } from '../../../localstack/release/gate/released.ts';
import { root } from '../../support/sources.ts';

/** `npm run contracts -- …`, as a process. */
function contracts(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['localstack/release/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

/** A copy of a folder of the project, with one file changed. */
function copyOf(folder: string, file: string, change: (text: string) => string): string {
  const copy = mkdtempSync(join(tmpdir(), 'doorbell-contracts-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  cpSync(join(root, folder), copy, { recursive: true });
  writeFileSync(join(copy, file), change(readFileSync(join(copy, file), 'utf8')));
  return copy;
}

/** The last release, if its display had agreed on a field more than the one of now. */
const releasedWithSeats = () =>
  copyOf(RELEASED, 'release.json', (text) => {
    const terms = JSON.parse(text);
    terms.agreements[0].resource.properties.seats = { type: 'integer' };
    terms.agreements[0].resource.required.push('seats');
    return JSON.stringify(terms);
  });

test('the contracts of now break nobody who relies on those of the last release', () => {
  const last = readReleased(join(root, RELEASED));
  if (last === null) throw new Error(`make the first release: ${RELEASE}`);
  expect(unallowed(compareContracts(last, contractsNow()))).toEqual([]);
});

test('check passes and says how many differences there are', () => {
  const { status, stdout, stderr } = contracts('check');
  expect(stdout).toMatch(/^Since 0\.1\.0: \d+ compatible, \d+ breaking, 0 of them without a raised version$/m);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('check fails for what breaks a consumer, names it, and says what to do', () => {
  const { status, stdout, stderr } = contracts('check', '--released', releasedWithSeats());
  expect(stdout).toContain('breaking    display@1 seats is gone  breaks display: readers find no value');
  expect(stderr).toContain('raise a version');
  expect(status).toBe(1);
});

test('check says it to programs, too', () => {
  const { stdout } = contracts('check', '--json', '--released', releasedWithSeats());
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(expect.objectContaining({ where: 'display@1 seats', who: 'display', allowedBy: null }));
});

test('a stale document fails the check, which says what refreshes it', () => {
  const documents = copyOf('docs/api', 'ad-query.openapi.json', (text) => text.replace('0.1.0', '0.0.9'));
  const { status, stderr } = contracts('check', '--documents', documents);
  expect(stderr).toContain(`${documents}/ad-query.openapi.json is stale. To write it anew: npm run contracts -- docs`);
  expect(status).toBe(1);
});

test('a release is refused while it breaks somebody, and the last one stays', () => {
  const released = releasedWithSeats();
  const before = readFileSync(join(released, 'release.json'), 'utf8');
  const { status, stdout } = contracts('release', '--released', released);
  expect(stdout).toContain('breaks display');
  expect(status).toBe(1);
  expect(readFileSync(join(released, 'release.json'), 'utf8')).toBe(before);
});

test('a release keeps what the next check compares with', () => {
  const released = mkdtempSync(join(tmpdir(), 'doorbell-contracts-'));
  onTestFinished(() => rmSync(released, { recursive: true }));
  expect(contracts('check', '--released', released).stderr).toContain(RELEASE);
  expect(contracts('release', '--released', released).status).toBe(0);
  expect(compareContracts(readReleased(released) ?? expect.fail('no release'), contractsNow())).toEqual([]);
});

test('a damaged release says where it is brought back from', () => {
  const damaged = copyOf(RELEASED, 'release.json', () => '{');
  expect(contracts('check', '--released', damaged).stderr).toContain(`git checkout -- ${damaged}`);
});
