import { count, paint } from '../../terminal.ts';
import type { DestroyPlan } from './destroy.ts';

/** What goes and what stays, for people. Pure. */
export function destroyText({ stack, gone, kept, messages }: DestroyPlan, bucket: string | null): string {
  const kinds = Map.groupBy(gone, ({ type }) => type);
  const lines = [...kinds].map(([type, group]) => `- ${type}  ${group.map(({ id }) => id).join(', ')}`);
  const letters = messages.map(({ queue, count: number }) => paint('red', lostText(queue, number)));
  return [
    `${paint('bold', stack.name)} (${stack.status}) goes, with ${count(gone.length)} resources:`,
    ...lines,
    ...letters,
    bucket === null ? '' : bucketText(bucket),
    'What stays:',
    ...kept.map(({ id, type }) => `  ${type}  ${id}: CloudFormation leaves it where it is`),
    ...staysOf(gone),
    bucket === null ? '  bundles and templates: --with-artifacts takes them, too' : '',
    '  the database, and the secrets whose ARNs are parameters',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** The bucket that goes, too. Pure. */
export const bucketText = (bucket: string): string =>
  `- the bucket ${bucket} with the bundles and templates of all stages`;

function lostText(queue: string, number: number | null): string {
  if (number === null) return `- the messages in ${queue}, how many is not known: they are lost`;
  return `- ~${count(number)} messages in ${queue}: they are lost`;
}

function staysOf(gone: DestroyPlan['gone']): string[] {
  if (!gone.some(({ type }) => type === 'AWS::KMS::Key')) return [];
  return ['  the key, which KMS deletes after 30 days: until then its deletion can be called off'];
}
