/**
 * What other programs use of the local AWS without running it in their own process: its faults, its images, how to end its
 * tasks, and the supervision of processes. Importing it loads none of the AWS SDK's models: those come with `control-plane`.
 */
export { recordedOperations, type RecordedWrite } from './call-record';
export { conditionOptions, conditionsOf } from './command/condition-options';
export { controlKeyOf, controlKeyVariable, controlUrl, takeControlKey } from './control-key';
export { randomSeed, type Conditions } from './conditions';
export { askedText } from './faults/asked-calls';
export { findEngineImage } from './engine/images';
export { parseReference } from './images/reference';
export { engineOf, type Engine } from './engine/engine';
export type { TaskKind } from './engine/kinds';
export { keptTaskKind } from './engine/kept-kind';
export { readyTasks } from './engine/ready';
export { faultSchema, type Fault, type FaultRequest } from './faults/fault';
export { keptAccessKey, keysVariable, takeKeys, type AccessKey } from './iam/keys';
export { recordedDecisions, type Decision } from './iam/decisions';
export { buildImage, type ImageSource } from './images/build';
export { findImage, listImages, type LocalImage } from './images/images';
export { proxyNodeArguments } from './load-balancer/process/node-arguments';
export { superviseChild, type Child, type Program } from './processes/child';
export { createFamily, type Family } from './processes/family';
export { makeFolder, makeWritableFolder } from './processes/folders';
export { claimFolder } from './processes/leftovers';
export { withLock } from './processes/lock';
export { checkPorts, chooseFreePorts } from './processes/ports';
export { describeProcess, isRunning, signalProcess, type ProcessIdentity } from './processes/process-identity';
export { answers, isOpen, waitUntilReady } from './processes/readiness';
export { reportWriter } from './processes/report-writer';
export { writeWhole } from './processes/whole-file';
export { stopTasks } from './tasks';
