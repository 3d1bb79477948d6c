import * as z from 'zod/mini';

/** Makes the schema of a text with a form; `what` names the form to people, for a missing or malformed value. */
export function text(form: RegExp, what: string) {
  return z.string({ error: what }).check(z.regex(form, what));
}

/** Makes the schema of a whole number from `least` to `most`, in decimal digits. */
export function whole(least: number, most: number, what: string) {
  const isOne = (said: string) => /^\d{1,15}$/.test(said) && Number(said) >= least && Number(said) <= most;
  return z.pipe(z.string({ error: what }).check(z.refine(isOne, what)), z.transform(Number));
}

/** Makes the schema of one word out of a few. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: words.join(' or ') });
}

/** The URL of a PostgreSQL database. */
export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'a URL such as postgres://user:password@host:5432/shops',
});

/** Makes the schema of an HTTP URL; `what` says what it is the URL of. */
export function httpUrl(what: string) {
  return z.url({ protocol: /^https?$/, error: what });
}

/** Port to listen at; 0 takes any free port. */
export const port = whole(0, 65_535, 'a port, 0 to 65535');

/** The address to listen at. */
export const host = text(/^[A-Za-z0-9.:-]+$/, 'a host name or an address such as 0.0.0.0, without a port');

/** Name of a deployment, as `doorbell deploy` and the template take it. */
export const stage = text(/^[a-z][a-z0-9-]{0,22}$/, 'lower-case letters, digits and -, at most 23: such as production');

/** Makes the schema of the ARN of a secret in Secrets Manager; `what` names its content. */
export function secretArn(what: string) {
  return text(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+$/, what);
}
