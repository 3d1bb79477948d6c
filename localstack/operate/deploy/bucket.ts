import { isStandIn } from '../../infrastructure/aws/ask.ts';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '../../infrastructure/aws/more.ts';
import { DeployError } from './stack.ts';

/** The AWS account and region to deploy to. */
export type Account = { id: string; region: string; partition: string };

/** The bucket for bundles and templates. */
export type Artifacts = {
  s3: S3Client;
  bucket: string;
  account: Account;
};

/** Names the bucket of an account and region. All stages share it, because every object is named by its content. */
export const bucketName = ({ id, region }: Account): string => `doorbell-artifacts-${id}-${region}`;

/**
 * Makes the bucket if it is missing: encrypted, versioned, closed to the public, and by TLS only. A bucket with our
 * own name is set up again each time, because an earlier run may have been killed in between. A bucket that the
 * operator names keeps its settings. Throws DeployError.
 */
export async function ensureBucket(artifacts: Artifacts): Promise<'made' | 'there'> {
  const isMissing = !(await isThere(artifacts));
  if (isMissing) await makeBucket(artifacts);
  if (isMissing || artifacts.bucket === bucketName(artifacts.account)) await closeBucket(artifacts);
  return isMissing ? 'made' : 'there';
}

async function makeBucket({ s3, bucket: Bucket, account: { region } }: Artifacts): Promise<void> {
  const place = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } };
  await s3.send(new CreateBucketCommand({ Bucket, ...place }));
}

async function closeBucket({ s3, bucket, account }: Artifacts): Promise<void> {
  const which = { Bucket: bucket, ExpectedBucketOwner: account.id };
  await s3.send(new PutPublicAccessBlockCommand({ ...which, PublicAccessBlockConfiguration: CLOSED }));
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }];
  await s3.send(new PutBucketEncryptionCommand({ ...which, ServerSideEncryptionConfiguration: { Rules } }));
  await s3.send(new PutBucketVersioningCommand({ ...which, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(new PutBucketPolicyCommand({ ...which, Policy: JSON.stringify(bucketOnlyByTls(bucket, account)) }));
}

const CLOSED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** Tells whether the bucket exists in our account. Its name can be guessed, so another account may have taken it. */
export async function isThere({ s3, bucket, account }: Artifacts): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account.id }));
    return true;
  } catch (error) {
    const { $metadata, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 404) return false;
    if ($metadata?.httpStatusCode === 403)
      throw new DeployError(
        `The bucket ${bucket} belongs to another account, or you may not read it (s3:ListBucket). ` +
          'Choose another one: --bucket NAME',
      );
    throw new Error(`The bucket ${bucket} can't be read: ${message}`, { cause: error });
  }
}

function bucketOnlyByTls(bucket: string, { partition }: Account) {
  const arn = `arn:${partition}:s3:::${bucket}`;
  const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
  const Statement = [
    { Sid: 'OnlyByTls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [arn, `${arn}/*`], Condition },
  ];
  return { Version: '2012-10-17', Statement };
}

/** Uploads an object unless its key is there: the key names the content. Returns true if it was uploaded. */
export async function upload(
  { s3, bucket, account }: Artifacts,
  Key: string,
  Body: Uint8Array | string,
): Promise<boolean> {
  const where = { Bucket: bucket, Key, ExpectedBucketOwner: account.id };
  try {
    await s3.send(new HeadObjectCommand(where));
    return false;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode !== 404) throw error;
  }
  await s3.send(new PutObjectCommand({ ...where, Body }));
  return true;
}

/** Returns the URL by which CloudFormation reads an object of the bucket. */
export function urlOf({ bucket, account }: Artifacts, key: string, endpoint: string | null): string {
  if (isStandIn(endpoint)) return `${endpoint}/${bucket}/${key}`;
  const suffix = account.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket}.s3.${account.region}.${suffix}/${key}`;
}
