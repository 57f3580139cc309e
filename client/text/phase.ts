/** Where a deployment is, as every command says it: `bake`, `holds in start`, `verify, paused`. */
export const formatPhase = ({
  phase,
  heldIn,
  paused,
}: {
  readonly phase: string;
  readonly heldIn: string | null;
  readonly paused: boolean;
}): string => `${heldIn === null ? phase : `holds in ${heldIn}`}${paused ? ', paused' : ''}`;
