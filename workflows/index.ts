export { blueGreen } from './blue-green';
export { describeApplication } from './describe-application';
export { rollingUpdate } from './rolling-update';
