/** One look of the doctor, which may be in vain. */
import { ApplicationFailure } from '@temporalio/common';
import { finding, type Finding } from '../../../planning/doctor';

/** How often it is looked at before the rates of AWS are a reason to have looked in vain: deployments go first. */
const tries = 3;

/** What can't be looked at is a finding too, and hides nothing else. */
export async function attempt(check: string, look: () => Promise<Finding[]>, left = tries): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (left > 1 && error instanceof ApplicationFailure && error.type === 'Throttled')
      return await attempt(check, look, left - 1);
    const says = (error as Error).message;
    return [finding({ check, state: 'error', says, next: 'Mend this first: it could not be looked at.' })];
  }
}
