import * as z from 'zod/mini';

/** A text of this form; `what` says to people what it should be, whether it is missing or malformed. */
export function text(form: RegExp, what: string) {
  return z.string({ error: what }).check(z.regex(form, what));
}

/** A whole number from `least` to `most`, in decimal digits. */
export function whole(least: number, most: number, what: string) {
  const isOne = (said: string) => /^\d{1,15}$/.test(said) && Number(said) >= least && Number(said) <= most;
  return z.pipe(z.string({ error: what }).check(z.refine(isOne, what)), z.transform(Number));
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: words.join(' or ') });
}

/** The URL of a PostgreSQL database. */
export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'a URL such as postgres://user:password@host:5432/shops',
});

/** A URL that is called by HTTP; `what` says whose. */
export function httpUrl(what: string) {
  return z.url({ protocol: /^https?$/, error: what });
}

/** A port to listen at; 0 takes any that is free. */
export const port = whole(0, 65_535, 'a port, 0 to 65535');

/** The address to listen at. */
export const host = text(/^[A-Za-z0-9.:-]+$/, 'a host name or an address such as 0.0.0.0, without a port');

/** The name of a deployment, as `doorbell deploy` and the template take it. */
export const stage = text(/^[a-z][a-z0-9-]{0,22}$/, 'lower-case letters, digits and -, at most 23: such as production');

/** The ARN of a secret of Secrets Manager; `what` says what is in it. */
export function secretArn(what: string) {
  return text(/^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+$/, what);
}
