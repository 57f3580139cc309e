"""The control plane as boto3 sees it: a fixed sequence of calls to ECS, ELBv2 and what belongs to them.

Usage: control_plane.py [--endpoint URL] [--vpc ID --subnets ID,ID --security-group ID]

Prints one line of JSON per step: its name and its outcome (what was picked of the answer, or the error's code and status).
Nothing costs more than an idle load balancer for the minutes that it takes, no task is started, and everything that was
made is deleted at the end, also after a failure. Without --endpoint it runs against the account of the environment.
"""
import argparse
import json
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

arguments = argparse.ArgumentParser()
arguments.add_argument("--endpoint")
arguments.add_argument("--vpc")
arguments.add_argument("--security-group")
arguments.add_argument("--subnets", type=lambda text: text.split(","))
options = arguments.parse_args()

config = Config(retries={"total_max_attempts": 1 if options.endpoint else 5})
client = lambda service: boto3.client(service, endpoint_url=options.endpoint, config=config)
ecs, elb, ec2, sts = client("ecs"), client("elbv2"), client("ec2"), client("sts")
cloudwatch, autoscaling = client("cloudwatch"), client("application-autoscaling")
unique = uuid.uuid4().hex[:8]
name = f"conform-{unique}"
undo = []


def step(title, call, pick=lambda answer: True):
    answer = None
    try:
        answer = call()
        outcome = pick(answer)
    except ClientError as error:
        outcome = {"error": error.response["Error"]["Code"], "status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
    except Exception as error:
        outcome = {"failed": type(error).__name__}
    print(json.dumps([title, outcome]), flush=True)
    return answer


def clusters():
    step("a cluster is made", lambda: ecs.create_cluster(clusterName=name), lambda a: a["cluster"]["status"])
    undo.append(lambda: ecs.delete_cluster(cluster=name))
    step("a cluster is made again", lambda: ecs.create_cluster(clusterName=name), lambda a: a["cluster"]["status"])
    step("a cluster's name is not one", lambda: ecs.create_cluster(clusterName="not one"))
    step(
        "a cluster that is missing is described",
        lambda: ecs.describe_clusters(clusters=["missing-" + unique]),
        lambda a: [a["clusters"], [one["reason"] for one in a["failures"]]],
    )
    step(
        "capacity providers are put",
        lambda: ecs.put_cluster_capacity_providers(
            cluster=name, capacityProviders=["FARGATE"], defaultCapacityProviderStrategy=[]
        ),
        lambda a: a["cluster"]["capacityProviders"],
    )
    step(
        "a cluster's settings are updated",
        lambda: ecs.update_cluster(cluster=name, settings=[{"name": "containerInsights", "value": "disabled"}]),
        lambda a: a["cluster"]["settings"],
    )
    step("container instances are listed", lambda: ecs.list_container_instances(cluster=name), lambda a: a["containerInstanceArns"])
    step("account settings are listed", lambda: ecs.list_account_settings(effectiveSettings=True), lambda a: len(a["settings"]) > 5)
    step("tasks of a cluster that is missing", lambda: ecs.list_tasks(cluster="missing-" + unique))


def container(**more):
    return {"name": "web", "image": "public.ecr.aws/nginx/nginx:stable", "portMappings": [{"containerPort": 80}], **more}


def task_definitions():
    register = lambda **more: ecs.register_task_definition(
        **{"family": name, "networkMode": "awsvpc", "containerDefinitions": [container(memory=128)], **more}
    )
    made = step("a task definition is registered", register, lambda a: [a["taskDefinition"]["revision"], a["taskDefinition"]["status"]])
    undo.append(lambda: ecs.deregister_task_definition(taskDefinition=f"{name}:1"))
    step("a container without memory", lambda: register(containerDefinitions=[container()]))
    step("Fargate without cpu", lambda: register(requiresCompatibilities=["FARGATE"]))
    step("a task definition that is missing", lambda: ecs.describe_task_definition(taskDefinition="missing-" + unique))
    step(
        "task definitions are listed",
        lambda: ecs.list_task_definitions(familyPrefix=name),
        lambda a: len(a["taskDefinitionArns"]),
    )
    return made["taskDefinition"]["taskDefinitionArn"]


def networks():
    vpc = options.vpc or ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = options.subnets or [
        one["SubnetId"] for one in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    ][:2]
    step("a subnet that is missing", lambda: ec2.describe_subnets(SubnetIds=["subnet-00000000000000000"]))
    return vpc, subnets


def security_group(vpc):
    found = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    return options.security_group or found[0]["GroupId"]


def target_groups(vpc):
    create = lambda suffix, **more: elb.create_target_group(
        **{"Name": name + suffix, "Protocol": "HTTP", "Port": 80, "VpcId": vpc, "TargetType": "ip", **more}
    )
    groups = []
    for suffix in ("-a", "-b"):
        made = step(f"target group {suffix} is made", lambda: create(suffix), lambda a: a["TargetGroups"][0]["HealthCheckIntervalSeconds"])
        arn = made["TargetGroups"][0]["TargetGroupArn"]
        groups.append(arn)
        undo.append(lambda arn=arn: elb.delete_target_group(TargetGroupArn=arn))
    step("a target group is made again", lambda: create("-a"), lambda a: a["TargetGroups"][0]["TargetGroupArn"] == groups[0])
    step("a target group of the same name and another port", lambda: create("-a", Port=81))
    step("a target group's name is too long", lambda: create("-" + "x" * 32))
    step("a health check that is never over", lambda: create("-c", HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=6))
    step("a target group that is missing", lambda: elb.describe_target_groups(Names=["missing-" + unique]))
    attribute = lambda key, value: elb.modify_target_group_attributes(TargetGroupArn=groups[0], Attributes=[{"Key": key, "Value": value}])
    step("a delay is set", lambda: attribute("deregistration_delay.timeout_seconds", "30"))
    step("a delay is too long", lambda: attribute("deregistration_delay.timeout_seconds", "3601"))
    step("an attribute that is none", lambda: attribute("colour", "red"))
    step("health of targets, of which there are none", lambda: elb.describe_target_health(TargetGroupArn=groups[0]), lambda a: a["TargetHealthDescriptions"])
    step("health of a target group that is missing", lambda: elb.describe_target_health(TargetGroupArn=groups[0] + "0"))
    return groups


def load_balancer(subnets):
    step("a load balancer in one subnet", lambda: elb.create_load_balancer(Name=name, Subnets=subnets[:1]))
    made = step("a load balancer is made", lambda: elb.create_load_balancer(Name=name, Subnets=subnets), lambda a: a["LoadBalancers"][0]["Type"])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    undo.append(lambda: elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[arn]))
    undo.append(lambda: elb.delete_load_balancer(LoadBalancerArn=arn))
    step("it becomes available", lambda: elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[arn]))
    step("a load balancer that is missing", lambda: elb.describe_load_balancers(Names=["missing-" + unique]))
    step(
        "an idle timeout is set",
        lambda: elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "120"}]),
    )
    return arn


