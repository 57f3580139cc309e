export { blueGreen } from './blue-green';
export { describe } from './describe';
export { rollingUpdate } from './rolling-update';
export { undo } from './undo';
