/** Images that the registry has no more: a life-cycle policy removes what is old, whether or not somebody may go back to it. */
import { Refusal } from '../refusal';
import type { Release } from './release';

/**
 * @throws {Refusal} always: no replica could start
 */
export function refuseForgotten({ image, reference }: Pick<Release, 'image' | 'reference'>): never {
  throw new Refusal(
    `The image ${image} is gone from its registry (${reference}), so no replica of it could start: push it again with that digest, or deploy another image. Nothing was changed.`,
  );
}

/** What people read where it is gone and enough replicas run already. */
export const forgottenNote = ({ image }: Pick<Release, 'image'>): string =>
  `The image ${image} is gone from its registry: its replicas were kept warm and serve, but none can be replaced.`;
