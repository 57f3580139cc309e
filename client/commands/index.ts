/** The operator's commands, in the order in which `cutover --help` lists them; each loads what it needs when it is asked for. */
import type { Command } from 'commander';
import { auditCommand } from '../audit/command';
import { approvalCommands } from '../approvals/command';
import { codecCommand } from './codec';
import { completionCommand } from './completion';
import { deployCommand } from './deploy';
import { doctorCommand } from './doctor';
import { historyCommand } from './history';
import { initCommand } from './init';
import { listCommand } from './list';
import { logsCommand } from './logs';
import { notifyCommand } from '../news/command';
import { planCommand } from './plan';
import { removeCommand } from './remove';
import { settingsCommand } from './settings';
import { stageCommand } from '../staging/command';
import { statusCommand } from './status';
import { steeringCommands } from './steer';
import { undoCommand } from './undo';
import { updateConfigurationCommand } from './update-configuration';
import type { FindReturn } from '../without-temporal';

/** What programs that call it need to know. */
const afterHelp = `
Exit status: 0 it went well; 1 it could not be done, and one sentence says why and what to do (for doctor: an error was
found); 2 plan found changes; 3 a deployment that was followed did not complete. With --json what could not be done is
{"error": "…"} on standard output besides.
Environment: CUTOVER_SETTINGS, TEMPORAL_ADDRESS and its companions, NO_COLOR, CUTOVER_DEBUG (tells where an error came from).`;

/** @param findReturn see client/without-temporal.ts */
export function deploymentCommands(program: Command, findReturn: FindReturn): void {
  program.addHelpText('after', afterHelp);
  deployCommand(program);
  undoCommand(program);
  updateConfigurationCommand(program);
  removeCommand(program);
  stageCommand(program);
  planCommand(program);
  settingsCommand(program);
  historyCommand(program);
  approvalCommands(program);
  steeringCommands(program, findReturn);
  statusCommand(program);
  listCommand(program);
  logsCommand(program);
  doctorCommand(program);
  notifyCommand(program);
  auditCommand(program);
  initCommand(program);
  codecCommand(program);
  completionCommand(program);
}
