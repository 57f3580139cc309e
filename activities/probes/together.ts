/** Looks at green that always follow each other, as one activity: each has its whole patience, and nothing here writes. */
import { ApplicationFailure } from '@temporalio/common';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import type { Releases } from '../../planning/proof/answers';
import type { Site } from '../../planning/site';
import type { Replicas } from '../aws/ecs/replica-health';
import type { replicaWaits } from '../aws/ecs/replicas';
import { asPart } from '../polling';
import type { moduleProbes, Verification } from './modules';
import type { releaseProbes } from './releases';

/** What they are made of. */
type Parts = Pick<ReturnType<typeof replicaWaits>, 'waitForReplicas'> &
  Pick<ReturnType<typeof moduleProbes>, 'verifyModules'> &
  Pick<typeof releaseProbes, 'describeReleases'>;

/** Green behind one load balancer. */
export interface GreenThrough {
  readonly site: Site;
  readonly replicas: Replicas;
  readonly testAddress: RouteAddress;
  /** None at another port of the service, where only the replicas are looked at. */
  readonly paths: readonly string[];
  readonly verification: Verification;
}

/** The same with the way that users come. */
export interface CutThrough extends GreenThrough {
  readonly liveAddress: RouteAddress;
}

/** Who answers through one load balancer. */
export interface BothReleases {
  readonly live: Releases;
  readonly test: Releases;
}

/** How green was verified. */
export interface VerifiedGreen {
  /** What is to be said of it, one text a load balancer. */
  readonly says: readonly string[];
  /** Who answered through each then. Default: nobody told the way that users come. */
  readonly releases?: readonly BothReleases[];
  /** Behind which of them each replica was asked at its own address. */
  readonly reached?: readonly boolean[];
}

/** An ECS service has five target groups at most, and AWS may allow more: what nobody has is refused before anything is asked. */
const mostWays = 20;

/** @throws {ApplicationFailure} of type `NotOurs` */
export function refuseMore({ length }: readonly GreenThrough[]): void {
  if (length <= mostWays) return;
  throw ApplicationFailure.nonRetryable(
    `${length} ways are more than the ${mostWays} that lead to any service: nothing was asked.`,
    'NotOurs',
  );
}

export const looksTogether = (parts: Parts) => {
  const verifyEach = async (each: readonly GreenThrough[]) => {
    const says: string[] = [];
    const reached: boolean[] = [];
    for (const { testAddress, paths, verification } of each) {
      const verify = async () => await parts.verifyModules(testAddress, paths, verification);
      const verified = paths.length === 0 ? undefined : await asPart(verify);
      says.push(verified?.says.join(' ') ?? '');
      reached.push(verified?.reached ?? false);
    }
    return { says, reached };
  };
  const waitForEach = async (each: readonly GreenThrough[]): Promise<void> => {
    for (const { site, replicas } of each) await asPart(async () => await parts.waitForReplicas(site, replicas));
  };
  const describeBoth = async ({ liveAddress, testAddress, paths }: CutThrough): Promise<BothReleases> => {
    const [live, test] = await Promise.all([
      parts.describeReleases(liveAddress, paths),
      parts.describeReleases(testAddress, paths),
    ]);
    return { live, test };
  };
  const describeEach = async (each: readonly CutThrough[]): Promise<BothReleases[]> => {
    const releases: BothReleases[] = [];
    for (const one of each) releases.push(await describeBoth(one));
    return releases;
  };
  return {
    /**
     * `verifyModules` through each load balancer, then `waitForReplicas` behind each; beside that `describeReleases` on both routes
     * of those whose live address is told.
     */
    async verifyGreen(each: readonly [GreenThrough, ...GreenThrough[]]): Promise<VerifiedGreen> {
      refuseMore(each);
      const verified = await verifyEach(each);
      const told = each.filter((one): one is CutThrough => 'liveAddress' in one);
      const [releases] = await Promise.all([
        told.length === each.length ? describeEach(told) : undefined,
        waitForEach(each),
      ]);
      return { ...verified, ...(releases && { releases }) };
    },

    /**
     * The last look before live traffic moves: `waitForReplicas`, `verifyModules`, and `describeReleases` on both routes.
     * @returns also who answers through each load balancer
     */
    async confirmGreen(each: readonly [CutThrough, ...CutThrough[]]): Promise<{
      readonly says: readonly string[];
      readonly releases: readonly BothReleases[];
    }> {
      refuseMore(each);
      await waitForEach(each);
      const { says } = await verifyEach(each);
      return { says, releases: await describeEach(each) };
    },
  };
};