def listener(load_balancer_arn):
    actions = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
    create = lambda **more: elb.create_listener(**{"LoadBalancerArn": load_balancer_arn, "Protocol": "HTTP", "Port": 8080, "DefaultActions": actions, **more})
    made = step("a listener is made", create, lambda a: a["Listeners"][0]["Port"])
    step("a listener of the same port and other actions", lambda: create(DefaultActions=[{**actions[0], "FixedResponseConfig": {"StatusCode": "503"}}]))
    step("a listener without a certificate", lambda: create(Protocol="HTTPS", Port=8443))
    return made["Listeners"][0]["ListenerArn"]


def rules(listener_arn, groups):
    path = lambda *values: [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}]
    forward = lambda arn: [{"Type": "forward", "TargetGroupArn": arn}]
    create = lambda priority, conditions, actions: elb.create_rule(ListenerArn=listener_arn, Priority=priority, Conditions=conditions, Actions=actions)
    made = []
    for priority, group in ((10, groups[0]), (20, groups[1])):
        answer = step(f"rule {priority} is made", lambda: create(priority, path(f"/m{priority}/*"), forward(group)), lambda a: a["Rules"][0]["Priority"])
        made.append(answer["Rules"][0]["RuleArn"])
    step("a priority in use", lambda: create(10, path("/x"), forward(groups[0])))
    step("a priority of 50001", lambda: create(50001, path("/x"), forward(groups[0])))
    step("six values in a rule", lambda: create(31, path(*[f"/{n}" for n in range(6)]), forward(groups[0])))
    step("a rule without conditions", lambda: create(32, [], forward(groups[0])))
    step("a rule to a target group that is missing", lambda: create(33, path("/x"), forward(groups[0] + "0")))
    step("a weight of 1000", lambda: create(34, path("/x"), [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": groups[0], "Weight": 1000}]}}]))
    weights = [{"TargetGroupArn": groups[0], "Weight": 90}, {"TargetGroupArn": groups[1], "Weight": 10}]
    step(
        "a rule is split",
        lambda: elb.modify_rule(RuleArn=made[0], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}]),
        lambda a: sorted(one["Weight"] for one in a["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]),
    )
    step("a modified rule keeps its conditions", lambda: elb.describe_rules(RuleArns=made[:1]), lambda a: a["Rules"][0]["Conditions"][0]["Values"])
    step("two rules swap priorities in one call", lambda: elb.set_rule_priorities(RulePriorities=[{"RuleArn": made[0], "Priority": 20}, {"RuleArn": made[1], "Priority": 10}]), lambda a: len(a["Rules"]))
    step("a priority that another rule has", lambda: elb.set_rule_priorities(RulePriorities=[{"RuleArn": made[0], "Priority": 10}]))
    pages = lambda: [rule["Priority"] for page in elb.get_paginator("describe_rules").paginate(ListenerArn=listener_arn, PaginationConfig={"PageSize": 1}) for rule in page["Rules"]]
    step("rules over all pages", pages, lambda a: a)
    default = [rule["RuleArn"] for rule in elb.describe_rules(ListenerArn=listener_arn)["Rules"] if rule["IsDefault"]][0]
    step("the default rule is deleted", lambda: elb.delete_rule(RuleArn=default))
    step("a rule that is missing is deleted", lambda: elb.delete_rule(RuleArn=made[0] + "0"))
    step("a target group in use is deleted", lambda: elb.delete_target_group(TargetGroupArn=groups[0]))
    step("a tag is added", lambda: elb.add_tags(ResourceArns=made[:1], Tags=[{"Key": "team", "Value": "orders"}]))
    step("tags are described", lambda: elb.describe_tags(ResourceArns=made[:1]), lambda a: a["TagDescriptions"][0]["Tags"])
    step("a target that is not registered is deregistered", lambda: elb.deregister_targets(TargetGroupArn=groups[0], Targets=[{"Id": "10.255.0.1", "Port": 80}]))
    step("account limits", lambda: elb.describe_account_limits(), lambda a: {one["Name"]: one["Max"] for one in a["Limits"]}.get("target-groups-per-action-on-application-load-balancer"))
    step("a TLS policy that is missing", lambda: elb.describe_ssl_policies(Names=["missing"]))
    return made


def services(definition, vpc, subnets, groups, rule_arns):
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [security_group(vpc)]}}
    create = lambda service, **more: ecs.create_service(
        **{"cluster": name, "serviceName": service, "taskDefinition": definition, "desiredCount": 0, "networkConfiguration": network, **more}
    )
    entry = lambda group, port=80: [{"targetGroupArn": group, "containerName": "web", "containerPort": port}]
    step("a service in a cluster that is missing", lambda: create("orders", cluster="missing-" + unique))
    step("a service without its network", lambda: create("orders", networkConfiguration={}))
    step("a service of a task definition that is missing", lambda: create("orders", taskDefinition="missing-" + unique))
    step("a service with a container port that is none", lambda: create("orders", loadBalancers=entry(groups[0], 81)))
    elb.delete_rule(RuleArn=rule_arns[0])
    elb.delete_rule(RuleArn=rule_arns[1])
    step("a service with a target group of no load balancer", lambda: create("orders", loadBalancers=entry(groups[0])))
    step("percents that block deployments", lambda: create("orders", deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100}))
    made = step("a service is made", lambda: create("orders"), lambda a: [a["service"]["status"], a["service"]["deployments"][0]["rolloutState"]])
    undo.append(lambda: ecs.get_waiter("services_inactive").wait(cluster=name, services=["orders"]))
    undo.append(lambda: ecs.delete_service(cluster=name, service="orders", force=True))
    step("a service is made again", lambda: create("orders"))
    step("it becomes stable", lambda: ecs.get_waiter("services_stable").wait(cluster=name, services=["orders"]))
    step("a service that is missing is updated", lambda: ecs.update_service(cluster=name, service="missing", desiredCount=0))
    step("a service that is missing is described", lambda: ecs.describe_services(cluster=name, services=["missing"]), lambda a: [one["reason"] for one in a["failures"]])
    step("eleven services are described", lambda: ecs.describe_services(cluster=name, services=[f"s{n}" for n in range(11)]))
    step("service deployments are listed", lambda: ecs.list_service_deployments(cluster=name, service="orders"), lambda a: [one["status"] for one in a["serviceDeployments"]])
    step("a task that is missing is described", lambda: ecs.describe_tasks(cluster=name, tasks=[unique * 4]), lambda a: [one["reason"] for one in a["failures"]])
    arn = made["service"]["serviceArn"] if made else f"arn:aws:ecs:us-east-1:000000000000:service/{name}/orders"
    step("a service is tagged", lambda: ecs.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "orders"}]))
    step("its tags are listed", lambda: ecs.list_tags_for_resource(resourceArn=arn), lambda a: a["tags"])
    step("a cluster with a service is deleted", lambda: ecs.delete_cluster(cluster=name))


