/** Thrown if a service does not answer or refuses the credentials, so that nothing can be read. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** A value that was read, or the reason why it could not be read. A missing resource is null. */
export type Read<Value> = { value: Value } | { notChecked: string };

/** Returns the value that was read; null if it is missing or could not be read. */
export const readValue = <Value>(read: Read<Value | null>): Value | null => ('value' in read ? read.value : null);

/** Reads further with a value. A missing or unreadable one is returned as it is. */
export async function andThen<Value, Next>(
  read: Read<Value | null>,
  next: (value: Value) => Read<Next | null> | Promise<Read<Next | null>>,
): Promise<Read<Next | null>> {
  if ('notChecked' in read) return read;
  return read.value === null ? { value: null } : next(read.value);
}

/** `absent` lists errors that mean a missing resource. `vital` names a service that the command can't do without. */
type AskOptions = { absent?: readonly string[]; vital?: string };

/** Waits for one request. Throws Unreachable if a vital service does not answer or refuses the credentials. */
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
/** Names of errors for refused credentials, of the services and the SDK. */
const REFUSED =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|AuthFailure)$/;

const isRefused = ({ name }: AwsError) => REFUSED.test(name);
const lacksRegion = ({ message }: AwsError) => message === 'Region is missing';
/** Tells whether an error means that the service does not answer, or refuses the credentials. */
export const isUnreachable = (error: AwsError) =>
  NETWORK.test(error.code ?? '') || error.name === 'TimeoutError' || isRefused(error) || lacksRegion(error);

/**
 * Throws Unreachable for an error of SNS or SQS that did not answer: with the endpoint, and how to start a stand-in
 * there. Any other error is thrown as it is.
 */
export function refuseAway(caught: unknown, endpoint: string | null): never {
  const error = caught as AwsError;
  if (!isStandIn(endpoint) || !NETWORK.test(error.code ?? '')) {
    refuseUnreachable(error, 'AWS');
    throw error;
  }
  const start = `FAUXQS_PORT=${new URL(endpoint ?? '').port || 80} npx --yes fauxqs@2`;
  throw new Unreachable(
    `SNS and SQS do not answer at ${endpoint} (${error.code}). Start a stand-in there, such as \`${start}\`, ` +
      'or give the address of one that runs by --endpoint-url or AWS_ENDPOINT_URL.',
    { cause: error },
  );
}

function adviceOn(error: AwsError): string {
  if (lacksRegion(error)) return 'Set AWS_REGION, or add --region.';
  if (isRefused(error))
    return 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to valid credentials. To check them: aws sts get-caller-identity';
  return 'Check that it runs, and that --endpoint-url (or AWS_ENDPOINT_URL) is right.';
}

/** Writes the reason of an error. A stand-in without the service answers with text that is not JSON. */
function reasonOf(error: AwsError): string {
  const { name, message, $metadata } = error;
  if (name === 'SyntaxError')
    return `there is no such service (answered by ${$metadata?.httpStatusCode ?? 'something else'})`;
  if (name === 'Error') return message;
  return `${name}: ${message.split('\n')[0]}`;
}

/** Host names of AWS, VPC endpoints (`*.vpce.amazonaws.com`) and those for IPv6 (`api.aws`) included. */
const OF_AWS = /\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws)$/;

/** Tells whether an endpoint is not AWS. Stand-ins encrypt nothing, enforce no policy and accept any credentials. */
export function isStandIn(endpoint: string | null): boolean {
  return endpoint !== null && !OF_AWS.test(new URL(endpoint).hostname);
}
