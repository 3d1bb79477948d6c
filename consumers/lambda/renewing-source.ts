import type { SourceClient } from '../runtime/source/client.ts';
import { SourceUnavailable } from '../runtime/source/errors.ts';
import type { Secret } from './secret.ts';

/**
 * A source whose token may be renewed. When the token is refused, the secret is read again, and with another
 * token the resources are asked for once more. A token that was confirmed and is refused is an outage.
 */
export function renewingSource<Resource>(
  source: Pick<SourceClient<Resource>, 'look'>,
  token: Secret,
): Pick<SourceClient<Resource>, 'look'> {
  return {
    async look(wants, signal) {
      const used = token.value();
      try {
        return await source.look(wants, signal);
      } catch (error) {
        if (!mayBeTheToken(error) || !(await renewed(token, used))) throw error;
        return source.look(wants, signal);
      }
    },
  };
}

/** Whosever word it is: a gateway in front of the source may check the token, too. */
const mayBeTheToken = (error: unknown) =>
  error instanceof SourceUnavailable && (error.status === 401 || error.status === 403);

/** A secret that can't be read now is an outage as well: nobody knows yet which token is good. */
async function renewed(token: Secret, used: string): Promise<boolean> {
  return token.renew(used).catch((cause: Error) => {
    const message = `the source refuses the token, and its secret can't be read: ${cause.message}`;
    throw new SourceUnavailable(message, { cause, kind: 'token-refused' });
  });
}
