/** A finding of the doctor: its state, what was looked at, and what to do. */
import type { Finding } from '../../planning/doctor';
import { colors } from '../../terminal/colors';

const marks = {
  ok: colors.green('ok     '),
  warning: colors.yellow('warning'),
  error: colors.red('error  '),
} as const;

export const formatFinding = ({ check, state, says, next }: Finding): string[] => [
  `${marks[state]}  ${check}: ${says}`,
  ...(next === null ? [] : [`         ${next}`]),
];
