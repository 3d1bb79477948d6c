import { count, paint } from '../../terminal.ts';
import type { DestroyPlan } from './destroy.ts';

/** Writes for people what goes and what stays. Pure. */
export function destroyText({ stack, gone, kept, messages }: DestroyPlan, bucket: string | null): string {
  const kinds = Map.groupBy(gone, ({ type }) => type);
  const lines = [...kinds].map(([type, group]) => `- ${type}  ${group.map(({ id }) => id).join(', ')}`);
  const letters = messages.map(({ queue, count: number }) => paint('red', lostText(queue, number)));
  return [
    `${paint('bold', stack.name)} (${stack.status}) will be deleted, with ${count(gone.length)} resources:`,
    ...lines,
    ...letters,
    bucket === null ? '' : bucketText(bucket),
    'These stay:',
    ...kept.map(({ id, type }) => `  ${type}  ${id}: CloudFormation keeps it`),
    ...staysOf(gone),
    bucket === null ? '  bundles and templates: --with-artifacts deletes them, too' : '',
    '  the database, and the secrets whose ARNs are parameters',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** Writes the line about the bucket that is deleted. Pure. */
export const bucketText = (bucket: string): string =>
  `- the bucket ${bucket} with the bundles and templates of all stages`;

function lostText(queue: string, number: number | null): string {
  if (number === null) return `- all messages in ${queue} (their number could not be read): they are lost`;
  return `- ~${count(number)} messages in ${queue}: they are lost`;
}

function staysOf(gone: DestroyPlan['gone']): string[] {
  if (!gone.some(({ type }) => type === 'AWS::KMS::Key')) return [];
  return ['  the key: KMS deletes it after 30 days, and until then its deletion can be cancelled'];
}