def others():
    target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{name}/orders", "ScalableDimension": "ecs:service:DesiredCount"}
    step("a target that was not registered is deregistered", lambda: autoscaling.deregister_scalable_target(**target))
    step("a scalable target is registered", lambda: autoscaling.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2))
    undo.append(lambda: autoscaling.deregister_scalable_target(**target))
    step("scalable targets are described", lambda: autoscaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]]), lambda a: [[one["MinCapacity"], one["MaxCapacity"]] for one in a["ScalableTargets"]])
    alarm = {"AlarmName": name, "Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
    step("an alarm that is missing is set", lambda: cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test"))
    step("an alarm is put", lambda: cloudwatch.put_metric_alarm(**alarm))
    undo.append(lambda: cloudwatch.delete_alarms(AlarmNames=[name]))
    step("an alarm is set", lambda: cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test"))
    step("alarms are described", lambda: cloudwatch.describe_alarms(AlarmNames=[name]), lambda a: [one["StateValue"] for one in a["MetricAlarms"]])
    step("who calls", lambda: sts.get_caller_identity(), lambda a: len(a["Account"]))
    step("an operation of another deployment controller", lambda: ecs.create_task_set(cluster=name, service="orders", taskDefinition=name))


try:
    clusters()
    definition = task_definitions()
    vpc, subnets = networks()
    groups = target_groups(vpc)
    balancer = load_balancer(subnets)
    rule_arns = rules(listener(balancer), groups)
    services(definition, vpc, subnets, groups, rule_arns)
    others()
finally:
    for action in reversed(undo):
        try:
            action()
        except Exception as error:
            print(json.dumps(["clean-up", str(error)]), flush=True)
