/** The services of the local AWS, and the protocol of each. */
import * as autoscaling from '@aws-sdk/client-application-auto-scaling';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as ecs from '@aws-sdk/client-ecs';
import * as ecr from '@aws-sdk/client-ecr';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as kms from '@aws-sdk/client-kms';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as route53 from '@aws-sdk/client-route-53';
import * as sts from '@aws-sdk/client-sts';
import { ec2Schemas } from '../ec2/schemas';
import { readModel, type ServiceModel } from './model';

export const ecsModel = readModel('ecs', json('AmazonEC2ContainerServiceV20141113'), ecs);
export const ecrModel = readModel('ecr', json('AmazonEC2ContainerRegistry_V20150921'), ecr);
export const kmsModel = readModel('kms', json('TrentService'), kms);
export const logsModel = readModel('logs', json('Logs_20140328'), logs);
export const elbv2Model = readModel('elasticloadbalancing', query('elasticloadbalancing', '2015-12-01'), elbv2);
export const stsModel = readModel('sts', query('sts', '2011-06-15'), sts);

export const route53Model = readModel(
  'route53',
  { protocol: 'rest-xml', xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/' },
  route53,
);
export const autoscalingModel = readModel('application-autoscaling', json('AnyScaleFrontendService'), autoscaling);
export const ec2Model = readModel('ec2', ec2('2016-11-15'), ec2Schemas);

/** CloudWatch has three protocols: boto3 uses CBOR, the JavaScript SDK uses JSON, and older SDKs use the form. */
const granite = 'GraniteServiceVersion20100801';
export const cloudwatchModels = [
  readModel('monitoring', { protocol: 'json', targetPrefix: granite, version: '1.0' }, cloudwatch),
  readModel('monitoring', { protocol: 'cbor', servicePrefix: granite }, cloudwatch),
  readModel('monitoring', query('monitoring', '2010-08-01'), cloudwatch),
] as const;

export const models: readonly ServiceModel[] = [
  ecsModel,
  ecrModel,
  logsModel,
  elbv2Model,
  stsModel,
  kmsModel,
  autoscalingModel,
  ec2Model,
  route53Model,
  ...cloudwatchModels,
];

function json(targetPrefix: string): ServiceModel['wire'] {
  return { protocol: 'json', targetPrefix };
}

function query(host: string, version: string): ServiceModel['wire'] {
  return { protocol: 'query', xmlNamespace: `http://${host}.amazonaws.com/doc/${version}/`, version };
}

function ec2(version: string): ServiceModel['wire'] {
  return { protocol: 'ec2', xmlNamespace: `http://ec2.amazonaws.com/doc/${version}/`, version };
}
