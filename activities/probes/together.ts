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

/** An ECS service has five target groups at most, and AWS may allow more: what nobody has is refused before anything is asked. */
const mostWays = 20;

function refuseMore({ length }: readonly GreenThrough[]): void {
  if (length <= mostWays) return;
  throw ApplicationFailure.nonRetryable(
    `${length} ways are more than the ${mostWays} that lead to any service: nothing was asked.`,
    'NotOurs',
  );
}

export const looksTogether = (parts: Parts) => {
  /** @returns what is to be said of it, one text a load balancer */
  const verifyEach = async (each: readonly GreenThrough[]): Promise<string[]> => {
    const said: string[] = [];
    for (const { testAddress, paths, verification } of each) {
      const verify = async () => await parts.verifyModules(testAddress, paths, verification);
      said.push(paths.length === 0 ? '' : ((await asPart(verify))?.says.join(' ') ?? ''));
    }
    return said;
  };
  const waitForEach = async (each: readonly GreenThrough[]): Promise<void> => {
    for (const { site, replicas } of each) await asPart(async () => await parts.waitForReplicas(site, replicas));
  };
  const describeBoth = async ({ liveAddress, testAddress, paths }: CutThrough) => ({
    live: await parts.describeReleases(liveAddress, paths),
    test: await parts.describeReleases(testAddress, paths),
  });
  return {
    /** `verifyModules` through each load balancer, then `waitForReplicas` behind each. */
    async verifyGreen(each: readonly [GreenThrough, ...GreenThrough[]]): Promise<{ readonly says: readonly string[] }> {
      refuseMore(each);
      const says = await verifyEach(each);
      await waitForEach(each);
      return { says };
    },

    /**
     * The last look before live traffic moves: `waitForReplicas`, `verifyModules`, and `describeReleases` on both routes.
     * @returns also who answers through each load balancer
     */
    async confirmGreen(each: readonly [CutThrough, ...CutThrough[]]): Promise<{
      readonly says: readonly string[];
      readonly releases: readonly { readonly live: Releases; readonly test: Releases }[];
    }> {
      refuseMore(each);
      await waitForEach(each);
      const says = await verifyEach(each);
      const releases: { live: Releases; test: Releases }[] = [];
      for (const one of each) releases.push(await describeBoth(one));
      return { says, releases };
    },
  };
};
