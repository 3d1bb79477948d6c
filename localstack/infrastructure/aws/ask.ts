/** Nobody answers there, or nobody lets us in: what was asked for can't even be looked at. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** What was read, or why it could not be. Absence is a value: null. */
export type Read<Value> = { value: Value } | { notChecked: string };

/** The value that was read; null where it isn't there or could not be read. */
export const readValue = <Value>(read: Read<Value | null>): Value | null => ('value' in read ? read.value : null);

/** Goes on with what was read; what isn't there, or could not be read, stays so. */
export async function andThen<Value, Next>(
  read: Read<Value | null>,
  next: (value: Value) => Read<Next | null> | Promise<Read<Next | null>>,
): Promise<Read<Next | null>> {
  if ('notChecked' in read) return read;
  return read.value === null ? { value: null } : next(read.value);
}

/** Errors that say that it isn't there, and the service without which there is nothing to look at. */
type AskOptions = { absent?: readonly string[]; vital?: string };

/** Asks one thing of a service. Throws Unreachable where a vital one doesn't answer or refuses the credentials. */
export async function ask<Value>(
  request: Promise<Value>,
  { absent = [], vital }: AskOptions = {},
): Promise<Read<Value | null>> {
  try {
    return { value: await request };
  } catch (caught) {
    const error = caught as AwsError;
    if (absent.includes(error.name)) return { value: null };
    if (vital !== undefined) refuseUnreachable(error, vital);
    return { notChecked: reasonOf(error) };
  }
}

function refuseUnreachable(error: AwsError, service: string): void {
  if (isUnreachable(error))
    throw new Unreachable(`${service}: ${reasonOf(error)}. ${adviceOn(error)}`, { cause: error });
}

type AwsError = Error & { code?: string; $metadata?: { httpStatusCode?: number } };

const NETWORK =
  /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|CERT_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS)/;
/** Names by which the services and the SDK say that these credentials won't do. */
const REFUSED =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|AuthFailure)$/;

const isRefused = ({ name }: AwsError) => REFUSED.test(name);
const lacksRegion = ({ message }: AwsError) => message === 'Region is missing';
/** Whether an error says that nobody answers, or that nobody is let in with these credentials. */
export const isUnreachable = (error: AwsError) =>
  NETWORK.test(error.code ?? '') || error.name === 'TimeoutError' || isRefused(error) || lacksRegion(error);

function adviceOn(error: AwsError): string {
  if (lacksRegion(error)) return 'Set AWS_REGION, or --region.';
  if (isRefused(error))
    return 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to good ones; aws sts get-caller-identity tries them.';
  return 'Is it running, and is --endpoint-url (or AWS_ENDPOINT_URL) right?';
}

/** A stand-in that lacks a service answers by whatever it has for paths it doesn't know: no JSON, InvalidAction, a 404. */
function reasonOf(error: AwsError): string {
  const { name, message, $metadata } = error;
  if (name === 'SyntaxError')
    return `there is no such service (answered by ${$metadata?.httpStatusCode ?? 'something else'})`;
  if (name === 'Error') return message;
  return `${name}: ${message.split('\n')[0]}`;
}

/** AWS's own names: also VPC endpoints end so (`*.vpce.amazonaws.com`), and those for IPv6 (`api.aws`). */
const OF_AWS = /\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/;

/** Whether a stated endpoint is none of AWS's own. Stand-ins encrypt nothing, enforce no policy and take any credentials. */
export function isStandIn(endpoint: string | null): boolean {
  return endpoint !== null && !OF_AWS.test(new URL(endpoint).hostname);
}
