/** Every try, in the order in which they are made. */
import type { Try } from '../try';
import { firstReads } from './first-reads';
import { imageIndex } from './image-index';
import { propagation } from './propagation';
import { regexValues } from './regex-values';
import { route53 } from './route53/index';
import { stickyGroup } from './sticky-group';
import { emptyPlacement, groupWithoutRule, unchangedUpdate } from './unchanged-update';
import { windows } from './windows';

export const tries: readonly Try[] = [
  regexValues,
  stickyGroup,
  firstReads,
  route53,
  imageIndex,
  unchangedUpdate,
  groupWithoutRule,
  propagation,
  windows,
  emptyPlacement,
];
