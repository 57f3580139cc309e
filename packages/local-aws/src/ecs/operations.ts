/** The operations of ECS that the local AWS has. */
import type { Operations } from '../operations';
import * as account from './account';
import * as clusters from './clusters';
import type { Ecs } from './ecs';
import * as serviceDeployments from './services/service-deployments';
import { describeServiceRevisions } from './services/service-revisions';
import * as services from './services/services';
import * as tags from './tags';
import * as taskDefinitions from './task-definitions';
import * as protection from './tasks/task-protection';
import * as tasks from './tasks/tasks';

export function ecsOperations(ecs: Ecs): Operations {
  const on =
    <Input, Output>(operation: (ecs: Ecs, input: Input) => Output): ((input: Input) => Output) =>
    (input) =>
      operation(ecs, input);
  return {
    CreateCluster: on(clusters.createCluster),
    DescribeClusters: on(clusters.describeClusters),
    ListClusters: on(clusters.listClusters),
    DeleteCluster: on(clusters.deleteCluster),
    UpdateCluster: on(clusters.updateCluster),
    UpdateClusterSettings: on(clusters.updateCluster),
    PutClusterCapacityProviders: on(clusters.putClusterCapacityProviders),
    DescribeCapacityProviders: on(account.describeCapacityProviders),
    ListAccountSettings: on(account.listAccountSettings),
    ListContainerInstances: on(account.listContainerInstances),
    DescribeContainerInstances: on(account.describeContainerInstances),
    RegisterTaskDefinition: on(taskDefinitions.registerTaskDefinition),
    DeregisterTaskDefinition: on(taskDefinitions.deregisterTaskDefinition),
    DescribeTaskDefinition: on(taskDefinitions.describeTaskDefinition),
    ListTaskDefinitions: on(taskDefinitions.listTaskDefinitions),
    ListTaskDefinitionFamilies: on(taskDefinitions.listTaskDefinitionFamilies),
    CreateService: on(services.createService),
    UpdateService: on(services.updateService),
    DeleteService: on(services.deleteService),
    DescribeServices: on(services.describeServices),
    ListServices: on(services.listServices),
    ListServiceDeployments: on(serviceDeployments.listServiceDeployments),
    DescribeServiceDeployments: on(serviceDeployments.describeServiceDeployments),
    StopServiceDeployment: on(serviceDeployments.stopServiceDeployment),
    DescribeServiceRevisions: on(describeServiceRevisions),
    RunTask: on(tasks.runTask),
    StopTask: on(tasks.stopTask),
    DescribeTasks: on(tasks.describeTasks),
    ListTasks: on(tasks.listTasks),
    GetTaskProtection: on(protection.getTaskProtection),
    UpdateTaskProtection: on(protection.updateTaskProtection),
    TagResource: on(tags.tagResource),
    UntagResource: on(tags.untagResource),
    ListTagsForResource: on(tags.listTagsForResource),
  };
}
