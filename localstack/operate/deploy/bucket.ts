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

/** Whose and where everything is. */
export type Account = { id: string; region: string; partition: string };

/** The bucket for bundles and templates. */
export type Artifacts = {
  s3: S3Client;
  bucket: string;
  account: Account;
};

/** One bucket an account and region, for all stages: what lies there is named by its content. */
export const bucketName = ({ id, region }: Account): string => `doorbell-artifacts-${id}-${region}`;

/**
 * Makes the bucket if it is missing: encrypted, versioned, closed to the public, and by TLS only. Ours by its name is so each time,
 * since whoever made it may have been killed before that; how somebody's own is set is theirs. Throws DeployError.
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

/** Whether the bucket is there and ours: its name can be guessed, so somebody else may have been quicker. */
export async function isThere({ s3, bucket, account }: Artifacts): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account.id }));
    return true;
  } catch (error) {
    const { $metadata, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === 404) return false;
    if ($metadata?.httpStatusCode === 403)
      throw new DeployError(
        `The bucket ${bucket} belongs to somebody else, or you may not look at it (s3:ListBucket). Name another one: --bucket NAME`,
      );
    throw new Error(`The bucket ${bucket} can't be asked: ${message}`, { cause: error });
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

/** Puts something there unless it is there: its key says its content. True if it was sent. */
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

/** Where CloudFormation finds something of the bucket. */
export function urlOf({ bucket, account }: Artifacts, key: string, endpoint: string | null): string {
  if (isStandIn(endpoint)) return `${endpoint}/${bucket}/${key}`;
  const suffix = account.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://${bucket}.s3.${account.region}.${suffix}/${key}`;
}
