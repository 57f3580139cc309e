/** What tasks are. Loads nothing, for commands that only name them. */
export const engineNames = ['podman', 'docker'] as const;
export type EngineName = (typeof engineNames)[number];

/** Processes of this machine, or containers of an engine. */
export const taskKinds = ['processes', ...engineNames] as const;
export type TaskKind = (typeof taskKinds)[number];
