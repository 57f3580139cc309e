/** Which target groups of others have the Platform Server's front ends in them, whatever they are registered by. */

/** What is registered in each target group, by its ARN: IDs of instances, or addresses. */
export type RegisteredTargets = Readonly<Record<string, readonly string[]>>;

export interface FrontEnds {
  readonly sameFrontEnds?: readonly string[];
  readonly unknownFrontEnds?: readonly string[];
}

const isInstance = (id: string) => id.startsWith('i-');

/** The instances whose addresses tell what their IDs don't: where some targets are addresses, and others instances. */
export function instancesToCompare(own: readonly string[], others: RegisteredTargets): string[] {
  const undecided = Object.values(others).filter((targets) => !targets.some((id) => own.includes(id)));
  const compared = undecided.flatMap((targets) => {
    const both = [...own, ...targets];
    return both.some(isInstance) && !both.every(isInstance) ? both.filter(isInstance) : [];
  });
  return [...new Set(compared)];
}

/**
 * A server that is in both is the same copy, on whichever port.
 * @param own the Platform Server's targets
 * @param addresses of instances; one that is missing can't be compared
 */
export function compareFrontEnds(
  own: readonly string[],
  others: RegisteredTargets,
  addresses: ReadonlyMap<string, readonly string[]>,
): FrontEnds {
  const namesOf = (targets: readonly string[]) => targets.flatMap((id) => [id, ...(addresses.get(id) ?? [])]);
  const ownNames = namesOf(own);
  const same = Object.keys(others).filter((arn) => namesOf(others[arn] ?? []).some((id) => ownNames.includes(id)));
  const unknown = Object.keys(others).filter(
    (arn) =>
      !same.includes(arn) && instancesToCompare(own, { [arn]: others[arn] ?? [] }).some((id) => !addresses.has(id)),
  );
  return {
    ...(same.length > 0 && { sameFrontEnds: same }),
    ...(unknown.length > 0 && { unknownFrontEnds: unknown }),
  };
}
