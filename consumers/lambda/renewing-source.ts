import type { Look, SourceClient } from '../runtime/source-client.ts';
import { SourceUnavailable } from '../runtime/source-error.ts';
import type { Secret } from './secret.ts';

/**
 * A source whose token may be renewed: after 401 or 403 the secret is read again, and with another token the shops are
 * asked for once more. A token that was confirmed and is refused is a refusal (rule 9).
 */
export function renewingSource<Shop>(
  source: Pick<SourceClient<Shop>, 'look'>,
  token: Secret,
): Pick<SourceClient<Shop>, 'look'> {
  return {
    async look(wants, signal) {
      const used = token.value();
      const looks = await source.look(wants, signal);
      if (!looks.some(isUnauthorized) || !(await renewed(token, used))) return looks;
      return source.look(wants, signal);
    },
  };
}

const isUnauthorized = (look: Look<unknown>) =>
  look.kind === 'refused' && (look.error.status === 401 || look.error.status === 403);

/** A secret that can't be read now is an outage and no poison: nobody knows yet whether the rings are refused. */
async function renewed(token: Secret, used: string): Promise<boolean> {
  return token.renew(used).catch((cause: Error) => {
    throw new SourceUnavailable(`the source refuses the token, and its secret can't be read: ${cause.message}`, {
      cause,
    });
  });
}
