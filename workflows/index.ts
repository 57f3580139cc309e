/** Every workflow type, by the name that it is started with: what the bundle holds. */
export { blueGreen } from './blue-green';
export { auditTrail } from './audit/trail';
export { countersign } from './approvals/countersign';
export { describe } from './questions';
export { keepWarm, retireWarm } from './keep-warm';
export { removeApplication } from './remove-application';
export { rollingUpdate } from './rolling-update';
export { stage } from './staging/stage';
export { zoneNews } from './news/zone-news';
export { turns } from './turns/turns';
export { undo } from './undo';
export { updateConfiguration } from './update-configuration';
export { containerBuild } from './hooks/container-build';
export { containerRemove } from './hooks/container-remove';
export { containerRun } from './hooks/container-run';
export { updateConfigurations } from './hooks/update-configurations';
