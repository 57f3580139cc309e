/** Every workflow type, by the name that it is started with: what the bundle holds. */
export { blueGreen } from './blue-green';
export { describe } from './describe';
export { keepWarm, retireWarm } from './keep-warm';
export { removeApplication } from './remove-application';
export { rollingUpdate } from './rolling-update';
export { undo } from './undo';
export { updateConfiguration } from './update-configuration';
export { containerBuild } from './operations/container-build';
export { containerRemove } from './operations/container-remove';
export { containerRun } from './operations/container-run';
export { updateConfigurations } from './operations/update-configurations';
