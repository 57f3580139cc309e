/** The results of cases: one that ended well isn't run again, and one with findings is. */
import { addKnown, knownFile, readKnown } from '../known';
import type { CaseResult } from './case';

export const resultsFile = (): string => knownFile('reliability');

export const readResults = (file: string): CaseResult[] =>
  readKnown<CaseResult>(file, ({ step, strike }) => `${step} ${strike}`);

export const addResult = (file: string, result: CaseResult): void => addKnown(file, result);
