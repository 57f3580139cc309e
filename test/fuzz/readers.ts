/** Everything that reads what strangers write, with what is tried on it. */
import { bundles } from './bundles';
import { configurations, goodConfigurations } from './configurations';
import type { Reader } from './reader';
import { messages, queries, settings, terminal } from './texts';

export const readers = [
  bundles,
  configurations,
  goodConfigurations,
  settings,
  queries,
  messages,
  terminal,
] as unknown as readonly Reader[];
