export { blueGreen } from './blue-green';
export { describe } from './describe';
export { removeApplication } from './remove-application';
export { rollingUpdate } from './rolling-update';
export { undo } from './undo';
export { updateConfiguration } from './update-configuration';
