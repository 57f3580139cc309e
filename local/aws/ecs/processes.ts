/** The processes that stand in for containers. */

/** A process on this machine. A pid can be used again, so it counts only together with the time its process began. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process, different for another one with the same pid. */
  readonly started: string;
}
