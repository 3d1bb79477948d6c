import type { SourceClient } from '../runtime/source/client.ts';
import { SourceUnavailable } from '../runtime/source/errors.ts';
import type { RenewableSecret } from './secret.ts';

/**
 * Makes a source whose token may be renewed. When the token is refused, the secret is read again. If it holds another
 * token, the resources are asked for once more. A refused token that was confirmed before is an outage.
 */
export function renewingSource<Resource>(
  source: Pick<SourceClient<Resource>, 'look'>,
  token: RenewableSecret,
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

/** True if the token may be at fault. A gateway in front of the source may check the token, too. */
const mayBeTheToken = (error: unknown) =>
  error instanceof SourceUnavailable && (error.status === 401 || error.status === 403);

/** Reads the token again. A secret that can't be read now is an outage as well: the valid token is unknown. */
async function renewed(token: RenewableSecret, used: string): Promise<boolean> {
  return token.renew(used).catch((cause: Error) => {
    const message = `the source refuses the token, and its secret can't be read: ${cause.message}`;
    throw new SourceUnavailable(message, { cause, kind: 'token-refused' });
  });
}
