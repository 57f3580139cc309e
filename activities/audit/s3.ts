/**
 * An audit trail in S3: an object for what was written at once, named by its first line's number and hash. The same lines are the
 * same object, however often they are written, and no object is ever written over.
 */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readLine } from '../../settings/audit/chain';
import type { AuditSettings } from '../../settings/audit/schema';
import { credentialsOf } from '../aws/client/clients';
import { requestTimeoutMs } from '../aws/client/time-limits';
import { isNamed, linesOf, type AuditSink } from './sink';

type Bucket = Extract<AuditSettings, { kind: 's3' }>;

export function s3Sink({ bucket: Bucket, prefix, region, role }: Bucket, more: object = {}): AuditSink {
  const s3 = new S3Client({
    region,
    ...credentialsOf(role, region),
    maxAttempts: 1,
    requestHandler: { requestTimeout: requestTimeoutMs, connectionTimeout: 3_000 },
    ...more,
  });
  return {
    async read(zone) {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const found = await s3.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: `${prefix}${zone}/`,
            ...(ContinuationToken && { ContinuationToken }),
          }),
        );
        keys.push(...(found.Contents ?? []).flatMap(({ Key }) => Key ?? []));
        ContinuationToken = found.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      const texts: string[] = [];
      for (const Key of keys.toSorted()) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        texts.push(...linesOf((await Body?.transformToString()) ?? ''));
      }
      return texts;
    },

    async append(zone, lines) {
      const first = readLine(lines[0] ?? '');
      const Key = `${prefix}${zone}/${`${first?.sequence ?? 0}`.padStart(12, '0')}-${first?.hash.slice(0, 16)}.jsonl`;
      await s3
        .send(
          new PutObjectCommand({
            Bucket,
            Key,
            Body: `${lines.join('\n')}\n`,
            ContentType: 'application/x-ndjson',
            IfNoneMatch: '*',
          }),
        )
        .catch((failure: unknown) => {
          // It took effect before, and the answer was lost.
          if (!isNamed(failure, 'PreconditionFailed')) throw failure;
        });
    },
  };
}
