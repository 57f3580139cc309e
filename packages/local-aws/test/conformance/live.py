"""boto3's waiters against a service with real tasks, from its start to its end.

Usage: live.py ENDPOINT CLUSTER SERVICE TARGET_GROUP_ARN TASK_DEFINITION. Prints "ok" at the end; fails otherwise.
"""
import sys

import boto3
from botocore.config import Config

endpoint, cluster, service, group, definition = sys.argv[1:]
ecs = boto3.client("ecs", endpoint_url=endpoint)
elb = boto3.client("elbv2", endpoint_url=endpoint)
often = {"WaiterConfig": {"Delay": 1, "MaxAttempts": 60}}

ecs.create_service(
    cluster=cluster,
    serviceName=service,
    taskDefinition=definition,
    desiredCount=2,
    networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-a"]}},
    loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 8080}],
)
ecs.get_waiter("services_stable").wait(cluster=cluster, services=[service], **often)
tasks = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
assert len(tasks) == 2, tasks
ecs.get_waiter("tasks_running").wait(cluster=cluster, tasks=tasks, **often)
elb.get_waiter("target_in_service").wait(TargetGroupArn=group, **often)
described = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
targets = [{"Id": one["Target"]["Id"], "Port": one["Target"]["Port"]} for one in described]
ecs.update_service(cluster=cluster, service=service, desiredCount=0)
ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=tasks, **often)
elb.get_waiter("target_deregistered").wait(TargetGroupArn=group, Targets=targets, **often)
ecs.delete_service(cluster=cluster, service=service)
ecs.get_waiter("services_inactive").wait(cluster=cluster, services=[service], **often)
print("ok")
