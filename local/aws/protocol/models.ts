/** The services of the local AWS and how each is spoken to. */
import * as ecs from '@aws-sdk/client-ecs';
import * as ecr from '@aws-sdk/client-ecr';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as sts from '@aws-sdk/client-sts';
import { readModel, type ServiceModel } from './model';

export const ecsModel = readModel('ecs', json('AmazonEC2ContainerServiceV20141113'), ecs);
export const ecrModel = readModel('ecr', json('AmazonEC2ContainerRegistry_V20150921'), ecr);
export const logsModel = readModel('logs', json('Logs_20140328'), logs);
export const elbv2Model = readModel('elasticloadbalancing', query('elasticloadbalancing', '2015-12-01'), elbv2);
export const stsModel = readModel('sts', query('sts', '2011-06-15'), sts);

export const models: readonly ServiceModel[] = [ecsModel, ecrModel, logsModel, elbv2Model, stsModel];

function json(targetPrefix: string): ServiceModel['wire'] {
  return { protocol: 'json', targetPrefix };
}

function query(host: string, version: string): ServiceModel['wire'] {
  return { protocol: 'query', xmlNamespace: `http://${host}.amazonaws.com/doc/${version}/`, version };
}
