import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** AWS credentials as the SDK resolves them. */
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };

/** A `POST /` request of the AWS JSON protocol that is to be signed. */
export type Signable = {
  host: string;
  region: string;
  target: string;
  body: string;
  credentials: Credentials;
  now: number;
};

/** The services that are called without the SDK, and their versions of the AWS JSON protocol. */
const CONTENT_TYPE = { sqs: 'application/x-amz-json-1.0', secretsmanager: 'application/x-amz-json-1.1' };

/** Name of a service, as it is used in signatures. */
export type AwsService = keyof typeof CONTENT_TYPE;

/**
 * Makes a signer of requests by Signature Version 4 (AWS General Reference). The signing key is derived once per day
 * and secret, not once per request.
 */
export function createSigner(service: AwsService = 'sqs'): (request: Signable) => Record<string, string> {
  const contentType = CONTENT_TYPE[service];
  let cached: { of: string; key: KeyObject } | null = null;

  function keyFor({ secretAccessKey }: Credentials, day: string, region: string): KeyObject {
    const of = `${secretAccessKey} ${day} ${region}`;
    // A key object: a plain buffer is prepared again for each call, which takes 13 µs instead of 2.
    if (cached?.of !== of) cached = { of, key: createSecretKey(deriveKey(secretAccessKey, day, region, service)) };
    return cached.key;
  }

  return ({ host, region, target, body, credentials, now }) => {
    const { accessKeyId, sessionToken } = credentials;
    const time = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
    const token = sessionToken === undefined ? '' : `x-amz-security-token:${sessionToken}\n`;
    const names = `content-type;host;x-amz-date;${sessionToken === undefined ? '' : 'x-amz-security-token;'}x-amz-target`;
    const headers = `content-type:${contentType}\nhost:${host}\nx-amz-date:${time}\n${token}x-amz-target:${target}\n`;
    const request = `POST\n/\n\n${headers}\n${names}\n${hash('sha256', body)}`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', request)}`;
    const signature = hmac(keyFor(credentials, time.slice(0, 8), region), text).toString('hex');
    return {
      'content-type': contentType,
      'x-amz-date': time,
      'x-amz-target': target,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    };
  };
}

function deriveKey(secret: string, day: string, region: string, service: AwsService): Buffer {
  return [region, service, 'aws4_request'].reduce((key, part) => hmac(key, part), hmac(`AWS4${secret}`, day));
}

function hmac(key: string | Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
