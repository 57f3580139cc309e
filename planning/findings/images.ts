/** Releases whose images the registry has no more: a replica can't be replaced, or there is no way back. */
import { finding, type Finding } from '../doctor';
import type { ApplicationIdentity } from '../names';
import type { Release } from '../release/release';

/** An application's releases, each with whether its image is gone. */
export interface KeptReleases {
  readonly live: KeptRelease;
  /** The one that an undo brings back; `null` where there is none. */
  readonly before: KeptRelease | null;
}

export interface KeptRelease {
  readonly release: Pick<Release, 'image'>;
  readonly isGone: boolean;
}

const keep = 'Let the registry’s life-cycle policy keep the images of at least the last two releases.';

export function findForgotten({ name: application }: ApplicationIdentity, { live, before }: KeptReleases): Finding[] {
  const gone = ({ release, isGone }: KeptRelease, more: Pick<Finding, 'state' | 'next'> & { readonly how: string }) => {
    const says = `${release.image}, ${more.how}`;
    return isGone ? [finding({ check: 'images', application, state: more.state, says, next: more.next })] : [];
  };
  return [
    ...gone(live, {
      state: 'error',
      how: `which serves ${application}, is gone from its registry: a replica that dies can't be replaced, and none can be added`,
      next: `Push it again with its digest, or deploy ${application} with another image. ${keep}`,
    }),
    ...(before
      ? gone(before, {
          state: 'warning',
          how: `the release of ${application} before the one that serves, is gone from its registry: it can't be brought back by an undo`,
          next: `Push it again with its digest. ${keep}`,
        })
      : []),
  ];
}
