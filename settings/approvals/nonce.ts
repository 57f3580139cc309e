/** What a token bears as `nonce` that is for one statement only: the SHA-256 of its line, without a line break after it. */
import { createHash } from 'node:crypto';

export const nonceOf = (statement: string): string =>
  createHash('sha256')
    .update(statement.replace(/\r?\n$/, ''))
    .digest('hex');
